"""A deadline that fails again and again: it is given up, and said so."""

from bot.cases.services import Services
from bot.domain.outgoing import Outgoing, OutgoingKind, Param, Priority
from bot.domain.rights import Right
from bot.domain.timer import Timer, TimerKind
from storage.uow import UnitOfWork

_OF_ACTIONS = frozenset({TimerKind.REMOTE_ACTION_UNPROVED})
_OF_LADDERS = frozenset({TimerKind.LADDER_CLIMBS})
_OF_JOBS = frozenset({TimerKind.TECHNICIAN_DID_NOT_ANSWER})
_OF_CASES = frozenset(
    {
        TimerKind.LEVEL_DUE,
        TimerKind.FIRST_ANSWER_DUE,
        TimerKind.RESOLUTION_DUE,
        TimerKind.DRIVER_DID_NOT_ANSWER,
        TimerKind.DRIVER_DID_NOT_RATE,
        TimerKind.SNOOZE_ENDS,
        TimerKind.STATION_MAY_BE_BACK,
    }
)


def give_up(uow: UnitOfWork, services: Services, timer: Timer) -> bool:
    """Takes the deadline out of the running and tells the admins of its operator, once.

    The row stays, so that it is counted until somebody has looked. False where it is gone or was moved meanwhile.
    """
    if not uow.timers.give_up(timer, services.now()):
        return False
    case_id = _case_of(uow, timer)
    case = None if case_id is None else uow.cases.get(case_id)
    operator = None if case is None else uow.operators.get(case.operator_id)
    if operator is None:
        return True
    params: dict[str, Param] = {
        "notice": "timer_given_up",
        "operator": operator.name,
        "at": operator.id,
        "deadline": timer.kind.value,
        "subject": timer.subject,
        "tries": timer.attempts,
    }
    for admin in uow.staff.who_may(operator.id, Right.HOTLINE):
        if admin.telegram_id is not None:
            to = str(services.accounts.of(operator.id).address(admin.telegram_id))
            key = f"timer_given_up:{timer.kind.value}:{timer.subject}:{timer.due_at.isoformat()}:{to}"
            outgoing = Outgoing(
                OutgoingKind.ADMIN_NOTICE, to, to, key, params=params, priority=Priority.ESCALATION
            )
            uow.outbox.put(outgoing, services.now())
    return True


def _case_of(uow: UnitOfWork, timer: Timer) -> int | None:
    """The case that a deadline is about, if it is about one."""
    if timer.kind in _OF_CASES:
        return timer.subject
    if timer.kind in _OF_ACTIONS:
        action = uow.actions.get(timer.subject)
        return None if action is None else action.case_id
    if timer.kind in _OF_LADDERS:
        ladder = uow.ladders.get(timer.subject)
        return None if ladder is None else ladder.case_id
    if timer.kind in _OF_JOBS:
        job = uow.jobs.get(timer.subject)
        return None if job is None else job.case_id
    return None
