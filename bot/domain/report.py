"""What a driver says: the symptom that was chosen, and words of danger that outrank all telemetry."""

import re
import unicodedata
from enum import StrEnum


class Symptom(StrEnum):
    """The choices of a hotline's first question, in its order."""

    DANGER = "danger"
    WILL_NOT_START = "will_not_start"
    STOPPED = "stopped"
    CABLE_STUCK = "cable_stuck"
    PAYMENT = "payment"
    SLOW = "slow"
    DAMAGE = "damage"
    DISPLAY = "display"
    BAY_BLOCKED = "bay_blocked"
    OTHER = "other"


_DANGER_STEMS = (
    # English
    r"smok(?:e|es|ing|y)", r"sparks?\b", r"spark(?:ed|ing)\b", r"shock(?:ed|s)?\b", r"electrocut\w*", r"fires?\b",
    r"flames?\b", r"burn(?:s|ing|t|ed)?\b", r"exposed wires?", r"bare wires?", r"explod\w*", r"explosion",
    r"flood(?:ed|ing)?\b", r"under water", r"too hot", r"very hot", r"melt(?:ed|ing|s)?\b",
    # German
    r"rauch\w*", r"qualm\w*", r"funk(?:en|t|enflug)\b", r"stromschl(?:a|ä|ae)g\w*", r"feuer\w*",
    r"schlag (?:bekommen|gekriegt|erhalten)", r"elektrisch\w* schlag", r"elektrische schläge",
    r"brenn(?:t|en|end)\w*", r"brand(?:geruch|gefahr)?\b", r"verbrannt\w*", r"verschmort\w*", r"schmor\w*",
    # Drivers tell what happened in the perfect tense: "es hat gefunkt", "angeschmort".
    r"(?:an|ab|durch|ver)?ge(?:raucht|qualmt|funkt|brannt|schmort)\w*",
    r"flammen?\b", r"blank(?:e|er|en) (?:kabel|draht|drähte|leitung\w*)", r"explo(?:sion|diert)\w*",
    r"geschmolzen\w*", r"unter wasser", r"überflutet\w*", r"elektrisiert\w*", r"(?:sehr|zu|so) hei(?:ß|ss)",
    r"wasser (?:in|im) \w+",
    # French
    r"fum[ée]e\w*", r"br[ûu]l\w+", r"flammes\b", r"(?:en|prend|pris|au) feu\b", r"[ée]tincelle\w*", r"[ée]lectrocut\w*",
    r"(?:choc|d[ée]charge) [ée]lectrique", r"fils? (?:d[ée]nud\w+|à nu)", r"inond[ée]\w*", r"fondue?s?\b",
    # Italian
    r"fumo\b", r"fuoco\b", r"fiamm[ae]\b", r"scintill\w+", r"bruci\w+", r"scossa\b", r"incendi\w*",
    r"fili scopert\w+", r"allagat\w+",
    # Spanish and Portuguese
    r"humo\b", r"fuma[çc]a\b", r"f(?:ue|o)go\b", r"en llamas\b", r"em chamas\b", r"chispa\w*", r"fa[íi]sca\w*",
    r"que(?:i)?ma(?:d\w+|ndo)?\b", r"calambre\w*", r"descarga el[ée]ctrica", r"choque el[ée]t?trico", r"inundad\w+",
    # Dutch
    r"rook\b", r"brandt\b", r"brandlucht\b", r"vonken\b", r"verbrand\w*", r"schok gekregen", r"elektrische schok",
    # Polish, Czech and Slovak
    r"dym\w*", r"ogie[ńn]\b", r"po[żzž][aá]r\w*", r"is[kc]rz\w*", r"iskr\w*", r"spal(?:on|eni)\w*", r"pora[żz]en\w*",
    r"kou[řr](?:\b|e|í)", r"jisk[řr]\w*", r"ohe[ňn]\b", r"ho[řr]í\b", r"sp[áa]len\w*", r"z[áa]sah proudem",
    # Croatian, Bosnian, Serbian and Slovene; "dim" alone is what an English driver calls a display.
    r"(?:izlazi|ide|vidim) dim\b", r"dim(?:i|a|om)\b", r"vatr[aeu]\b", r"paljevin\w*", r"strujni udar", r"gori\b",
    r"se kadi\b", r"za[žz]gan\w*", r"ogenj\b", r"elektri[čc]ni udar",
    # Hungarian and Turkish
    r"füst\w*", r"szikr\w+", r"égett\b", r"kigyullad\w*", r"áramütés\w*", r"megrázott\b", r"lángol\w*",
    r"duman\w*", r"yang[ıi]n\w*", r"yan[ıi](?:yor|k)\w*", r"k[ıi]v[ıi]lc[ıi]m\w*", r"alev\w*", r"elektrik çarp\w*",
    # Ukrainian and Russian
    r"д[иы]м\w*", r"пожар\w*", r"пожеж\w*", r"[гв]о(?:го)?рить?\b", r"[иі]скр\w*", r"ого[нй]ь\b", r"вогонь\b",
    r"удар\w* током", r"вдарил\w* струмом",
)  # fmt: skip
_DANGER = re.compile(r"\b(?:" + "|".join(_DANGER_STEMS) + ")", re.IGNORECASE)
_FEUERWEHR_PARKING = re.compile(r"feuerwehr(?:zufahrt|einfahrt)", re.IGNORECASE)


def speaks_of_danger(words: str) -> bool:
    """Whether the words hint at smoke, sparks, shock, fire, water, bare wires or heat.

    It errs to the side of safety: a false alarm costs an agent a minute.
    """
    composed = unicodedata.normalize("NFC", words)
    return _DANGER.search(_FEUERWEHR_PARKING.sub(" ", composed)) is not None
