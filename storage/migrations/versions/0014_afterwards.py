"""Why a case was rated as it was."""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the database here."""


def downgrade() -> None:
    """Takes it back."""
