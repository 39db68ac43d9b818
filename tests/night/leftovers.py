"""What the database holds at the end: every case has an owner, a deadline or an end, and no row waits to be done."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from bot.domain.case import CaseState
from storage.tables import cases, inbox, outbox, timers
from storage.uow import UnitOfWork

EXPECTED_ENDS = (
    "blocked the bot",
    "blocked by the user",
    "have not started a chat",
    "note of the agents",
    "the topic is gone",
)
"""Why a row may be given up: what the people of the night did."""


@dataclass
class Left:
    """What is wrong, and some numbers."""

    wrong: list[str] = field(default_factory=list)
    numbers: dict[str, object] = field(default_factory=dict)


def look(uow: UnitOfWork, now: datetime) -> Left:
    """Looks through all tables that tell of work."""
    left = Left()
    connection = uow.connection
    unanswered = connection.execute(
        select(inbox.c.update_id, inbox.c.lane).where(inbox.c.answered_at.is_(None))
    )
    left.wrong += [f"update {row.update_id} of {row.lane} is not answered" for row in unanswered]
    given_up: Counter[str] = Counter()
    attempts = 0
    for row in connection.execute(select(outbox)):
        attempts += max(0, row.attempts - 1)
        if row.ended_at is None:
            left.wrong.append(f"outbox row {row.dedupe_key} waits: {row.attempts} tries, {row.error}")
        elif row.error is not None:
            given_up[row.error] += 1
            if not any(each in row.error for each in EXPECTED_ENDS):
                left.wrong.append(f"outbox row {row.dedupe_key} was given up: {row.error}")
    _deadlines(uow, left, now)
    left.numbers["rows sent again, given up"] = f"{attempts}, {dict(given_up)}"
    return left


def _deadlines(uow: UnitOfWork, left: Left, now: datetime) -> None:
    clocks: dict[int, set[str]] = {}
    for row in uow.connection.execute(select(timers)):
        clocks.setdefault(row.subject, set()).add(row.kind)
        if row.due_at <= now:
            left.wrong.append(f"timer {row.kind} of {row.subject} was due at {row.due_at:%H:%M:%S}")
    states: Counter[str] = Counter()
    for row in uow.connection.execute(select(cases)):
        states[row.state] += 1
        if row.state == CaseState.CLOSED.value or row.id in clocks:
            continue
        if row.state == CaseState.WITH_AGENT.value and row.agent_id is not None:
            continue
        told = {event.kind for event in uow.cases.events(row.id)}
        if not told & _PEOPLE_KNOW.get(row.state, frozenset()):
            left.wrong.append(f"case {row.id} is {row.state}, and nothing will ever happen to it")
    left.numbers["cases at the end"] = dict(states)


_PEOPLE_KNOW = {
    CaseState.WAITING_AGENT.value: frozenset({"agent_did_not_answer"}),
    CaseState.WAITING_TECHNICIAN.value: frozenset({"technician_asked"}),
    CaseState.WITH_TECHNICIAN.value: frozenset({"technician_accepted"}),
    CaseState.DIAGNOSING.value: frozenset({"joined_site"}),
}
"""By state: what has made people answer for the case, where no deadline runs."""
