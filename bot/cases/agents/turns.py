"""Turns on call: whoever goes on call is told when it begins."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.cases.services import Services
from bot.domain.operator import Operator
from bot.domain.outgoing import Outgoing, OutgoingKind, Param, Priority
from bot.domain.privacy import name_for
from bot.domain.rotation import Schedule, Shift, changes, on_call, shifts
from bot.domain.timer import TimerKind
from storage.on_call import schedule
from storage.repositories.rotations import Plan
from storage.uow import UnitOfWork

LOOK_AGAIN = timedelta(hours=1)
"""People are deactivated and demoted at any time, which changes whose turn it is."""
_BACK = timedelta(days=8)
_AHEAD = timedelta(days=35)


def look(uow: UnitOfWork, services: Services, plan_id: int) -> None:
    """Tells those who have gone on call since it was looked last, and looks again when that may change.

    Where nothing is planned any more it ends; whoever plans anew has it begin again.
    """
    plan = uow.rotations.by_id(plan_id)
    operator = None if plan is None else uow.operators.get(plan.operator_id)
    if plan is None or operator is None:
        return
    now = services.now()
    planned = schedule(uow, operator, now - _BACK, now + _AHEAD)
    present: dict[int, list[int]] = {}
    for duty in on_call(planned, now):
        present.setdefault(duty.level, []).append(duty.person)
    _tell_new(uow, services, operator, plan, planned, present)
    uow.rotations.set_told(plan.id, present)
    if planned.layers or uow.rotations.overrides(operator.id, now):
        soonest = next(iter(changes(planned, now, now + LOOK_AGAIN)), now + LOOK_AGAIN)
        uow.timers.set(plan.id, TimerKind.ON_CALL_TURN, soonest)


def _tell_new(
    uow: UnitOfWork,
    services: Services,
    operator: Operator,
    plan: Plan,
    planned: Schedule,
    present: Mapping[int, list[int]],
) -> None:
    new = {
        (level, person)
        for level, people in present.items()
        for person in people
        if person not in plan.told.get(level, ())
    }
    if not new:
        return
    now = services.now()
    staff = {each.person_id: each for each in uow.staff.all(operator.id)}
    around = shifts(planned, now - _BACK, now + _AHEAD)
    for shift in around:
        colleague = staff.get(shift.person)
        if not shift.begins <= now < shift.ends or (shift.level, shift.person) not in new:
            continue
        if colleague is None or colleague.telegram_id is None:
            continue
        reader = uow.staff.authority(operator.id, shift.person)
        names = [
            name_for(reader, staff[each.person].name, staff[each.person].entity_id)
            for each in around
            if (each.level, each.ends) == (shift.level, shift.begins) and each.person != shift.person
        ]
        to = str(services.accounts.of(operator.id).address(colleague.telegram_id))
        key = f"on_call:{plan.id}:{shift.level}:{shift.person}:{now.isoformat()}"
        params = _params(operator, shift, names, now)
        row = Outgoing(OutgoingKind.ADMIN_NOTICE, to, to, key, params=params, priority=Priority.AGENT)
        uow.outbox.put(row, now)


def _params(operator: Operator, shift: Shift, before: list[str], now: datetime) -> dict[str, Param]:
    """What the person reads: until when, where that is in sight, and who hands over, where somebody does."""
    ends = shift.ends < now + _AHEAD
    notice = "on_call" + ("" if ends else "_open") + ("_from" if before else "")
    # What began before it was looked for is not known by its beginning.
    begins = shift.begins if shift.begins > now - _BACK else now
    params: dict[str, Param] = {
        "notice": notice,
        "operator": operator.name,
        "at": operator.id,
        "level": shift.level,
        "begins_at": f"{begins.isoformat()} {operator.time_zone}",
    }
    if ends:
        params["ends_at"] = f"{shift.ends.isoformat()} {operator.time_zone}"
    if before:
        params["name"] = ", ".join(before)
    return params
