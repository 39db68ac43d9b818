"""Recovery ladders; a station has at most one that has not ended, which the database itself holds."""

from datetime import datetime

from sqlalchemy import Connection, Row, Select, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.ladder import Ladder, LadderState, StepName
from bot.domain.refusal import Refusal
from bot.domain.status import ConnectorStatus
from storage.tables import ladders

_ADD = ladders.insert().returning(ladders)
_GET = select(ladders).where(ladders.c.id == bindparam("key"))
_HOLD = _GET.with_for_update()
_RUNNING_AT = select(ladders).where(ladders.c.station_id == bindparam("key"), ladders.c.ended_at.is_(None))
_RUNNING_OF = (
    select(ladders)
    .where(ladders.c.case_id == bindparam("key"), ladders.c.ended_at.is_(None))
    .with_for_update()
)
_LATEST_OF = (
    select(ladders).where(ladders.c.case_id == bindparam("key")).order_by(ladders.c.id.desc()).limit(1)
)
_MOVE = (
    update(ladders)
    .where(ladders.c.id == bindparam("key"))
    .values(
        step=bindparam("step_"),
        command=bindparam("command_"),
        waited=bindparam("waited_"),
        skipped=bindparam("skipped_"),
    )
)
_LEAVE = (
    update(ladders)
    .where(ladders.c.id == bindparam("key"), ladders.c.ended_at.is_(None))
    .values(state=LadderState.LEAVING.value)
)
_END = (
    update(ladders)
    .where(ladders.c.id == bindparam("key"), ladders.c.ended_at.is_(None))
    .values(state=bindparam("to"), after=bindparam("now_says"), ended_at=bindparam("now"))
)
_SHOWN = update(ladders).where(ladders.c.id == bindparam("key")).values(screen=bindparam("message"))


class Ladders:
    """Ladders, from the driver's consent to their end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, ladder: Ladder) -> Ladder:
        """Enters a new ladder and numbers it; Refusal `recovery.already_running` where one runs at the station."""
        values = {
            "case_id": ladder.case_id,
            "station_id": ladder.station_id,
            "connector": ladder.connector,
            "person_id": ladder.person_id,
            "screen": ladder.screen,
            "before": ladder.before.value,
            "steps": [step.value for step in ladder.steps],
            "skipped": [[step.value, reason] for step, reason in ladder.skipped],
            "state": ladder.state.value,
            "started_at": ladder.started_at,
        }
        try:
            with self._connection.begin_nested():
                return _ladder(self._connection.execute(_ADD, values).one())
        except IntegrityError as error:
            raise Refusal("recovery.already_running") from error

    def get(self, ladder_id: int) -> Ladder | None:
        """The ladder of a number."""
        return self._one(_GET, ladder_id)

    def hold(self, ladder_id: int) -> Ladder | None:
        """The same, which no other transaction can change until this one ends."""
        return self._one(_HOLD, ladder_id)

    def running_at(self, station_id: str) -> Ladder | None:
        """The ladder of a station that has not ended."""
        return self._one(_RUNNING_AT, station_id)

    def running_of(self, case_id: int) -> Ladder | None:
        """The ladder of a case that has not ended; held until this transaction ends."""
        return self._one(_RUNNING_OF, case_id)

    def latest_of(self, case_id: int) -> Ladder | None:
        """The newest ladder of a case, ended or not."""
        return self._one(_LATEST_OF, case_id)

    def move(self, ladder: Ladder) -> None:
        """Keeps how far it has been climbed."""
        values = {
            "key": ladder.id,
            "step_": ladder.step,
            "command_": ladder.command,
            "waited_": ladder.waited,
            "skipped_": [[step.value, reason] for step, reason in ladder.skipped],
        }
        self._connection.execute(_MOVE, values)

    def leave(self, ladder_id: int) -> None:
        """It ends after its present action."""
        self._connection.execute(_LEAVE, {"key": ladder_id})

    def end(self, ladder_id: int, state: LadderState, after: ConnectorStatus | None, now: datetime) -> bool:
        """Ends it, with the status that its connector has by then; False where it was ended before."""
        values = {
            "key": ladder_id,
            "to": state.value,
            "now_says": None if after is None else after.value,
            "now": now,
        }
        return self._connection.execute(_END, values).rowcount == 1

    def shown(self, ladder_id: int, screen: int) -> None:
        """The message that shows the driver how it goes."""
        self._connection.execute(_SHOWN, {"key": ladder_id, "message": screen})

    def _one(self, statement: Select[tuple[object, ...]], key: int | str) -> Ladder | None:
        row = self._connection.execute(statement, {"key": key}).one_or_none()
        return None if row is None else _ladder(row)


def _ladder(row: Row[tuple[object, ...]]) -> Ladder:
    return Ladder(
        id=row.id,
        case_id=row.case_id,
        station_id=row.station_id,
        connector=row.connector,
        person_id=row.person_id,
        before=ConnectorStatus(row.before),
        steps=tuple(StepName(step) for step in row.steps),
        started_at=row.started_at,
        screen=row.screen,
        state=LadderState(row.state),
        step=row.step,
        command=row.command,
        waited=row.waited,
        skipped=tuple((StepName(step), str(reason)) for step, reason in row.skipped),
        after=None if row.after is None else ConnectorStatus(row.after),
        ended_at=row.ended_at,
    )
