"""The list of an operator's stations: searched, filtered and cut into pages by the database."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Join,
    RowMapping,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    text,
)

from bot.domain.capability import Source
from bot.domain.condition import BY_GRAVITY, CONDITION_OF, Condition
from bot.domain.evse_id import normalise
from bot.domain.operator import Location, Operator, Station
from bot.domain.reachability import patience_with
from bot.domain.rights import EntityId
from bot.domain.status import ConnectorStatus
from storage.repositories.operators import LOCATION_FIELDS, location_of, station_of
from storage.tables import connector_states, evses, locations, stations

MOST_WORDS = 8
LONGEST_SEARCH = 100
_MOST_PARAMETERS = 500
_LOCATION = "at_"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None leaves a field open.

    `words` are parts of IDs of stations and EVSEs, of names of locations, of cities and addresses; all of them must
    be found.
    """

    words: str | None = None
    location_id: str | None = None
    condition: Condition | None = None
    service_active: bool | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose stations are listed, and as seen when and by whom.

    `reach` are the companies whose stations may be seen. `lost` are the IDs of those stations which a back end speaks
    for and cannot reach at present.
    """

    operator: Operator
    reach: frozenset[EntityId]
    now: datetime
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StationRow:
    """A line of the list. `statuses` are those of its connectors, each as the source that heard it last told it."""

    station: Station
    """Without its EVSEs."""
    location: Location
    last_heard: datetime | None
    protocol: str | None
    statuses: tuple[ConnectorStatus, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """An EVSE ID that is taken, its form without separators, and the station that has it."""

    evse_id: str
    compact: str
    station_id: str


class StationList:
    """The stations that somebody may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, seen: Seen, wanted: Wanted) -> int:
        """How many there are."""
        found: int = self._connection.execute(
            self._chosen(seen, wanted).with_only_columns(func.count())
        ).scalar_one()
        return found

    def rows(self, seen: Seen, wanted: Wanted, *, most: int, skip: int = 0) -> list[StationRow]:
        """A page of them, by ID."""
        statement = self._chosen(seen, wanted).order_by(stations.c.id).limit(most).offset(skip)
        found = self._connection.execute(statement).mappings().all()
        told = self._statuses([row["id"] for row in found])
        return [_row(row, told.get(row["id"], ())) for row in found]

    def ids(self, seen: Seen, wanted: Wanted) -> list[str]:
        """The IDs of all of them, in order."""
        statement = self._chosen(seen, wanted).with_only_columns(stations.c.id).order_by(stations.c.id)
        return list(self._connection.execute(statement).scalars())

    def told_by_back_end(self, operator_id: str) -> list[str]:
        """The IDs of the operator's stations for which a back end speaks."""
        statement = select(stations.c.id).where(
            stations.c.operator_id == operator_id, stations.c.protocol == Source.OCPI.value
        )
        return list(self._connection.execute(statement).scalars())

    def locations(self, operator_id: str, reach: frozenset[EntityId]) -> list[tuple[Location, int]]:
        """The locations at which such stations stand, with the number of these, by name."""
        statement = (
            select(*(locations.c[name] for name in LOCATION_FIELDS), func.count().label("many"))
            .select_from(_at_locations())
            .where(stations.c.operator_id == operator_id, _reached(reach))
            .group_by(*(locations.c[name] for name in LOCATION_FIELDS))
        )
        rows = self._connection.execute(statement).mappings()
        found = [(location_of(row), int(row["many"])) for row in rows]
        # Databases differ in how they sort words.
        return sorted(found, key=lambda each: (each[0].name.casefold(), each[0].id))

    def companies_by_location(self, operator_id: str) -> dict[str, dict[EntityId, int]]:
        """Of each location at which stations stand: whose these are, and how many of each company."""
        statement = (
            select(stations.c.location_id, stations.c.entity_id, func.count().label("many"))
            .where(stations.c.operator_id == operator_id)
            .group_by(stations.c.location_id, stations.c.entity_id)
        )
        found: dict[str, dict[EntityId, int]] = {}
        for row in self._connection.execute(statement):
            found.setdefault(row.location_id, {})[row.entity_id] = int(row.many)
        return found

    def hold(self, station_ids: Sequence[str]) -> None:
        """Until this transaction ends, nobody else changes these stations, nor the EVSE IDs of any station.

        What is read afterwards is what those before have committed. SQLite has one writer anyway.
        """
        if self._connection.dialect.name != "postgresql":
            return
        self._connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('evse_ids'))"))
        statement = select(stations.c.id).where(stations.c.id.in_(station_ids)).order_by(stations.c.id)
        self._connection.execute(statement.with_for_update(key_share=True))

    def holders(self, evse_ids: Collection[str], compacts: Collection[str]) -> list[Holder]:
        """The EVSEs of the whole instance that have one of these IDs, or one of these forms without separators."""
        found: dict[str, Holder] = {}
        for column, values in ((evses.c.evse_id, evse_ids), (evses.c.compact, compacts)):
            for part in _parts(values):
                rows = self._connection.execute(select(evses).where(column.in_(part)))
                found |= {row.evse_id: Holder(row.evse_id, row.compact, row.station_id) for row in rows}
        return list(found.values())

    def known(self, station_ids: Collection[str]) -> dict[str, str]:
        """Of these IDs those that some operator's station has, with the operator."""
        found: dict[str, str] = {}
        for part in _parts(station_ids):
            rows = self._connection.execute(
                select(stations.c.id, stations.c.operator_id).where(stations.c.id.in_(part))
            )
            found |= {row.id: row.operator_id for row in rows}
        return found

    def _chosen(self, seen: Seen, wanted: Wanted) -> Select[tuple[object, ...]]:
        named = [locations.c[name].label(_LOCATION + name) for name in LOCATION_FIELDS]
        statement = (
            select(stations, *named)
            .select_from(_at_locations())
            .where(stations.c.operator_id == seen.operator.id, _reached(seen.reach))
        )
        if wanted.location_id is not None:
            statement = statement.where(stations.c.location_id == wanted.location_id)
        if wanted.service_active is not None:
            statement = statement.where(stations.c.service_active.is_(wanted.service_active))
        if wanted.words:
            statement = statement.where(_matches(wanted.words[:LONGEST_SEARCH]))
        if wanted.condition is not None:
            statement = statement.where(self._condition(seen) == wanted.condition.value)
        return statement

    def _condition(self, seen: Seen) -> ColumnElement[str]:
        """The same as `bot.domain.condition.condition`, as the database reckons it."""
        names = {rank: each.value for rank, each in enumerate(BY_GRAVITY)}
        told = case(names, value=func.coalesce(_worst_rank(), 0), else_=Condition.UNKNOWN.value)
        return case(
            (
                stations.c.protocol == Source.OCPI.value,
                case((stations.c.id.in_(seen.lost), Condition.OFFLINE.value), else_=told),
            ),
            (stations.c.last_seen.is_(None), Condition.NEVER.value),
            (self._quiet(seen), Condition.OFFLINE.value),
            else_=told,
        )

    def _quiet(self, seen: Seen) -> ColumnElement[bool]:
        """Whether a station was heard so long ago that it counts as offline, by its own times or its operator's."""
        pending, offline = stations.c.pending_after_minutes, stations.c.offline_after_minutes
        pairs = self._connection.execute(
            select(pending, offline).where(stations.c.operator_id == seen.operator.id).distinct()
        )
        limits: list[ColumnElement[bool]] = [false()]
        for own_pending, own_offline in pairs:
            station = Station(
                "", "", "", False, pending_after_minutes=own_pending, offline_after_minutes=own_offline
            )
            limit = seen.now - patience_with(station, seen.operator).offline_after
            same = and_(pending.is_not_distinct_from(own_pending), offline.is_not_distinct_from(own_offline))
            limits.append(and_(same, stations.c.last_seen <= limit))
        return or_(*limits)

    def _statuses(self, station_ids: Sequence[str]) -> dict[str, tuple[ConnectorStatus, ...]]:
        states = connector_states.c
        statement = (
            select(states.station_id, states.connector, states.status)
            .where(states.station_id.in_(station_ids))
            .order_by(states.station_id, states.connector, states.heard_at, states.source)
        )
        # Of several that speak of one connector the last one stays.
        told = {
            (row.station_id, row.connector): ConnectorStatus(row.status)
            for row in self._connection.execute(statement)
        }
        found: dict[str, tuple[ConnectorStatus, ...]] = {}
        for (station_id, _), status in told.items():
            found[station_id] = (*found.get(station_id, ()), status)
        return found


def _at_locations() -> Join:
    return stations.join(
        locations,
        (locations.c.operator_id == stations.c.operator_id) & (locations.c.id == stations.c.location_id),
    )


def _reached(reach: frozenset[EntityId]) -> ColumnElement[bool]:
    named = stations.c.entity_id.in_([each for each in reach if each is not None])
    return or_(named, stations.c.entity_id.is_(None)) if None in reach else named


def _worst_rank() -> ColumnElement[int]:
    """The gravest status of a station's connectors, each as the source that heard it last told it, by its rank."""
    states, newer = connector_states.c, connector_states.alias("newer").c
    # As in `_statuses`, where of several that speak of one connector the last one stays.
    told_later = exists().where(
        newer.station_id == states.station_id,
        newer.connector == states.connector,
        or_(
            newer.heard_at > states.heard_at,
            and_(newer.heard_at == states.heard_at, newer.source > states.source),
        ),
    )
    rank = case(
        {status.value: BY_GRAVITY.index(each) for status, each in CONDITION_OF.items()},
        value=states.status,
        else_=0,
    )
    return (
        select(func.max(rank))
        .where(states.station_id == stations.c.id, ~told_later)
        .correlate(stations)
        .scalar_subquery()
    )


def _matches(words: str) -> ColumnElement[bool]:
    """Whether all the words are found, or the whole is a part of an EVSE ID in any way of writing it."""
    single = words.split()[:MOST_WORDS]
    return or_(_has_evse(words), and_(*(_found(word) for word in single)))


def _found(word: str) -> ColumnElement[bool]:
    fields = (
        stations.c.id,
        locations.c.name,
        locations.c.address,
        locations.c.postal_code,
        locations.c.city,
    )
    # SQLite folds the case of ASCII letters only, so that others are looked for as they are likely to be written.
    written = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    return or_(
        _has_evse(word),
        *(field.icontains(each, autoescape=True) for field in fields for each in sorted(written)),
    )


def _has_evse(words: str) -> ColumnElement[bool]:
    printed = normalise(words)
    compact = printed.replace("*", "").removeprefix("+")
    if not compact:
        return false()
    return exists().where(
        evses.c.station_id == stations.c.id,
        or_(
            evses.c.evse_id.contains(printed, autoescape=True),
            evses.c.compact.contains(compact, autoescape=True),
        ),
    )


def _row(row: RowMapping, statuses: tuple[ConnectorStatus, ...]) -> StationRow:
    return StationRow(
        station_of(row, ()),
        location_of(row, _LOCATION),
        row["last_seen"],
        row["protocol"],
        statuses,
    )


def _parts(values: Iterable[str]) -> Iterator[list[str]]:
    """Few enough at a time for the parameters of a statement."""
    listed = sorted(values)
    for start in range(0, len(listed), _MOST_PARAMETERS):
        yield listed[start : start + _MOST_PARAMETERS]
