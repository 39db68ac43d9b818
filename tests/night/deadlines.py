"""When agents should have been told of a case that waits, reckoned from its card alone, and when they were."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tests.night.director import GRAIN
from tests.night.seen import OPEN, SECOND, Seen, Wordings, moment
from tests.night.staff import Lamp, TopicView, lamp_of

LEVELS: Mapping[str, tuple[int, ...]] = {"P1": (1, 5), "P2": (5, 15, 30), "P3": (5, 20, 60)}
"""Minutes of waiting after which the next are told, as docs/escalation.md has them for whoever set nothing."""
FIRST_ANSWER: Mapping[str, int] = {"P1": 10, "P2": 30, "P3": 60}
SETTLED: Mapping[str, int] = {"P1": 240, "P2": 480, "P3": 1440}
SLACK = GRAIN + timedelta(seconds=60)
"""How late something may come: what the steps of the clock make of it, and a moment for the card and the line."""
_SEVERITY = re.compile(r"· (P[123]) ·")


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stood from a moment on."""

    at: datetime
    lamp: Lamp
    severity: str
    aside: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A line in the topic."""

    at: datetime
    number: int
    text: str


class Deadlines:
    """The deadlines of all cases, as their topics show them. `met` counts those that were met as they should be."""

    def __init__(self, seen: Seen, answered: Iterable[tuple[int, datetime]]) -> None:
        """`answered` are the cases of which an agent sent an answer that was ready, and when."""
        self._seen = seen
        self._answered = list(answered)
        self._words = Wordings()
        self.met = 0
        self.broken = 0

    def wrong(self) -> Iterable[tuple[str, int, str]]:
        """What was not told, or told twice: the rule, the case, and the story."""
        for view in self._seen.views:
            anew = self._lines(view, "topic.reopened")
            for run in self._runs(view):
                # Settled and opened anew in one moment: the card has not shown that its clock began again.
                if any(run[0].at + SLACK / 4 < each.at < run[-1].at for each in anew) or self._unseen(run):
                    continue
                yield from self._levels(view, run)
                yield from self._promises(view, run)
            yield from self._twice(view)

    def _runs(self, view: TopicView) -> list[list[State]]:
        """From the first wait of a case to its end, and again after it was opened anew; the last state is the end."""
        aside = self._words.pattern("agent.snoozed")
        runs: list[list[State]] = [[]]
        for body in (*(view.card.revisions if view.card else ()), *([view.card.body] if view.card else ())):
            text = str(body.get("text") or "")
            lamp, severity = lamp_of(text), _SEVERITY.search(text)
            if lamp is None or severity is None:
                continue
            at = moment(body.get("edit_date", body["date"]))
            state = State(at, lamp, severity[1], bool(aside.search(text)))
            runs[-1].append(state)
            if lamp not in OPEN:
                runs.append([])
        if runs[-1]:
            runs[-1].append(State(self._seen.scene.clock(), Lamp.CLOSED, runs[-1][-1].severity, aside=False))
        return [run for run in runs if len(run) > 1 and run[0].lamp is Lamp.WAITING]

    def _unseen(self, run: list[State]) -> bool:
        """Whether a wait began while no process ran, or the card fell behind for that: it shows the wait too late."""
        deaths = self._seen.scene.processes.deaths
        began = [state.at for state in run if state.lamp is Lamp.WAITING]
        return any(death.at <= at <= death.back + SLACK for death in deaths for at in began)

    def _levels(self, view: TopicView, run: list[State]) -> Iterable[tuple[str, int, str]]:
        """The levels of a run that neither a technician nor another severity has disturbed."""
        plain = all(state.lamp is not Lamp.TECHNICIAN and not state.aside for state in run)
        if not plain or len({state.severity for state in run}) > 1:
            return
        told = self._lines(
            view, "topic.nobody_answers", "topic.nobody_answers_yet", "topic.nobody_answers_at_all"
        )
        waited, levels = timedelta(), [timedelta(minutes=each) for each in LEVELS[run[0].severity]]
        for state, after in pairwise(run):
            if state.lamp is not Lamp.WAITING:
                continue
            span = after.at - state.at
            for level in levels:
                # What falls into the seconds in which somebody takes the case may be told or not.
                if not waited + SLACK / 4 < level < waited + span - SLACK:
                    continue
                due = state.at + (level - waited)
                if self._told(told, due, after.at):
                    self.met += 1
                else:
                    yield (
                        "nobody told",
                        view.case,
                        f"case {view.case}: level due {due:%H:%M:%S}, told {_times(told)}; {_story(run)}",
                    )
            waited += span

    def _promises(self, view: TopicView, run: list[State]) -> Iterable[tuple[str, int, str]]:
        """The first answer and the end of the trouble: a promise that is broken is said so, once."""
        severity, began, ended = run[0].severity, run[0].at, run[-1].at
        if len({state.severity for state in run}) > 1:
            return
        answered = min(
            [at for at in self._first_answers(view) if began - SECOND <= at], default=self._seen.scene.clock()
        )
        for key, minutes, over in (
            ("topic.first_answer_breach", FIRST_ANSWER[severity], min(answered, ended)),
            ("topic.resolution_breach", SETTLED[severity], ended),
        ):
            due = began + timedelta(minutes=minutes)
            told = [each for each in self._lines(view, key) if began <= each.at <= ended + SLACK]
            if over > due + SLACK and not self._told(told, due, over):
                yield (
                    "breach not told",
                    view.case,
                    f"case {view.case}: {key} due {due:%H:%M:%S}, {_times(told)}; {_story(run)}",
                )
            elif told:
                self.broken += 1
            # What was written while no process ran was not heard of in time.
            if told and over < due - SLACK and not self._seen.away(over, told[0].at):
                yield (
                    "breach told wrongly",
                    view.case,
                    f"case {view.case}: {key} due at {due:%H:%M:%S}, {_times(told)}",
                )
            if len(told) > 1 and not self._excused(view, told[0], told[1]):
                yield "breach told twice", view.case, f"case {view.case}: {key} at {_times(told)}"

    def _first_answers(self, view: TopicView) -> Iterable[datetime]:
        for copies in self._seen.copies.values():
            for copy in copies[:1]:
                if (copy.sent.chat, copy.sent.thread) == (view.chat.id, view.thread):
                    yield copy.sent.at
        yield from (at for case, at in self._answered if case == view.case)

    def _told(self, told: list[Told], due: datetime, until: datetime) -> bool:
        """Whether it was told when it was due; or, where no process ran, once one did and it was still so."""
        if any(due - SLACK <= each.at <= due + SLACK for each in told):
            return True
        # A process works for a moment before it is known to answer.
        near = [each for each in self._seen.scene.processes.deaths if each.near(due - SLACK, due + SLACK)]
        return any(
            until <= each.back + SLACK or any(each.at <= line.at <= each.back + SLACK for line in told)
            for each in near
        )

    def _twice(self, view: TopicView) -> Iterable[tuple[str, int, str]]:
        """The same line of a deadline twice within moments."""
        keys = ("nobody_answers", "nobody_answers_yet", "nobody_answers_at_all", "needed_now", "snooze_over")
        for first, second in pairwise(self._lines(view, *(f"topic.{key}" for key in keys))):
            close = second.at - first.at < GRAIN / 2 and first.text == second.text
            if close and not self._excused(view, first, second):
                yield (
                    "deadline twice",
                    view.case,
                    f"case {view.case} at {_times([first, second])}: {first.text}",
                )

    def _excused(self, view: TopicView, first: Told, second: Told) -> bool:
        """Whether the first was sent by a call that failed after it, or the process died."""
        if self._seen.away(first.at - SECOND, second.at + SECOND):
            return True
        return any(
            call.chat == str(view.chat.id) and call.message == first.number for call in self._seen.faulty
        )

    def _lines(self, view: TopicView, *keys: str) -> list[Told]:
        wanted = self._words.pattern(*keys)
        return [
            Told(moment(each.body["date"]), each.id, each.text)
            for each in view.messages
            if each.sender == self._seen.scene.bot.id and wanted.search(each.text)
        ]


def _story(run: list[State]) -> str:
    """How the card changed."""
    return " ".join(
        f"{state.at:%H:%M:%S}{state.lamp}{state.severity}{' aside' if state.aside else ''}" for state in run
    )


def _times(told: list[Told]) -> str:
    return ", ".join(f"{each.at:%H:%M:%S}" for each in told) or "never"
