"""What agents do with cases: merged, snoozed, with a cause; answers that are ready."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Brings the database here."""
    op.add_column("cases", sa.Column("cause", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("cause_note", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_index("ix_cases_driver_id_id", "cases", ["driver_id", "id"])
    op.create_index("ix_cases_merged_into", "cases", ["merged_into"])
    op.create_table(
        "canned_answers",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("texts", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_answers")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_canned_answers_operator_id")
        ),
    )
    op.create_index("ix_canned_answers_operator_id", "canned_answers", ["operator_id"])
    op.create_table(
        "merged_lines",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("case_id", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("topic", "message", name=op.f("pk_merged_lines")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_merged_lines_case_id")),
    )


def downgrade() -> None:
    """Takes it back."""
    # The release before does not know what these are for.
    op.execute("DELETE FROM timers WHERE kind IN ('snooze_ends')")
    op.drop_table("merged_lines")
    op.drop_table("canned_answers")
    op.drop_index("ix_cases_merged_into", "cases")
    op.drop_index("ix_cases_driver_id_id", "cases")
    for name in ("merged_into", "snoozed_until", "cause_note", "cause"):
        op.drop_column("cases", name)
