"""Cases and their events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from bot.domain.case import OPEN_STATES, SUPERSEDED, Case
from bot.domain.people import Address
from bot.domain.refusal import Refusal
from storage.repositories.case_rows import case_of, judgement_data
from storage.tables import case_events, cases, evses, locations, stations
from storage.tables.support import SITE_IS_AWAY


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened in a case. `person_id` is None where the bot did it."""

    at: datetime
    kind: str
    person_id: int | None
    data: Mapping[str, str]


_OPEN = sorted(state.value for state in OPEN_STATES)
_GET = select(cases).where(cases.c.id == bindparam("key"))
_LATEST = select(cases).where(cases.c.conversation == bindparam("key")).order_by(cases.c.id.desc()).limit(1)
_OPEN_IN = (
    select(cases)
    .where(cases.c.conversation == bindparam("key"), cases.c.state.in_(_OPEN))
    .order_by(cases.c.spoken_at.desc(), cases.c.id.desc())
)
_ENDED_IN = (
    select(cases)
    .where(
        cases.c.conversation == bindparam("key"),
        cases.c.ended_at.is_not(None),
        # Whoever turned to another station has left that one behind.
        or_(cases.c.resolution.is_(None), cases.c.resolution != SUPERSEDED),
    )
    .order_by(cases.c.ended_at.desc(), cases.c.id.desc())
    .limit(1)
)
_BY_TOPIC = select(cases).where(cases.c.topic == bindparam("key"))
_OPEN_ON = (
    select(cases).where(cases.c.evse_id == bindparam("key"), cases.c.state.in_(_OPEN)).order_by(cases.c.id)
)
_ENDED_ON = (
    select(cases)
    .where(
        cases.c.evse_id == bindparam("key"),
        cases.c.id != bindparam("but"),
        cases.c.state.not_in(_OPEN),
    )
    .order_by(cases.c.opened_at.desc(), cases.c.id.desc())
    .limit(bindparam("most"))
)
_OPEN_AT_STATION = (
    select(cases)
    .where(
        cases.c.evse_id.in_(select(evses.c.evse_id).where(evses.c.station_id == bindparam("key"))),
        cases.c.state.in_(_OPEN),
    )
    .order_by(cases.c.id)
)
_HERE = stations.alias("here")
_OPEN_AT_SITE = (
    select(cases)
    .join(stations, stations.c.id == cases.c.station_id)
    .join(
        _HERE,
        (_HERE.c.operator_id == stations.c.operator_id) & (_HERE.c.location_id == stations.c.location_id),
    )
    .where(_HERE.c.id == bindparam("key"), cases.c.state.in_(_OPEN))
    .order_by(cases.c.id)
)
# The index of the first condition is almost always empty, and then nothing else is looked at.
_SITES_AWAY = (
    select(stations.c.id)
    .distinct()
    .join(
        _HERE,
        (_HERE.c.operator_id == stations.c.operator_id) & (_HERE.c.location_id == stations.c.location_id),
    )
    .join(cases, cases.c.station_id == _HERE.c.id)
    .where(SITE_IS_AWAY)
)
_HOLD_SITE = (
    select(locations.c.id)
    .join(
        stations,
        (stations.c.operator_id == locations.c.operator_id) & (stations.c.location_id == locations.c.id),
    )
    .where(stations.c.id == bindparam("key"))
    .with_for_update(of=locations)
)
_REPORTS = (
    select(func.count(func.distinct(cases.c.driver_id)))
    .where(
        cases.c.evse_id == bindparam("key"),
        cases.c.opened_at >= bindparam("since"),
        cases.c.driver_id != bindparam("but"),
    )
)  # fmt: skip
_SAVE = (
    update(cases)
    .where(cases.c.id == bindparam("key"), cases.c.version == bindparam("was"))
    .values(
        state=bindparam("state_"),
        version=bindparam("version_"),
        changed_at=bindparam("changed"),
        judgement=bindparam("judgement_"),
        severity=bindparam("severity_"),
        agent_id=bindparam("agent"),
        resolution=bindparam("resolution_"),
        cause=bindparam("cause_"),
        ended_at=bindparam("ended"),
        resolved_at=bindparam("solved_at"),
    )
)
_ADD = insert(cases).returning(cases.c.id)
_ADD_EVENT = insert(case_events)
_EVENTS = select(case_events).where(case_events.c.case_id == bindparam("key")).order_by(case_events.c.id)


class Cases:
    """Cases; changes of state are guarded by the version."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, case: Case) -> Case:
        """Enters a new case; returns it with its number."""
        values = {
            "operator_id": case.operator_id,
            "driver_id": case.driver_id,
            "conversation": str(case.conversation),
            "state": case.state.value,
            "version": case.version,
            "symptom": case.symptom.value,
            "severity": case.severity.value,
            "opened_at": case.opened_at,
            "changed_at": case.changed_at,
            "evse_id": case.evse_id,
            "station_id": case.station_id,
            "connector": case.connector,
            "follows": case.follows,
            "spoken_at": case.opened_at,
        }
        result = self._connection.execute(_ADD, values)
        return replace(case, id=result.scalar_one(), spoken_at=case.opened_at)

    def get(self, case_id: int) -> Case | None:
        """The case of a number."""
        return _case(self._connection.execute(_GET, {"key": case_id}).one_or_none())

    def latest_in(self, conversation: Address) -> Case | None:
        """The newest case of a conversation, open or not."""
        return _case(self._connection.execute(_LATEST, {"key": str(conversation)}).one_or_none())

    def open_in(self, conversation: Address) -> list[Case]:
        """All open cases of a conversation, the one that was last spoken in first."""
        rows = self._connection.execute(_OPEN_IN, {"key": str(conversation)})
        return [case_of(row) for row in rows]

    def ended_in(self, conversation: Address) -> Case | None:
        """The case of a conversation that has ended last, other than by a report of another station."""
        return _case(self._connection.execute(_ENDED_IN, {"key": str(conversation)}).one_or_none())

    def by_topic(self, topic: Address) -> Case | None:
        """The case whose topic this is."""
        return _case(self._connection.execute(_BY_TOPIC, {"key": str(topic)}).one_or_none())

    def open_on(self, evse_id: str) -> list[Case]:
        """All open cases of an EVSE, the oldest first."""
        rows = self._connection.execute(_OPEN_ON, {"key": evse_id})
        return [case for row in rows if (case := _case(row)) is not None]

    def ended_on(self, evse_id: str, but: int, most: int) -> list[Case]:
        """What was before on an EVSE, other than the case `but`: its latest cases that have ended, the newest first."""
        named = {"key": evse_id, "but": but, "most": most}
        rows = self._connection.execute(_ENDED_ON, named)
        return [case for row in rows if (case := _case(row)) is not None]

    def open_at_station(self, station_id: str) -> list[Case]:
        """All open cases of the EVSEs that a station has, the oldest first."""
        rows = self._connection.execute(_OPEN_AT_STATION, {"key": station_id})
        return [case for row in rows if (case := _case(row)) is not None]

    def open_at_stations(self, station_ids: Iterable[str]) -> list[Case]:
        """All open cases of several stations, the oldest first."""
        wanted = cases.c.station_id.in_(sorted(station_ids))
        statement = select(cases).where(wanted, cases.c.state.in_(_OPEN)).order_by(cases.c.id)
        return [case for row in self._connection.execute(statement) if (case := _case(row)) is not None]

    def stations_left_behind(self) -> list[str]:
        """The stations that have open cases although their service has ended."""
        statement = (
            select(stations.c.id)
            .distinct()
            .join(cases, cases.c.station_id == stations.c.id)
            .where(cases.c.state.in_(_OPEN), stations.c.service_active.is_(False))
        )
        return sorted(self._connection.execute(statement).scalars())

    def open_at_site_of(self, station_id: str) -> list[Case]:
        """All open cases of the station's location, the oldest first."""
        rows = self._connection.execute(_OPEN_AT_SITE, {"key": station_id})
        return [case for row in rows if (case := _case(row)) is not None]

    def stations_of_sites_away(self) -> frozenset[str]:
        """All stations of the locations of which an open case says that no station there is in contact."""
        return frozenset(self._connection.execute(_SITES_AWAY).scalars())

    def hold_site_of(self, station_id: str) -> None:
        """Until this transaction ends, no other one comes past this for the same location.

        What it reads afterwards is what those before it have committed. SQLite has one writer anyway.
        """
        self._connection.execute(_HOLD_SITE, {"key": station_id})

    def other_reports(self, evse_id: str, since: datetime, but: int) -> int:
        """How many drivers other than `but` reported the EVSE since then."""
        values = {"key": evse_id, "since": since, "but": but}
        return self._connection.execute(_REPORTS, values).scalar_one()

    def save(self, before: Case, after: Case) -> None:
        """Keeps a change of state; Refusal `case.moved_on` where somebody else changed the case meanwhile."""
        judgement = after.judgement
        values = {
            "key": before.id,
            "was": before.version,
            "state_": after.state.value,
            "version_": after.version,
            "changed": after.changed_at,
            "judgement_": None if judgement is None else judgement_data(judgement),
            "severity_": after.severity.value,
            "agent": after.agent_id,
            "resolution_": after.resolution,
            "cause_": None if after.cause is None else after.cause.value,
            "ended": after.ended_at,
            "solved_at": after.resolved_at,
        }
        if self._connection.execute(_SAVE, values).rowcount != 1:
            raise Refusal("case.moved_on")

    def set_topic(self, case_id: int, topic: Address | None, card_message: int | None) -> None:
        """Where the case is in the hotline's group."""
        self._connection.execute(
            update(cases)
            .where(cases.c.id == case_id)
            .values(topic=None if topic is None else str(topic), card_message=card_message)
        )

    def set_group(self, case_id: int, chat: int | None) -> None:
        """Which group of agents has the case; a topic that it had elsewhere is not its topic any more."""
        self._connection.execute(
            update(cases).where(cases.c.id == case_id).values(group_chat=chat, topic=None, card_message=None)
        )

    def spoken(self, case_id: int, at: datetime) -> None:
        """Its driver has just said something in it, or was told something."""
        self._connection.execute(update(cases).where(cases.c.id == case_id).values(spoken_at=at))

    def set_rating(self, case: Case) -> None:
        """Keeps the driver's rating, its reason and words, as the case has them; the rest of it stays."""
        self._connection.execute(
            update(cases)
            .where(cases.c.id == case.id)
            .values(
                rating=case.rating,
                rating_reason=case.rating_reason,
                rating_words=case.rating_words,
                rated_at=case.rated_at,
            )
        )

    def note(self, case_id: int, at: datetime, kind: str, person_id: int | None = None, **data: str) -> None:
        """Enters something that happened; events are never changed."""
        values = {"case_id": case_id, "at": at, "kind": kind, "person_id": person_id, "data": data}
        self._connection.execute(_ADD_EVENT, values)

    def events(self, case_id: int) -> list[CaseEvent]:
        """All that happened in a case, in order."""
        rows = self._connection.execute(_EVENTS, {"key": case_id})
        return [CaseEvent(row.at, row.kind, row.person_id, row.data) for row in rows]


def _case(row: Row[tuple[object, ...]] | None) -> Case | None:
    return None if row is None else case_of(row)
