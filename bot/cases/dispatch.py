"""Sending a technician, and what the technician answers."""

from dataclasses import replace

from bot.cases import climbing, escalation, filing, judging
from bot.cases.outcomes import TechnicianStands
from bot.cases.services import Services
from bot.cases.telling import redraw_card, tell_driver, tell_staff, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import Case, Trigger, move
from bot.domain.operator import Contact
from bot.domain.people import Right
from bot.domain.refusal import Refusal
from bot.domain.status import OPERATIVE, StationSnapshot
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork


def send_within(uow: UnitOfWork, services: Services, case: Case) -> Case:
    """Hands the case to the station's technician; Refusal `dispatch.no_technician` where none is set."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    contact = None if place is None else place.station.technician
    if contact is None:
        raise Refusal("dispatch.no_technician")
    after = move(case, Trigger.SEND_TECHNICIAN, services.now())
    uow.cases.save(case, after)
    uow.timers.drop(case.id, TimerKind.AGENT_DID_NOT_ANSWER)
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
    """The technician says it is repaired; it counts once the station agrees."""
    case = await turn.services.database.read(lambda uow: _job(uow, turn, case_id, version)[0])
    snapshot = await judging.look(turn.services, case)
    return await turn.commit(lambda uow: _fixed(uow, turn, (case_id, version), snapshot))


def _job(uow: UnitOfWork, turn: Turn, case_id: int, version: int) -> tuple[Case, Contact]:
    case = filing.read(uow, case_id)
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    contact = None if place is None else place.station.technician
    if place is None or contact is None or contact.telegram_id != turn.person.telegram_id:
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
        due = turn.now() + turn.services.limits.agent_takes_within
        uow.timers.set(after.id, TimerKind.AGENT_DID_NOT_ANSWER, due)
    return TechnicianStands(after)


def _fixed(uow: UnitOfWork, turn: Turn, job: tuple[int, int], snapshot: StationSnapshot) -> TechnicianStands:
    before, contact = _job(uow, turn, *job)
    state = snapshot.connector
    heard = (
        state is not None and snapshot.taken_at - state.received_at <= turn.services.limits.status_is_fresh
    )
    if state is None or not heard or state.status not in OPERATIVE:
        # A repair that the station contradicts is not told to the driver as done.
        status = "Unknown" if state is None or not heard else state.status.value
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
    uow.cases.note(after.id, turn.now(), "repaired", turn.person.id, status=state.status.value)
    escalation.settled(uow, turn.services, after, "repaired")
    tell_driver(uow, turn.services, after, "repaired", str(after.version))
    return TechnicianStands(after)


def backup(uow: UnitOfWork, case: Case) -> list[Contact]:
    """Who is told when no agent takes a case: the station's technician, else the manager, else the admins."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    if place is not None and place.station.technician is not None:
        return [place.station.technician]
    operator = uow.operators.get(case.operator_id)
    if operator is not None and operator.manager is not None:
        return [operator.manager]
    return uow.people.who_may(case.operator_id, Right.USERS_MANAGE)
