"""The clock of a case that waits for an agent: when it starts, when it stops, and what it brings about."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.clock import levels, promises
from bot.cases.services import Services
from bot.domain.case import OPEN_STATES, Case, CaseState
from bot.domain.escalation import Kept, Policy, Run, waited
from bot.domain.policy_data import at_place
from bot.domain.timer import Timer, TimerKind
from bot.domain.usual_policies import usual
from storage.uow import UnitOfWork


def wait_for_agent(uow: UnitOfWork, services: Services, case: Case) -> None:
    """Starts the clock of the case's policy, or lets it go on where it stood; one that runs is left alone.

    Where the case has another severity by now, the policy of that one begins; what was promised counts from the
    beginning of the wait all the same.
    """
    run, now = uow.escalations.run(case.id), services.now()
    if run is None or run.ended_at is not None:
        number = 1 if run is None else run.number + 1
        policy = _policy(uow, services, case)
        _begin(uow, services, case, Run(case.id, policy, now, number, started_at=now))
    elif run.policy.severity is not case.severity:
        policy = _policy(uow, services, case)
        anew = replace(run, policy=policy, level=0, repeats=0, used=timedelta(), started_at=now)
        _begin(uow, services, case, _promised_anew(anew))
    elif run.started_at is None:
        levels.go_on(uow, services, replace(run, started_at=now))


def stop_waiting(uow: UnitOfWork, case: Case) -> None:
    """Somebody has the case, or it is over: nobody else is told that it waits.

    To be called once the case is kept, as its last change is the moment at which the clock stops. Where it is over,
    nothing is promised any more, either.
    """
    uow.timers.drop(case.id, TimerKind.LEVEL_DUE)
    kept, run = uow.cases.get(case.id) or case, uow.escalations.run(case.id)
    over = kept.state not in OPEN_STATES
    if over:
        promises.forget(uow, case.id)
    if run is None or run.ended_at is not None:
        return
    stopped = replace(run, used=run.elapsed(kept.changed_at), started_at=None)
    uow.escalations.keep(replace(stopped, ended_at=kept.changed_at) if over else stopped)


def next_level(uow: UnitOfWork, services: Services, case: Case, reason: str) -> None:
    """Raises a case that waits for an agent to its next level at once; `reason` is kept with what happened."""
    if case.state is not CaseState.WAITING_AGENT:
        return
    wait_for_agent(uow, services, case)
    run, now = uow.escalations.run(case.id), services.now()
    if run is None:
        return
    uow.cases.note(case.id, now, "level_raised", reason=reason)
    if run.level >= len(run.policy.levels):
        levels.fall_due(uow, services, case, run, now)
        return
    there = replace(run, used=waited(run.policy, run.level), started_at=now)
    levels.raise_to(uow, services, case, there, (run.level + 1, now))


def answered(uow: UnitOfWork, services: Services, case: Case, agent_id: int) -> None:
    """A word of an agent has gone to the driver."""
    promises.answered(uow, services, case, agent_id)


def fall_due(uow: UnitOfWork, services: Services, timer: Timer) -> None:
    """A level's time has come, or that of something that was promised."""
    if timer.kind is not TimerKind.LEVEL_DUE:
        promises.fall_due(uow, services, timer)
        return
    case = uow.cases.get(timer.subject)
    if case is None or case.state is not CaseState.WAITING_AGENT:
        return
    run = uow.escalations.run(case.id) or _from_before(uow, services, case, timer)
    if run.ended_at is None and run.started_at is not None:
        levels.fall_due(uow, services, case, run, timer.due_at)


def _begin(uow: UnitOfWork, services: Services, case: Case, run: Run) -> None:
    promises.watch(uow, run)
    levels.begun(uow, services, case, run)


def _promised_anew(run: Run) -> Run:
    """Another policy promises other times: one that was only warned of is open again."""
    first, last = (Kept.OPEN if kept is Kept.WARNED else kept for kept in (run.first_answer, run.resolution))
    return replace(run, first_answer=first, resolution=last)


def _policy(uow: UnitOfWork, services: Services, case: Case) -> Policy:
    operator = uow.operators.get(case.operator_id)
    if operator is None:
        raise LookupError(f"no operator {case.operator_id}")
    own = uow.escalations.policy(operator.id, case.severity)
    policy = own or usual(operator, case.severity, services.limits.agent_takes)
    plan = uow.rotations.plan(operator.id)
    region = None if plan is None else plan.region
    return at_place(policy, operator.time_zone, operator.country_code, region)


def _from_before(uow: UnitOfWork, services: Services, case: Case, timer: Timer) -> Run:
    """The clock of a case that began to wait under a release without policies: as if it had had one."""
    policy = _policy(uow, services, case)
    began = timer.due_at - waited(policy, next(n for n, each in enumerate(policy.levels) if each.after))
    run = Run(case.id, policy, began, started_at=began)
    promises.watch(uow, run)
    return run
