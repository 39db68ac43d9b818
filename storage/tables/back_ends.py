"""Back ends that speak OCPI."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from storage.tables.base import metadata
from storage.types import Json, Utc

ocpi_peers = Table(
    "ocpi_peers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("versions_url", Text, nullable=False),
    Column("us", Json, nullable=False),
    Column("our_token", Text),
    Column("next_token", Text),
    Column("their_token", Text),
    Column("parties", Json, nullable=False),
    Column("endpoints", Json, nullable=False),
    Column("raw_token", Boolean, nullable=False),
    Column("statuses", Json, nullable=False),
    Column("registered_at", Utc),
    Column("contact_at", Utc),
    Column("error", Text),
    Column("error_at", Utc),
    Column("synced_until", Utc),
    Column("crawled_at", Utc),
    Column("bad_objects", Integer, nullable=False, server_default=text("0")),
)

ocpi_locations = Table(
    "ocpi_locations",
    metadata,
    Column("peer_id", ForeignKey("ocpi_peers.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("location_id", Text, nullable=False),
    Column("last_updated", Utc, nullable=False),
    Column("heard_at", Utc, nullable=False),
    Column("data", Json, nullable=False),
)

ocpi_evses = Table(
    "ocpi_evses",
    metadata,
    Column("peer_id", ForeignKey("ocpi_peers.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("evse_uid", Text, nullable=False),
    Column("location_key", Text, nullable=False),
    Column("location_id", Text, nullable=False),
    Column("evse_id", Text),
    Column("station_id", Text, index=True),
    Column("connector", Integer),
    Column("status", Text, nullable=False),
    Column("last_updated", Utc, nullable=False),
    Column("heard_at", Utc, nullable=False),
    Column("connectors", Json, nullable=False),
    Column("capabilities", Json, nullable=False),
    Column("removed_at", Utc),
    Column("created", Boolean, nullable=False),
    Column("data", Json, nullable=False),
    Index("ix_ocpi_evses_peer_id_location_key", "peer_id", "location_key"),
)

ocpi_sessions = Table(
    "ocpi_sessions",
    metadata,
    Column("peer_id", ForeignKey("ocpi_peers.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("session_id", Text, nullable=False),
    Column("last_updated", Utc, nullable=False),
    Column("heard_at", Utc, nullable=False, index=True),
    Column("data", Json, nullable=False),
)
