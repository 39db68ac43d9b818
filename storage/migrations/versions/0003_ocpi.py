"""Back ends that speak OCPI: peers, and the locations, EVSEs and sessions that they told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Brings the database here."""
    op.create_table(
        "ocpi_peers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("versions_url", sa.Text(), nullable=False),
        sa.Column("us", _JSON, nullable=False),
        sa.Column("our_token", sa.Text(), nullable=True),
        sa.Column("next_token", sa.Text(), nullable=True),
        sa.Column("their_token", sa.Text(), nullable=True),
        sa.Column("parties", _JSON, nullable=False),
        sa.Column("endpoints", _JSON, nullable=False),
        sa.Column("raw_token", sa.Boolean(), nullable=False),
        sa.Column("statuses", _JSON, nullable=False),
        sa.Column("registered_at", _TIME, nullable=True),
        sa.Column("contact_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_at", _TIME, nullable=True),
        sa.Column("synced_until", _TIME, nullable=True),
        sa.Column("crawled_at", _TIME, nullable=True),
        sa.Column("bad_objects", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_ocpi_peers_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ocpi_peers")),
    )
    _create(
        "ocpi_locations",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("last_updated", _TIME, nullable=False),
        sa.Column("heard_at", _TIME, nullable=False),
        sa.Column("data", _JSON, nullable=False),
    )
    _create(
        "ocpi_evses",
        sa.Column("evse_uid", sa.Text(), nullable=False),
        sa.Column("location_key", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=True),
        sa.Column("station_id", sa.Text(), nullable=True),
        sa.Column("connector", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("last_updated", _TIME, nullable=False),
        sa.Column("heard_at", _TIME, nullable=False),
        sa.Column("connectors", _JSON, nullable=False),
        sa.Column("capabilities", _JSON, nullable=False),
        sa.Column("removed_at", _TIME, nullable=True),
        sa.Column("created", sa.Boolean(), nullable=False),
        sa.Column("data", _JSON, nullable=False),
    )
    op.create_index("ix_ocpi_evses_station_id", "ocpi_evses", ["station_id"], unique=False)
    op.create_index(
        "ix_ocpi_evses_peer_id_location_key", "ocpi_evses", ["peer_id", "location_key"], unique=False
    )
    _create(
        "ocpi_sessions",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("last_updated", _TIME, nullable=False),
        sa.Column("heard_at", _TIME, nullable=False),
        sa.Column("data", _JSON, nullable=False),
    )
    op.create_index("ix_ocpi_sessions_heard_at", "ocpi_sessions", ["heard_at"], unique=False)


def _create(name: str, *columns: sa.Column[object]) -> None:
    """A table of what a peer told, by the peer's id and the key of the object."""
    op.create_table(
        name,
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["peer_id"], ["ocpi_peers.id"], name=op.f(f"fk_{name}_peer_id")),
        sa.PrimaryKeyConstraint("peer_id", "key", name=op.f(f"pk_{name}")),
    )


def downgrade() -> None:
    """Takes it back."""
    for name in ("ocpi_sessions", "ocpi_evses", "ocpi_locations", "ocpi_peers"):
        op.drop_table(name)
