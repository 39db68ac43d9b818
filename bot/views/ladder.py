"""A recovery ladder in words: what it would do, how it goes, and what came of it."""

from bot.domain.ladder import LADDER, Ladder, LadderState, StepName
from bot.domain.learnt_order import usual
from bot.domain.remote_action import ActionState, RemoteAction
from bot.views.i18n import Translate


def offer(steps: tuple[StepName, ...], t: Translate) -> tuple[str, ...]:
    """What the ladder would do, before anybody has agreed to it."""
    head = "ladder.offer" if steps == usual(steps) else "ladder.offer_learnt"
    return (t(head), *(t("ladder.next", step=t(f"step.{step.value}")) for step in steps))


def story(ladder: Ladder, climbed: tuple[RemoteAction, ...], t: Translate) -> tuple[str, ...]:
    """A line for each step: what came of it, that it is under way, or that it comes next."""
    skipped = {step for step, _ in ladder.skipped}
    head = t("ladder.running" if ladder.state is LadderState.CLIMBING else "ladder.tried")
    lines: list[str] = []
    for number, step in enumerate(ladder.steps):
        words = t(f"step.{step.value}")
        if step in skipped:
            lines.append(t("ladder.skipped", step=words))
        elif number == ladder.step - 1 and _awaits_look(ladder, climbed):
            lines.append(t("ladder.looking", step=words))
        elif number < ladder.step:
            lines.append(_done(ladder, step, climbed, t))
        elif number == ladder.step and ladder.running and not _awaits_look(ladder, climbed):
            lines.append(t("ladder.now", step=words))
        elif ladder.state is LadderState.CLIMBING:
            lines.append(t("ladder.next", step=words))
    return (head, *lines)


def over(ladder: Ladder, t: Translate) -> str:
    """How it ended, in one sentence."""
    status = "" if ladder.after is None else t(f"status.{ladder.after.value}")
    return t(f"ladder_over.{ladder.state.value}", status=status)


def _awaits_look(ladder: Ladder, climbed: tuple[RemoteAction, ...]) -> bool:
    """Whether the last step is done and nobody knows yet what came of it, so that no other one has begun.

    What the station has refused, or has answered to a question, is known at once.
    """
    if not ladder.running or not climbed or ladder.step == 0:
        return False
    step, last = ladder.steps[ladder.step - 1], climbed[-1]
    known = step is StepName.ASK or last.state is ActionState.REJECTED
    return last.ended_at is not None and last.order.command in LADDER[step].commands and not known


def _done(ladder: Ladder, step: StepName, climbed: tuple[RemoteAction, ...], t: Translate) -> str:
    words = t(f"step.{step.value}")
    if ladder.state is LadderState.SOLVED and ladder.taken[-1:] == (step,):
        return t("ladder.helped", step=words)
    last = next((a for a in reversed(climbed) if a.order.command in LADDER[step].commands), None)
    if step is StepName.ASK and last is not None and last.state is ActionState.VERIFIED:
        return t("ladder.asked", step=words, status=t.word(last.proof or "", "status"))
    return t("ladder.in_vain", step=words)
