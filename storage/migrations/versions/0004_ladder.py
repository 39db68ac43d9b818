"""Ladders: several remote actions, one after the other, under one consent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Brings the database here."""
    op.create_table(
        "ladders",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("connector", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("screen", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("steps", _JSON, nullable=False),
        sa.Column("step", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("command", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("waited", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("skipped", _JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_ladders_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladders")),
    )
    op.create_index("ix_ladders_case_id", "ladders", ["case_id"], unique=False)
    op.create_index(
        "uq_ladders_running",
        "ladders",
        ["station_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("remote_actions", sa.Column("ladder_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Takes it back."""
    op.drop_column("remote_actions", "ladder_id")
    op.drop_table("ladders")
