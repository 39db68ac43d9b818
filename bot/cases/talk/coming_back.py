"""A driver writes after the end of a case: thanks, the same trouble again, or something new."""

from dataclasses import dataclass
from datetime import datetime

from bot.cases.agents import merged
from bot.cases.drivers import locate
from bot.cases.telling import has_topic
from bot.cases.turn import Turn
from bot.domain.case import Case
from bot.domain.courtesy import only_thanks
from bot.domain.evse_id import normalise
from bot.domain.operator import Place
from bot.domain.qr_payload import evse_candidates
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Thanked:
    """Kind words, for which nobody has to come back; `heard` says that a person had the case."""

    case: Case
    heard: bool


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The case goes on in another one, into which it was merged."""

    case: Case


@dataclass(frozen=True, slots=True)
class Reopens:
    """A person had the case not long ago, and has it again."""

    case: Case


@dataclass(frozen=True, slots=True)
class SameOrOther:
    """Only the bot had the case not long ago: the driver says whether it is the same again."""

    case: Case
    place: Place


@dataclass(frozen=True, slots=True)
class Follows:
    """The case is long over: a new one at the same place begins, which names it."""

    case: Case
    place: Place


@dataclass(frozen=True, slots=True)
class NotServed:
    """The hotline does not look after the place any more."""

    place: Place


Back = Thanked | GoesOn | Reopens | SameOrOther | Follows | NotServed


def what(uow: UnitOfWork, turn: Turn, case: Case | None, kind: str, words: str) -> Back | None:
    """What a message after the end of a case leads to; None where it is about no case of before."""
    if case is None or case.ended_at is None or _names_place(uow, turn, case, words):
        return None
    into = merged.heir(uow, case)
    if into is not None:
        return GoesOn(case)
    limits, age = turn.services.limits, turn.now() - _end(uow, case, case.ended_at)
    heard = has_topic(uow, case)
    if age > limits.follows_within:
        return None
    if kind == "sticker" or only_thanks(words):
        return Thanked(case, heard)
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    if place is not None and not place.station.service_active:
        return NotServed(place)
    if age <= limits.reopens_within and heard:
        return Reopens(case)
    if place is None:
        return None
    return SameOrOther(case, place) if age <= limits.reopens_within else Follows(case, place)


def _end(uow: UnitOfWork, case: Case, ended_at: datetime) -> datetime:
    """When the trouble of a case was over: for one that was merged that is the end of the other one."""
    other = None if case.merged_into is None else uow.cases.get(case.merged_into)
    return ended_at if other is None or other.ended_at is None else max(ended_at, other.ended_at)


def _names_place(uow: UnitOfWork, turn: Turn, case: Case, words: str) -> bool:
    """Whether the words are a scan of a station: another one's ID, or nothing but an ID."""
    candidates = evse_candidates(words)
    if candidates:
        alone = normalise(words) in candidates or len(words.split()) == 1
        return alone or any(each != case.evse_id for each in candidates)
    return bool(words) and bool(locate.places(uow, words, turn.only))
