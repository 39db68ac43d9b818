"""The groups of agents, and what drivers wrote while it was not known which case they mean."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from storage.tables.base import metadata
from storage.types import Json, Key, Utc

hotline_groups = Table(
    "hotline_groups",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True),
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("languages", Json, nullable=False),
    Column("title", Text),
    Column("shut_at", Utc),
    Index("ix_hotline_groups_chat", "chat"),
)

held_messages = Table(
    "held_messages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation", Text, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("at", Utc, nullable=False),
    Column("kind", Text, nullable=False),
    Column("words", Text),
    Column("number", BigInteger, nullable=False),
    Column("reply_to", BigInteger),
    Column("album", Text),
    Column("spans", Json),
    Column("file", Text),
    Column("file_key", Text),
    Column("revisions", Json, nullable=False),
    Index("uq_held_messages_conversation_number", "conversation", "number", unique=True),
)
