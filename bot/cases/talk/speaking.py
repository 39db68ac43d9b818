"""Which of several open cases a driver speaks in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cases.outcomes import Option, WhichCase
from bot.cases.services import Services
from bot.cases.telling import has_topic
from bot.cases.turn import Turn
from bot.domain.case import HUMAN_STATES, Case
from bot.domain.people import Address
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Unclear:
    """Only the driver can say which of these is meant."""

    cases: tuple[Case, ...]


def meant(uow: UnitOfWork, turn: Turn) -> Case | Unclear | None:
    """The case that words belong to which answer no message; None where none is open, and none ended just now.

    It is the one last spoken in by either side, if that was not long ago, even where it has ended since; else the only
    one that a person has.
    """
    cases = uow.cases.open_in(turn.conversation)
    since = turn.now() - turn.services.limits.speaks_on_within
    ended = _just_ended(uow, turn.conversation, since)
    if ended is not None and (not cases or _spoken(ended) > _spoken(cases[0])):
        return ended
    if len(cases) < 2:  # noqa: PLR2004  # Nothing is to be told apart.
        return cases[0] if cases else None
    theirs = [case for case in cases if case.state in HUMAN_STATES]
    if _spoken(cases[0]) >= since or not theirs:
        return cases[0]
    return theirs[0] if len(theirs) == 1 else Unclear(tuple(cases))


def waits(uow: UnitOfWork, conversation: Address) -> bool:
    """Whether a question is open here: what is written before its answer waits behind what was."""
    return bool(uow.held.all_in(conversation))


def asked(uow: UnitOfWork, services: Services, conversation: Address) -> WhichCase | None:
    """The question that is open in a conversation, as it is asked; None where there is none."""
    cases = uow.cases.open_in(conversation)
    if not cases or not waits(uow, conversation):
        return None
    return WhichCase(options(uow, cases), services.limits.chooses_case_within)


def options(uow: UnitOfWork, cases: Sequence[Case]) -> tuple[Option, ...]:
    """The cases as a driver tells them apart."""
    return tuple(option(uow, case) for case in cases)


def option(uow: UnitOfWork, case: Case) -> Option:
    """A case with its place."""
    return Option(case, None if case.evse_id is None else uow.operators.place(case.evse_id))


def in_question(uow: UnitOfWork, conversation: Address, *, danger: bool) -> Case | None:
    """The open case that a wish for a person is about: the one that only the bot has; in danger the last spoken in."""
    cases = uow.cases.open_in(conversation)
    alone = [] if danger else [case for case in cases if case.state not in HUMAN_STATES]
    return next(iter([*alone, *cases]), None)


def _spoken(case: Case) -> datetime:
    return case.spoken_at or case.opened_at


def _just_ended(uow: UnitOfWork, conversation: Address, since: datetime) -> Case | None:
    ended = uow.cases.ended_in(conversation)
    if ended is None or _spoken(ended) < since or not has_topic(uow, ended):
        return None
    return ended
