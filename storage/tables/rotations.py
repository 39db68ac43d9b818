"""Who is on call: an operator's plan with its layers and overrides, calendars on their way in, and shifts."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from storage.tables.base import metadata
from storage.types import Json, Key, Utc

on_call_plans = Table(
    "on_call_plans",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, unique=True),
    Column("region", Text),
    Column("told", Json, nullable=False),
)
"""One for each operator that has ever planned anything; `told` holds who is known to be on call, by level."""

rotation_layers = Table(
    "rotation_layers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("level", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("every", Text, nullable=False),
    Column("handover_at", Text, nullable=False),
    Column("handover_weekday", Integer, nullable=False),
    Column("starts_on", Text, nullable=False),
    Column("people", Json, nullable=False),
    Column("hours", Json),
    Column("on_holidays", Boolean, nullable=False),
)

rotation_overrides = Table(
    "rotation_overrides",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("level", Integer, nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("begins_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Column("source", Text, nullable=False),
    Column("calendar", Text),
    Column("uid", Text),
    Index("ix_rotation_overrides_operator_id_ends_at", "operator_id", "ends_at"),
)

calendar_imports = Table(
    "calendar_imports",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("calendar", Text, nullable=False),
    Column("entries", Json, nullable=False),
    Column("kept_at", Utc, nullable=False),
)
"""What of a calendar waits to be taken over."""

RUNNING = text("ended_at IS NULL")

shifts = Table(
    "shifts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Column("ended_at", Utc),
    # Nobody is on two shifts of one operator at once.
    Index(
        "uq_shifts_running",
        "operator_id",
        "person_id",
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    ),
)
