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
)  # fmt: skip
_DANGER = re.compile(r"\b(?:" + "|".join(_DANGER_STEMS) + ")", re.IGNORECASE)
_FEUERWEHR_PARKING = re.compile(r"feuerwehr(?:zufahrt|einfahrt)", re.IGNORECASE)


def speaks_of_danger(words: str) -> bool:
    """Whether the words hint at smoke, sparks, shock, fire, water, bare wires or heat.

    It errs to the side of safety: a false alarm costs an agent a minute.
    """
    composed = unicodedata.normalize("NFC", words)
    return _DANGER.search(_FEUERWEHR_PARKING.sub(" ", composed)) is not None
