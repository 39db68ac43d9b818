"""What admins do: where they stand, whom they invite, what they switched on, what it cost, and all their acts."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text

from storage.tables.base import metadata
from storage.types import Json, Key, Utc

desks = Table(
    "desks",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("operator_id", Text),
    Column("form", Json),
    Column("selection", Json, nullable=False),
    Column("changed_at", Utc, nullable=False),
)

station_imports = Table(
    "station_imports",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("content", Text, nullable=False),
    Column("kept_at", Utc, nullable=False),
)
"""What somebody wants to import and has not confirmed."""

invitations = Table(
    "invitations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("secret_hash", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("invited_by", BigInteger),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_by", BigInteger),
    Column("used_at", Utc),
    Column("withdrawn_at", Utc),
    Index("uq_invitations_secret_hash", "secret_hash", unique=True),
)

service_changes = Table(
    "service_changes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("station_id", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("price", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("requested_by", BigInteger),
    Column("released_by", BigInteger),
    Index("ix_service_changes_operator_id_station_id_at", "operator_id", "station_id", "at"),
)
"""Rows are only added; a trigger holds that."""

release_requests = Table(
    "release_requests",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("station_ids", Json, nullable=False),
    Column("price", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("requested_by", BigInteger, nullable=False),
    Column("requested_at", Utc, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", BigInteger),
    Column("decided_at", Utc),
)

ledger_months = Table(
    "ledger_months",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("month", Text, primary_key=True),
    Column("operator_name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Text, nullable=False),
    Column("closed_at", Utc, nullable=False),
)
"""Months that are over. Rows are only added; a trigger holds that."""

ledger_lines = Table(
    "ledger_lines",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("month", Text, primary_key=True),
    Column("station_id", Text, primary_key=True),
    Column("location", Text, nullable=False),
    Column("price", Text, nullable=False),
    Column("amount", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Utc, nullable=False),
)
"""What was charged. Rows are only added; a trigger holds that."""

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("person_id", BigInteger),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Index("ix_audit_log_operator_id_id", "operator_id", "id"),
)
"""Rows are only added; a trigger holds that."""
