"""Pruning what stations told long ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, Table, delete, select

from storage.tables import station_notes, status_intervals, transactions

LINK_NOTES = ("connected", "disconnected", "boot")
"""Notes from which outages are reckoned; they are kept as long as the intervals."""


@dataclass(frozen=True, slots=True)
class Old:
    """The keys of rows that may go, by the name of their table."""

    keys: dict[str, tuple[int, ...]]

    @property
    def count(self) -> int:
        """How many rows these are."""
        return sum(len(keys) for keys in self.keys.values())


class History:
    """What may be forgotten, found by reading and removed by writing, so that finding holds nobody up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def old(self, told_before: datetime, intervals_before: datetime, most: int) -> Old:
        """At most `most` rows of each kind.

        Sessions and notes that ended before `told_before`; intervals and the comings and goings of links only
        before `intervals_before`. What has not ended is never old.
        """
        notes = station_notes.c
        intervals = status_intervals.c
        first = select(intervals.id, intervals.ended_at).order_by(intervals.id).limit(most).subquery()
        ends = {
            "status_intervals": self._keys(
                # They are numbered in the order of their ends, so the oldest are the first.
                select(first.c.id).where(first.c.ended_at < intervals_before),
                most,
            ),
            "transactions": self._keys(
                select(transactions.c.id).where(transactions.c.ended_at < told_before), most
            ),
            "station_notes": self._keys(
                select(notes.id).where(
                    (notes.what.in_(LINK_NOTES) & (notes.at < intervals_before))
                    | (notes.what.not_in(LINK_NOTES) & (notes.at < told_before))
                ),
                most,
            ),
        }
        return Old(ends)

    def forget(self, old: Old) -> None:
        """Removes these rows."""
        for table in (status_intervals, transactions, station_notes):
            self._remove(table, old.keys.get(table.name, ()))

    def _keys(self, statement: Select[int], most: int) -> tuple[int, ...]:
        return tuple(self._connection.execute(statement.limit(most)).scalars())

    def _remove(self, table: Table, keys: Sequence[int]) -> None:
        if keys:
            self._connection.execute(delete(table).where(table.c.id.in_(keys)))
