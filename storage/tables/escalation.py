"""Policies of escalation, and what of them runs in a case."""

from sqlalchemy import Column, Float, ForeignKey, Integer, Table, Text, text

from storage.tables.base import metadata
from storage.types import Json, Utc

policies = Table(
    "policies",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("severity", Text, primary_key=True),
    Column("data", Json, nullable=False),
)
"""What an operator has set; of other severities the usual policy holds."""

escalations = Table(
    "escalations",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("policy", Json, nullable=False),
    Column("zone", Text, nullable=False),
    Column("country", Text),
    Column("region", Text),
    Column("began_at", Utc, nullable=False),
    Column("number", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("started_at", Utc),
    Column("used", Float, nullable=False),
    Column("repeats", Integer, nullable=False, server_default=text("0")),
    Column("driver_told_at", Utc),
    Column("first_answer_at", Utc),
    Column("first_answer", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("ended_at", Utc),
)
"""`policy` is a copy; `used` is in seconds."""
