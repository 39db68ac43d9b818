"""What a connector tells at present in a table of its own; the intervals before it as a chain without an index."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_TOLD = (
    "station_id, connector, source, status, error_code, vendor_error_code, vendor_id, info, "
    "started_at, claimed_at, heard_at"
)
_OF_ONE = "PARTITION BY station_id, connector, source"
_NEWEST_OPEN = (
    "SELECT max(id) FROM status_intervals WHERE ended_at IS NULL GROUP BY station_id, connector, source"
)
# An interval that was never ended and that another one followed ended when it was heard of last.
_KEEP_ENDED = f"""
    CREATE TABLE ended_before AS
    SELECT number, {_TOLD}, ended_at, lag(number) OVER ({_OF_ONE} ORDER BY number) AS previous_id FROM (
        SELECT {_TOLD}, coalesce(ended_at, heard_at) AS ended_at,
            row_number() OVER (ORDER BY coalesce(ended_at, heard_at), id) AS number
        FROM status_intervals WHERE ended_at IS NOT NULL OR id NOT IN ({_NEWEST_OPEN})
    ) AS numbered
"""  # noqa: S608  # Of constants, as are all below.
_KEEP_PRESENT = f"""
    INSERT INTO connector_states ({_TOLD}, previous_id)
    SELECT {_TOLD}, (
        SELECT max(number) FROM ended_before
        WHERE ended_before.station_id = status_intervals.station_id
        AND ended_before.connector = status_intervals.connector
        AND ended_before.source = status_intervals.source
    ) FROM status_intervals WHERE ended_at IS NULL AND id IN ({_NEWEST_OPEN})
"""  # noqa: S608
_BRING_ENDED = f"""
    INSERT INTO status_intervals (id, {_TOLD}, ended_at, previous_id)
    SELECT number, {_TOLD}, ended_at, previous_id FROM ended_before ORDER BY number
"""  # noqa: S608
_BRING_PRESENT = f"""
    INSERT INTO status_intervals ({_TOLD}) SELECT {_TOLD} FROM connector_states ORDER BY started_at
"""  # noqa: S608
_COUNT_ON = """
    SELECT setval(pg_get_serial_sequence('status_intervals', 'id'), coalesce(max(id), 0) + 1, false)
    FROM status_intervals
"""


def upgrade() -> None:
    """Brings the database here."""
    op.create_table(
        "connector_states",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("connector", sa.Integer(), autoincrement=False, nullable=False),
        *_told(),
        sa.Column("previous_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "source", "connector", name=op.f("pk_connector_states")),
        sqlite_with_rowid=False,
    )
    op.execute(_KEEP_ENDED)
    # It is looked into once for each connector.
    op.create_index("ix_ended_before", "ended_before", ["station_id", "connector", "source", "number"])
    op.execute(_KEEP_PRESENT)
    op.drop_table("status_intervals")
    _create_intervals(
        sa.Column("ended_at", _TIME, nullable=False), sa.Column("previous_id", sa.BigInteger(), nullable=True)
    )
    op.execute(_BRING_ENDED)
    op.drop_table("ended_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_COUNT_ON)
        # A row that finds room on its own page is changed without touching the index.
        op.execute("ALTER TABLE connector_states SET (fillfactor = 50)")


def downgrade() -> None:
    """Takes it back."""
    op.execute(
        f"CREATE TABLE ended_before AS SELECT id AS number, {_TOLD}, ended_at FROM status_intervals"  # noqa: S608
    )
    op.drop_table("status_intervals")
    _create_intervals(sa.Column("ended_at", _TIME, nullable=True))
    op.execute(_BRING_ENDED.replace(", previous_id", ""))
    op.drop_table("ended_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_COUNT_ON)
    op.execute(_BRING_PRESENT)
    op.drop_table("connector_states")
    op.create_index(
        "ix_status_intervals_station_id_connector_started_at",
        "status_intervals",
        ["station_id", "connector", "started_at"],
        unique=False,
    )
    op.create_index(
        "ix_status_intervals_open",
        "status_intervals",
        ["station_id", "connector"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _create_intervals(*last: sa.Column[object]) -> None:
    op.create_table(
        "status_intervals",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("connector", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        *_told(),
        *last,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_intervals")),
    )


def _told() -> list[sa.Column[object]]:
    return [
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("vendor_error_code", sa.Text(), nullable=True),
        sa.Column("vendor_id", sa.Text(), nullable=True),
        sa.Column("info", sa.Text(), nullable=True),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("claimed_at", _TIME, nullable=True),
        sa.Column("heard_at", _TIME, nullable=False),
    ]
