"""The levels of a case that nobody has taken: who is told when, each once, late where nobody was looking."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.cases.clock.reaching import Reached, admins, reach, tell
from bot.cases.services import Services
from bot.cases.telling import has_topic, redraw_card, tell_driver, tell_topic
from bot.domain.case import Case
from bot.domain.escalation import Run, reached
from bot.domain.outgoing import Priority
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork

LATE = timedelta(minutes=1)
"""What is told longer than this after its time says that it is late."""
DRIVER_HEARS_AGAIN = timedelta(hours=1)
"""So long after a driver has read that more help was called, it is worth a word again."""


def late_by(due: datetime, now: datetime) -> int | None:
    """By how many minutes something is late; None where it is not."""
    return int((now - due).total_seconds() // 60) if now - due > LATE else None


def begun(uow: UnitOfWork, services: Services, case: Case, run: Run) -> None:
    """The clock has just begun: levels without a wait are told at once."""
    at_once = reached(run.policy, timedelta())
    if not at_once:
        go_on(uow, services, run)
        return
    to, level = _to(uow, services, case, run, at_once)
    once = _once(run, level)
    tell(uow, services, case, to, ("needed_now", once))
    if not to.nobody:
        notice = "needed_now" if to.names else "needed_now_here"
        tell_topic(
            uow, services, case, notice, once, Priority.ESCALATION, name=to.names, mentions=to.mentions
        )
    uow.cases.note(case.id, services.now(), "level_told", level=str(level))
    go_on(uow, services, replace(run, level=level))


def fall_due(uow: UnitOfWork, services: Services, case: Case, run: Run, due: datetime) -> None:
    """A level's time has come; what was passed over while nobody was looking is told together with it.

    After the last level it is the last one's turn again.
    """
    now = services.now()
    last = len(run.policy.levels)
    if run.level >= last:
        to = reach(uow, services, case, run.policy.levels[-1].targets)
        told = replace(run, repeats=run.repeats + 1)
        _told(uow, services, case, told, to, due)
        go_on(uow, services, _patience(uow, services, case, told))
        return
    level = reached(run.policy, run.elapsed(now))
    if level <= run.level:
        go_on(uow, services, run)
        return
    raise_to(uow, services, case, run, (level, due))


def raise_to(uow: UnitOfWork, services: Services, case: Case, run: Run, to: tuple[int, datetime]) -> None:
    """All levels up to one are told, each person once; `to` holds that level and when it was due."""
    number, due = to
    people, level = _to(uow, services, case, run, number)
    told = replace(run, level=level)
    _told(uow, services, case, told, people, due)
    if level == len(run.policy.levels):
        _nobody_left(uow, services, case, told, people)
    go_on(uow, services, _patience(uow, services, case, told))


def go_on(uow: UnitOfWork, services: Services, run: Run) -> None:
    """Keeps the run and sets the deadline of what comes next, if anything does."""
    uow.escalations.keep(run)
    due: datetime | None = None
    if run.started_at is not None and run.level < len(run.policy.levels):
        due = run.level_due(run.level)
    elif run.started_at is not None and run.policy.last_repeats:
        due = run.policy.hours.add(services.now(), run.policy.last_repeats)
    if due is None:
        uow.timers.drop(run.case_id, TimerKind.LEVEL_DUE)
    else:
        uow.timers.set(run.case_id, TimerKind.LEVEL_DUE, due)


def _to(uow: UnitOfWork, services: Services, case: Case, run: Run, level: int) -> tuple[Reached, int]:
    """Who is told up to a level, and that level; where there is nobody, the next one's turn has come."""
    while True:
        levels = run.policy.levels[run.level : level]
        people = reach(uow, services, case, (target for each in levels for target in each.targets))
        if not people.nobody or level >= len(run.policy.levels):
            return people, level
        level += 1


def _told(uow: UnitOfWork, services: Services, case: Case, run: Run, to: Reached, due: datetime) -> None:
    now = services.now()
    late, once = late_by(due, now), _once(run, run.level)
    data = {"due": due.isoformat(), "level": str(run.level)}
    uow.cases.note(case.id, now, "agent_did_not_answer", None, **data, late=str(late or 0))
    tell(uow, services, case, to, ("nobody_answers", once), late=late)
    notice = "nobody_answers" if to.names else "nobody_answers_yet"
    tell_topic(
        uow,
        services,
        case,
        "nobody_answers_at_all" if to.nobody else notice,
        once,
        Priority.ESCALATION,
        name=to.names,
        mentions=to.mentions,
        late=late,
    )
    if has_topic(uow, case):
        redraw_card(uow, services, case)


def _patience(uow: UnitOfWork, services: Services, case: Case, run: Run) -> Run:
    """The driver hears that more help was called; not at each level."""
    now = services.now()
    if run.driver_told_at is not None and now - run.driver_told_at < DRIVER_HEARS_AGAIN:
        return run
    tell_driver(uow, services, case, "still_waiting", _once(run, run.level))
    return replace(run, driver_told_at=now)


def _nobody_left(uow: UnitOfWork, services: Services, case: Case, run: Run, told: Reached) -> None:
    known = {each.telegram_id or each.email for each in told.others}
    left = tuple(each for each in admins(uow, case) if (each.telegram_id or each.email) not in known)
    tell(uow, services, case, Reached(others=left), ("nobody_left", str(run.number)))


def _once(run: Run, level: int) -> str:
    """What tells each telling of a case apart from all others."""
    return f"{run.number}.{run.policy.severity.value}.{level}.{run.repeats}"
