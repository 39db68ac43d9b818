"""When the service of stations went on and off, who was asked to release its cost, and what was charged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from bot.domain.billing import Line, LineReason, Month, Statement
from bot.domain.rights import EntityId
from bot.domain.service import Cause, ReleaseRequest, ReleaseState, ServiceChange
from storage.tables import (
    evses,
    ledger_lines,
    ledger_months,
    locations,
    release_requests,
    service_changes,
    stations,
)

_SWITCH = (
    update(stations)
    .where(stations.c.id == bindparam("station"), stations.c.operator_id == bindparam("operator"))
    .values(service_active=bindparam("active"))
)


@dataclass(frozen=True, slots=True)
class Served:
    """A station as far as its service is concerned. `location` is the name of the one with the ID `location_id`."""

    id: str
    location_id: str
    location: str
    entity_id: EntityId
    active: bool
    evse_ids: tuple[str, ...] = ()


class Service:
    """The service of all operators' stations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def switch(self, operator_id: str, *changes: ServiceChange) -> None:
        """Switches the service of stations, and adds that to their history; one change for each of them."""
        if not changes:
            return
        self._connection.execute(
            _SWITCH,
            [
                {"station": each.station_id, "operator": operator_id, "active": each.active}
                for each in changes
            ],
        )
        self.note(operator_id, *changes)

    def note(self, operator_id: str, *changes: ServiceChange) -> None:
        """Adds to the history what was switched otherwise; one change for each station.

        A clock that was put back does not bring a change before those that were kept earlier.
        """
        if not changes:
            return
        latest = self._latest(operator_id, [each.station_id for each in changes])
        values = [
            {
                "operator_id": operator_id,
                "station_id": change.station_id,
                "at": max(latest.get(change.station_id, change.at), change.at),
                "active": change.active,
                "price": str(change.price),
                "currency": change.currency,
                "cause": change.cause.value,
                "requested_by": change.requested_by,
                "released_by": change.released_by,
            }
            for change in changes
        ]
        self._connection.execute(insert(service_changes), values)

    def _latest(self, operator_id: str, station_ids: Sequence[str]) -> dict[str, datetime]:
        statement = (
            select(service_changes.c.station_id, func.max(service_changes.c.at).label("at"))
            .where(
                service_changes.c.operator_id == operator_id, service_changes.c.station_id.in_(station_ids)
            )
            .group_by(service_changes.c.station_id)
        )
        return {row.station_id: row.at for row in self._connection.execute(statement)}

    def all(self, operator_id: str) -> list[Served]:
        """An operator's stations, by ID."""
        marked: dict[str, list[str]] = {}
        found = self._connection.execute(
            select(evses.c.station_id, evses.c.evse_id)
            .join(stations, stations.c.id == evses.c.station_id)
            .where(stations.c.operator_id == operator_id)
            .order_by(evses.c.connector)
        )
        for row in found:
            marked.setdefault(row.station_id, []).append(row.evse_id)
        statement = (
            select(stations, locations.c.name.label("location"))
            .outerjoin(
                locations,
                (locations.c.operator_id == stations.c.operator_id)
                & (locations.c.id == stations.c.location_id),
            )
            .where(stations.c.operator_id == operator_id)
        )
        served = (
            Served(
                row.id,
                row.location_id,
                row.location or row.location_id,
                row.entity_id,
                row.service_active,
                tuple(marked.get(row.id, ())),
            )
            for row in self._connection.execute(statement)
        )
        return sorted(served, key=lambda station: station.id)

    def hold(self, station_ids: Iterable[str]) -> None:
        """Until this transaction ends, no other one comes past this for the same stations.

        What it reads afterwards is what those before it have committed. SQLite has one writer anyway.
        """
        wanted = sorted(station_ids)
        held = select(stations.c.id).where(stations.c.id.in_(wanted)).order_by(stations.c.id)
        self._connection.execute(held.with_for_update())

    def first_change(self, operator_id: str) -> datetime | None:
        """When the history of an operator's stations begins; None where there is none."""
        statement = select(func.min(service_changes.c.at)).where(service_changes.c.operator_id == operator_id)
        first: datetime | None = self._connection.execute(statement).scalar_one()
        return first

    def changes(self, operator_id: str) -> dict[str, list[ServiceChange]]:
        """The history of an operator's stations, each in the order of time."""
        statement = (
            select(service_changes)
            .where(service_changes.c.operator_id == operator_id)
            .order_by(service_changes.c.at, service_changes.c.id)
        )
        found: dict[str, list[ServiceChange]] = {}
        for row in self._connection.execute(statement):
            found.setdefault(row.station_id, []).append(_change(row))
        return found

    def changes_of(self, station_id: str, *, most: int) -> list[ServiceChange]:
        """The history of one station, the latest first."""
        statement = (
            select(service_changes)
            .where(service_changes.c.station_id == station_id)
            .order_by(service_changes.c.id.desc())
            .limit(most)
        )
        return [_change(row) for row in self._connection.execute(statement)]

    def ask(self, request: ReleaseRequest) -> int:
        """Keeps a new request; its number is given by the database."""
        values = {
            "operator_id": request.operator_id,
            "station_ids": list(request.station_ids),
            "price": str(request.price),
            "currency": request.currency,
            "requested_by": request.requested_by,
            "requested_at": request.requested_at,
            "state": ReleaseState.ASKED.value,
        }
        statement = insert(release_requests).values(values).returning(release_requests.c.id)
        return int(self._connection.execute(statement).scalar_one())

    def request(self, request_id: int) -> ReleaseRequest | None:
        """The request of a number."""
        statement = select(release_requests).where(release_requests.c.id == request_id)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _request(row)

    def asked(self, operator_id: str) -> list[ReleaseRequest]:
        """An operator's requests that nobody has decided, the oldest first."""
        statement = (
            select(release_requests)
            .where(
                release_requests.c.operator_id == operator_id,
                release_requests.c.state == ReleaseState.ASKED.value,
            )
            .order_by(release_requests.c.id)
        )
        return [_request(row) for row in self._connection.execute(statement)]

    def decide(self, request_id: int, state: ReleaseState, person_id: int, now: datetime) -> bool:
        """Decides a request; False where somebody has already."""
        statement = (
            update(release_requests)
            .where(release_requests.c.id == request_id, release_requests.c.state == ReleaseState.ASKED.value)
            .values(state=state.value, decided_by=person_id, decided_at=now)
            .returning(release_requests.c.id)
        )
        return self._connection.execute(statement).one_or_none() is not None

    def close_month(self, statement: Statement, now: datetime) -> None:
        """Enters a month that is over, for good; IntegrityError where it was entered before."""
        key = {"operator_id": statement.operator_id, "month": str(statement.month)}
        head = {
            "operator_name": statement.operator_name,
            "currency": statement.currency,
            "total": str(statement.total),
            "closed_at": now,
        }
        self._connection.execute(insert(ledger_months).values(key | head))
        for line in statement.lines:
            values = {
                "station_id": line.station_id,
                "location": line.location,
                "price": str(line.price),
                "amount": str(line.amount),
                "reason": line.reason.value,
                "since": line.since,
            }
            self._connection.execute(insert(ledger_lines).values(key | values))

    def closed_months(self, operator_id: str) -> list[Month]:
        """The months that are closed, the latest first."""
        statement = select(ledger_months.c.month).where(ledger_months.c.operator_id == operator_id)
        return sorted(
            (Month.parse(each) for each in self._connection.execute(statement).scalars()), reverse=True
        )

    def closed(self, operator_id: str, month: Month) -> Statement | None:
        """A month as it was closed."""
        key = (ledger_months.c.operator_id == operator_id) & (ledger_months.c.month == str(month))
        head = self._connection.execute(select(ledger_months).where(key)).one_or_none()
        if head is None:
            return None
        rows = self._connection.execute(
            select(ledger_lines).where(
                ledger_lines.c.operator_id == operator_id, ledger_lines.c.month == str(month)
            )
        )
        found = sorted((_line(row) for row in rows), key=lambda line: line.station_id)
        total = Decimal(head.total)
        return Statement(
            operator_id, head.operator_name, month, head.currency, tuple(found), total, closed=True
        )


def _change(row: Row[tuple[object, ...]]) -> ServiceChange:
    return ServiceChange(
        row.station_id,
        row.at,
        row.active,
        Decimal(row.price),
        row.currency,
        Cause(row.cause),
        row.requested_by,
        row.released_by,
        row.id,
    )


def _request(row: Row[tuple[object, ...]]) -> ReleaseRequest:
    return ReleaseRequest(
        row.id,
        row.operator_id,
        tuple(row.station_ids),
        Decimal(row.price),
        row.currency,
        row.requested_by,
        row.requested_at,
        ReleaseState(row.state),
        row.decided_by,
        row.decided_at,
    )


def _line(row: Row[tuple[object, ...]]) -> Line:
    return Line(
        row.station_id,
        row.location,
        Decimal(row.price),
        Decimal(row.amount),
        LineReason(row.reason),
        row.since,
    )
