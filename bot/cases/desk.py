"""What agents do with a case: take it, act on the station, send a technician, resolve it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.cases import climbing, dispatch, escalation, filing, recovery, site
from bot.cases.telling import redraw_card, show_taken, tell_driver
from bot.cases.turn import Turn
from bot.cases.waits import stop_waiting, wait_for_agent
from bot.domain.case import Case, CaseState, Trigger, move
from bot.domain.people import Address, Person
from bot.domain.privacy import sees_people
from bot.domain.refusal import Refusal
from bot.domain.remote_action import RemoteAction, RemoteCommand
from bot.domain.rights import EntityId, Right
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Sent:
    """A command went out; what comes of it is told in the topic."""

    case: Case
    action: RemoteAction


async def case_in(turn: Turn, topic: Address) -> Case | None:
    """The case whose topic this is."""
    return await turn.services.database.read(lambda uow: uow.cases.by_topic(topic))


async def take(turn: Turn, case_id: int, version: int) -> Case:
    """Takes the case over; of two agents who tap at once one has it, the other gets a Refusal."""
    return await turn.commit(lambda uow: take_within(uow, turn, _own(uow, turn, case_id, version)))


async def hand_back(turn: Turn, case_id: int, version: int) -> Case:
    """Gives the case back to all agents; the deadline runs again."""

    def back(uow: UnitOfWork) -> Case:
        before = _own(uow, turn, case_id, version)
        after = replace(move(before, Trigger.HAND_BACK, turn.now()), agent_id=None)
        _save(uow, turn, before, after, "handed_back")
        wait_for_agent(uow, turn.services, after)
        return after

    return await turn.commit(back)


async def resolve(turn: Turn, case_id: int, version: int | None) -> Case:
    """Ends the case for the hotline; the driver is told, and asked for a rating."""

    def done(uow: UnitOfWork) -> Case:
        before = _own(uow, turn, case_id, version)
        after = replace(move(before, Trigger.RESOLVE, turn.now()), resolution="agent")
        _save(uow, turn, before, after, "resolved")
        escalation.settled(uow, turn.services, after, "resolved_by_agent")
        tell_driver(uow, turn.services, after, "resolved_by_agent", str(after.version))
        site.settled(uow, turn.services, after)
        return after

    return await turn.commit(done)


async def act(turn: Turn, case_id: int, version: int, command: RemoteCommand) -> Sent:
    """Sends a command to the station. Needs the right to remote actions; the guards hold for agents, too."""
    await turn.services.database.read(lambda uow: may_act(uow, turn, case_id, None))
    case, action = await recovery.by_agent(turn, case_id, version, command)
    return Sent(case, action)


async def send_technician(turn: Turn, case_id: int, version: int) -> Case:
    """Asks the station's technician to go there; the driver is told."""

    def sent(uow: UnitOfWork) -> Case:
        before = _own(uow, turn, case_id, version)
        after = dispatch.send_within(uow, turn.services, before)
        uow.cases.note(after.id, turn.now(), "technician_asked", turn.person.id)
        return after

    return await turn.commit(sent)


async def refresh(turn: Turn, case_id: int) -> Case:
    """The case as it is now, for a card that has fallen behind."""
    return await _read(turn, lambda uow: _own(uow, turn, case_id, None))


async def driver(turn: Turn, case_id: int) -> Person:
    """Whose case it is; Refusal `right.personal_data` for an agent who may not see that."""

    def work(uow: UnitOfWork) -> Person:
        case = _own(uow, turn, case_id, None)
        who = uow.staff.authority(case.operator_id, turn.person.id)
        if not sees_people(who, _entity(uow, case)):
            raise Refusal("right.personal_data")
        return uow.people.get(case.driver_id)

    return await turn.services.database.read(work)


def take_within(uow: UnitOfWork, turn: Turn, case: Case) -> Case:
    """The same inside a transaction that does more."""
    after = replace(move(case, Trigger.TAKE, turn.now()), agent_id=turn.person.id)
    _save(uow, turn, case, after, "taken")
    stop_waiting(uow, case)
    climbing.leave(uow, turn.services, after)
    tell_driver(uow, turn.services, after, "agent_joined", str(after.version), agent=turn.person.name)
    redraw_card(uow, turn.services, after)
    show_taken(uow, turn.services, after)
    return after


def _save(uow: UnitOfWork, turn: Turn, before: Case, after: Case, what: str) -> None:
    uow.cases.save(before, after)
    uow.cases.note(after.id, turn.now(), what, turn.person.id)


def _own(uow: UnitOfWork, turn: Turn, case_id: int, version: int | None) -> Case:
    """The case, if it belongs to the hotline in whose group the agent is."""
    case = filing.read(uow, case_id)
    operator = uow.operators.get(case.operator_id)
    if operator is None or operator.hotline_chat != turn.conversation.chat or not turn.sees(operator.id):
        raise Refusal("case.unknown")
    if version is not None and case.version != version:
        closed = case.state in {CaseState.RESOLVED, CaseState.CLOSED}
        raise Refusal("case.already_closed" if closed else "case.moved_on")
    return case


def may_act(uow: UnitOfWork, turn: Turn, case_id: int, version: int | None) -> Case:
    """The case, if this agent may have its station do something; Refusal otherwise."""
    case = _own(uow, turn, case_id, version)
    if not uow.staff.authority(case.operator_id, turn.person.id).may(
        Right.REMOTE_ACTIONS, _entity(uow, case)
    ):
        raise Refusal("right.remote_actions")
    return case


def _entity(uow: UnitOfWork, case: Case) -> EntityId:
    """The company that the case's station belongs to."""
    station = None if case.station_id is None else uow.operators.station(case.station_id)
    return None if station is None else station.entity_id


async def _read(turn: Turn, work: Callable[[UnitOfWork], Case]) -> Case:
    return await turn.services.database.read(work)
