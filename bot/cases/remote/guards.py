"""The guards of a remote action: all of them hold, or nothing is sent."""

from bot.cases.drivers import judging, lockout, standing
from bot.cases.services import Services
from bot.diagnosis.faults import locked_out
from bot.domain.capability import NEEDED, TOLD_BY, Capability
from bot.domain.case import OPEN_STATES, Case, CaseState, Judgement
from bot.domain.refusal import Refusal
from bot.domain.remote_action import ACTION_RULES, ALLOWED_WHEN_LOCKED_OUT, Initiator, RemoteCommand
from bot.domain.status import ConnectorStatus, StationSnapshot, Transaction
from storage.uow import UnitOfWork

_UPDATING = ("updating", "yes")
_EMERGENCY_STOP = ("last_stop", "emergency_stop")
_NEEDS_NO_SESSION = frozenset({RemoteCommand.UNLOCK, RemoteCommand.START_SESSION})
_IDLE_IN_A_LADDER = frozenset({(RemoteCommand.MAKE_INOPERATIVE, Initiator.LADDER)})
"""With a session the station would put it off, and the ladder would wait for the end of that session."""


def check(
    uow: UnitOfWork,
    services: Services,
    case: Case,
    snapshot: StationSnapshot,
    asked: tuple[RemoteCommand, Initiator],
) -> None:
    """Refusal with the first reason against it; `snapshot` must be fresh."""
    command, initiator = asked
    rule = ACTION_RULES[command]
    if case.state not in OPEN_STATES:
        raise Refusal("case.already_closed")
    if case.station_id is None or initiator not in rule.initiators:
        raise Refusal("recovery.not_allowed")
    judgement = judging.judged(uow, services, case, snapshot)[0]
    verdict = judgement.action_class
    barred = _barred(verdict, case, snapshot, whole_station=rule.whole_station)
    if barred and (command not in ALLOWED_WHEN_LOCKED_OUT or initiator is Initiator.LADDER):
        raise Refusal("recovery.locked_out")
    if rule.energising and (_unsafe(snapshot) or _emergency_not_over(case, judgement)):
        raise Refusal("recovery.locked_out")
    if rule.whole_station and lockout.warned(uow, case, whole_station=True):
        raise Refusal("recovery.locked_out")
    if rule.whole_station and (verdict == "C" or _UPDATING in judgement.facts):
        raise Refusal("recovery.wait_and_watch")
    if rule.whole_station and snapshot.charging_beside(case.connector or 0):
        raise Refusal("recovery.sibling_charging")
    session = snapshot.transaction_on(case.connector or 0)
    if rule.needs_session and session is None:
        raise Refusal("recovery.no_session")
    if rule.needs_session and initiator is Initiator.LADDER and _another(session, case):
        raise Refusal("recovery.other_session")
    idle = command in _NEEDS_NO_SESSION or (command, initiator) in _IDLE_IN_A_LADDER
    if idle and session is not None:
        raise Refusal("recovery.stop_first")
    if command is RemoteCommand.START_SESSION and _broken_untold(snapshot):
        raise Refusal("recovery.not_possible")
    if not reachable(services, case, command):
        raise Refusal("recovery.unreachable" if away(services, case) else "recovery.not_possible")
    if not standing.tries_left(uow, services, case.station_id, command):
        raise Refusal("recovery.no_tries_left")


def reachable(services: Services, case: Case, command: RemoteCommand) -> bool:
    """Whether the station can be sent this command at present."""
    return NEEDED[command] in services.stations.capabilities(case.station_id or "")


def away(services: Services, case: Case) -> bool:
    """Whether the station can be sent nothing at all at present."""
    return not services.stations.capabilities(case.station_id or "")


def locked(
    uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot, *, whole_station: bool
) -> bool:
    """Whether a safety fault forbids all that energises."""
    judgement = judging.judged(uow, services, case, snapshot)[0]
    if _unsafe(snapshot) or _emergency_not_over(case, judgement):
        return True
    if whole_station and lockout.warned(uow, case, whole_station=True):
        return True
    return _barred(judgement.action_class, case, snapshot, whole_station=whole_station)


def _another(session: Transaction | None, case: Case) -> bool:
    """Whether a session began only after the report: it is not the one that hung, and may be somebody else's."""
    return session is not None and session.started_at > case.opened_at


def _unsafe(snapshot: StationSnapshot) -> bool:
    """Whether the connector or its station has a fault that can lock it out, of whatever class it is at present.

    A pilot that fails for the first time or an emergency stop is not class D; no command may energise it all the same.
    """
    return any(locked_out(state) for state in (snapshot.connector, snapshot.station) if state is not None)


def _broken_untold(snapshot: StationSnapshot) -> bool:
    """Whether the connector is out of order by the word of a source that cannot say why: it may be a safety fault."""
    state = snapshot.connector
    down = state is not None and state.status is ConnectorStatus.FAULTED
    return down and Capability.FAULT_DETAIL not in TOLD_BY[snapshot.source]


def _emergency_not_over(case: Case, judgement: Judgement) -> bool:
    """Whether the emergency stop has ended the last session, and nobody has taken the case to ask if all is safe."""
    return _EMERGENCY_STOP in judgement.facts and case.state is not CaseState.WITH_AGENT


def _barred(verdict: str, case: Case, snapshot: StationSnapshot, *, whole_station: bool) -> bool:
    """Whether a safety fault, now or told before or beside, forbids everything but taking it out of use.

    A status that has cleared since does not lift a lock-out that a person's words or an earlier fault gave. A reset
    reaches the siblings, too.
    """
    if verdict == "D" or (case.judgement is not None and case.judgement.action_class == "D"):
        return True
    return whole_station and any(locked_out(state) for state in snapshot.siblings)
