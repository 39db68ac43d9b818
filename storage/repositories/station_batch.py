"""What stations told between two transactions, kept with a few statements whatever its number."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Connection

from bot.domain.observation import Booted, LinkChanged, Noted, Seen, StatusObserved
from storage.repositories import status_changes
from storage.repositories.bulk import Bulk, packed, utc
from storage.repositories.status_changes import Change, PackedChanges

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


_NO_WORDS = (None, None, None)


class PackedBatch(Struct, frozen=True):
    """Texts that the statements take apart; empty where there is nothing of a kind."""

    heard: str
    changes: tuple[PackedChanges, ...]
    noted: str
    seen: str
    speaks: str
    identities: str

    def write(self, connection: Connection, source: str) -> None:
        """Keeps all of it; the outcome is as if it were kept one by one."""
        # What was there before is heard of last, and then ended.
        _HEARD.write(connection, self.heard, source)
        for changes in self.changes:
            changes.write(connection, source)
        _NOTED.write(connection, self.noted)
        _SEEN.write(connection, self.seen)
        _SPEAKS.write(connection, self.speaks)
        _IS.write(connection, self.identities)


class StationBatch:
    """Gathers observations in the order in which they came."""

    def __init__(self) -> None:
        self._changes: list[dict[tuple[str, int], Change]] = []
        self._heard: dict[tuple[str, int], object] = {}
        self._seen: dict[str, object] = {}
        self._protocols: dict[str, str] = {}
        self._identities: dict[str, Booted] = {}
        self._notes: list[tuple[object, ...]] = []

    def add(self, told: Told) -> None:
        """Adds one; ValueError where a time of it has no zone."""
        match told:
            case StatusObserved():
                self._status(told)
            case Seen(station_id=station_id):
                self._seen[station_id] = utc(told.received_at)
            case Booted(station_id=station_id):
                self._seen[station_id] = utc(told.received_at)
                self._identities[station_id] = told
                self._note(told, "boot", told.firmware or "")
            case LinkChanged(station_id=station_id, protocol=protocol):
                if told.connected:
                    # That a link is gone is noticed late, and is no sign of life.
                    self._seen[station_id] = utc(told.received_at)
                if protocol is not None:
                    self._protocols[station_id] = protocol
                self._note(told, "connected" if told.connected else "disconnected", protocol or "")
            case Noted():
                self._note(told, told.what, told.detail)

    def packed(self) -> PackedBatch:
        """All of it, as it is written."""
        identities = self._identities.values()
        return PackedBatch(
            packed([(station, number, now) for (station, number), now in self._heard.items()]),
            tuple(status_changes.pack(list(changes.values())) for changes in self._changes),
            packed(self._notes),
            packed(list(self._seen.items())),
            packed(list(self._protocols.items())),
            packed(
                [(it.station_id, it.vendor, it.model, it.firmware, it.serial_number) for it in identities]
            ),
        )

    def _status(self, told: StatusObserved) -> None:
        state, now = told.state, utc(told.received_at)
        key = (told.station_id, state.connector)
        if told.changed:
            change: Change = [
                told.station_id,
                state.connector,
                state.status,
                state.error_code,
                None if state.claimed_at is None else utc(state.claimed_at),
                now,
            ]
            vendors = (state.vendor_error_code, state.vendor_id, state.info)
            if state.since is not told.received_at or vendors != _NO_WORDS:
                change += [*vendors, utc(state.since), now]
            self._first_without(key)[key] = change
        elif (current := self._latest(key)) is None:
            self._heard[key] = now
        else:
            status_changes.heard_again(current, now)

    def _first_without(self, key: tuple[str, int]) -> dict[tuple[str, int], Change]:
        """Changes that are written together are each of another connector."""
        for changes in self._changes:
            if key not in changes:
                return changes
        self._changes.append({})
        return self._changes[-1]

    def _latest(self, key: tuple[str, int]) -> Change | None:
        return next((changes[key] for changes in reversed(self._changes) if key in changes), None)

    def _note(self, told: Told, what: str, detail: str) -> None:
        self._notes.append((told.station_id, utc(told.received_at), what, detail))


def gather(observations: Iterable[Told]) -> PackedBatch:
    """Observations as they are written; needs no database. ValueError where one cannot be kept."""
    batch = StationBatch()
    for each in observations:
        batch.add(each)
    return batch.packed()
