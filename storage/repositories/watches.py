"""Who wants to hear when an EVSE works again."""

from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from bot.domain.people import Address
from bot.domain.watch import Watch
from storage.repositories.upsert import insert_new
from storage.tables import watches

_UNTOLD = watches.c.told_at.is_(None)
_STATIONS = select(watches.c.station_id).distinct().where(_UNTOLD)
_AT = select(watches).where(watches.c.station_id == bindparam("key"), _UNTOLD).order_by(watches.c.id)
_ON = select(watches).where(watches.c.evse_id == bindparam("key"), _UNTOLD).order_by(watches.c.id)
_GET = select(watches).where(watches.c.id == bindparam("key"), _UNTOLD)
_MINE = select(watches).where(
    watches.c.evse_id == bindparam("evse"), watches.c.conversation == bindparam("where"), _UNTOLD
)


class Watches:
    """Watches that nobody has been told of yet; those that are over are deleted some time later."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, watch: Watch) -> None:
        """Enters one; where the conversation has one of that EVSE already, that one stays."""
        values = {
            "evse_id": watch.evse_id,
            "station_id": watch.station_id,
            "conversation": str(watch.conversation),
            "person_id": watch.person_id,
            "since": watch.since,
            "seen_broken": watch.seen_broken,
        }
        self._connection.execute(insert_new(self._connection, watches), values)

    def get(self, watch_id: int) -> Watch | None:
        """The watch of a number, while nobody has been told."""
        row = self._connection.execute(_GET, {"key": watch_id}).one_or_none()
        return None if row is None else _watch(row)

    def of(self, evse_id: str, conversation: Address) -> Watch | None:
        """The watch of a conversation on an EVSE."""
        named = {"evse": evse_id, "where": str(conversation)}
        row = self._connection.execute(_MINE, named).one_or_none()
        return None if row is None else _watch(row)

    def on(self, evse_id: str) -> list[Watch]:
        """Who waits for an EVSE, the oldest first."""
        return [_watch(row) for row in self._connection.execute(_ON, {"key": evse_id})]

    def at(self, station_id: str) -> list[Watch]:
        """Who waits for any EVSE of a station, the oldest first."""
        return [_watch(row) for row in self._connection.execute(_AT, {"key": station_id})]

    def stations(self) -> frozenset[str]:
        """The stations that somebody waits for."""
        return frozenset(self._connection.execute(_STATIONS).scalars())

    def broken(self, watch_id: int) -> None:
        """The station has said by now that it is out of order."""
        self._connection.execute(update(watches).where(watches.c.id == watch_id).values(seen_broken=True))

    def told(self, watch_id: int, now: datetime) -> bool:
        """They hear of it now; False where they have heard already, or want to no more."""
        found = (watches.c.id == watch_id) & _UNTOLD
        return self._connection.execute(update(watches).where(found).values(told_at=now)).rowcount == 1

    def drop(self, evse_id: str, conversation: Address) -> None:
        """They do not want to hear of it any more."""
        mine = (watches.c.evse_id == evse_id) & (watches.c.conversation == str(conversation))
        self._connection.execute(delete(watches).where(mine, _UNTOLD))

    def forget(self, before: datetime) -> None:
        """Deletes what began before then, and what was told before then."""
        self._connection.execute(
            delete(watches).where(or_(watches.c.since < before, watches.c.told_at < before))
        )


def _watch(row: Row[tuple[object, ...]]) -> Watch:
    return Watch(
        row.id,
        row.evse_id,
        row.station_id,
        Address.parse(row.conversation),
        row.person_id,
        row.since,
        row.seen_broken,
    )
