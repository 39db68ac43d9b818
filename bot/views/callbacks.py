"""What a button does, as typed values, and how they are written into a chat's 64 bytes."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.report import Symptom

MOST_BYTES = 64
"""Telegram Bot API, InlineKeyboardButton.callback_data."""


class Plain(StrEnum):
    """Buttons that need no more than their name."""

    OTHER_STATION = "other"
    PERSON = "person"
    CANCEL_CONFIRMED = "cancel"
    WHERE = "where"


class CaseVerb(StrEnum):
    """Buttons of one case. Those after REMEDY are an agent's."""

    WORKS = "works"
    BROKEN = "broken"
    RATE = "rate"
    MEANT = "this"
    """The case that the words are for which wait."""
    AGAIN = "again"
    LEAVE = "leave"
    MISSING = "miss"
    """What was missing, of a low rating."""
    REPAIR = "up"
    REMEDY = "do"
    TAKE = "take"
    HAND_BACK = "back"
    ACTIONS = "acts"
    CONFIRM = "conf"
    ACT = "act"
    ERRAND = "err"
    TECHNICIAN = "tech"
    RESOLVE = "done"
    CARD = "card"
    DRIVER = "drv"
    MORE = "more"
    TO = "to"
    HAND_OVER = "over"
    SECOND = "sec"
    ASK = "ask"
    SNOOZE = "snz"
    SLEEP = "slp"
    WAKE = "wake"
    MERGE = "mrg"
    MERGE_ASK = "mrga"
    MERGE_INTO = "mrgi"
    SEVERITY = "sev"
    SET_SEVERITY = "sevs"
    CALL_BACK = "call"
    ANSWERS = "answ"
    ANSWER = "ans"
    SEND_ANSWER = "send"
    CAUSED = "caus"
    TAKE_LISTED = "qtk"
    """Takes a case from a list of several."""
    CALL_OTHER = "coth"
    """The driver says that somebody else's number is the one to call."""
    CALL_NOBODY = "cno"


class JobVerb(StrEnum):
    """Buttons of one job, which are a technician's."""

    SHOW = "s"
    ACCEPT = "a"
    DECLINE = "d"
    GO = "g"
    ARRIVE = "r"
    FIX = "f"
    """Asks what it was, which is CAUSE."""
    CAUSE = "fc"
    CANNOT_FIX = "c"
    """Asks what is in the way, which is HINDRANCE."""
    HINDRANCE = "ch"
    DONE = "x"


@dataclass(frozen=True, slots=True)
class Pick:
    """Chooses an EVSE by its exact ID."""

    evse_id: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """Chooses what is wrong."""

    symptom: Symptom


@dataclass(frozen=True, slots=True)
class Speak:
    """Chooses a language by its code."""

    language: str


@dataclass(frozen=True, slots=True)
class OnCase:
    """Does something with a case. A button whose `version` is not the case's is stale."""

    verb: CaseVerb
    case_id: int
    version: int
    argument: str = ""


@dataclass(frozen=True, slots=True)
class OnJob:
    """Does something with a technician's job. A button whose `version` is not the job's is stale."""

    verb: JobVerb
    job_id: int
    version: int
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Notify:
    """Whether the person wants to hear when an EVSE works again."""

    evse_id: str
    on: bool


@dataclass(frozen=True, slots=True)
class Go:
    """Leads to a page of an admin's menus, or does what it names; `arguments` are few characters each.

    What has a long name is named by `short`.
    """

    page: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "|".join((self.page, *self.arguments))

    @classmethod
    def parse(cls, text: str) -> "Go":
        """What `str` wrote."""
        page, *arguments = text.split("|")
        return cls(page, tuple(arguments))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Shows agents the statistics of a period, named by its token; `operator` is the short form of an operator's ID."""

    period: str
    operator: str


def short(name: str) -> str:
    """A few characters that stand for a name of any length."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


Callback = Plain | Pick | Notify | Wrong | Speak | OnCase | OnJob | Go | Numbers


def pack(callback: Callback) -> str:
    """At most 64 bytes; ValueError where an argument is too long for that."""
    match callback:
        case Plain():
            text = f"p|{callback.value}"
        case Pick():
            text = f"e|{callback.evse_id}"
        case Wrong():
            text = f"w|{callback.symptom.value}"
        case Speak():
            text = f"l|{callback.language}"
        case Go():
            text = f"a|{callback}"
        case Numbers():
            text = f"t|{callback.period}|{callback.operator}"
        case Notify():
            text = f"{'k' if callback.on else 'q'}|{callback.evse_id}"
        case OnJob():
            text = f"j|{callback.verb.value}|{callback.job_id}|{callback.version}|{callback.argument}"
        case OnCase():
            text = f"c|{callback.verb.value}|{callback.case_id}|{callback.version}|{callback.argument}"
    if len(text.encode()) > MOST_BYTES:
        raise ValueError(f"callback data of more than {MOST_BYTES} bytes: {text}")
    return text


def unpack(text: str) -> Callback | None:
    """What `pack` wrote; None for anything else, such as a button of an older release."""
    kind, _, rest = text.partition("|")
    try:
        match kind:
            case "p":
                return Plain(rest)
            case "e":
                return Pick(rest)
            case "w":
                return Wrong(Symptom(rest))
            case "l":
                return Speak(rest)
            case "a":
                return Go.parse(rest)
            case "t":
                period, operator = rest.split("|", 1)
                return Numbers(period, operator)
            case "k" | "q" if rest:
                return Notify(rest, on=kind == "k")
            case "j":
                step, number, version, argument = rest.split("|", 3)
                return OnJob(JobVerb(step), int(number), int(version), argument)
            case "c":
                verb, case_id, version, argument = rest.split("|", 3)
                return OnCase(CaseVerb(verb), int(case_id), int(version), argument)
            case _:
                return None
    except ValueError:
        return None
