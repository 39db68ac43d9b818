"""The intervals of one connector, found from the present one back along their chain."""

from sqlalchemy import CTE, Select, and_, bindparam, literal, select
from sqlalchemy.sql.elements import ColumnElement

from storage.tables import connector_states, status_intervals

_TOLD = (
    "connector",
    "source",
    "status",
    "error_code",
    "vendor_error_code",
    "vendor_id",
    "info",
    "started_at",
    "claimed_at",
    "heard_at",
    "previous_id",
)


def latest(*, one_source: bool, since: bool) -> Select[tuple[object, ...]]:
    """A query for at most `most` intervals of connector `number` of station `at`, the newest first.

    With `one_source` only those that `whose` told; with `since` only those that began at `moment` or later. All these
    are names of parameters.
    """
    chain = _chain(one_source=one_source, since=since)
    return select(chain).order_by(chain.c.started_at.desc(), chain.c.id.desc()).limit(bindparam("most"))


def _chain(*, one_source: bool, since: bool) -> CTE:
    now, then = connector_states.c, status_intervals.c
    wanted: list[ColumnElement[bool]] = [
        now.station_id == bindparam("at"),
        now.connector == bindparam("number"),
    ]
    if one_source:
        wanted.append(now.source == bindparam("whose"))
    if since:
        wanted.append(now.started_at >= bindparam("moment"))
    present = select(
        *(now[name] for name in _TOLD), (now.previous_id + 1).label("id"), literal(1).label("place")
    ).where(*wanted)
    chain = present.cte("chain", recursive=True)
    # Where the interval before was forgotten, SQLite may have given its number to another one since.
    follows = and_(
        then.id == chain.c.previous_id,
        then.id < chain.c.id,
        then.station_id == bindparam("at"),
        then.connector == chain.c.connector,
        then.source == chain.c.source,
    )
    earlier = (
        select(*(then[name] for name in _TOLD), then.id, chain.c.place + 1)
        .join(chain, follows)
        .where(chain.c.place < bindparam("most"))
    )
    return chain.union_all(earlier.where(then.started_at >= bindparam("moment")) if since else earlier)
