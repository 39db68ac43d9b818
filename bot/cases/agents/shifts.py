"""`/shift`: agents who say themselves that they are on duty, and who is on duty now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.domain.operator import Operator
from bot.domain.outgoing import Outgoing, OutgoingKind, Param, Priority
from bot.domain.privacy import name_for
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.domain.rotation import Shift, shifts
from bot.domain.timer import TimerKind
from storage.on_call import schedule
from storage.repositories.shifts import AgentShift
from storage.uow import UnitOfWork

T = TypeVar("T")
LONGEST = timedelta(hours=12)
"""A shift that nobody ends is over by itself after this."""
MORE = timedelta(hours=4)
"""How much longer it is for whoever wants to go on."""
WARNED = timedelta(minutes=15)
_AHEAD = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is on duty: by the rotation at a level, or, where that is None, by their own word.

    `until` is None where no end is in sight.
    """

    name: str
    level: int | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is on duty at an operator, and how the one who asks stands: their own shift, and their next turn on call."""

    operator: Operator
    present: tuple[Present, ...]
    own: AgentShift | None
    next_turn: Shift | None


@dataclass(frozen=True, slots=True)
class Started:
    """The shift runs; `anew` is False for one that ran already."""

    duty: OnDuty
    anew: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The shift is over; `ran` is False where there was none."""

    duty: OnDuty
    ran: bool


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The shift goes on for longer than it would have; it is over where the agent has none any more.

    `more` is False where it had been told so before.
    """

    duty: OnDuty
    more: bool


async def show(turn: Turn, operator_id: str) -> OnDuty:
    """Who is on duty; MissingRight for whoever is no agent of the operator."""

    def read(uow: UnitOfWork) -> OnDuty:
        return _on_duty(uow, turn, _operator(uow, turn, operator_id))

    return await turn.services.database.read(read)


async def start(turn: Turn, operator_id: str) -> Started:
    """The agent is on duty from now on; whoever is already stays so until the time that was told."""

    def work(uow: UnitOfWork, operator: Operator) -> Started:
        running = _running(uow, turn, operator_id)
        if running is None:
            now = turn.now()
            shift = uow.shifts.start(AgentShift(operator_id, turn.person.id, now, now + LONGEST))
            _set_timers(uow, shift)
        return Started(_on_duty(uow, turn, operator), anew=running is None)

    return await _change(turn, operator_id, work)


async def end(turn: Turn, operator_id: str) -> Ended:
    """The agent is off duty."""

    def work(uow: UnitOfWork, operator: Operator) -> Ended:
        running = _running(uow, turn, operator_id)
        if running is not None:
            _over(uow, running, turn.now())
        return Ended(_on_duty(uow, turn, operator), ran=running is not None)

    return await _change(turn, operator_id, work)


async def go_on(turn: Turn, operator_id: str, until: datetime) -> GoesOn:
    """Makes the shift longer that was to end at a time; one that is over stays so."""

    def work(uow: UnitOfWork, operator: Operator) -> GoesOn:
        running = _running(uow, turn, operator_id)
        more = running is not None and int(running.ends_at.timestamp()) == int(until.timestamp())
        if running is not None and more:
            longer = replace(running, ends_at=running.ends_at + MORE)
            uow.shifts.save(longer)
            _set_timers(uow, longer)
        return GoesOn(_on_duty(uow, turn, operator), more=more)

    return await _change(turn, operator_id, work)


def ends_soon(uow: UnitOfWork, services: Services, shift_id: int) -> None:
    """Asks whoever is on a shift whether they go on."""
    shift = uow.shifts.get(shift_id)
    if shift is None or shift.ended_at is not None or shift.ends_at <= services.now():
        return
    until = str(int(shift.ends_at.timestamp()))
    buttons: dict[str, Param] = {"go_on": f"sh.on|{until}", "go_over": "sh.end"}
    _tell(uow, services, shift, "shift_ends_soon", buttons)


def ended(uow: UnitOfWork, services: Services, shift_id: int) -> None:
    """Ends a shift whose time is over, and tells whose it was."""
    shift = uow.shifts.get(shift_id)
    if shift is None or shift.ended_at is not None or shift.ends_at > services.now():
        return
    _over(uow, shift, shift.ends_at)
    _tell(uow, services, shift, "shift_ended", {"go_start": "sh.start"})


async def _change(turn: Turn, operator_id: str, work: Callable[[UnitOfWork, Operator], T]) -> T:
    def change(uow: UnitOfWork) -> T:
        # Two taps at once must not begin two shifts.
        uow.staff.hold(operator_id)
        return work(uow, _operator(uow, turn, operator_id))

    return await turn.commit(change)


def _operator(uow: UnitOfWork, turn: Turn, operator_id: str) -> Operator:
    """The operator whose agent this is."""
    operator = uow.operators.get(operator_id)
    if operator is None or not turn.sees(operator_id):
        raise Refusal("staff.none")
    if operator_id not in uow.staff.operators_of(turn.person.id):
        raise Refusal("staff.none")
    uow.staff.authority(operator_id, turn.person.id).need(Right.REMOTE_ACTIONS)
    return operator


def _running(uow: UnitOfWork, turn: Turn, operator_id: str) -> AgentShift | None:
    """The agent's shift; one whose time is over while nobody looked is ended on the way."""
    shift = uow.shifts.open_of(operator_id, turn.person.id)
    if shift is not None and shift.ends_at <= turn.now():
        _over(uow, shift, shift.ends_at)
        return None
    return shift


def _over(uow: UnitOfWork, shift: AgentShift, at: datetime) -> None:
    uow.shifts.save(replace(shift, ended_at=at))
    uow.timers.drop(shift.id, TimerKind.SHIFT_ENDS_SOON, TimerKind.SHIFT_ENDS)


def _set_timers(uow: UnitOfWork, shift: AgentShift) -> None:
    uow.timers.set(shift.id, TimerKind.SHIFT_ENDS_SOON, shift.ends_at - WARNED)
    uow.timers.set(shift.id, TimerKind.SHIFT_ENDS, shift.ends_at)


def _tell(
    uow: UnitOfWork, services: Services, shift: AgentShift, notice: str, buttons: dict[str, Param]
) -> None:
    operator = uow.operators.get(shift.operator_id)
    person = uow.people.get(shift.person_id)
    if operator is None or person.telegram_id is None:
        return
    to = str(services.accounts.of(operator.id).address(person.telegram_id))
    params: dict[str, Param] = {
        "notice": notice,
        "operator": operator.name,
        "at": operator.id,
        "ends_at": f"{shift.ends_at.isoformat()} {operator.time_zone}",
        **buttons,
    }
    key = f"{notice}:{shift.id}:{shift.ends_at.isoformat()}"
    row = Outgoing(OutgoingKind.ADMIN_NOTICE, to, to, key, params=params, priority=Priority.AGENT)
    uow.outbox.put(row, services.now())


def _on_duty(uow: UnitOfWork, turn: Turn, operator: Operator) -> OnDuty:
    now = turn.now()
    planned = shifts(schedule(uow, operator, now, now + _AHEAD), now, now + _AHEAD)
    who = uow.staff.authority(operator.id, turn.person.id)
    names = {each.person_id: name_for(who, each.name, each.entity_id) for each in uow.staff.all(operator.id)}
    running = uow.shifts.running(operator.id, now)
    present = [
        Present(names.get(each.person, "?"), each.level, each.ends if each.ends < now + _AHEAD else None)
        for each in planned
        if each.begins == now
    ]
    present += [Present(names.get(each.person_id, "?"), None, each.ends_at) for each in running]
    mine = turn.person.id
    return OnDuty(
        operator,
        tuple(present),
        next((each for each in running if each.person_id == mine), None),
        next((each for each in planned if each.person == mine and each.begins > now), None),
    )
