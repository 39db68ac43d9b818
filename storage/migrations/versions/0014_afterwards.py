"""Why a case was rated as it was, and when its trouble was over."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NEW = (
    ("rating_reason", sa.Text()),
    ("rating_words", sa.Text()),
    ("rated_at", sa.DateTime(timezone=True)),
    ("resolved_at", sa.DateTime(timezone=True)),
)
_FROM_EVENTS = """
    UPDATE cases SET {column} = (
        SELECT max(at) FROM case_events WHERE case_events.case_id = cases.id AND kind IN ({kinds})
    ) WHERE {where}
"""


def upgrade() -> None:
    """Brings the database here."""
    for name, kind in _NEW:
        op.add_column("cases", sa.Column(name, kind, nullable=True))
    op.create_index("ix_cases_operator_id_opened_at", "cases", ["operator_id", "opened_at"])
    ended = "state IN ('resolved', 'closed') AND resolution IN ('driver_confirmed', 'agent', 'technician')"
    op.execute(
        _FROM_EVENTS.format(column="resolved_at", kinds="'works', 'resolved', 'repaired'", where=ended)
    )
    op.execute(_FROM_EVENTS.format(column="rated_at", kinds="'rated'", where="rating IS NOT NULL"))


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_cases_operator_id_opened_at", table_name="cases")
    # A table that is made anew, as in a batch, would have to be dropped first, and others refer to its rows.
    for name, _ in reversed(_NEW):
        op.drop_column("cases", name)
