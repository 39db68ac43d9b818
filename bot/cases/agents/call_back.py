"""An agent wants to call: the driver is asked for a number, shares it with one tap, or says no."""

from dataclasses import dataclass

from bot.cases import filing
from bot.cases.agents import desk
from bot.cases.outcomes import DriverOutcome, NumberDeclined, NumberNoted, NumberOfOther
from bot.cases.talk.relay import Message, kept
from bot.cases.telling import redraw_card, tell_driver, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import HUMAN_STATES, Case
from bot.domain.outgoing import Priority
from bot.domain.refusal import Refusal
from storage.repositories.cases import CaseEvent
from storage.uow import UnitOfWork

ASKED, OTHER, GIVEN, DECLINED = "call_asked", "call_other", "call_given", "call_declined"
"""What happens in a case about the number, as its events are called; the last of them says how it stands."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A contact as the driver shared it; `own` says that Telegram vouches for it as the driver's own."""

    message: Message
    phone: str
    own: bool


async def ask(turn: Turn, case_id: int, version: int) -> bool:
    """Asks the driver for a number; False where one is known already, which is then told in the topic."""

    def work(uow: UnitOfWork) -> bool:
        case = desk.own(uow, turn, case_id, version)
        if case.state not in HUMAN_STATES:
            raise Refusal("case.moved_on")
        phone = uow.people.get(case.driver_id).phone
        once = str(turn.update_id)
        if phone is not None:
            tell_topic(uow, turn.services, case, "call_known", once, phone=phone)
            return False
        uow.cases.note(case.id, turn.now(), ASKED, turn.person.id)
        tell_driver(uow, turn.services, case, ASKED, once)
        tell_topic(uow, turn.services, case, ASKED, once)
        return True

    return await turn.commit(work)


async def shared(turn: Turn, contact: Shared) -> DriverOutcome | None:
    """A contact that answers the question; None where nobody has asked, and it is a message like any other.

    Somebody else's number is asked about before anybody calls it.
    """
    if await turn.services.database.read(lambda uow: _asked(uow, turn)) is None:
        return None
    return await turn.commit(lambda uow: _shared(uow, turn, contact))


async def declined(turn: Turn) -> DriverOutcome | None:
    """The driver does not want to be called; None where nobody has asked."""
    if await turn.services.database.read(lambda uow: _asked(uow, turn)) is None:
        return None
    return await turn.commit(lambda uow: _declined(uow, turn, _waiting(uow, turn)))


async def confirmed(turn: Turn, case_id: int, *, meant: bool) -> DriverOutcome:
    """Whether the number of somebody else is the one to call; Refusal `case.moved_on` where that is settled."""

    def work(uow: UnitOfWork) -> DriverOutcome:
        case = filing.own(uow, turn, case_id)
        last = _last(uow, case)
        if case.state not in HUMAN_STATES or last is None or last.kind != OTHER:
            raise Refusal("case.moved_on")
        return _given(uow, turn, case, last.data["phone"]) if meant else _declined(uow, turn, case)

    return await turn.commit(work)


def _shared(uow: UnitOfWork, turn: Turn, contact: Shared) -> DriverOutcome:
    case = _waiting(uow, turn)
    # It is kept like all that is said, but not copied: a topic shows numbers only to those who may see them.
    kept(uow, turn, case, contact.message, from_driver=True)
    if contact.own:
        return _given(uow, turn, case, contact.phone)
    uow.cases.note(case.id, turn.now(), OTHER, turn.person.id, phone=contact.phone)
    return NumberOfOther(case, contact.phone)


def _given(uow: UnitOfWork, turn: Turn, case: Case, phone: str) -> DriverOutcome:
    uow.people.set_phone(turn.person.id, phone)
    uow.cases.note(case.id, turn.now(), GIVEN, turn.person.id)
    tell_topic(uow, turn.services, case, GIVEN, str(turn.update_id), Priority.AGENT, phone=phone)
    redraw_card(uow, turn.services, case)
    return NumberNoted(case, phone)


def _declined(uow: UnitOfWork, turn: Turn, case: Case) -> DriverOutcome:
    uow.cases.note(case.id, turn.now(), DECLINED, turn.person.id)
    tell_topic(uow, turn.services, case, DECLINED, str(turn.update_id), Priority.AGENT)
    return NumberDeclined(case)


def _waiting(uow: UnitOfWork, turn: Turn) -> Case:
    case = _asked(uow, turn)
    if case is None:
        raise Refusal("case.moved_on")
    return case


def _asked(uow: UnitOfWork, turn: Turn) -> Case | None:
    """The case of the conversation in which a number is waited for."""
    for case in uow.cases.open_in(turn.conversation):
        last = _last(uow, case)
        if case.state in HUMAN_STATES and last is not None and last.kind in {ASKED, OTHER}:
            return case
    return None


def _last(uow: UnitOfWork, case: Case) -> CaseEvent | None:
    found = [each for each in uow.cases.events(case.id) if each.kind in {ASKED, OTHER, GIVEN, DECLINED}]
    return found[-1] if found else None
