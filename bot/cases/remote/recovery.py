"""Remote recovery: guarded, one at a time per station, and proved by the station or not at all.

A station's "Accepted" proves nothing. An action is requested and kept, then sent, and only what the station reports
afterwards verifies it; a deadline ends it where no proof comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.cases import filing
from bot.cases.drivers import escalation, judging, standing
from bot.cases.outcomes import DriverOutcome
from bot.cases.remote import climbing, guards
from bot.cases.services import Services
from bot.cases.telling import has_topic, redraw_card, show_action, tell_driver, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import Case, CaseState, Trigger, move
from bot.domain.ladder import LadderState
from bot.domain.observation import (
    Booted,
    Observation,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.refusal import Refusal
from bot.domain.remote_action import (
    ACTION_RULES,
    RESETS,
    ActionState,
    CommandAnswer,
    Initiator,
    RemoteAction,
    RemoteCommand,
    RemoteOrder,
)
from bot.domain.status import OPERATIVE, ConnectorStatus, StationSnapshot
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork

SUPPORT_TAG = "SUPPORT"
"""The id tag of a session that an agent starts: the driver's card is not known here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants which command sent; `ladder_id` where it is a step of a ladder."""

    command: RemoteCommand
    initiator: Initiator
    person_id: int
    ladder_id: int | None = None


async def by_driver(
    turn: Turn, case_id: int, version: int, command: RemoteCommand, screen: int | None
) -> DriverOutcome:
    """The driver agreed to a remedy that the verdict offers; `screen` is the message that will tell that it runs."""
    services = turn.services
    case = await services.database.read(lambda uow: filing.own(uow, turn, case_id, version))
    if command not in await services.database.read(lambda uow: standing.offers(uow, services, case)):
        return await standing.show(turn)
    action = await start(services, case, command, Initiator.DRIVER, turn.person.id)
    return await turn.commit(lambda uow: _under_way(uow, services, action, screen))


async def start(
    services: Services, case: Case, command: RemoteCommand, initiator: Initiator, person_id: int
) -> RemoteAction:
    """Checks every guard on fresh facts, keeps the request, then sends it. Refusal where a guard says no."""
    snapshot = await judging.look(services, case)
    asked = Asked(command, initiator, person_id)
    action = await services.transact(lambda uow: _request(uow, services, case, snapshot, asked))
    return await send(services, action)


async def send(services: Services, action: RemoteAction) -> RemoteAction:
    """Sends what was requested and keeps how the station answered."""
    answer = await services.stations.send(replace(action.order, id_tag=_tag_for(action.order.command)))
    return await services.transact(lambda uow: _answered(uow, services, action, answer))


def keep(
    uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot, asked: Asked
) -> RemoteAction:
    """Enters a request with its deadline; the guards were asked before. Refusal `recovery.already_running`."""
    now = services.now()
    transaction = snapshot.transaction_on(case.connector or 0)
    order = RemoteOrder(
        case.station_id or "",
        case.connector or 0,
        asked.command,
        transaction.id if transaction else None,
    )
    action = uow.actions.request(
        case.id, order, asked.initiator, asked.person_id, now, ladder_id=asked.ladder_id
    )
    uow.cases.note(case.id, now, "remote_requested", asked.person_id, command=asked.command.value)
    due = now + ACTION_RULES[asked.command].proof_within
    uow.timers.set(action.id, TimerKind.REMOTE_ACTION_UNPROVED, due)
    if asked.initiator is Initiator.AGENT:
        show_action(uow, services, case, action.id, action.state.value)
    return action


def observe(uow: UnitOfWork, services: Services, observations: Sequence[Observation]) -> None:
    """What stations report may prove a running action, or disprove it."""
    # Most of what comes is of stations on which nothing runs: one question for all of it is enough.
    running = uow.actions.stations_under_way()
    if not running:
        return
    for observation in observations:
        if observation.station_id in running:
            _observe(uow, services, observation)


def _observe(uow: UnitOfWork, services: Services, observation: Observation) -> None:
    if not isinstance(observation, StatusObserved | Booted | TransactionStarted | TransactionStopped):
        return
    action = uow.actions.pending_at(observation.station_id)
    if action is None or observation.received_at < action.requested_at:
        return
    if isinstance(observation, Booted):
        uow.actions.booted(observation.station_id, observation.received_at)
        return
    match _evidence(action, observation):
        case (ActionState.VERIFIED as state, proof) | (ActionState.FAILED as state, proof):
            _end(uow, services, action, state, proof)
        case _:
            return


def unproved(uow: UnitOfWork, services: Services, action_id: int) -> None:
    """The time for a proof is over."""
    action = uow.actions.get(action_id)
    if action is None or action.ended_at is not None:
        return
    gone = action.order.command in RESETS and action.booted_at is None
    _end(uow, services, action, ActionState.TIMED_OUT, "no_boot" if gone else "no_proof")


def _tag_for(command: RemoteCommand) -> str | None:
    return SUPPORT_TAG if command is RemoteCommand.START_SESSION else None


def _under_way(
    uow: UnitOfWork, services: Services, action: RemoteAction, screen: int | None
) -> DriverOutcome:
    if screen is not None:
        uow.actions.shown(action.id, screen)
    return standing.of_case(uow, services, _case_of(uow, action))


def _request(
    uow: UnitOfWork,
    services: Services,
    case: Case,
    snapshot: StationSnapshot,
    asked: Asked,
) -> RemoteAction:
    current = filing.read(uow, case.id, case.version)
    if uow.ladders.running_at(current.station_id or "") is not None:
        raise Refusal("recovery.already_running")
    guards.check(uow, services, current, snapshot, (asked.command, asked.initiator))
    action = keep(uow, services, current, snapshot, asked)
    if current.state is CaseState.DIAGNOSING:
        uow.cases.save(current, move(current, Trigger.RECOVER, services.now()))
    return action


def _answered(
    uow: UnitOfWork, services: Services, action: RemoteAction, answer: CommandAnswer
) -> RemoteAction:
    if answer in {CommandAnswer.ACCEPTED, CommandAnswer.SCHEDULED}:
        uow.actions.accept(action.id, services.now())
        uow.cases.note(action.case_id, services.now(), "remote_accepted", command=action.order.command.value)
        climbing.action_accepted(uow, services, action)
        if action.initiator is Initiator.AGENT:
            case = _case_of(uow, action)
            show_action(uow, services, case, action.id, ActionState.ACCEPTED.value)
            redraw_card(uow, services, case)
    elif answer is not CommandAnswer.NO_ANSWER:
        # Without an answer the station may have heard it all the same: the deadline decides.
        _end(uow, services, action, ActionState.REJECTED, answer.value, tell=False)
    return uow.actions.get(action.id) or action


def _evidence(
    action: RemoteAction, seen: StatusObserved | TransactionStarted | TransactionStopped
) -> tuple[ActionState, str] | None:
    command, connector = action.order.command, action.order.connector
    match seen:
        case StatusObserved(state=state) if state.connector == connector:
            return status_evidence(action, state.status)
        case TransactionStarted() if command is RemoteCommand.START_SESSION and seen.connector == connector:
            return ActionState.VERIFIED, "session_started"
        case TransactionStopped(transaction_id=number) if command is RemoteCommand.STOP_SESSION:
            return (ActionState.VERIFIED, "session_ended") if number == action.order.transaction_id else None
        case _:
            return None


def status_evidence(action: RemoteAction, status: ConnectorStatus) -> tuple[ActionState, str] | None:
    """What a status of its connector, heard after the request, says of an action; None where it says nothing."""
    match action.order.command:
        case RemoteCommand.REFRESH_STATUS:
            return ActionState.VERIFIED, status.value
        case RemoteCommand.SOFT_RESET | RemoteCommand.HARD_RESET:
            if action.booted_at is None:
                return None
            state = ActionState.VERIFIED if status in OPERATIVE else ActionState.FAILED
            return state, status.value
        case RemoteCommand.MAKE_INOPERATIVE:
            if status is ConnectorStatus.UNAVAILABLE:
                return ActionState.VERIFIED, status.value
            return _hidden_by_fault(action, status)
        case RemoteCommand.UNLOCK:
            # Finishing is operative, too, and says that the cable is still held.
            return (ActionState.VERIFIED, status.value) if status is ConnectorStatus.AVAILABLE else None
        case RemoteCommand.MAKE_OPERATIVE:
            return _put_into_use(action, status)
        case RemoteCommand.START_SESSION:
            return (ActionState.VERIFIED, status.value) if status is ConnectorStatus.CHARGING else None
        case RemoteCommand.STOP_SESSION:
            return None


def _put_into_use(action: RemoteAction, status: ConnectorStatus) -> tuple[ActionState, str] | None:
    if status in OPERATIVE:
        return ActionState.VERIFIED, status.value
    return _hidden_by_fault(action, status)


def _hidden_by_fault(action: RemoteAction, status: ConnectorStatus) -> tuple[ActionState, str] | None:
    """A fault outranks what the station was told of its use: once it has taken the command, no proof will come."""
    if status is not ConnectorStatus.FAULTED or action.accepted_at is None:
        return None
    return ActionState.FAILED, status.value


def _end(
    uow: UnitOfWork,
    services: Services,
    action: RemoteAction,
    state: ActionState,
    proof: str,
    *,
    tell: bool = True,
) -> None:
    now = services.now()
    if not uow.actions.end(action.id, state, proof, now):
        return
    uow.timers.drop(action.id, TimerKind.REMOTE_ACTION_UNPROVED)
    command = action.order.command.value
    uow.cases.note(action.case_id, now, f"remote_{state.value}", command=command, proof=proof)
    case = _after_action(uow, services, action, state, proof)
    if proof == "no_boot" and case.state is CaseState.DIAGNOSING:
        case = escalation.escalate(uow, services, case, "station_did_not_return")
    if tell and action.initiator is Initiator.DRIVER:
        notice = "fix_verified" if state is ActionState.VERIFIED else "fix_failed"
        tell_driver(
            uow, services, case, notice, str(action.id), command=command, proof=proof, replaces=action.screen
        )
    if has_topic(uow, case):
        if action.initiator is Initiator.AGENT:
            show_action(uow, services, case, action.id, state.value)
        else:
            tell_topic(
                uow, services, case, f"remote_{state.value}", str(action.id), command=command, proof=proof
            )
        redraw_card(uow, services, case)


def _after_action(
    uow: UnitOfWork, services: Services, action: RemoteAction, state: ActionState, proof: str
) -> Case:
    """The case once the action has ended: the driver's again, unless a ladder goes on."""
    case = _case_of(uow, action)
    if action.ladder_id is not None:
        climbing.action_ended(uow, services, case, action, state)
        ladder = uow.ladders.get(action.ladder_id)
        if proof == "no_boot" and ladder is not None and ladder.running:
            return climbing.end(uow, services, case, ladder, LadderState.NOT_RETURNED)
    elif case.state is CaseState.RECOVERING:
        after = move(case, Trigger.RECOVERY_ENDED, services.now())
        uow.cases.save(case, after)
        return after
    return case


def _case_of(uow: UnitOfWork, action: RemoteAction) -> Case:
    return filing.read(uow, action.case_id)


async def by_agent(
    turn: Turn, case_id: int, version: int, command: RemoteCommand
) -> tuple[Case, RemoteAction]:
    """An agent sends a command from the card; rights are the caller's to check."""
    case = await turn.services.database.read(lambda uow: filing.read(uow, case_id, version))
    action = await start(turn.services, case, command, Initiator.AGENT, turn.person.id)
    return await turn.commit(lambda uow: (_case_of(uow, action), action))
