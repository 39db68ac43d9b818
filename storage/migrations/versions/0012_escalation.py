"""Policies of escalation, and what of them runs in a case."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the database here."""


def downgrade() -> None:
    """Takes it back."""
