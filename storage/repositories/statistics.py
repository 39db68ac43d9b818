"""What statistics are made of: the cases that were opened in a span of time, each with what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from bot.domain.case import OPEN_STATES, CaseState, Severity
from bot.domain.rating import RatingReason
from bot.domain.remote_action import ActionState, RemoteCommand
from bot.domain.rights import EntityId
from bot.domain.statistics import REPEATS_WITHIN, CaseRecord, Solved
from storage.tables import case_events, cases, escalations, locations, people, remote_actions, stations

MOST = 50_000
"""So many cases are looked at: the newest ones of the span."""
_MENDS_NOTHING = frozenset({RemoteCommand.REFRESH_STATUS, RemoteCommand.MAKE_INOPERATIVE})
_ASKED, _HANDED = ("escalated",), ("escalated", "reopened")
_ANSWERED = ("first_answer", "taken")
_TAKEN, _CAME_BACK = ("taken",), ("asked_to_try",)
_ACCEPTED, _RETURNED = ("technician_accepted",), ("technician_declined", "cannot_fix")
_ANSWER_LATE, _SOLUTION_LATE = ("first_answer_breached",), ("resolution_breached",)
_KINDS = frozenset(
    {*_HANDED, *_ANSWERED, *_ACCEPTED, *_RETURNED, *_CAME_BACK, *_ANSWER_LATE, *_SOLUTION_LATE}
)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which cases are meant: of an operator, opened from `since` on and before `until`.

    `entities` are the companies to whose stations they belong, with None for the operator itself; None: all of it.
    `group` is the group of agents that has or had them; None: whichever.
    """

    operator_id: str
    since: datetime
    until: datetime
    entities: frozenset[EntityId] | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as it stands in a table. `agent` and `driver` are names; no word of the driver's is in it."""

    record: CaseRecord
    severity: Severity
    state: CaseState
    action_class: str | None
    station_id: str | None
    location: str | None
    entity_id: EntityId
    agent: str | None
    driver: str
    rating_reason: RatingReason | None
    cause: str | None


class StatisticsData:
    """What statistics are made of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lines(self, sought: Sought, most: int = MOST) -> list[CaseLine]:
        """The newest of the cases that are meant, in their order; those that go on in another are left out."""
        # Asked for one by one: a database that does not know yet how many rows there are joins them badly.
        happened = {row.case_id: row for row in self._connection.execute(_events(sought))}
        proved = {row.case_id: row.proved_at for row in self._connection.execute(_proofs(sought))}
        driver, agent = people.alias("driver"), people.alias("agent")
        statement = (
            select(
                cases,
                _promises("first_answer_minutes").label("answer_promised"),
                _promises("resolution_minutes").label("solution_promised"),
                driver.c.name.label("driver_name"),
                agent.c.name.label("agent_name"),
                stations.c.entity_id,
                locations.c.name.label("location_name"),
            )
            .join(driver, driver.c.id == cases.c.driver_id)
            .outerjoin(agent, agent.c.id == cases.c.agent_id)
            .outerjoin(escalations, escalations.c.case_id == cases.c.id)
            .outerjoin(stations, stations.c.id == cases.c.station_id)
            .outerjoin(
                locations,
                and_(
                    locations.c.operator_id == stations.c.operator_id,
                    locations.c.id == stations.c.location_id,
                ),
            )
            .where(_meant(sought), cases.c.merged_into.is_(None), *_of(sought.entities))
            .order_by(cases.c.id.desc())
            .limit(most)
        )
        rows = self._connection.execute(statement)
        return [_line(row, happened.get(row.id), proved.get(row.id)) for row in rows][::-1]

    def solved(self, sought: Sought) -> list[Solved]:
        """What the cases that are meant may be repeats of."""
        statement = select(cases.c.id, cases.c.evse_id, cases.c.resolved_at).where(
            cases.c.operator_id == sought.operator_id,
            cases.c.resolved_at >= sought.since - REPEATS_WITHIN - timedelta(seconds=1),
            cases.c.resolved_at < sought.until,
            cases.c.evse_id.is_not(None),
        )
        return [Solved(row.id, row.evse_id, row.resolved_at) for row in self._connection.execute(statement)]


def _promises(what: str) -> ColumnElement[bool]:
    """Whether the policy that runs in a case sets a time for something."""
    set_to: ColumnElement[str] = escalations.c.policy[what].as_string()
    return set_to.is_not(None)


def _meant(sought: Sought) -> ColumnElement[bool]:
    here = [
        cases.c.operator_id == sought.operator_id,
        cases.c.opened_at >= sought.since,
        cases.c.opened_at < sought.until,
    ]
    return and_(*here, *([] if sought.group is None else [cases.c.group_chat == sought.group]))


def _of(entities: frozenset[EntityId] | None) -> Sequence[ColumnElement[bool]]:
    if entities is None:
        return ()
    named = stations.c.entity_id.in_(sorted(each for each in entities if each is not None))
    return (or_(named, stations.c.entity_id.is_(None)) if None in entities else named,)


def _events(sought: Sought) -> Select[tuple[object, ...]]:
    """When what happened in each case, one row for each."""
    kind, at = case_events.c.kind, case_events.c.at

    def first(kinds: Collection[str]) -> ColumnElement[datetime]:
        return func.min(case((kind.in_(kinds), at)))

    def last(kinds: Collection[str]) -> ColumnElement[datetime]:
        return func.max(case((kind.in_(kinds), at)))

    def any_of(kinds: Collection[str]) -> ColumnElement[int]:
        return func.max(case((kind.in_(kinds), 1), else_=0))

    return (
        select(
            case_events.c.case_id,
            first(_ASKED).label("asked_at"),
            first(_ANSWERED).label("answered_at"),
            last(_HANDED).label("handed_at"),
            any_of(_TAKEN).label("taken"),
            last(_ACCEPTED).label("accepted_at"),
            last(_RETURNED).label("returned_at"),
            any_of(_CAME_BACK).label("came_back"),
            any_of(_ANSWER_LATE).label("answer_late"),
            any_of(_SOLUTION_LATE).label("solution_late"),
        )
        .join(cases, cases.c.id == case_events.c.case_id)
        .where(_meant(sought), kind.in_(sorted(_KINDS)))
        .group_by(case_events.c.case_id)
    )


def _proofs(sought: Sought) -> Select[tuple[object, ...]]:
    """When the last remote action of each case was proved that can mend something."""
    return (
        select(remote_actions.c.case_id, func.max(remote_actions.c.ended_at).label("proved_at"))
        .join(cases, cases.c.id == remote_actions.c.case_id)
        .where(
            _meant(sought),
            remote_actions.c.state == ActionState.VERIFIED.value,
            remote_actions.c.command.not_in(sorted(_MENDS_NOTHING)),
        )
        .group_by(remote_actions.c.case_id)
    )


_OPEN = frozenset(state.value for state in OPEN_STATES)


def _line(
    row: Row[tuple[object, ...]], happened: Row[tuple[object, ...]] | None, proved_at: datetime | None
) -> CaseLine:
    judgement = row.judgement or {}
    record = CaseRecord(
        id=row.id,
        opened_at=row.opened_at,
        open=row.state in _OPEN,
        symptom=row.symptom,
        verdict=judgement.get("verdict"),
        evse_id=row.evse_id,
        resolution=row.resolution,
        resolved_at=row.resolved_at,
        proved_at=proved_at,
        answer_promised=bool(row.answer_promised),
        solution_promised=bool(row.solution_promised),
        rating=row.rating,
    )
    if happened is not None:
        record = replace(
            record,
            asked_at=happened.asked_at,
            answered_at=happened.answered_at,
            handed_at=happened.handed_at,
            accepted_at=happened.accepted_at,
            returned_at=happened.returned_at,
            taken=bool(happened.taken),
            came_back=bool(happened.came_back),
            answer_late=bool(happened.answer_late),
            solution_late=bool(happened.solution_late),
        )
    return CaseLine(
        record,
        Severity(row.severity),
        CaseState(row.state),
        judgement.get("action_class"),
        row.station_id,
        row.location_name,
        row.entity_id,
        row.agent_name,
        row.driver_name,
        None if row.rating_reason is None else RatingReason(row.rating_reason),
        row.cause,
    )
