"""Jobs of technicians, their links, and who wants to hear that something works again."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_OPEN = sa.text("ended_at IS NULL")
_UNTOLD = sa.text("told_at IS NULL")
_ANSWER = timedelta(minutes=15)
_UNANSWERED = "technician_did_not_answer"


def upgrade() -> None:
    """Brings the database here."""
    op.create_table(
        "jobs",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("contact", _JSON, nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("answer_due", _TIME, nullable=False),
        sa.Column("accepted_at", _TIME, nullable=True),
        sa.Column("departed_at", _TIME, nullable=True),
        sa.Column("arrived_at", _TIME, nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("chat", sa.Text(), nullable=True),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_jobs_case_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_jobs_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_case_id", "jobs", ["case_id"])
    op.create_index("ix_jobs_telegram_id_id", "jobs", ["telegram_id", "id"])
    op.create_index("ix_jobs_station_id_id", "jobs", ["station_id", "id"])
    op.create_index(
        "uq_jobs_open", "jobs", ["case_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "job_photos",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("job_id", _KEY, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_photos_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_photos")),
    )
    op.create_index("ix_job_photos_job_id", "job_photos", ["job_id"])
    op.create_table(
        "link_secrets",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_link_secrets")),
    )
    op.create_table(
        "watches",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("seen_broken", sa.Boolean(), nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_watches_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    op.create_index(
        "ix_watches_station_id", "watches", ["station_id"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD
    )
    op.create_index(
        "uq_watches_open",
        "watches",
        ["evse_id", "conversation"],
        unique=True,
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )
    _jobs_of_open_cases()


def _jobs_of_open_cases() -> None:
    """Who was asked before there were jobs can go on, with buttons that a new message brings."""
    cases = sa.table("cases", *map(sa.column, ("id", "operator_id", "station_id", "state")))
    stations = sa.table("stations", sa.column("id"), sa.column("technician", _JSON))
    columns = ("id", "case_id", "operator_id", "station_id", "state", "version", "telegram_id")
    jobs = sa.table(
        "jobs",
        *map(sa.column, columns),
        sa.column("contact", _JSON),
        *(sa.column(name, _TIME) for name in ("asked_at", "answer_due", "accepted_at")),
    )
    timers = sa.table(
        "timers", *map(sa.column, ("kind", "subject", "dedupe_key")), sa.column("due_at", _TIME)
    )
    with_technician = cases.c.state.in_(("waiting_technician", "with_technician"))
    rows = op.get_bind().execute(
        sa.select(cases, stations.c.technician)
        .join(stations, stations.c.id == cases.c.station_id)
        .where(with_technician)
    )
    now = datetime.now(UTC)
    for row in rows.all():
        if row.technician is None:
            continue
        accepted = row.state == "with_technician"
        values = {
            "case_id": row.id,
            "operator_id": row.operator_id,
            "station_id": row.station_id,
            "state": "accepted" if accepted else "asked",
            "version": 1,
            "telegram_id": row.technician.get("telegram_id"),
            "contact": row.technician,
            "asked_at": now,
            "answer_due": now + _ANSWER,
            "accepted_at": now if accepted else None,
        }
        job = op.get_bind().execute(sa.insert(jobs).returning(jobs.c.id), values).scalar_one()
        if not accepted:
            deadline = {"kind": _UNANSWERED, "subject": job, "dedupe_key": f"{_UNANSWERED}:{job}"}
            op.get_bind().execute(sa.insert(timers), deadline | {"due_at": now + _ANSWER})


def downgrade() -> None:
    """Takes it back, with what is due of it and on its way: the release before does not know these kinds."""
    op.execute(f"DELETE FROM timers WHERE kind IN ('{_UNANSWERED}', 'evse_may_work')")  # noqa: S608  # It is a constant of this file.
    op.execute("DELETE FROM outbox WHERE kind LIKE 'job%' OR kind = 'watch_notice'")
    for table in ("watches", "link_secrets", "job_photos", "jobs"):
        op.drop_table(table)
