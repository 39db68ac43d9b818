"""Words that are kind and ask for nothing: nobody has to come back for them."""

import re
import unicodedata

_THANKS = frozenset(
    {
        # German and English
        "danke", "dankeschön", "dankesehr", "dank", "thx", "thanks", "thank", "thankyou", "ty", "cheers",
        # French, Italian, Spanish, Portuguese, Dutch
        "merci", "grazie", "gracias", "obrigado", "obrigada", "bedankt", "dankjewel",
        # Polish, Czech, Slovak, Hungarian, Croatian, Slovene, Turkish, Ukrainian, Russian
        "dzięki", "dziękuję", "děkuji", "díky", "ďakujem", "köszönöm", "köszi", "hvala", "teşekkürler", "sağolun",
        "дякую", "спасибо",
    }
)  # fmt: skip
_PRAISE = frozenset(
    {
        "ok", "okay", "super", "top", "perfekt", "perfect", "great", "klasse", "prima", "passt", "bravo", "bye",
        "tschüss", "ciao", "bestens", "fein",
    }
)  # fmt: skip
_AROUND = frozenset(
    {
        "you", "u", "a", "lot", "lots", "so", "very", "much", "many", "for", "the", "your", "help", "again", "all",
        "to", "best", "right", "and", "quick", "fast", "support", "have", "nice", "day",
        "alles", "gut", "klar", "vielen", "herzlichen", "besten", "sehr", "schön", "nochmals", "nochmal", "für", "die",
        "ihre", "eure", "deine", "schnelle", "hilfe", "und", "auch", "vielmals", "recht", "einen", "schönen", "tag",
        "abend", "noch", "wünsche", "lg", "liebe", "grüße", "mfg",
        "beaucoup", "bien", "mille", "tante", "muchas", "muito", "wel", "je", "zeer", "pour", "votre", "aide",
    }
)  # fmt: skip
_EMOJI = frozenset("👍👌🙏❤🙂😊😀😃😄👏🤝💪🎉✅😍🥰💚🔋⚡😉☺")
_WORDS = re.compile(r"[^\W_]+")
MOST_WORDS = 12


def only_thanks(words: str) -> bool:
    """Whether somebody says thanks and nothing else, in words or by a thumb.

    It errs to the side of help: a word that is not known here makes it more than thanks.
    """
    text = unicodedata.normalize("NFC", words).casefold()
    found = _WORDS.findall(text)
    signs = {each for each in text if unicodedata.category(each) == "So"}
    if not signs <= _EMOJI or "?" in text or len(found) > MOST_WORDS:
        return False
    if not set(found) <= _THANKS | _PRAISE | _AROUND:
        return False
    return bool(signs) if not found else not (_THANKS | _PRAISE).isdisjoint(found)
