"""Cases as agents look for them: what waits, what somebody has, what was before, what was merged."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from bot.domain.case import HUMAN_STATES, Case, CaseState
from bot.domain.people import Address
from storage.repositories.case_rows import case_of
from storage.repositories.upsert import put
from storage.tables import cases, merged_lines, stations

_HUMAN = sorted(state.value for state in HUMAN_STATES)


class Caseload:
    """The cases of a hotline from its agents' side; what is kept here of a case is no change of its state."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def with_people(self, operator_ids: Sequence[str]) -> list[Case]:
        """The cases that the hotlines of these operators have: those that wait first, the longest waiting first."""
        wanted = (cases.c.operator_id.in_(sorted(operator_ids)), cases.c.state.in_(_HUMAN))
        found = self._cases(*wanted)
        return sorted(found, key=lambda case: (case.state is not CaseState.WAITING_AGENT, case.changed_at))

    def of_agent(self, operator_ids: Sequence[str], person_id: int) -> list[Case]:
        """Of these the ones that somebody has, the longest in their state first."""
        return [case for case in self.with_people(operator_ids) if case.agent_id == person_id]

    def earlier_of_driver(self, case: Case, most: int) -> list[Case]:
        """The newest other cases of a case's driver at the same operator, the newest first."""
        same = (cases.c.driver_id == case.driver_id, cases.c.operator_id == case.operator_id)
        return self._cases(*same, cases.c.id != case.id, newest=most)

    def earlier_on(self, operator_id: str, evse_id: str, most: int, but: int | None = None) -> list[Case]:
        """The newest cases on an EVSE, the newest first; without the one of that number."""
        here = (cases.c.evse_id == evse_id, cases.c.operator_id == operator_id)
        return self._cases(*here, cases.c.id != (but or 0), newest=most)

    def mergeable(self, case: Case) -> list[Case]:
        """The other cases that the hotline has of the same driver, or at the same EVSE, station or location."""
        near: ColumnElement[bool] = cases.c.driver_id == case.driver_id
        if case.evse_id is not None:
            near |= cases.c.evse_id == case.evse_id
        if case.station_id is not None:
            here = stations.alias("here")
            site = (
                select(stations.c.id)
                .join(
                    here,
                    (here.c.operator_id == stations.c.operator_id)
                    & (here.c.location_id == stations.c.location_id),
                )
                .where(here.c.id == case.station_id)
            )
            near |= cases.c.station_id.in_(site)
        wanted = (cases.c.operator_id == case.operator_id, cases.c.state.in_(_HUMAN), cases.c.id != case.id)
        return self._cases(*wanted, near)

    def merged_into(self, case_id: int) -> list[Case]:
        """The cases that were merged into one, the oldest first."""
        return self._cases(cases.c.merged_into == case_id)

    def set_note(self, case_id: int, note: str) -> None:
        """What agents write about the cause."""
        self._set(case_id, cause_note=note)

    def set_snooze(self, case_id: int, until: datetime | None) -> None:
        """Until when an agent has put the case aside; None where it is not."""
        self._set(case_id, snoozed_until=until)

    def set_merged(self, case_id: int, into: int | None) -> None:
        """The case in which this one goes on."""
        self._set(case_id, merged_into=into)

    def set_line(self, topic: Address, message: int, case_id: int) -> None:
        """A line in a topic speaks of the driver of that case: an answer to it is for them."""
        put(
            self._connection,
            merged_lines,
            {"topic": _chat(topic), "message": message, "case_id": case_id},
        )

    def line_of(self, topic: Address, message: int) -> int | None:
        """The number of the case of which a line in a topic speaks; None for any other message."""
        here = (merged_lines.c.topic == _chat(topic), merged_lines.c.message == message)
        found: int | None = self._connection.execute(select(merged_lines.c.case_id).where(*here)).scalar()
        return found

    def counts(self, operator_ids: Sequence[str]) -> dict[CaseState, int]:
        """How many cases the hotlines of these operators have, by state."""
        statement = (
            select(cases.c.state, func.count())
            .where(cases.c.operator_id.in_(sorted(operator_ids)), cases.c.state.in_(_HUMAN))
            .group_by(cases.c.state)
        )
        return {CaseState(state): count for state, count in self._connection.execute(statement)}

    def _set(self, case_id: int, **values: object) -> None:
        self._connection.execute(update(cases).where(cases.c.id == case_id).values(**values))

    def _cases(self, *wanted: ColumnElement[bool], newest: int | None = None) -> list[Case]:
        statement = select(cases).where(*wanted)
        ordered = (
            statement.order_by(cases.c.id)
            if newest is None
            else statement.order_by(cases.c.id.desc()).limit(newest)
        )
        return [case_of(row) for row in self._connection.execute(ordered)]


def _chat(topic: Address) -> str:
    """Numbers of messages are those of the chat, whichever topic it is."""
    return f"{topic.channel}:{topic.chat}"
