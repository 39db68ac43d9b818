"""Several groups of agents for an operator; a case knows its group, what it follows, and words that wait for their case."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_OF_CASES = (
    ("group_chat", sa.BigInteger()),
    ("follows", sa.BigInteger()),
    ("ended_at", _TIME),
    ("spoken_at", _TIME),
)
_WITH_HOTLINE = "state IN ('waiting_agent', 'with_agent', 'waiting_technician', 'with_technician')"


def upgrade() -> None:
    """Brings the database here."""
    op.create_table(
        "hotline_groups",
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("languages", _JSON, nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("shut_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_hotline_groups_operator_id")
        ),
        sa.PrimaryKeyConstraint("operator_id", "chat", name=op.f("pk_hotline_groups")),
    )
    op.create_index("ix_hotline_groups_chat", "hotline_groups", ["chat"])
    op.create_table(
        "held_messages",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("album", sa.Text(), nullable=True),
        sa.Column("spans", _JSON, nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("revisions", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_messages")),
    )
    op.create_index(
        "uq_held_messages_conversation_number", "held_messages", ["conversation", "number"], unique=True
    )
    for name, kind in _OF_CASES:
        op.add_column("cases", sa.Column(name, kind, nullable=True))
    where = sa.text(_WITH_HOTLINE)
    op.create_index(
        "ix_cases_group_chat", "cases", ["group_chat"], sqlite_where=where, postgresql_where=where
    )
    _take_over()
    op.drop_column("operators", "hotline_chat")


def _take_over() -> None:
    """The one group that an operator had becomes its first, and has all cases that a person had or has."""
    operators = sa.table("operators", sa.column("id"), sa.column("hotline_chat"))
    groups = sa.table(
        "hotline_groups", sa.column("operator_id"), sa.column("chat"), sa.column("languages", _JSON)
    )
    bind = op.get_bind()
    with_group = sa.select(operators).where(operators.c.hotline_chat.is_not(None))
    for operator_id, chat in bind.execute(with_group).all():
        bind.execute(groups.insert().values(operator_id=operator_id, chat=chat, languages=[]))
    op.execute(
        "UPDATE cases SET group_chat = (SELECT hotline_chat FROM operators WHERE operators.id = cases.operator_id) "
        "WHERE topic IS NOT NULL OR state IN ('waiting_agent', 'with_agent', 'waiting_technician', 'with_technician')"
    )
    op.execute("UPDATE cases SET ended_at = changed_at WHERE state IN ('resolved', 'closed')")
    op.execute("UPDATE cases SET spoken_at = changed_at")


def downgrade() -> None:
    """Takes it back; of several groups the one with the smallest number stays."""
    # The release before does not know what these are for.
    op.execute("DELETE FROM timers WHERE kind IN ('driver_did_not_choose')")
    op.add_column("operators", sa.Column("hotline_chat", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE operators SET hotline_chat = "
        "(SELECT min(chat) FROM hotline_groups WHERE hotline_groups.operator_id = operators.id)"
    )
    op.drop_index("ix_cases_group_chat", table_name="cases")
    for name, _ in reversed(_OF_CASES):
        op.drop_column("cases", name)
    op.drop_table("held_messages")
    op.drop_table("hotline_groups")
