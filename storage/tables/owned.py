"""Operators, their staff, and what they own."""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, text

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
    Column("manager", Json),
    Column("pending_after_minutes", Integer, nullable=False, server_default=text("30")),
    Column("offline_after_minutes", Integer, nullable=False, server_default=text("60")),
    Column("languages", Json),
    Column("sticker_link", Text, nullable=False, server_default=text("'bot'")),
    Column("agent_takes_minutes", Integer),
    Column("agent_takes_danger_minutes", Integer),
)

entities = Table(
    "entities",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent", Text),
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

staff = Table(
    "staff",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("entity_id", Text),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("deactivated_at", Utc),
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
    Column("entity_id", Text),
    Column("directions", Text),
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
    Index("ix_stations_operator_id_location_id", "operator_id", "location_id"),
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
