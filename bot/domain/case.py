"""A case, our record of a report, and the one table that says how its state may change."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.cause import Cause
from bot.domain.people import Address
from bot.domain.rating import RatingReason
from bot.domain.refusal import Refusal
from bot.domain.report import Symptom


class CaseState(StrEnum):
    """Where a case stands."""

    FILED = "filed"
    DIAGNOSING = "diagnosing"
    RECOVERING = "recovering"
    WAITING_AGENT = "waiting_agent"
    WITH_AGENT = "with_agent"
    WAITING_TECHNICIAN = "waiting_technician"
    WITH_TECHNICIAN = "with_technician"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Trigger(StrEnum):
    """What happens to a case."""

    DIAGNOSE = "diagnose"
    RECOVER = "recover"
    RECOVERY_ENDED = "recovery_ended"
    ESCALATE = "escalate"
    TAKE = "take"
    HAND_BACK = "hand_back"
    HAND_OVER = "hand_over"
    SEND_TECHNICIAN = "send_technician"
    TECHNICIAN_ACCEPTS = "technician_accepts"
    TECHNICIAN_DECLINES = "technician_declines"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    JUDGE_ANEW = "judge_anew"
    CLOSE = "close"


class Severity(StrEnum):
    """P1 safety or a whole site; P2 a point down; P3 degraded or cosmetic."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


_S, _T = CaseState, Trigger
TRANSITIONS: dict[tuple[CaseState, Trigger], CaseState] = {
    (_S.FILED, _T.DIAGNOSE): _S.DIAGNOSING,
    (_S.FILED, _T.ESCALATE): _S.WAITING_AGENT,
    (_S.FILED, _T.CLOSE): _S.CLOSED,
    (_S.DIAGNOSING, _T.RECOVER): _S.RECOVERING,
    (_S.DIAGNOSING, _T.ESCALATE): _S.WAITING_AGENT,
    (_S.DIAGNOSING, _T.RESOLVE): _S.RESOLVED,
    (_S.DIAGNOSING, _T.CLOSE): _S.CLOSED,
    (_S.RECOVERING, _T.RECOVERY_ENDED): _S.DIAGNOSING,
    (_S.RECOVERING, _T.ESCALATE): _S.WAITING_AGENT,
    (_S.RECOVERING, _T.RESOLVE): _S.RESOLVED,
    (_S.RECOVERING, _T.CLOSE): _S.CLOSED,
    (_S.WAITING_AGENT, _T.TAKE): _S.WITH_AGENT,
    (_S.WAITING_AGENT, _T.SEND_TECHNICIAN): _S.WAITING_TECHNICIAN,
    (_S.WAITING_AGENT, _T.RESOLVE): _S.RESOLVED,
    (_S.WAITING_AGENT, _T.CLOSE): _S.CLOSED,
    (_S.WITH_AGENT, _T.HAND_BACK): _S.WAITING_AGENT,
    (_S.WITH_AGENT, _T.HAND_OVER): _S.WITH_AGENT,
    (_S.WITH_AGENT, _T.SEND_TECHNICIAN): _S.WAITING_TECHNICIAN,
    (_S.WITH_AGENT, _T.RESOLVE): _S.RESOLVED,
    (_S.WITH_AGENT, _T.CLOSE): _S.CLOSED,
    (_S.WAITING_TECHNICIAN, _T.TECHNICIAN_ACCEPTS): _S.WITH_TECHNICIAN,
    (_S.WAITING_TECHNICIAN, _T.TECHNICIAN_DECLINES): _S.WAITING_AGENT,
    (_S.WAITING_TECHNICIAN, _T.SEND_TECHNICIAN): _S.WAITING_TECHNICIAN,
    (_S.WAITING_TECHNICIAN, _T.RESOLVE): _S.RESOLVED,
    (_S.WAITING_TECHNICIAN, _T.CLOSE): _S.CLOSED,
    (_S.WITH_TECHNICIAN, _T.TECHNICIAN_DECLINES): _S.WAITING_AGENT,
    (_S.WITH_TECHNICIAN, _T.SEND_TECHNICIAN): _S.WAITING_TECHNICIAN,
    (_S.WITH_TECHNICIAN, _T.RESOLVE): _S.RESOLVED,
    (_S.WITH_TECHNICIAN, _T.CLOSE): _S.CLOSED,
    (_S.RESOLVED, _T.REOPEN): _S.WAITING_AGENT,
    (_S.RESOLVED, _T.JUDGE_ANEW): _S.DIAGNOSING,
    (_S.RESOLVED, _T.CLOSE): _S.CLOSED,
    (_S.CLOSED, _T.REOPEN): _S.WAITING_AGENT,
    (_S.CLOSED, _T.JUDGE_ANEW): _S.DIAGNOSING,
}

ENDED_STATES = frozenset({CaseState.RESOLVED, CaseState.CLOSED})
OPEN_STATES = frozenset(CaseState) - ENDED_STATES
HUMAN_STATES = frozenset(
    {
        CaseState.WAITING_AGENT,
        CaseState.WITH_AGENT,
        CaseState.WAITING_TECHNICIAN,
        CaseState.WITH_TECHNICIAN,
    }
)
"""The driver's words go to the hotline's topic and not to the bot."""
BOT_STATES = OPEN_STATES - HUMAN_STATES
SITE_AWAY = "site_without_connection"
"""The verdict that no station of a location is in contact."""
MERGED = "merged"
"""The resolution of a case that goes on in another one."""
SUPERSEDED = "superseded"
"""The resolution of a case that only the bot had, whose driver reported another station."""
SERVICE_ENDED = "service_ended"
"""The resolution of a case that went to the operator's own people, as the service of its station ended."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict as a case keeps it: enough to show it again and to explain it later.

    `evidence` are text keys with their values, in the order in which they were weighed.
    """

    rule_id: str
    rulebook_hash: str
    verdict: str
    action_class: str
    tell_driver: str
    then: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]
    judged_at: datetime
    facts: tuple[tuple[str, str], ...] = ()
    """Every fact with its word, so that the judgement can be made again."""


@dataclass(frozen=True, slots=True)
class Case:
    """One driver's case. `evse_id` is None where a driver spoke of danger before naming a station.

    `version` grows with every change; a button that carries an older one is stale.
    """

    id: int
    operator_id: str
    driver_id: int
    conversation: Address
    state: CaseState
    version: int
    symptom: Symptom
    severity: Severity
    opened_at: datetime
    changed_at: datetime
    evse_id: str | None = None
    station_id: str | None = None
    connector: int | None = None
    judgement: Judgement | None = None
    agent_id: int | None = None
    topic: Address | None = None
    card_message: int | None = None
    resolution: str | None = None
    rating: int | None = None
    rating_reason: RatingReason | None = None
    rating_words: str | None = None
    rated_at: datetime | None = None
    group_chat: int | None = None
    """The group of agents that has it, from its escalation on."""
    follows: int | None = None
    """The number of the case of the same EVSE and driver that this one names."""
    ended_at: datetime | None = None
    """When it was resolved, or closed without that; None while it is open."""
    spoken_at: datetime | None = None
    """When its driver last said something in it, or was told something."""
    resolved_at: datetime | None = None
    """When the trouble was over; None as long as it is not, and where the case ended without that."""
    cause: Cause | None = None
    cause_note: str | None = None
    snoozed_until: datetime | None = None
    """Until when the agent who has it has put it aside; it says nothing where nobody has it."""
    merged_into: int | None = None
    """The case in which this one goes on, which is closed."""


def move(case: Case, trigger: Trigger, now: datetime) -> Case:
    """The case after the trigger; a Refusal `case.already_closed` or `case.moved_on` where it cannot be."""
    state = TRANSITIONS.get((case.state, trigger))
    if state is None:
        closed = case.state in {CaseState.CLOSED, CaseState.RESOLVED}
        raise Refusal("case.already_closed" if closed else "case.moved_on")
    resolved = now if trigger is Trigger.RESOLVE else None if state in OPEN_STATES else case.resolved_at
    ended = (case.ended_at or now) if state in ENDED_STATES else None
    moved = replace(case, state=state, version=case.version + 1, changed_at=now)
    return replace(moved, resolved_at=resolved, ended_at=ended)
