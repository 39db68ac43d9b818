"""Operators, their staff, and what they own."""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, Table, Text, text

from storage.tables.base import metadata
from storage.types import Json, Key, Utc

operators = Table(
    "operators",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("country_code", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("price_per_station_month", Text, nullable=False),
    Column("hotline_phone", Text, nullable=False),
    Column("hotline_chat", BigInteger),
    Column("manager", Json),
    Column("pending_after_minutes", Integer, nullable=False, server_default=text("30")),
    Column("offline_after_minutes", Integer, nullable=False, server_default=text("60")),
)

groups = Table(
    "groups",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("rights", Json, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Key, primary_key=True),
    Column("telegram_id", BigInteger, unique=True),
    Column("name", Text, nullable=False),
    Column("username", Text),
    Column("language", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("unreachable", Boolean, nullable=False, server_default=text("false")),
)

memberships = Table(
    "memberships",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("group_name", Text, primary_key=True),
)

locations = Table(
    "locations",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("postal_code", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
)

stations = Table(
    "stations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("location_id", Text, nullable=False),
    Column("password", Text),
    Column("service_active", Boolean, nullable=False),
    Column("technician", Json),
    Column("vendor", Text),
    Column("model", Text),
    Column("firmware", Text),
    Column("serial_number", Text),
    Column("last_seen", Utc),
    Column("protocol", Text),
    Column("security_profile", Integer, nullable=False, server_default=text("0")),
    Column("pending_after_minutes", Integer),
    Column("offline_after_minutes", Integer),
)

evses = Table(
    "evses",
    metadata,
    Column("evse_id", Text, primary_key=True),
    Column("compact", Text, nullable=False, index=True),
    Column("station_id", ForeignKey("stations.id"), nullable=False, index=True),
    Column("connector", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("power_kw", Float, nullable=False),
)
