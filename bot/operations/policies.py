"""How an operator's cases escalate: the policy of each severity, set and reset; what runs goes on by its copy."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.case import Severity
from bot.domain.escalation import Level, Policy, ServiceLevel
from bot.domain.operator import Operator
from bot.domain.policy_data import MOST_LEVELS, data_of, read_hours, read_span, read_target
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.domain.usual_policies import Waits, usual
from bot.operations.acting import Acting, changed
from storage.uow import UnitOfWork

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Shown:
    """A policy as it holds; `own` says whether the operator has set it."""

    operator: Operator
    policy: Policy
    own: bool


async def show(acting: Acting, waits: Waits) -> tuple[Shown, ...]:
    """The policies of all severities, the most urgent first; MissingRight without the right to the hotline."""

    def read(uow: UnitOfWork, who: Authority) -> tuple[Shown, ...]:
        who.need(Right.HOTLINE)
        return tuple(_holds(uow, acting.operator(uow), each, waits) for each in Severity)

    return await acting.read(read)


async def one(acting: Acting, severity: Severity, waits: Waits) -> Shown:
    """The policy of one severity."""
    return next(each for each in await show(acting, waits) if each.policy.severity is severity)


async def set_levels(acting: Acting, severity: Severity, text: str, waits: Waits) -> Shown:
    """The levels as somebody wrote them: a line for each, minutes and then who, parted by commas.

    Refusal `policy.…` for what cannot be read.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MOST_LEVELS:
        raise Refusal("policy.levels", most=str(MOST_LEVELS))
    levels = tuple(_level(line) for line in lines)
    return await _change(acting, severity, waits, lambda policy: replace(policy, levels=levels))


async def set_hours(acting: Acting, severity: Severity, text: str, waits: Waits) -> Shown:
    """When the clock runs: `always`, or such as `mon-fri 8-17`."""
    hours = read_hours(text)
    return await _change(acting, severity, waits, lambda policy: replace(policy, hours=hours))


async def set_promises(acting: Acting, severity: Severity, text: str, waits: Waits) -> Shown:
    """Minutes to the first answer and to the end of the trouble; `-` where nothing is promised."""
    parts = text.replace(",", " ").split()
    if len(parts) != 2:  # noqa: PLR2004  # The first answer, and the end.
        raise Refusal("policy.promises")
    first, end = (None if part == NOTHING else _some(part) for part in parts)
    if first is not None and end is not None and first > end:
        raise Refusal("policy.promises")
    return await _change(
        acting,
        severity,
        waits,
        lambda policy: replace(policy, service_level=ServiceLevel(first, end, policy.service_level.warn_at)),
    )


async def set_repeat(acting: Acting, severity: Severity, text: str, waits: Waits) -> Shown:
    """Minutes after which the last level is told again; `-` for once only."""
    pause = None if text.strip() == NOTHING else _some(text.strip())
    return await _change(acting, severity, waits, lambda policy: replace(policy, last_repeats=pause))


async def reset(acting: Acting, severity: Severity, waits: Waits) -> Shown:
    """The usual policy holds again."""

    def work(uow: UnitOfWork, who: Authority) -> Shown:
        who.need(Right.HOTLINE)
        uow.staff.hold(acting.operator_id)
        operator = acting.operator(uow)
        before = _holds(uow, operator, severity, waits)
        if before.own:
            uow.escalations.drop_policy(operator.id, severity)
            data = data_of(before.policy)
            acting.note(uow, "policy.reset", severity.value, {"levels": said(data)}, None)
        return _holds(uow, operator, severity, waits)

    return await acting.commit(work)


def said(data: dict[str, object]) -> str:
    """The levels in short, for the audit log: `5: on_call 1, technician; 10: manager`."""
    levels = data["level"]
    parts = levels if isinstance(levels, list) else []
    return "; ".join(f"{part['after_minutes']}: {', '.join(part['tell'])}" for part in parts)


async def _change(
    acting: Acting, severity: Severity, waits: Waits, change: Callable[[Policy], Policy]
) -> Shown:
    def work(uow: UnitOfWork, who: Authority) -> Shown:
        who.need(Right.HOTLINE)
        uow.staff.hold(acting.operator_id)
        operator = acting.operator(uow)
        before = _holds(uow, operator, severity, waits)
        after = change(before.policy)
        if after != before.policy:
            uow.escalations.put_policy(operator.id, after)
            acting.note(
                uow, "policy.changed", severity.value, *changed(_fields(before.policy), _fields(after))
            )
        return _holds(uow, operator, severity, waits)

    return await acting.commit(work)


def _fields(policy: Policy) -> dict[str, object]:
    data = data_of(policy)
    hours = data["hours"]
    return {
        "levels": said(data),
        "hours": ", ".join(hours) if isinstance(hours, list) else hours,
        "repeat_minutes": data.get("repeat_minutes"),
        "first_answer_minutes": data.get("first_answer_minutes"),
        "resolution_minutes": data.get("resolution_minutes"),
    }


def _holds(uow: UnitOfWork, operator: Operator, severity: Severity, waits: Waits) -> Shown:
    own = uow.escalations.policy(operator.id, severity)
    return Shown(operator, own or usual(operator, severity, waits), own is not None)


def _level(line: str) -> Level:
    minutes, _, targets = line.replace(":", " ").partition(" ")
    found = tuple(dict.fromkeys(read_target(each) for each in targets.split(",") if each.strip()))
    if not found:
        raise Refusal("policy.nobody")
    return Level(read_span(minutes), found)


def _some(text: str) -> timedelta:
    span = read_span(text)
    if not span:
        raise Refusal("policy.some")
    return span
