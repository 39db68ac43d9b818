"""Policies of escalation, and what of them runs in a case."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_GIVEN_UP = sa.text("error IS NOT NULL AND ended_at IS NOT NULL")


def upgrade() -> None:
    """Brings the database here."""
    op.create_table(
        "policies",
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "severity", name=op.f("pk_policies")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_policies_operator_id")),
    )
    op.create_table(
        "escalations",
        sa.Column("case_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("policy", _JSON, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("started_at", _TIME, nullable=True),
        sa.Column("used", sa.Float(), nullable=False),
        sa.Column("repeats", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("driver_told_at", _TIME, nullable=True),
        sa.Column("first_answer_at", _TIME, nullable=True),
        sa.Column("first_answer", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_escalations")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_escalations_case_id")),
    )
    op.add_column("timers", sa.Column("given_up_at", _TIME, nullable=True))
    op.create_index(
        "ix_outbox_given_up",
        "outbox",
        ["id"],
        sqlite_where=_GIVEN_UP,
        postgresql_where=_GIVEN_UP,
    )
    # The clock of whoever waits already goes on: its deadline becomes that of the first level.
    _renamed("agent_did_not_answer", "level_due")


def downgrade() -> None:
    """Takes it back."""
    op.execute("DELETE FROM timers WHERE kind IN ('first_answer_due', 'resolution_due')")
    _renamed("level_due", "agent_did_not_answer")
    op.drop_index("ix_outbox_given_up", table_name="outbox")
    op.drop_column("timers", "given_up_at")
    op.drop_table("escalations")
    op.drop_table("policies")


def _renamed(before: str, after: str) -> None:
    op.execute(
        f"UPDATE timers SET kind = '{after}', dedupe_key = '{after}:' || subject WHERE kind = '{before}'"  # noqa: S608  # Both are constants of this file.
    )
