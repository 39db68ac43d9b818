"""What comes after: the rating, and what each deadline does when it falls due."""

from dataclasses import replace

from bot.cases import climbing, dispatch, filing, recovery
from bot.cases.outcomes import DriverOutcome, Rated
from bot.cases.services import Services
from bot.cases.telling import close_topic, has_topic, redraw_card, tell_driver, tell_staff, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import BOT_STATES, CaseState, Trigger, move
from bot.domain.outgoing import Priority
from bot.domain.refusal import Refusal
from bot.domain.timer import Timer, TimerKind
from storage.uow import UnitOfWork

BEST = 5


async def rate(turn: Turn, case_id: int, rating: int) -> DriverOutcome:
    """The driver's rating, 1 to 5; it closes the case. A second rating replaces the first."""
    return await turn.commit(lambda uow: _rate(uow, turn, case_id, rating))


def fall_due(uow: UnitOfWork, services: Services, timer: Timer) -> None:
    """Does what a deadline says, in the transaction that takes it away."""
    if not uow.timers.done(timer):
        return
    match timer.kind:
        case TimerKind.AGENT_DID_NOT_ANSWER:
            _agent_did_not_answer(uow, services, timer)
        case TimerKind.DRIVER_DID_NOT_ANSWER:
            _close_silently(uow, services, timer.subject, BOT_STATES, "driver_silent")
        case TimerKind.DRIVER_DID_NOT_RATE:
            _close_silently(uow, services, timer.subject, frozenset({CaseState.RESOLVED}), None)
        case TimerKind.REMOTE_ACTION_UNPROVED:
            recovery.unproved(uow, services, timer.subject)
        case TimerKind.LADDER_CLIMBS | TimerKind.STATION_MAY_BE_BACK:
            raise ValueError("it looks at a station first, which no transaction can")


def _rate(uow: UnitOfWork, turn: Turn, case_id: int, rating: int) -> DriverOutcome:
    if not 1 <= rating <= BEST:
        raise Refusal("rating.range")
    case = filing.own(uow, turn, case_id)
    if case.state not in {CaseState.RESOLVED, CaseState.CLOSED}:
        raise Refusal("case.moved_on")
    uow.cases.set_rating(case.id, rating)
    uow.cases.note(case.id, turn.now(), "rated", turn.person.id, rating=str(rating))
    if case.state is CaseState.RESOLVED:
        after = move(case, Trigger.CLOSE, turn.now())
        uow.cases.save(case, after)
        uow.timers.drop(case.id, TimerKind.DRIVER_DID_NOT_RATE)
        case = after
    if has_topic(uow, case):
        tell_topic(uow, turn.services, case, "rated", str(turn.update_id), rating=rating)
        redraw_card(uow, turn.services, case)
        close_topic(uow, turn.services, case)
    return Rated(replace(case, rating=rating))


def _agent_did_not_answer(uow: UnitOfWork, services: Services, timer: Timer) -> None:
    case = uow.cases.get(timer.subject)
    if case is None or case.state is not CaseState.WAITING_AGENT:
        return
    now = services.now()
    once = timer.due_at.isoformat()
    uow.cases.note(case.id, now, "agent_did_not_answer", due=once)
    told = dispatch.backup(uow, case)
    for contact in told:
        tell_staff(uow, services, case, contact, "nobody_answers", once)
    names = ", ".join(contact.name for contact in told)
    notice = "nobody_answers" if told else "nobody_answers_at_all"
    tell_topic(uow, services, case, notice, once, Priority.ESCALATION, name=names)
    tell_driver(uow, services, case, "still_waiting", once)


def _close_silently(
    uow: UnitOfWork,
    services: Services,
    case_id: int,
    states: frozenset[CaseState],
    resolution: str | None,
) -> None:
    case = uow.cases.get(case_id)
    if case is None or case.state not in states:
        return
    after = replace(move(case, Trigger.CLOSE, services.now()), resolution=resolution or case.resolution)
    uow.cases.save(case, after)
    uow.cases.note(case.id, services.now(), "closed_by_time")
    climbing.leave(uow, services, after)
    if has_topic(uow, after):
        redraw_card(uow, services, after)
        close_topic(uow, services, after)
