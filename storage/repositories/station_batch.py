"""What stations told between two transactions, kept with a few statements whatever its number."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.capability import Source
from bot.domain.observation import Booted, LinkChanged, Noted, Seen, StatusObserved
from storage.repositories import status_changes
from storage.repositories.bulk import Bulk, time_of
from storage.repositories.status_changes import Change

Told = StatusObserved | Booted | LinkChanged | Seen | Noted
"""The observations whose order among the stations, and among the kinds, makes no difference."""

_HEARD = Bulk(
    "UPDATE connector_states SET heard_at = told.at FROM told WHERE connector_states.station_id = told.station_id "
    "AND connector_states.connector = told.connector AND connector_states.source = told.source",
    {"station_id": "text", "connector": "int", "at": "timestamptz"},
    {"source": "text"},
)
_NOTED = Bulk(
    "INSERT INTO station_notes (station_id, at, what, detail) SELECT station_id, at, what, detail FROM told",
    {"station_id": "text", "at": "timestamptz", "what": "text", "detail": "text"},
)
_SEEN = Bulk(
    "UPDATE stations SET last_seen = told.at FROM told WHERE stations.id = told.id",
    {"id": "text", "at": "timestamptz"},
)
_SPEAKS = Bulk(
    "UPDATE stations SET protocol = told.protocol FROM told WHERE stations.id = told.id",
    {"id": "text", "protocol": "text"},
)
_IS = Bulk(
    "UPDATE stations SET vendor = told.vendor, model = told.model, firmware = told.firmware, "
    "serial_number = told.serial_number FROM told WHERE stations.id = told.id",
    {"id": "text", "vendor": "text", "model": "text", "firmware": "text", "serial_number": "text"},
)


class StationBatch:
    """Gathers observations in the order in which they came; `write` keeps them all."""

    def __init__(self, source: Source, time: Callable[[datetime], object]) -> None:
        self._source = source.value
        self._time = time
        self._changes: list[dict[tuple[str, int], Change]] = []
        self._heard: dict[tuple[str, int], object] = {}
        self._seen: dict[str, object] = {}
        self._protocols: dict[str, str] = {}
        self._identities: dict[str, Booted] = {}
        self._notes: list[tuple[object, ...]] = []

    def add(self, told: Told) -> None:
        """Adds one."""
        match told:
            case StatusObserved():
                self._status(told)
            case Seen(station_id=station_id):
                self._seen[station_id] = self._time(told.received_at)
            case Booted(station_id=station_id):
                self._seen[station_id] = self._time(told.received_at)
                self._identities[station_id] = told
                self._note(told, "boot", told.firmware or "")
            case LinkChanged(station_id=station_id, protocol=protocol):
                if told.connected:
                    # That a link is gone is noticed late, and is no sign of life.
                    self._seen[station_id] = self._time(told.received_at)
                if protocol is not None:
                    self._protocols[station_id] = protocol
                self._note(told, "connected" if told.connected else "disconnected", protocol or "")
            case Noted():
                self._note(told, told.what, told.detail)

    def write(self, connection: Connection) -> None:
        """Keeps all of it."""
        # What was there before is heard of last, and then ended.
        heard = [(station, number, now) for (station, number), now in self._heard.items()]
        _HEARD.write(connection, heard, self._source)
        for changes in self._changes:
            status_changes.write(connection, list(changes.values()), self._source)
        _NOTED.write(connection, self._notes)
        _SEEN.write(connection, tuple(self._seen.items()))
        _SPEAKS.write(connection, tuple(self._protocols.items()))
        _IS.write(
            connection,
            [
                (each.station_id, each.vendor, each.model, each.firmware, each.serial_number)
                for each in self._identities.values()
            ],
        )

    def _status(self, told: StatusObserved) -> None:
        state, now = told.state, self._time(told.received_at)
        key = (told.station_id, state.connector)
        if told.changed:
            self._first_without(key)[key] = self._change(told, now)
        elif (current := self._latest(key)) is None:
            self._heard[key] = now
        else:
            current[status_changes.HEARD_AT] = now

    def _first_without(self, key: tuple[str, int]) -> dict[tuple[str, int], Change]:
        """Changes that are written together are each of another connector."""
        for changes in self._changes:
            if key not in changes:
                return changes
        self._changes.append({})
        return self._changes[-1]

    def _latest(self, key: tuple[str, int]) -> Change | None:
        return next((changes[key] for changes in reversed(self._changes) if key in changes), None)

    def _change(self, told: StatusObserved, now: object) -> Change:
        state = told.state
        return [
            told.station_id,
            state.connector,
            state.status.value,
            state.error_code,
            state.vendor_error_code,
            state.vendor_id,
            state.info,
            now if state.since is told.received_at else self._time(state.since),
            None if state.claimed_at is None else self._time(state.claimed_at),
            now,
            now,
        ]

    def _note(self, told: Told, what: str, detail: str) -> None:
        self._notes.append((told.station_id, self._time(told.received_at), what, detail))


def keep(connection: Connection, observations: Sequence[Told], source: Source) -> None:
    """Keeps observations in as few statements as there are kinds; the outcome is as if it were one by one."""
    batch = StationBatch(source, time_of(connection))
    for told in observations:
        batch.add(told)
    batch.write(connection)
