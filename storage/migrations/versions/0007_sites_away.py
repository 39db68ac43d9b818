"""Open cases of a whole site, and the stations of a location, are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_AWAY = sa.text(
    "(judgement ->> 'verdict') = 'site_without_connection' AND state NOT IN ('resolved', 'closed')"
)


def upgrade() -> None:
    """Brings the database here."""
    op.create_index("ix_cases_site_away", "cases", ["station_id"], sqlite_where=_AWAY, postgresql_where=_AWAY)
    op.create_index("ix_stations_operator_id_location_id", "stations", ["operator_id", "location_id"])


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_stations_operator_id_location_id", table_name="stations")
    op.drop_index("ix_cases_site_away", table_name="cases")
