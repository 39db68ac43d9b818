"""Sending a technician, and what the technician answers."""

import asyncio
from dataclasses import replace

from bot.cases import climbing, escalation, filing, judging, site
from bot.cases.outcomes import TechnicianStands
from bot.cases.services import Services
from bot.cases.telling import redraw_card, tell_driver, tell_staff, tell_topic
from bot.cases.turn import Turn
from bot.cases.waits import stop_waiting, wait_for_agent
from bot.domain.case import Case, Trigger, move
from bot.domain.operator import Contact
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.domain.status import OPERATIVE, ConnectorStatus, StationSnapshot
from storage.uow import UnitOfWork


def send_within(uow: UnitOfWork, services: Services, case: Case) -> Case:
    """Hands the case to the station's technician; Refusal `dispatch.no_technician` where none is set."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    contact = None if place is None else place.station.technician
    if contact is None:
        raise Refusal("dispatch.no_technician")
    after = move(case, Trigger.SEND_TECHNICIAN, services.now())
    uow.cases.save(case, after)
    stop_waiting(uow, case)
    climbing.leave(uow, services, after)
    tell_staff(uow, services, after, contact, "job", str(after.version))
    tell_topic(uow, services, after, "technician_asked", str(after.version), name=contact.name)
    tell_driver(uow, services, after, "technician_asked", str(after.version))
    redraw_card(uow, services, after)
    return after


async def accept(turn: Turn, case_id: int, version: int) -> TechnicianStands:
    """The technician goes there."""
    return await turn.commit(lambda uow: _moved(uow, turn, (case_id, version), Trigger.TECHNICIAN_ACCEPTS))


async def decline(turn: Turn, case_id: int, version: int) -> TechnicianStands:
    """The technician cannot; the hotline has the case again, with its deadline."""
    return await turn.commit(lambda uow: _moved(uow, turn, (case_id, version), Trigger.TECHNICIAN_DECLINES))


async def fixed(turn: Turn, case_id: int, version: int) -> TechnicianStands:
    """The technician says it is repaired; it counts once the station agrees.

    Of a site, all whose own stations agree as well are told; for the others it is not over.
    """
    services = turn.services
    case = await services.database.read(lambda uow: _job(uow, turn, case_id, version)[0])
    joined = await services.database.read(lambda uow: site.joined_to(uow, case))
    snapshot, *others = await asyncio.gather(*(judging.look(services, each) for each in (case, *joined)))
    back = frozenset(
        each.id for each, seen in zip(joined, others, strict=True) if _operative(services, seen) is not None
    )
    return await turn.commit(lambda uow: _fixed(uow, turn, (case_id, version), snapshot, back))


def _job(uow: UnitOfWork, turn: Turn, case_id: int, version: int) -> tuple[Case, Contact]:
    case = filing.read(uow, case_id)
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    contact = None if place is None else place.station.technician
    theirs = contact is not None and contact.telegram_id == turn.person.telegram_id
    if place is None or contact is None or not theirs or not turn.sees(case.operator_id):
        raise Refusal("case.unknown")
    return filing.read(uow, case_id, version), contact


_NOTICES = {
    Trigger.TECHNICIAN_ACCEPTS: "technician_accepted",
    Trigger.TECHNICIAN_DECLINES: "technician_declined",
}


def _moved(uow: UnitOfWork, turn: Turn, job: tuple[int, int], trigger: Trigger) -> TechnicianStands:
    before, contact = _job(uow, turn, *job)
    after = move(before, trigger, turn.now())
    notice = _NOTICES[trigger]
    uow.cases.save(before, after)
    uow.cases.note(after.id, turn.now(), notice, turn.person.id)
    tell_topic(uow, turn.services, after, notice, str(after.version), name=contact.name)
    redraw_card(uow, turn.services, after)
    if trigger is Trigger.TECHNICIAN_ACCEPTS:
        tell_driver(uow, turn.services, after, notice, str(after.version))
    else:
        wait_for_agent(uow, turn.services, after)
    return TechnicianStands(after)


def _heard(services: Services, snapshot: StationSnapshot) -> ConnectorStatus | None:
    """The status that the connector has told just now."""
    state = snapshot.connector
    fresh = state is not None and state.age(snapshot.taken_at) <= services.limits.status_is_fresh
    return state.status if state is not None and fresh else None


def _operative(services: Services, snapshot: StationSnapshot) -> ConnectorStatus | None:
    """The same, where the connector can be used by it."""
    status = _heard(services, snapshot)
    return status if status in OPERATIVE else None


def _fixed(
    uow: UnitOfWork,
    turn: Turn,
    job: tuple[int, int],
    snapshot: StationSnapshot,
    back: frozenset[int],
) -> TechnicianStands:
    before, contact = _job(uow, turn, *job)
    operative = _operative(turn.services, snapshot)
    if operative is None:
        # A repair that the station contradicts is not told to the driver as done.
        status = (_heard(turn.services, snapshot) or ConnectorStatus.UNKNOWN).value
        uow.cases.note(before.id, turn.now(), "repair_contradicted", turn.person.id, status=status)
        tell_topic(
            uow,
            turn.services,
            before,
            "repair_contradicted",
            str(turn.update_id),
            name=contact.name,
            status=status,
        )
        return TechnicianStands(before, status)
    after = replace(move(before, Trigger.RESOLVE, turn.now()), resolution="technician")
    uow.cases.save(before, after)
    uow.cases.note(after.id, turn.now(), "repaired", turn.person.id, status=operative.value)
    escalation.settled(uow, turn.services, after, "repaired")
    tell_driver(uow, turn.services, after, "repaired", str(after.version))
    site.settled(uow, turn.services, after, back)
    escalation.hand_on(uow, turn.services, after)
    return TechnicianStands(after)


def backup(uow: UnitOfWork, case: Case) -> list[Contact]:
    """Who is told when no agent takes a case: the station's technician, else the manager, else the admins."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    if place is not None and place.station.technician is not None:
        return [place.station.technician]
    operator = uow.operators.get(case.operator_id)
    if operator is not None and operator.manager is not None:
        return [operator.manager]
    return [each.contact for each in uow.staff.who_may(case.operator_id, Right.USERS_MANAGE)]
