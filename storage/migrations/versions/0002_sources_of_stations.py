"""Several sources of one station, security profiles, reachability, and stations that knock."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the database here."""
    for name, minutes in (("pending_after_minutes", 30), ("offline_after_minutes", 60)):
        default = sa.text(str(minutes))
        op.add_column("operators", sa.Column(name, sa.Integer(), server_default=default, nullable=False))
        op.add_column("stations", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("stations", sa.Column("protocol", sa.Text(), nullable=True))
    op.add_column(
        "stations", sa.Column("security_profile", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(
        "ix_status_intervals_open",
        "status_intervals",
        ["station_id", "connector"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    with op.batch_alter_table("transactions") as table:
        table.alter_column("meter_start_wh", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("source", sa.Text(), server_default=sa.text("'ocpp'"), nullable=False))
        table.add_column(sa.Column("reference", sa.Text(), nullable=True))
    op.create_index("ix_transactions_reference", "transactions", ["reference"], unique=False)
    op.create_table(
        "knocks",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("protocols", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("security_profile", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("contested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_knocks")),
    )


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("knocks")
    op.drop_index("ix_transactions_reference", table_name="transactions")
    with op.batch_alter_table("transactions") as table:
        table.drop_column("reference")
        table.drop_column("source")
        table.alter_column("meter_start_wh", existing_type=sa.Integer(), nullable=False)
    op.drop_index(
        "ix_status_intervals_open",
        table_name="status_intervals",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for name in ("protocol", "security_profile", "pending_after_minutes", "offline_after_minutes"):
        op.drop_column("stations", name)
    for name in ("pending_after_minutes", "offline_after_minutes"):
        op.drop_column("operators", name)
