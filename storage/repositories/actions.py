"""Remote actions; a station has at most one that is not ended, which the database itself holds."""

from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.refusal import Refusal
from bot.domain.remote_action import ActionState, Initiator, RemoteAction, RemoteCommand, RemoteOrder
from storage.tables import remote_actions

_ADD = remote_actions.insert().returning(remote_actions)
_GET = select(remote_actions).where(remote_actions.c.id == bindparam("key"))
_PENDING = select(remote_actions).where(
    remote_actions.c.station_id == bindparam("key"), remote_actions.c.ended_at.is_(None)
)
_UNDER_WAY = select(remote_actions.c.station_id).where(remote_actions.c.ended_at.is_(None))
_OF_CASE = (
    select(remote_actions).where(remote_actions.c.case_id == bindparam("key")).order_by(remote_actions.c.id)
)
_TRIES = select(func.count()).where(
    remote_actions.c.station_id == bindparam("key"),
    remote_actions.c.command == bindparam("what"),
    remote_actions.c.requested_at >= bindparam("since"),
    remote_actions.c.state != ActionState.REJECTED.value,
)
_PROVED = (
    select(remote_actions.c.id)
    .where(
        remote_actions.c.station_id == bindparam("key"),
        remote_actions.c.command.in_(bindparam("what", expanding=True)),
        remote_actions.c.ended_at >= bindparam("since"),
        remote_actions.c.state == ActionState.VERIFIED.value,
    )
    .limit(1)
)
_ACCEPT = (
    update(remote_actions)
    .where(remote_actions.c.id == bindparam("key"), remote_actions.c.state == ActionState.REQUESTED.value)
    .values(state=ActionState.ACCEPTED.value, accepted_at=bindparam("now"))
)
_SHOWN = (
    update(remote_actions).where(remote_actions.c.id == bindparam("key")).values(screen=bindparam("message"))
)
_BOOTED = (
    update(remote_actions)
    .where(
        remote_actions.c.station_id == bindparam("key"),
        remote_actions.c.ended_at.is_(None),
    )
    .values(booted_at=bindparam("now"))
)
_END = (
    update(remote_actions)
    .where(remote_actions.c.id == bindparam("key"), remote_actions.c.ended_at.is_(None))
    .values(state=bindparam("to"), ended_at=bindparam("now"), proof=bindparam("why"))
)


class Actions:
    """Remote actions, from the request to the proof."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def request(
        self,
        case_id: int,
        order: RemoteOrder,
        initiator: Initiator,
        person_id: int,
        now: datetime,
        *,
        ladder_id: int | None = None,
    ) -> RemoteAction:
        """Enters a request; Refusal `recovery.already_running` where the station has one that is not ended."""
        values = {
            "case_id": case_id,
            "station_id": order.station_id,
            "connector": order.connector,
            "command": order.command.value,
            "transaction_id": order.transaction_id,
            "initiator": initiator.value,
            "person_id": person_id,
            "ladder_id": ladder_id,
            "state": ActionState.REQUESTED.value,
            "requested_at": now,
        }
        try:
            with self._connection.begin_nested():
                return _action(self._connection.execute(_ADD, values).one())
        except IntegrityError as error:
            raise Refusal("recovery.already_running") from error

    def get(self, action_id: int) -> RemoteAction | None:
        """The action of a number."""
        row = self._connection.execute(_GET, {"key": action_id}).one_or_none()
        return None if row is None else _action(row)

    def pending_at(self, station_id: str) -> RemoteAction | None:
        """The station's action that is not ended."""
        row = self._connection.execute(_PENDING, {"key": station_id}).one_or_none()
        return None if row is None else _action(row)

    def stations_under_way(self) -> frozenset[str]:
        """The stations that have an action which is not ended."""
        return frozenset(self._connection.execute(_UNDER_WAY).scalars())

    def of_case(self, case_id: int) -> list[RemoteAction]:
        """All actions of a case, in order."""
        return [_action(row) for row in self._connection.execute(_OF_CASE, {"key": case_id})]

    def tries(self, station_id: str, command: RemoteCommand, since: datetime) -> int:
        """How often the station got this command since then; one that it never answered may have been obeyed."""
        values = {"key": station_id, "what": command.value, "since": since}
        return self._connection.execute(_TRIES, values).scalar_one()

    def proved_since(self, station_id: str, commands: frozenset[RemoteCommand], since: datetime) -> bool:
        """Whether one of these commands was proved to have worked at the station since then."""
        values = {"key": station_id, "what": [command.value for command in commands], "since": since}
        return self._connection.execute(_PROVED, values).first() is not None

    def shown(self, action_id: int, screen: int) -> None:
        """The message that tells the driver that the action runs."""
        self._connection.execute(_SHOWN, {"key": action_id, "message": screen})

    def accept(self, action_id: int, now: datetime) -> None:
        """The station took the command; nothing is proved yet."""
        self._connection.execute(_ACCEPT, {"key": action_id, "now": now})

    def booted(self, station_id: str, now: datetime) -> None:
        """The station started again while an action was running."""
        self._connection.execute(_BOOTED, {"key": station_id, "now": now})

    def end(self, action_id: int, state: ActionState, proof: str, now: datetime) -> bool:
        """Ends an action; False where it was ended before."""
        values = {"key": action_id, "to": state.value, "why": proof, "now": now}
        return self._connection.execute(_END, values).rowcount == 1


def _action(row: Row[tuple[object, ...]]) -> RemoteAction:
    order = RemoteOrder(row.station_id, row.connector, RemoteCommand(row.command), row.transaction_id)
    return RemoteAction(
        row.id,
        row.case_id,
        order,
        Initiator(row.initiator),
        ActionState(row.state),
        row.requested_at,
        row.accepted_at,
        row.booted_at,
        row.ended_at,
        row.proof,
        row.screen,
        row.ladder_id,
    )
