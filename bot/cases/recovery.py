"""Remote recovery: guarded, one at a time per station, and proved by the station or not at all.

A station's "Accepted" proves nothing. An action is requested and kept, then sent, and only what the station reports
afterwards verifies it; a deadline ends it where no proof comes.
"""

from dataclasses import replace

from bot.cases import escalation, filing, guards, judging, standing
from bot.cases.outcomes import DriverOutcome
from bot.cases.services import Services
from bot.cases.telling import has_topic, redraw_card, tell_driver, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import Case, CaseState, Trigger, move
from bot.domain.observation import (
    Booted,
    Observation,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.remote_action import (
    ACTION_RULES,
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
RESETS = frozenset({RemoteCommand.SOFT_RESET, RemoteCommand.HARD_RESET})


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
    action = await services.transact(
        lambda uow: _request(uow, services, case, snapshot, (command, initiator, person_id))
    )
    answer = await services.stations.send(replace(action.order, id_tag=_tag_for(command)))
    return await services.transact(lambda uow: _answered(uow, services, action, answer))


def observe(uow: UnitOfWork, services: Services, observation: Observation) -> None:
    """What a station reports may prove a running action, or disprove it."""
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
    asked: tuple[RemoteCommand, Initiator, int],
) -> RemoteAction:
    command, initiator, person_id = asked
    current = filing.read(uow, case.id, case.version)
    guards.check(uow, services, current, snapshot, (command, initiator))
    now = services.now()
    transaction = snapshot.transaction_on(current.connector or 0)
    order = RemoteOrder(
        current.station_id or "",
        current.connector or 0,
        command,
        transaction.id if transaction else None,
    )
    action = uow.actions.request(current.id, order, initiator, person_id, now)
    uow.cases.note(current.id, now, "remote_requested", person_id, command=command.value)
    due = now + ACTION_RULES[command].proof_within
    uow.timers.set(action.id, TimerKind.REMOTE_ACTION_UNPROVED, due)
    if current.state is CaseState.DIAGNOSING:
        uow.cases.save(current, move(current, Trigger.RECOVER, now))
    return action


def _answered(
    uow: UnitOfWork, services: Services, action: RemoteAction, answer: CommandAnswer
) -> RemoteAction:
    if answer in {CommandAnswer.ACCEPTED, CommandAnswer.SCHEDULED}:
        uow.actions.accept(action.id, services.now())
        uow.cases.note(action.case_id, services.now(), "remote_accepted", command=action.order.command.value)
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
            return (ActionState.VERIFIED, status.value) if status is ConnectorStatus.UNAVAILABLE else None
        case RemoteCommand.UNLOCK:
            # Finishing is operative, too, and says that the cable is still held.
            return (ActionState.VERIFIED, status.value) if status is ConnectorStatus.AVAILABLE else None
        case RemoteCommand.MAKE_OPERATIVE:
            return (ActionState.VERIFIED, status.value) if status in OPERATIVE else None
        case RemoteCommand.START_SESSION:
            return (ActionState.VERIFIED, status.value) if status is ConnectorStatus.CHARGING else None
        case RemoteCommand.STOP_SESSION:
            return None


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
    case = _case_of(uow, action)
    if case.state is CaseState.RECOVERING:
        after = move(case, Trigger.RECOVERY_ENDED, now)
        uow.cases.save(case, after)
        case = after
    if proof == "no_boot" and case.state is CaseState.DIAGNOSING:
        case = escalation.escalate(uow, services, case, "station_did_not_return")
    if tell and action.initiator is Initiator.DRIVER:
        notice = "fix_verified" if state is ActionState.VERIFIED else "fix_failed"
        tell_driver(
            uow, services, case, notice, str(action.id), command=command, proof=proof, replaces=action.screen
        )
    if has_topic(uow, case):
        tell_topic(uow, services, case, f"remote_{state.value}", str(action.id), command=command, proof=proof)
        redraw_card(uow, services, case)


def _case_of(uow: UnitOfWork, action: RemoteAction) -> Case:
    return filing.read(uow, action.case_id)


async def by_agent(
    turn: Turn, case_id: int, version: int, command: RemoteCommand
) -> tuple[Case, RemoteAction]:
    """An agent sends a command from the card; rights are the caller's to check."""
    case = await turn.services.database.read(lambda uow: filing.read(uow, case_id, version))
    action = await start(turn.services, case, command, Initiator.AGENT, turn.person.id)
    return await turn.commit(lambda uow: (_case_of(uow, action), action))
