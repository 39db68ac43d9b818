"""How often remote actions were tried and helped, by the model of the station and the verdict of the case."""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)

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


NEWEST = 1000
"""So many of the newest remote actions on a model count: its firmware was another one before, and it stays quick."""

_verdict = cases.c.judgement["verdict"].as_string()


def _counted(actions: FromClause) -> Select[tuple[object, ...]]:
    """How often the commands among these actions were tried and helped, by model and verdict."""
    later = remote_actions.alias("later")
    # All actions of a ladder are of one case, which has an index.
    not_the_last = exists().where(
        later.c.case_id == actions.c.case_id,
        later.c.ladder_id == actions.c.ladder_id,
        later.c.id > actions.c.id,
    )
    by_itself = and_(actions.c.ladder_id.is_(None), actions.c.state == ActionState.VERIFIED.value)
    # A step of a ladder has helped where the ladder ended well and it was the last one.
    as_a_step = and_(ladders.c.state == LadderState.SOLVED.value, ~not_the_last)
    # An agent who puts a connector into use that was out of use by order has mended nothing.
    by_order = and_(
        actions.c.command == RemoteCommand.MAKE_OPERATIVE.value,
        actions.c.initiator != Initiator.LADDER.value,
    )
    return (
        select(
            stations.c.model,
            _verdict.label("verdict"),
            actions.c.command,
            func.count().label("tried"),
            func.sum(case((or_(as_a_step, by_itself), 1), else_=0)).label("helped"),
        )
        .select_from(actions)
        .join(cases, cases.c.id == actions.c.case_id)
        .join(stations, stations.c.id == actions.c.station_id)
        .outerjoin(ladders, ladders.c.id == actions.c.ladder_id)
        .where(
            actions.c.ended_at.is_not(None),
            actions.c.state != ActionState.REJECTED.value,
            or_(ladders.c.id.is_(None), ladders.c.ended_at.is_not(None)),
            _verdict.is_not(None),
            ~by_order,
        )
        .group_by(stations.c.model, _verdict, actions.c.command)
    )


def _on_model(model: ColumnElement[str]) -> Select[tuple[object, ...]]:
    """The same of the newest actions on all stations of a model."""
    its_stations = select(stations.c.id).where(stations.c.model == model)
    newest = (
        select(remote_actions)
        .where(remote_actions.c.station_id.in_(its_stations))
        .order_by(remote_actions.c.id.desc())
        .limit(NEWEST)
    )
    return _counted(newest.subquery("newest"))


_this = stations.alias("this")
_of_station = select(_this.c.model).where(_this.c.id == bindparam("station")).scalar_subquery()
_AFTER = _on_model(_of_station).where(_verdict == bindparam("said"))
_ON_MODEL = _on_model(bindparam("named"))
_OF_OPERATOR = _counted(remote_actions).where(stations.c.operator_id == bindparam("whose"))
_MODELS = (
    select(stations.c.model)
    .where(stations.c.operator_id == bindparam("whose"), stations.c.model.is_not(None))
    .distinct()
    .order_by(stations.c.model)
)


class Fixes:
    """What came of remote actions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def after(self, station_id: str, verdict: str) -> tuple[Fix, ...]:
        """What was tried lately after this verdict on this station's model; none where that was never told."""
        return self._read(_AFTER, {"station": station_id, "said": verdict})

    def of_operator(self, operator_id: str) -> tuple[Fix, ...]:
        """All that was tried at the stations of an operator."""
        return self._read(_OF_OPERATOR, {"whose": operator_id})

    def on_model(self, model: str) -> tuple[Fix, ...]:
        """What was tried lately on a model, at whosever stations."""
        return self._read(_ON_MODEL, {"named": model})

    def models_of(self, operator_id: str) -> tuple[str, ...]:
        """The models of an operator's stations, as far as they were told."""
        return tuple(self._connection.execute(_MODELS, {"whose": operator_id}).scalars())

    def _read(self, statement: Select[tuple[object, ...]], values: dict[str, str]) -> tuple[Fix, ...]:
        return tuple(_fix(row) for row in self._connection.execute(statement, values))


def _fix(row: Row[tuple[object, ...]]) -> Fix:
    return Fix(row.model, row.verdict, RemoteCommand(row.command), row.tried, int(row.helped))
