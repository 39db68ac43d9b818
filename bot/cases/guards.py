"""The guards of a remote action: all of them hold, or nothing is sent."""

from bot.cases import judging, standing
from bot.cases.services import Services
from bot.diagnosis.faults import locked_out
from bot.domain.capability import NEEDED
from bot.domain.case import OPEN_STATES, Case
from bot.domain.refusal import Refusal
from bot.domain.remote_action import ACTION_RULES, ALLOWED_WHEN_LOCKED_OUT, Initiator, RemoteCommand
from bot.domain.status import StationSnapshot
from storage.uow import UnitOfWork

_NEEDS_NO_SESSION = frozenset({RemoteCommand.UNLOCK, RemoteCommand.START_SESSION})


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
    verdict = judging.judged(uow, services, case, snapshot)[0].action_class
    locked = verdict == "D" or _locked_out(case, snapshot, whole_station=rule.whole_station)
    if locked and command not in ALLOWED_WHEN_LOCKED_OUT:
        raise Refusal("recovery.locked_out")
    if rule.whole_station and verdict == "C":
        raise Refusal("recovery.wait_and_watch")
    if rule.whole_station and snapshot.charging_beside(case.connector or 0):
        raise Refusal("recovery.sibling_charging")
    if rule.needs_session and snapshot.transaction_on(case.connector or 0) is None:
        raise Refusal("recovery.no_session")
    if command in _NEEDS_NO_SESSION and snapshot.transaction_on(case.connector or 0) is not None:
        raise Refusal("recovery.stop_first")
    if NEEDED[command] not in services.stations.capabilities(case.station_id):
        raise Refusal("recovery.unreachable")
    if not standing.tries_left(uow, services, case.station_id, command):
        raise Refusal("recovery.no_tries_left")


def _locked_out(case: Case, snapshot: StationSnapshot, *, whole_station: bool) -> bool:
    """Whether a safety fault that was told before, or one beside, forbids everything but taking it out of use.

    A status that has cleared since does not lift a lock-out that a person's words or an earlier fault gave. A reset
    reaches the siblings, too.
    """
    if case.judgement is not None and case.judgement.action_class == "D":
        return True
    return whole_station and any(locked_out(state) for state in snapshot.siblings)
