"""What was learnt of remote remedies, as a small table."""

from itertools import groupby

from bot.cases.remote.learning import Fixes, Followed, Learnt
from bot.domain.ladder import StepName
from bot.domain.learnt_order import usual
from bot.views.i18n import Translate
from bot.views.screen import Screen

MOST_GROUPS = 20
"""So that the whole fits into one message."""


def show(found: tuple[Fixes, ...], t: Translate) -> Screen:
    """By model and verdict how often each step was tried and helped, and the order where it is not the usual one."""
    return Screen("\n\n".join(_operator(fixes, t) for fixes in found))


def _operator(fixes: Fixes, t: Translate) -> str:
    head = t("fixes.head", operator=fixes.operator.name)
    if not fixes.learnt:
        return f"{head}\n{t('fixes.none')}"
    groups = [list(group) for _, group in groupby(fixes.learnt, key=lambda each: (each.model, each.verdict))]
    followed = {(each.model, each.verdict): each for each in fixes.followed}
    shown = [
        _group(group, followed.get((group[0].model or "", group[0].verdict)), t)
        for group in groups[:MOST_GROUPS]
    ]
    if len(groups) > MOST_GROUPS:
        shown.append(t("fixes.more", count=len(groups) - MOST_GROUPS))
    return "\n".join([head, *shown])


def _group(group: list[Learnt], followed: Followed | None, t: Translate) -> str:
    model = group[0].model or t("fixes.no_model")
    lines = [
        t("fixes.line", step=t(f"step_name.{each.step.value}"), helped=each.helped, tried=each.tried)
        for each in group
    ]
    if followed is not None and followed.steps != usual(followed.steps):
        lines.append(t("fixes.order", steps=_names(followed.steps, t)))
    if followed is not None and followed.left_out:
        lines.append(t("fixes.left_out", steps=_names(followed.left_out, t)))
    return "\n".join([t("fixes.group", model=model, verdict=t.word(group[0].verdict, "verdict")), *lines])


def _names(steps: tuple[StepName, ...], t: Translate) -> str:
    return ", ".join(t(f"step_name.{step.value}") for step in steps)
