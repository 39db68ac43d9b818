"""The policies that hold where an operator has set nothing of its own: data, read once."""

import tomllib
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib.resources import files

from bot.domain.case import Severity
from bot.domain.escalation import Policy
from bot.domain.operator import Operator
from bot.domain.policy_data import policy_of

Waits = tuple[timedelta, timedelta]
"""How long an agent may take where the operator has not said: as usual, and in danger."""


def usual(operator: Operator, severity: Severity, waits: Waits) -> Policy:
    """The usual policy of a severity; its first level that waits does so as long as the operator says.

    No answer is promised before that: the first one is due after twice the wait at the earliest.
    """
    policy = _all()[severity]
    first = next(place for place, level in enumerate(policy.levels) if level.after)
    wait = _wait(operator, severity, waits)
    levels = tuple(
        replace(level, after=wait) if place == first else level for place, level in enumerate(policy.levels)
    )
    promised = policy.service_level
    first_answer = None if promised.first_answer is None else max(promised.first_answer, 2 * wait)
    return replace(policy, levels=levels, service_level=replace(promised, first_answer=first_answer))


def _wait(operator: Operator, severity: Severity, waits: Waits) -> timedelta:
    danger = severity is Severity.P1
    minutes = operator.agent_takes_danger_minutes if danger else operator.agent_takes_minutes
    return waits[danger] if minutes is None else timedelta(minutes=minutes)


@cache
def _all() -> dict[Severity, Policy]:
    text = files(__package__).joinpath("usual_policies.toml").read_text(encoding="utf-8")
    policies = [policy_of(data) for data in tomllib.loads(text)["policy"]]
    return {policy.severity: policy for policy in policies}
