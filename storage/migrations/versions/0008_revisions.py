"""Messages know what they answer, which album they are of, and how they were reacted to; edits are kept beside them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_NEW = (
    ("reply_to", sa.BigInteger()),
    ("album", sa.Text()),
    ("spans", _JSON),
    ("file", sa.Text()),
    ("file_key", sa.Text()),
    ("reaction", sa.Text()),
    ("reaction_back", sa.Text()),
)


def upgrade() -> None:
    """Brings the database here."""
    for name, kind in _NEW:
        op.add_column("messages", sa.Column(name, kind, nullable=True))
    op.create_index("ix_messages_source_message", "messages", ["source_message"])
    op.create_index("ix_messages_copy_message", "messages", ["copy_message"])
    op.create_table(
        "message_revisions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("message_id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("spans", _JSON, nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_revisions_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_revisions")),
    )
    op.create_index("ix_message_revisions_message_id", "message_revisions", ["message_id"])


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("message_revisions")
    op.drop_index("ix_messages_copy_message", table_name="messages")
    op.drop_index("ix_messages_source_message", table_name="messages")
    with op.batch_alter_table("messages") as messages:
        for name, _ in reversed(_NEW):
            messages.drop_column(name)
