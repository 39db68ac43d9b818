"""A recovery ladder in words: what it would do, how it goes, and what came of it."""

from bot.domain.ladder import LADDER, Ladder, LadderState, StepName
from bot.domain.remote_action import ActionState, RemoteAction
from bot.views.i18n import Translate


def offer(steps: tuple[StepName, ...], t: Translate) -> tuple[str, ...]:
    """What the ladder would do, before anybody has agreed to it."""
    return (t("ladder.offer"), *(t("ladder.next", step=t(f"step.{step.value}")) for step in steps))


def story(ladder: Ladder, climbed: tuple[RemoteAction, ...], t: Translate) -> tuple[str, ...]:
    """A line for each step: what came of it, that it is under way, or that it comes next."""
    skipped = {step for step, _ in ladder.skipped}
    head = t("ladder.running" if ladder.state is LadderState.CLIMBING else "ladder.tried")
    lines: list[str] = []
    for number, step in enumerate(ladder.steps):
        words = t(f"step.{step.value}")
        if step in skipped:
            lines.append(t("ladder.skipped", step=words))
        elif number < ladder.step:
            lines.append(_done(ladder, step, climbed, t))
        elif number == ladder.step and ladder.running:
            lines.append(t("ladder.now", step=words))
        elif ladder.state is LadderState.CLIMBING:
            lines.append(t("ladder.next", step=words))
    return (head, *lines)


def over(ladder: Ladder, t: Translate) -> str:
    """How it ended, in one sentence."""
    status = "" if ladder.after is None else t(f"status.{ladder.after.value}")
    return t(f"ladder_over.{ladder.state.value}", status=status)


def _done(ladder: Ladder, step: StepName, climbed: tuple[RemoteAction, ...], t: Translate) -> str:
    words = t(f"step.{step.value}")
    if ladder.state is LadderState.SOLVED and ladder.taken[-1:] == (step,):
        return t("ladder.helped", step=words)
    last = next((a for a in reversed(climbed) if a.order.command in LADDER[step].commands), None)
    if step is StepName.ASK and last is not None and last.state is ActionState.VERIFIED:
        return t("ladder.asked", step=words, status=t.word(last.proof or "", "status"))
    return t("ladder.in_vain", step=words)
