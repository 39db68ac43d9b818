"""Cases, and all that hangs on them."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from bot.domain.case import SITE_AWAY
from storage.tables.base import metadata
from storage.types import Json, Key, Utc

SITE_IS_AWAY = text(f"(judgement ->> 'verdict') = '{SITE_AWAY}' AND state NOT IN ('resolved', 'closed')")
"""Open cases of a whole site. A query uses the index of these only where it says this in the very same words."""

WITH_HOTLINE = text("state IN ('waiting_agent', 'with_agent', 'waiting_technician', 'with_technician')")
"""Cases that a person has. A query uses the index of these only where it says this in the very same words."""

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
    Column("cause", Text),
    Column("cause_note", Text),
    Column("snoozed_until", Utc),
    Column("merged_into", BigInteger, index=True),
    Column("rating_reason", Text),
    Column("rating_words", Text),
    Column("rated_at", Utc),
    Column("resolved_at", Utc),
    Column("group_chat", BigInteger),
    Column("follows", BigInteger),
    Column("ended_at", Utc),
    Column("spoken_at", Utc),
    Index("ix_cases_conversation_id", "conversation", "id"),
    Index("ix_cases_driver_id_id", "driver_id", "id"),
    Index("ix_cases_evse_id_opened_at", "evse_id", "opened_at"),
    Index("ix_cases_station_id_id", "station_id", "id"),
    Index("ix_cases_operator_id_opened_at", "operator_id", "opened_at"),
    Index("ix_cases_group_chat", "group_chat", sqlite_where=WITH_HOTLINE, postgresql_where=WITH_HOTLINE),
    # Every batch of what stations tell asks for these, and there is hardly ever one.
    Index("ix_cases_site_away", "station_id", sqlite_where=SITE_IS_AWAY, postgresql_where=SITE_IS_AWAY),
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
    Column("reply_to", BigInteger),
    Column("album", Text),
    Column("spans", Json),
    Column("file", Text),
    Column("file_key", Text),
    Column("reaction", Text),
    Column("reaction_back", Text),
    Index("ix_messages_source_source_message", "source", "source_message", unique=True),
    # What is told of a reaction in a group names no topic, so that the number is looked for first.
    Index("ix_messages_source_message", "source_message"),
    Index("ix_messages_copy_message", "copy_message"),
)

message_revisions = Table(
    "message_revisions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("words", Text),
    Column("spans", Json),
    Column("file", Text),
    Column("file_key", Text),
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
