"""How often remote actions were tried and helped, by the model of the station and the verdict of the case."""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, and_, bindparam, case, func, or_, select

from bot.domain.ladder import LadderState
from bot.domain.remote_action import ActionState, Initiator, RemoteCommand
from storage.tables import cases, ladders, remote_actions, stations


@dataclass(frozen=True, slots=True)
class Fix:
    """A command on one model after one verdict: how often it was tried, and how often it helped."""

    model: str | None
    verdict: str
    command: RemoteCommand
    tried: int
    helped: int


_last = (
    select(remote_actions.c.ladder_id.label("ladder"), func.max(remote_actions.c.id).label("action"))
    .where(remote_actions.c.ladder_id.is_not(None))
    .group_by(remote_actions.c.ladder_id)
    .subquery()
)
_verdict = cases.c.judgement["verdict"].as_string()
_helped = case(
    (
        or_(
            # A step of a ladder has helped where the ladder ended well and it was the last one.
            and_(ladders.c.state == LadderState.SOLVED.value, _last.c.action == remote_actions.c.id),
            and_(
                remote_actions.c.ladder_id.is_(None),
                remote_actions.c.state == ActionState.VERIFIED.value,
            ),
        ),
        1,
    ),
    else_=0,
)
# An agent who puts a connector into use that was out of use by order has mended nothing.
_by_order = and_(
    remote_actions.c.command == RemoteCommand.MAKE_OPERATIVE.value,
    remote_actions.c.initiator != Initiator.LADDER.value,
)
_COUNTED = (
    select(
        stations.c.model,
        _verdict.label("verdict"),
        remote_actions.c.command,
        func.count().label("tried"),
        func.sum(_helped).label("helped"),
    )
    .join(cases, cases.c.id == remote_actions.c.case_id)
    .join(stations, stations.c.id == remote_actions.c.station_id)
    .outerjoin(ladders, ladders.c.id == remote_actions.c.ladder_id)
    .outerjoin(_last, _last.c.ladder == remote_actions.c.ladder_id)
    .where(
        remote_actions.c.ended_at.is_not(None),
        remote_actions.c.state != ActionState.REJECTED.value,
        or_(ladders.c.id.is_(None), ladders.c.ended_at.is_not(None)),
        _verdict.is_not(None),
        ~_by_order,
    )
    .group_by(stations.c.model, _verdict, remote_actions.c.command)
)
_of_station = select(stations.c.model).where(stations.c.id == bindparam("station")).scalar_subquery()
_OF_STEP = _COUNTED.where(
    stations.c.model == _of_station,
    _verdict == bindparam("said"),
    remote_actions.c.command == bindparam("what"),
)
_OF_OPERATOR = _COUNTED.where(stations.c.operator_id == bindparam("whose"))


class Fixes:
    """What came of remote actions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_step(self, station_id: str, verdict: str, command: RemoteCommand) -> Fix | None:
        """The command after this verdict on all stations of this one's model; None where none was tried."""
        values = {"station": station_id, "said": verdict, "what": command.value}
        return next(iter(self._read(_OF_STEP, values)), None)

    def of_operator(self, operator_id: str) -> tuple[Fix, ...]:
        """All that was tried at the stations of an operator."""
        return self._read(_OF_OPERATOR, {"whose": operator_id})

    def _read(self, statement: Select[tuple[object, ...]], values: dict[str, str]) -> tuple[Fix, ...]:
        return tuple(_fix(row) for row in self._connection.execute(statement, values))


def _fix(row: Row[tuple[object, ...]]) -> Fix:
    return Fix(row.model, row.verdict, RemoteCommand(row.command), row.tried, int(row.helped))
