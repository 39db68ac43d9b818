"""What agents do with cases: merged, snoozed, with a cause; answers that are ready."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the database here."""


def downgrade() -> None:
    """Takes it back."""
