"""What agents have ready, and the lines by which words of a merged case are told apart."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from storage.tables.base import metadata
from storage.types import Json, Key

canned_answers = Table(
    "canned_answers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("texts", Json, nullable=False),
)

merged_lines = Table(
    "merged_lines",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("message", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
)
