"""What agents do with a case: take it, give it back, act on the station, send a technician, say how urgent it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.cases import filing
from bot.cases.clock.waits import stop_waiting, wait_for_agent
from bot.cases.remote import climbing, recovery
from bot.cases.technicians import dispatch
from bot.cases.telling import redraw_card, rename_topic, show_taken, tell_driver, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import ENDED_STATES, HUMAN_STATES, Case, CaseState, Severity, Trigger, move
from bot.domain.outgoing import Priority
from bot.domain.people import Address, Person
from bot.domain.privacy import sees_people
from bot.domain.refusal import Refusal
from bot.domain.remote_action import RemoteAction, RemoteCommand
from bot.domain.rights import EntityId, Right
from bot.domain.timer import TimerKind
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
    return await turn.commit(lambda uow: take_within(uow, turn, own(uow, turn, case_id, version)))


async def hand_back(turn: Turn, case_id: int, version: int) -> Case:
    """Gives the case back to all agents; the deadline runs again."""

    def back(uow: UnitOfWork) -> Case:
        before = own(uow, turn, case_id, version)
        after = replace(move(before, Trigger.HAND_BACK, turn.now()), agent_id=None)
        _save(uow, turn, before, after, "handed_back")
        awake(uow, after)
        wait_for_agent(uow, turn.services, after)
        redraw_card(uow, turn.services, after)
        return after

    return await turn.commit(back)


async def set_severity(turn: Turn, case_id: int, version: int, severity: Severity) -> Case:
    """How urgent the case is by an agent's judgement; where it waits, the policy of that severity holds from now on."""

    def work(uow: UnitOfWork) -> Case:
        before = own(uow, turn, case_id, version)
        if before.state not in HUMAN_STATES:
            raise Refusal("case.moved_on")
        if before.severity is severity:
            return before
        after = replace(before, version=before.version + 1, severity=severity)
        uow.cases.save(before, after)
        data = {"before": before.severity.value, "after": severity.value}
        uow.cases.note(after.id, turn.now(), "severity", turn.person.id, **data)
        if after.state is CaseState.WAITING_AGENT:
            wait_for_agent(uow, turn.services, after)
        once = str(after.version)
        tell_topic(uow, turn.services, after, "severity", once, Priority.AGENT, **data, name=turn.person.name)
        rename_topic(uow, turn.services, after)
        redraw_card(uow, turn.services, after)
        return after

    return await turn.commit(work)


async def act(turn: Turn, case_id: int, version: int, command: RemoteCommand) -> Sent:
    """Sends a command to the station. Needs the right to remote actions; the guards hold for agents, too."""
    await turn.services.database.read(lambda uow: may_act(uow, turn, case_id, None))
    case, action = await recovery.by_agent(turn, case_id, version, command)
    return Sent(case, action)


async def send_technician(turn: Turn, case_id: int, version: int) -> Case:
    """Asks the station's technician to go there; the driver is told."""

    def sent(uow: UnitOfWork) -> Case:
        before = own(uow, turn, case_id, version)
        after = dispatch.send_within(uow, turn.services, before)
        awake(uow, after)
        uow.cases.note(after.id, turn.now(), "technician_asked", turn.person.id)
        return after

    return await turn.commit(sent)


async def refresh(turn: Turn, case_id: int) -> Case:
    """The case as it is now, for a card that has fallen behind."""
    return await _read(turn, lambda uow: own(uow, turn, case_id, None))


async def driver(turn: Turn, case_id: int) -> Person:
    """Whose case it is; Refusal `right.personal_data` for an agent who may not see that."""

    def work(uow: UnitOfWork) -> Person:
        case = own(uow, turn, case_id, None)
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


def awake(uow: UnitOfWork, case: Case) -> None:
    """The case is put aside no longer, and nobody has to hear of that."""
    uow.timers.drop(case.id, TimerKind.SNOOZE_ENDS)
    uow.caseload.set_snooze(case.id, None)


def _save(uow: UnitOfWork, turn: Turn, before: Case, after: Case, what: str) -> None:
    uow.cases.save(before, after)
    uow.cases.note(after.id, turn.now(), what, turn.person.id)


def own(uow: UnitOfWork, turn: Turn, case_id: int, version: int | None) -> Case:
    """The case, if it is with the group of agents in which this turn is taken; Refusal where it has moved on."""
    case = filing.read(uow, case_id)
    operator = uow.operators.get(case.operator_id)
    if operator is None or case.group_chat != turn.conversation.chat or not turn.sees(operator.id):
        raise Refusal("case.unknown")
    if version is not None and case.version != version:
        closed = case.state in ENDED_STATES
        raise Refusal("case.already_closed" if closed else "case.moved_on")
    return case


def may_act(uow: UnitOfWork, turn: Turn, case_id: int, version: int | None) -> Case:
    """The case, if this agent may have its station do something; Refusal otherwise."""
    case = own(uow, turn, case_id, version)
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
