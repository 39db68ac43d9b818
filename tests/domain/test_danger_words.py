"""Words of danger outrank all telemetry; ordinary words of drivers do not raise the alarm."""

import unicodedata

import pytest

from bot.domain.report import speaks_of_danger

DANGER = (
    # English
    "There is smoke coming out", "it's smoking!", "I saw sparks", "the plug sparked", "SPARKING", "I got a shock",
    "my son was shocked by it", "someone got electrocuted", "it is on fire", "FIRE", "flames at the cable",
    "smells like burning", "the plug is burnt", "I burned my hand", "there are exposed wires", "a bare wire hangs out",
    "it exploded", "there was an explosion", "the bay is flooded", "the socket is under water", "the plug is too hot",
    "connector is very hot", "the plastic has melted", "it melts",
    # German
    "Da kommt Rauch raus", "es raucht", "es hat geraucht", "Rauchentwicklung", "es qualmt", "es hat gequalmt",
    "Funken am Stecker", "es funkt", "es hat gefunkt", "Funkenflug", "ich habe einen Stromschlag bekommen",
    "Stromschläge", "einen Stromschlaege", "ich habe einen Schlag bekommen", "hab einen elektrischen Schlag gekriegt",
    "Feuer!", "Die Feuerwehr ist schon da", "es brennt", "es hat gebrannt", "Brandgeruch", "der Stecker ist verbrannt",
    "riecht verschmort", "angeschmorter Stecker", "offene Flamme", "blanke Kabel", "ein blanker Draht",
    "ist explodiert",
    "Kabel geschmolzen", "steht unter Wasser", "die Säule ist überflutet", "ich wurde elektrisiert",
    "Stecker ist sehr heiß", "der Stecker ist zu heiss", "Wasser im Stecker", "WASSER IN DER BUCHSE",
    # Drivers write in the language that they think in.
    "il y a de la fumée", "ça sent le brûlé", "la borne est en feu", "j'ai pris une décharge électrique",
    "esce del fumo", "sta bruciando", "ho preso la scossa", "sale humo", "huele a quemado", "está pegando fogo",
    "er komt rook uit", "ik heb een schok gekregen", "leci dym", "czuć spaleniznę", "jde z toho kouř", "hoří to",
    "izlazi dim", "gori punionica", "iz polnilnice se kadi", "füst jön belőle", "szikrázik", "duman çıkıyor",
    "kıvılcım gördüm", "идет дым", "горит зарядка", "іскрить",
)  # fmt: skip
FALSE_FRIENDS = (
    "will not start", "the charging is shockingly slow", "the firewall of my phone", "I pay with Sparkasse",
    "the sparkling new station", "does not work", "the display is dark", "cable is stuck", "app freezes",
    "funktioniert nicht", "die Sparkassenkarte geht nicht", "Ich bin in Brandenburg", "Am Brenner ist alles besetzt",
    "Ein Verbrenner steht auf dem Platz", "Feuerwehrzufahrt ist frei", "Feuerwehreinfahrt", "ich brauche Hilfe",
    "brauchen Sie noch etwas", "es macht Geräusche", "Gebrauchsanweisung", "die Station lädt langsam",
    "es ist heute heiß", "mit einem Schlag war alles dunkel", "Anschlag", "der Vorschlag hilft nicht",
    "the display is dim", "ich heiße Dimitri", "je suis parfumeur à Grasse", "le feu rouge est devant la borne",
    "me llamas por favor", "no funciona", "non funziona", "nie działa", "çalışmıyor", "nem működik", "не працює",
    "I have a rookie question",
)  # fmt: skip


@pytest.mark.parametrize("words", DANGER)
def test_words_of_danger_are_heard(words: str) -> None:
    assert speaks_of_danger(words)
    assert speaks_of_danger(words.upper())


@pytest.mark.parametrize("words", FALSE_FRIENDS)
def test_ordinary_words_raise_no_alarm(words: str) -> None:
    assert not speaks_of_danger(words)


@pytest.mark.parametrize("words", ["die Säule ist überflutet", "Stromschläge"])
def test_letters_that_a_phone_has_taken_apart_are_heard_all_the_same(words: str) -> None:
    assert speaks_of_danger(unicodedata.normalize("NFD", words))


def test_a_fire_engines_lane_does_not_hide_a_real_fire() -> None:
    assert speaks_of_danger("In der Feuerwehrzufahrt brennt ein Auto")
