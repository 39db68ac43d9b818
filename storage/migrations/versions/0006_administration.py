"""Administration: companies, staff, invitations, the history and cost of the service, and what admins did."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_Column = sa.Column[Any]  # Any: columns of every type.
_APPEND_ONLY = ("service_changes", "ledger_months", "ledger_lines", "audit_log")

_BEFORE_NOW = (
    "personal.data",
    "infrastructure.station_list",
    "infrastructure.technician",
    "infrastructure.errors",
    "infrastructure.history",
    "infrastructure.stickers",
    "support.hotline",
    "finance.billing",
    "reports.statistics",
    "reports.audit",
)


def upgrade() -> None:
    """Brings the database here."""
    op.add_column("operators", sa.Column("languages", _JSON, nullable=True))
    op.add_column(
        "operators", sa.Column("sticker_link", sa.Text(), server_default=sa.text("'bot'"), nullable=False)
    )
    op.add_column("operators", sa.Column("agent_takes_minutes", sa.Integer(), nullable=True))
    op.add_column("operators", sa.Column("agent_takes_danger_minutes", sa.Integer(), nullable=True))
    op.add_column("stations", sa.Column("entity_id", sa.Text(), nullable=True))
    op.add_column("stations", sa.Column("directions", sa.Text(), nullable=True))
    op.create_index("ix_cases_station_id_id", "cases", ["station_id", "id"])
    _tables()
    _staff()
    _rights()
    _services()
    for table in _APPEND_ONLY:
        _only_added(table)


def _table(name: str, *columns: _Column, key: tuple[str, ...] = ("id",), owned: bool = True) -> None:
    keys: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}"))]
    if owned:
        keys.append(
            sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f(f"fk_{name}_operator_id"))
        )
    if any(column.name == "person_id" and column.nullable is False for column in columns):
        keys.append(sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{name}_person_id")))
    op.create_table(name, *columns, *keys)


def _text(name: str, *, nullable: bool = False) -> _Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _tables() -> None:
    _table(
        "entities",
        _text("operator_id"),
        _text("id"),
        _text("name"),
        _text("parent", nullable=True),
        key=("operator_id", "id"),
    )
    _table(
        "staff",
        _text("operator_id"),
        sa.Column("person_id", _KEY, nullable=False),
        _text("entity_id", nullable=True),
        _text("name"),
        _text("email", nullable=True),
        _text("phone", nullable=True),
        sa.Column("deactivated_at", _TIME, nullable=True),
        key=("operator_id", "person_id"),
    )
    _table(
        "desks",
        _text("conversation"),
        sa.Column("person_id", _KEY, nullable=False),
        _text("operator_id", nullable=True),
        sa.Column("form", _JSON, nullable=True),
        sa.Column("selection", _JSON, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        key=("conversation",),
        owned=False,
    )
    _table(
        "station_imports",
        _text("operator_id"),
        sa.Column("person_id", _KEY, nullable=False),
        _text("content"),
        sa.Column("kept_at", _TIME, nullable=False),
        key=("operator_id", "person_id"),
    )
    _table(
        "invitations",
        sa.Column("id", _KEY, nullable=False),
        _text("operator_id"),
        _text("secret_hash"),
        _text("purpose"),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_by", sa.BigInteger(), nullable=True),
        sa.Column("used_at", _TIME, nullable=True),
        sa.Column("withdrawn_at", _TIME, nullable=True),
    )
    op.create_index("ix_invitations_operator_id", "invitations", ["operator_id"])
    op.create_index("uq_invitations_secret_hash", "invitations", ["secret_hash"], unique=True)
    _table(
        "service_changes",
        sa.Column("id", _KEY, nullable=False),
        _text("operator_id"),
        _text("station_id"),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _text("price"),
        _text("currency"),
        _text("cause"),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        "ix_service_changes_operator_id_station_id_at", "service_changes", ["operator_id", "station_id", "at"]
    )
    _table(
        "release_requests",
        sa.Column("id", _KEY, nullable=False),
        _text("operator_id"),
        sa.Column("station_ids", _JSON, nullable=False),
        _text("price"),
        _text("currency"),
        sa.Column("requested_by", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", _TIME, nullable=False),
        _text("state"),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", _TIME, nullable=True),
    )
    op.create_index("ix_release_requests_operator_id", "release_requests", ["operator_id"])
    _table(
        "ledger_months",
        _text("operator_id"),
        _text("month"),
        _text("operator_name"),
        _text("currency"),
        _text("total"),
        sa.Column("closed_at", _TIME, nullable=False),
        key=("operator_id", "month"),
    )
    _table(
        "ledger_lines",
        _text("operator_id"),
        _text("month"),
        _text("station_id"),
        _text("location"),
        _text("price"),
        _text("amount"),
        _text("reason"),
        sa.Column("since", _TIME, nullable=False),
        key=("operator_id", "month", "station_id"),
    )
    _table(
        "audit_log",
        sa.Column("id", _KEY, nullable=False),
        _text("operator_id"),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        _text("act"),
        _text("subject"),
        sa.Column("before", _JSON, nullable=True),
        sa.Column("after", _JSON, nullable=True),
    )
    op.create_index("ix_audit_log_operator_id_id", "audit_log", ["operator_id", "id"])


def _staff() -> None:
    """Whoever is in a group of an operator is one of its staff."""
    op.execute(
        "INSERT INTO staff (operator_id, person_id, name, email, phone) "
        "SELECT DISTINCT memberships.operator_id, people.id, people.name, people.email, people.phone "
        "FROM memberships JOIN people ON people.id = memberships.person_id"
    )


def _rights() -> None:
    """Rights that had no name: everybody of the staff saw names so far, and whoever manages stations all the rest."""
    groups = sa.table("groups", sa.column("operator_id"), sa.column("name"), sa.column("rights", _JSON))
    bind = op.get_bind()
    for operator_id, name, rights in bind.execute(sa.select(groups)).all():
        more = _BEFORE_NOW if "infrastructure.stations" in rights else _BEFORE_NOW[:1]
        bind.execute(
            groups.update()
            .where(groups.c.operator_id == operator_id, groups.c.name == name)
            .values(rights=sorted({*rights, *more}))
        )


def _services() -> None:
    """The history of a service that is on begins now."""
    op.execute(
        "INSERT INTO service_changes (operator_id, station_id, at, active, price, currency, cause) "
        "SELECT stations.operator_id, stations.id, CURRENT_TIMESTAMP, stations.service_active, "
        "operators.price_per_station_month, operators.currency, 'before' "
        "FROM stations JOIN operators ON operators.id = stations.operator_id WHERE stations.service_active"
    )


def _only_added(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_only_added() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'rows of {table} are only added'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_added()"
    )


def downgrade() -> None:
    """Takes it back."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in (
        "audit_log",
        "ledger_lines",
        "ledger_months",
        "release_requests",
        "service_changes",
        "invitations",
        "station_imports",
        "desks",
        "staff",
        "entities",
    ):
        op.drop_table(table)
        if postgres and table in _APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_only_added()")
    op.drop_index("ix_cases_station_id_id", table_name="cases")
    for table, column in (
        ("stations", "directions"),
        ("stations", "entity_id"),
        ("operators", "agent_takes_danger_minutes"),
        ("operators", "agent_takes_minutes"),
        ("operators", "sticker_link"),
        ("operators", "languages"),
    ):
        op.drop_column(table, column)
