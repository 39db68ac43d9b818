"""Stations that knock: refused as nobody knows them, and kept so that they can be adopted."""

from dataclasses import replace

from sqlalchemy import Connection, Row, bindparam, delete, select

from bot.domain.knock import Knock
from storage.repositories.upsert import put
from storage.tables import knocks

MOST = 200
"""How many are kept; whoever makes names up pushes out no more than the oldest of them."""

_ONE = select(knocks).where(knocks.c.station_id == bindparam("key"))
_ALL = select(knocks).order_by(knocks.c.last_at.desc(), knocks.c.station_id)
_DROP = delete(knocks).where(knocks.c.station_id == bindparam("key"))
_DROP_OLDEST = delete(knocks).where(
    knocks.c.station_id.not_in(_ALL.with_only_columns(knocks.c.station_id).limit(MOST))
)


class Knocks:
    """The last `MOST` identities that knocked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> list[Knock]:
        """All of them, the latest first."""
        return [_knock(row) for row in self._connection.execute(_ALL)]

    def get(self, station_id: str) -> Knock | None:
        """What is known of one identity."""
        row = self._connection.execute(_ONE, {"key": station_id}).one_or_none()
        return None if row is None else _knock(row)

    def drop(self, station_id: str) -> None:
        """Forgets an identity; nothing happens where it is not there."""
        self._connection.execute(_DROP, {"key": station_id})

    def note(self, knock: Knock) -> bool:
        """Enters an attempt, or adds it to the earlier ones of that identity; the oldest identity gives way.

        True where the identity had not knocked before.
        """
        before = self.get(knock.station_id)
        kept = knock if before is None else _joined(before, knock)
        put(
            self._connection,
            knocks,
            {
                "station_id": kept.station_id,
                "first_at": kept.first_at,
                "last_at": kept.last_at,
                "times": kept.times,
                "address": kept.address,
                "protocols": ",".join(kept.protocols),
                "agent": kept.agent,
                "password": kept.password,
                "security_profile": kept.security_profile,
                "contested": kept.contested,
            },
        )
        if before is None:
            self._connection.execute(_DROP_OLDEST)
        return before is None


def _joined(before: Knock, last: Knock) -> Knock:
    shows = before if _strength(last) < _strength(before) else last
    passwords = {each.password for each in (before, last)} - {None}
    return replace(
        shows,
        first_at=before.first_at,
        last_at=last.last_at,
        times=before.times + last.times,
        contested=before.contested or len(passwords) > 1,
    )


def _strength(knock: Knock) -> int:
    # A password is worth the same over TLS: what travels in the clear may be the station all the same.
    return {0: 0, 1: 1, 2: 1}.get(knock.security_profile, 2)


def _knock(row: Row[tuple[object, ...]]) -> Knock:
    return Knock(
        row.station_id,
        row.first_at,
        row.last_at,
        row.times,
        row.address,
        tuple(name for name in row.protocols.split(",") if name),
        row.agent,
        row.password,
        row.security_profile,
        row.contested,
    )
