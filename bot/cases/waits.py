"""The clock of a case that waits for an agent: when it starts, and when it stops."""

from datetime import timedelta

from bot.cases.services import Services
from bot.domain.case import Case, Severity
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork


def wait_for_agent(uow: UnitOfWork, services: Services, case: Case) -> None:
    """Sets the deadline by which an agent should have taken the case: as its operator says, else the usual one."""
    due = services.now() + _patience(uow, services, case)
    uow.timers.set(case.id, TimerKind.AGENT_DID_NOT_ANSWER, due)


def stop_waiting(uow: UnitOfWork, case: Case) -> None:
    """Somebody has the case, or it is over: nobody else is told that it waits."""
    uow.timers.drop(case.id, TimerKind.AGENT_DID_NOT_ANSWER)


def _patience(uow: UnitOfWork, services: Services, case: Case) -> timedelta:
    operator = uow.operators.get(case.operator_id)
    if case.severity is Severity.P1:
        minutes = None if operator is None else operator.agent_takes_danger_minutes
        return services.limits.agent_takes_danger_within if minutes is None else timedelta(minutes=minutes)
    minutes = None if operator is None else operator.agent_takes_minutes
    return services.limits.agent_takes_within if minutes is None else timedelta(minutes=minutes)
