"""Jobs of technicians, what secures their links, their photos, and who wants to hear that an EVSE works again."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from storage.tables.base import metadata
from storage.types import Json, Key, Utc

jobs = Table(
    "jobs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("station_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("contact", Json, nullable=False),
    Column("telegram_id", BigInteger),
    Column("asked_at", Utc, nullable=False),
    Column("answer_due", Utc, nullable=False),
    Column("accepted_at", Utc),
    Column("departed_at", Utc),
    Column("arrived_at", Utc),
    Column("ended_at", Utc),
    Column("cause", Text),
    Column("note", Text),
    Column("chat", Text),
    Column("message", BigInteger),
    Index("ix_jobs_telegram_id_id", "telegram_id", "id"),
    Index("ix_jobs_station_id_id", "station_id", "id"),
    # A case is one technician's at a time.
    Index(
        "uq_jobs_open",
        "case_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

job_photos = Table(
    "job_photos",
    metadata,
    Column("id", Key, primary_key=True),
    Column("job_id", ForeignKey("jobs.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

link_secrets = Table(
    "link_secrets",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("made_at", Utc, nullable=False),
)

watches = Table(
    "watches",
    metadata,
    Column("id", Key, primary_key=True),
    Column("evse_id", Text, nullable=False),
    Column("station_id", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("since", Utc, nullable=False),
    Column("seen_broken", Boolean, nullable=False),
    Column("told_at", Utc),
    # Every batch of what stations tell asks for the stations of these, and there are few.
    Index(
        "ix_watches_station_id",
        "station_id",
        sqlite_where=text("told_at IS NULL"),
        postgresql_where=text("told_at IS NULL"),
    ),
    Index(
        "uq_watches_open",
        "evse_id",
        "conversation",
        unique=True,
        sqlite_where=text("told_at IS NULL"),
        postgresql_where=text("told_at IS NULL"),
    ),
)
