"""Policies of escalation, and what of them runs in a case."""

from datetime import timedelta

from sqlalchemy import Connection, bindparam, delete, select

from bot.domain.case import Severity
from bot.domain.escalation import Kept, Policy, Run
from bot.domain.policy_data import at_place, data_of, policy_of
from storage.repositories.upsert import put
from storage.tables import escalations, policies

_OF = select(policies.c.data).where(
    policies.c.operator_id == bindparam("operator"), policies.c.severity == bindparam("severity")
)
_ALL = (
    select(policies.c.data)
    .where(policies.c.operator_id == bindparam("operator"))
    .order_by(policies.c.severity)
)
_DROP = delete(policies).where(
    policies.c.operator_id == bindparam("operator"), policies.c.severity == bindparam("level")
)
_RUN = select(escalations).where(escalations.c.case_id == bindparam("key"))


class Escalations:
    """What operators have set, and what runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def policy(self, operator_id: str, severity: Severity) -> Policy | None:
        """What the operator has set for a severity."""
        key = {"operator": operator_id, "severity": severity.value}
        data = self._connection.execute(_OF, key).scalar_one_or_none()
        return None if data is None else policy_of(data)

    def policies(self, operator_id: str) -> list[Policy]:
        """All that the operator has set, the most urgent first."""
        found = self._connection.execute(_ALL, {"operator": operator_id}).scalars()
        return [policy_of(data) for data in found]

    def put_policy(self, operator_id: str, policy: Policy) -> None:
        """Sets the policy of its severity; what runs goes on by its copy."""
        values = {"operator_id": operator_id, "severity": policy.severity.value, "data": data_of(policy)}
        put(self._connection, policies, values)

    def drop_policy(self, operator_id: str, severity: Severity) -> None:
        """The usual policy holds again."""
        self._connection.execute(_DROP, {"operator": operator_id, "level": severity.value})

    def run(self, case_id: int) -> Run | None:
        """What runs in a case, or has run."""
        row = self._connection.execute(_RUN, {"key": case_id}).one_or_none()
        if row is None:
            return None
        return Run(
            row.case_id,
            at_place(policy_of(row.policy), row.zone, row.country, row.region),
            row.began_at,
            row.number,
            row.level,
            row.started_at,
            timedelta(seconds=row.used),
            row.repeats,
            row.driver_told_at,
            row.first_answer_at,
            Kept(row.first_answer),
            Kept(row.resolution),
            row.ended_at,
        )

    def keep(self, run: Run) -> None:
        """Enters a run, or how far it has come."""
        values = {
            "case_id": run.case_id,
            "policy": data_of(run.policy),
            "zone": run.policy.hours.zone,
            "country": run.policy.hours.country,
            "region": run.policy.hours.region,
            "began_at": run.began_at,
            "number": run.number,
            "level": run.level,
            "started_at": run.started_at,
            "used": run.used.total_seconds(),
            "repeats": run.repeats,
            "driver_told_at": run.driver_told_at,
            "first_answer_at": run.first_answer_at,
            "first_answer": run.first_answer.value,
            "resolution": run.resolution.value,
            "ended_at": run.ended_at,
        }
        put(self._connection, escalations, values)
