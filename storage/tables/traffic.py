"""What comes in, what goes out, and what falls due."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from storage.tables.base import metadata
from storage.types import Json, Key, Utc

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lane", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("person_id", BigInteger),
    Column("received_at", Utc, nullable=False),
    Column("applied_at", Utc),
    Column("answered_at", Utc),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Index(
        "ix_inbox_unanswered",
        "update_id",
        sqlite_where=text("answered_at IS NULL"),
        postgresql_where=text("answered_at IS NULL"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("lane", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("case_id", BigInteger),
    Column("recipient", Text, nullable=False),
    Column("params", Json, nullable=False),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("priority", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("lease_until", Utc),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("ended_at", Utc),
    Column("error", Text),
    # What could not be delivered is counted at every look at the metrics.
    Index(
        "ix_outbox_given_up",
        "id",
        sqlite_where=text("error IS NOT NULL AND ended_at IS NOT NULL"),
        postgresql_where=text("error IS NOT NULL AND ended_at IS NOT NULL"),
    ),
    Index(
        "ix_outbox_waiting",
        "lane",
        "id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

timers = Table(
    "timers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("due_at", Utc, nullable=False, index=True),
    Column("lease_until", Utc),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("given_up_at", Utc),
)
