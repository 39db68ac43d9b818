"""What stations told."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text, text

from storage.tables.base import metadata
from storage.types import Key, Utc

connector_states = Table(
    "connector_states",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("connector", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("error_code", Text),
    Column("vendor_error_code", Text),
    Column("vendor_id", Text),
    Column("info", Text),
    Column("started_at", Utc, nullable=False),
    Column("claimed_at", Utc),
    Column("heard_at", Utc, nullable=False),
    Column("previous_id", BigInteger),
    sqlite_with_rowid=False,
)
"""The interval that has not ended, of each connector and source."""

status_intervals = Table(
    "status_intervals",
    metadata,
    Column("id", Key, primary_key=True),
    Column("station_id", Text, nullable=False),
    Column("connector", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("error_code", Text),
    Column("vendor_error_code", Text),
    Column("vendor_id", Text),
    Column("info", Text),
    Column("source", Text, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("claimed_at", Utc),
    Column("heard_at", Utc, nullable=False),
    Column("ended_at", Utc, nullable=False),
    Column("previous_id", BigInteger),
)
"""Intervals that have ended, in the order of their ends."""

transactions = Table(
    "transactions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("station_id", Text, nullable=False),
    Column("connector", Integer, nullable=False),
    Column("id_tag", Text, nullable=False),
    Column("meter_start_wh", Integer),
    Column("source", Text, nullable=False, server_default=text("'ocpp'")),
    Column("reference", Text),
    Column("started_at", Utc, nullable=False),
    Column("claimed_at", Utc),
    Column("energy_wh", Integer),
    Column("power_w", Float),
    Column("soc_percent", Float),
    Column("metered_at", Utc),
    Column("ended_at", Utc),
    Column("meter_stop_wh", Integer),
    Column("reason", Text),
    Index("ix_transactions_station_id_ended_at", "station_id", "ended_at"),
    Index("ix_transactions_reference", "reference"),
)

station_notes = Table(
    "station_notes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("station_id", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_station_notes_station_id_at", "station_id", "at"),
)

knocks = Table(
    "knocks",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("first_at", Utc, nullable=False),
    Column("last_at", Utc, nullable=False),
    Column("times", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("protocols", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("password", Text),
    Column("security_profile", Integer, nullable=False, server_default=text("0")),
    Column("contested", Boolean, nullable=False, server_default=text("false")),
)
