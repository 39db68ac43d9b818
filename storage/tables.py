"""The tables. They are private to this package: rows stay here, values leave."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from storage.types import Json, Key, Utc

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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

# A change of status is the hottest write there is. It changes one small row in place and appends one here, and without
# an index every append goes to the same page: a connector's intervals are found along `previous_id`.
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

drafts = Table(
    "drafts",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("step", Text, nullable=False),
    Column("evse_id", Text),
    Column("choices", Json, nullable=False),
    Column("changed_at", Utc, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("driver_id", ForeignKey("people.id"), nullable=False),
    Column("conversation", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("symptom", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("evse_id", Text),
    Column("station_id", Text),
    Column("connector", Integer),
    Column("judgement", Json),
    Column("agent_id", ForeignKey("people.id")),
    Column("topic", Text, unique=True),
    Column("card_message", BigInteger),
    Column("resolution", Text),
    Column("rating", Integer),
    Index("ix_cases_conversation_id", "conversation", "id"),
    Index("ix_cases_evse_id_opened_at", "evse_id", "opened_at"),
)

case_events = Table(
    "case_events",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("person_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("data", Json, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("person_id", BigInteger, nullable=False),
    Column("from_driver", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
    Column("kind", Text, nullable=False),
    Column("words", Text),
    Column("source", Text, nullable=False),
    Column("source_message", BigInteger, nullable=False),
    Column("copy", Text),
    Column("copy_message", BigInteger),
    Index("ix_messages_source_source_message", "source", "source_message", unique=True),
)

remote_actions = Table(
    "remote_actions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("station_id", Text, nullable=False),
    Column("connector", Integer, nullable=False),
    Column("command", Text, nullable=False),
    Column("transaction_id", BigInteger),
    Column("initiator", Text, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("screen", BigInteger),
    Column("ladder_id", BigInteger),
    Column("state", Text, nullable=False),
    Column("requested_at", Utc, nullable=False),
    Column("accepted_at", Utc),
    Column("booted_at", Utc),
    Column("ended_at", Utc),
    Column("proof", Text),
    Index("ix_remote_actions_station_id_requested_at", "station_id", "requested_at"),
    Index(
        "uq_remote_actions_pending",
        "station_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

ladders = Table(
    "ladders",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("station_id", Text, nullable=False),
    Column("connector", Integer, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("screen", BigInteger),
    Column("before", Text, nullable=False),
    Column("after", Text),
    Column("steps", Json, nullable=False),
    Column("step", Integer, nullable=False, server_default=text("0")),
    Column("command", Integer, nullable=False, server_default=text("0")),
    Column("waited", Integer, nullable=False, server_default=text("0")),
    Column("skipped", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Index(
        "uq_ladders_running",
        "station_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

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
)

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
