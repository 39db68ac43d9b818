"""What drivers are promised: the first answer of an agent, and the end of the trouble."""

from dataclasses import replace
from datetime import datetime

from bot.cases.clock.levels import late_by
from bot.cases.clock.reaching import Reached, manager, reach, tell
from bot.cases.services import Services
from bot.cases.telling import redraw_card, tell_topic
from bot.domain.case import OPEN_STATES, Case
from bot.domain.escalation import Kept, Promise, Promised, Run, Target, TargetKind, promised
from bot.domain.outgoing import Priority
from bot.domain.timer import Timer, TimerKind
from storage.uow import UnitOfWork

_KINDS = {
    Promise.FIRST_ANSWER: TimerKind.FIRST_ANSWER_DUE,
    Promise.RESOLUTION: TimerKind.RESOLUTION_DUE,
}
_OVER = frozenset({Kept.BROKEN, Kept.DONE})


def watch(uow: UnitOfWork, run: Run) -> None:
    """Sets the deadlines of what the run promises and is not decided yet."""
    wanted = promised(run.policy, run.began_at)
    for what, kind in _KINDS.items():
        promise = wanted.get(what)
        if promise is None or run.kept(what) in _OVER:
            uow.timers.drop(run.case_id, kind)
        else:
            warned = run.kept(what) is not Kept.OPEN
            uow.timers.set(run.case_id, kind, promise.due if warned else promise.warning)


def forget(uow: UnitOfWork, case_id: int) -> None:
    """Nothing is promised any more."""
    uow.timers.drop(case_id, *_KINDS.values())


def fall_due(uow: UnitOfWork, services: Services, timer: Timer) -> None:
    """Warns, or says that a promise is broken; a warning that comes too late is left out."""
    what = next(promise for promise, kind in _KINDS.items() if kind is timer.kind)
    case, run = uow.cases.get(timer.subject), uow.escalations.run(timer.subject)
    if case is None or case.state not in OPEN_STATES or run is None or run.ended_at is not None:
        return
    promise = promised(run.policy, run.began_at).get(what)
    if promise is None or run.kept(what) in _OVER:
        return
    now = services.now()
    if now >= promise.due:
        run = _with(run, what, Kept.BROKEN)
        _broken(uow, services, case, run, promise)
    elif case.snoozed_until is not None and now < case.snoozed_until:
        # Whoever has put it aside knows of it, and is warned when it comes back.
        uow.timers.set(case.id, timer.kind, min(case.snoozed_until, promise.due))
        return
    elif now >= promise.warning and run.kept(what) is Kept.OPEN:
        run = _with(run, what, Kept.WARNED)
        _say(uow, services, case, run, (promise, "warning", promise.warning))
    uow.escalations.keep(run)
    watch(uow, run)


def answered(uow: UnitOfWork, services: Services, case: Case, agent_id: int) -> None:
    """An agent's word has gone to the driver; the first one keeps what was promised, in time or late."""
    run = uow.escalations.run(case.id)
    if run is None or run.ended_at is not None or run.first_answer_at is not None:
        return
    now = services.now()
    seconds = round((now - run.began_at).total_seconds())
    in_time = "no" if run.first_answer is Kept.BROKEN else "yes"
    uow.cases.note(case.id, now, Promise.FIRST_ANSWER.value, agent_id, seconds=str(seconds), in_time=in_time)
    uow.escalations.keep(replace(run, first_answer_at=now, first_answer=Kept.DONE))
    uow.timers.drop(case.id, TimerKind.FIRST_ANSWER_DUE)
    redraw_card(uow, services, case)


def _with(run: Run, what: Promise, kept: Kept) -> Run:
    if what is Promise.FIRST_ANSWER:
        return replace(run, first_answer=kept)
    return replace(run, resolution=kept)


def _broken(uow: UnitOfWork, services: Services, case: Case, run: Run, promise: Promised) -> None:
    kind, due = f"{promise.what.value}_breached", promise.due.isoformat()
    uow.cases.note(case.id, services.now(), kind, due=due, run=str(run.number))
    _say(uow, services, case, run, (promise, "breach", promise.due))


def _say(
    uow: UnitOfWork, services: Services, case: Case, run: Run, what: tuple[Promised, str, datetime]
) -> None:
    promise, kind, was_due = what
    breach = kind == "breach"
    to = _whose(uow, services, case, breach=breach)
    notice, once = f"{promise.what.value}_{kind}", f"{run.number}.{promise.due.isoformat()}"
    late = late_by(was_due, services.now())
    due, zone = promise.due.isoformat(), run.policy.hours.zone
    tell(uow, services, case, to, (notice, once), late=late, due=due, zone=zone)
    tell_topic(
        uow,
        services,
        case,
        notice,
        once,
        Priority.ESCALATION,
        late=late,
        due=due,
        zone=zone,
        mentions=to.mentions,
    )
    redraw_card(uow, services, case)


def _whose(uow: UnitOfWork, services: Services, case: Case, *, breach: bool) -> Reached:
    """Who has the case, or is on call where nobody has; the manager as well where a promise is broken."""
    colleague = None if case.agent_id is None else uow.staff.get(case.operator_id, case.agent_id)
    if colleague is not None:
        found = Reached(agents=(colleague,))
    else:
        found = reach(uow, services, case, (Target(TargetKind.ON_CALL),))
    return found.with_others(manager(uow, case)) if breach else found
