"""Who is on call: layers of a rotation, overrides, shifts."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_Column = sa.Column[Any]  # Any: columns of every type.


def upgrade() -> None:
    """Brings the database here."""
    _table("on_call_plans", _id(), _text("region", nullable=True), sa.Column("told", _JSON, nullable=False))
    with op.batch_alter_table("on_call_plans") as plans:
        plans.create_unique_constraint("uq_on_call_plans_operator_id", ["operator_id"])
    _table(
        "rotation_layers",
        _id(),
        sa.Column("level", sa.Integer(), nullable=False),
        _text("name"),
        _text("every"),
        _text("handover_at"),
        sa.Column("handover_weekday", sa.Integer(), nullable=False),
        _text("starts_on"),
        sa.Column("people", _JSON, nullable=False),
        sa.Column("hours", _JSON, nullable=True),
        sa.Column("on_holidays", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_rotation_layers_operator_id", "rotation_layers", ["operator_id"])
    _table(
        "rotation_overrides",
        _id(),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("begins_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        _text("source"),
        _text("calendar", nullable=True),
        _text("uid", nullable=True),
        person=True,
    )
    op.create_index(
        "ix_rotation_overrides_operator_id_ends_at", "rotation_overrides", ["operator_id", "ends_at"]
    )
    _table(
        "calendar_imports",
        sa.Column("person_id", _KEY, nullable=False),
        _text("calendar"),
        sa.Column("entries", _JSON, nullable=False),
        sa.Column("kept_at", _TIME, nullable=False),
        key=("operator_id", "person_id"),
        person=True,
    )
    _table(
        "shifts",
        _id(),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
    )
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_shifts_running",
        "shifts",
        ["operator_id", "person_id"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )


def _table(name: str, *columns: _Column, key: tuple[str, ...] = ("id",), person: bool = False) -> None:
    rest: list[sa.Constraint] = [
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f(f"fk_{name}_operator_id")),
    ]
    if person:
        rest.append(sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{name}_person_id")))
    op.create_table(name, _text("operator_id"), *columns, *rest)


def _id() -> _Column:
    return sa.Column("id", _KEY, nullable=False)


def _text(name: str, *, nullable: bool = False) -> _Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def downgrade() -> None:
    """Takes it back."""
    # The release before does not know what these are for.
    op.execute("DELETE FROM timers WHERE kind IN ('on_call_turn', 'shift_ends_soon', 'shift_ends')")
    for table in ("shifts", "calendar_imports", "rotation_overrides", "rotation_layers", "on_call_plans"):
        op.drop_table(table)
