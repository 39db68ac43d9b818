"""What a driver wrote waits, as rows, until it is known which of their cases it is for."""

from bot.cases import filing
from bot.cases.agents import snoozing
from bot.cases.drivers import escalation
from bot.cases.outcomes import PassedOn, WhichCase
from bot.cases.services import Services
from bot.cases.talk.speaking import asked, option, waits
from bot.cases.telling import has_topic, pass_on, tell_driver, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import ENDED_STATES, HUMAN_STATES, Case
from bot.domain.people import Address
from bot.domain.refusal import Refusal
from bot.domain.timer import Timer, TimerKind
from storage.repositories.held import HeldMessage
from storage.repositories.messages import Said, Wording
from storage.uow import UnitOfWork


def hold(uow: UnitOfWork, turn: Turn, message: HeldMessage) -> WhichCase | None:
    """Keeps a message until its case is known; the question, where it is the first that waits."""
    before = uow.held.all_in(turn.conversation)
    uow.held.add(message)
    if before:
        return None
    first = uow.held.all_in(turn.conversation)[0]
    due = turn.now() + turn.services.limits.chooses_case_within
    uow.timers.set(first.id, TimerKind.DRIVER_DID_NOT_CHOOSE, due)
    return asked(uow, turn.services, turn.conversation)


async def choose(turn: Turn, case_id: int) -> PassedOn:
    """The driver says which case is meant: all that waits goes there, in order; Refusal where nothing waits."""

    def chosen(uow: UnitOfWork) -> PassedOn:
        case = filing.own(uow, turn, case_id)
        if not waits(uow, turn.conversation):
            raise Refusal("case.words_passed")
        _release(uow, turn.services, turn.conversation, _open(uow, turn.services, case))
        return PassedOn(option(uow, case))

    return await turn.commit(chosen)


def fall_due(uow: UnitOfWork, services: Services, timer: Timer) -> None:
    """The driver has not said which case is meant: what waits goes into the one last spoken in, and both see so."""
    conversation = uow.held.conversation_of(timer.subject)
    if conversation is None:
        return
    cases = uow.cases.open_in(conversation)
    case = cases[0] if cases else uow.cases.ended_in(conversation)
    if case is None:
        return
    case = _open(uow, services, case)
    once = str(timer.subject) + timer.due_at.isoformat()
    if case.state in HUMAN_STATES:
        tell_topic(uow, services, case, "chosen_by_time", once)
    _release(uow, services, conversation, case)
    place = option(uow, case).place
    where = "" if place is None else f"{place.evse.evse_id}, {place.location.name}"
    tell_driver(uow, services, case, "chosen_by_time", once, where=where or f"#{case.id}")


def revised(uow: UnitOfWork, turn: Turn, number: int, wording: Wording) -> None:
    """Somebody has changed a message that waits."""
    for each in uow.held.all_in(turn.conversation):
        if each.number == number:
            uow.held.revise(each, turn.now(), wording)


def _open(uow: UnitOfWork, services: Services, case: Case) -> Case:
    """A case that has ended meanwhile is the hotline's again, where it was."""
    if case.state in ENDED_STATES and has_topic(uow, case):
        return escalation.reopen(uow, services, case, case.driver_id)
    return case


def _release(uow: UnitOfWork, services: Services, conversation: Address, case: Case) -> None:
    held = uow.held.all_in(conversation)
    for each in held:
        said = _said(case, each)
        uow.messages.add(said)
        passed = uow.messages.at(conversation, each.number)
        if passed is not None:
            for at, wording in each.revisions:
                uow.messages.revise(passed, at, wording)
        if case.state in HUMAN_STATES:
            snoozing.driver_wrote(uow, services, case)
            pass_on(uow, services, case, said)
    uow.held.drop(conversation)
    uow.cases.spoken(case.id, services.now())
    for each in held[:1]:
        uow.timers.drop(each.id, TimerKind.DRIVER_DID_NOT_CHOOSE)


def _said(case: Case, held: HeldMessage) -> Said:
    now = held.wording
    return Said(
        case.id,
        held.person_id,
        from_driver=True,
        at=held.at,
        kind=held.kind,
        words=now.words,
        source=held.conversation,
        source_message=held.number,
        reply_to=held.reply_to,
        album=held.album,
        spans=now.spans,
        file=now.file,
        file_key=now.file_key,
    )
