"""Judges a night by what was seen from outside. Each rule names what is wrong, with the history of the message."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from storage.uow import UnitOfWork
from tests.night import leftovers
from tests.night.deadlines import Deadlines
from tests.night.director import Director
from tests.night.drivers import Driver
from tests.night.ledger import Ledger, Sent, Side
from tests.night.processes import failures
from tests.night.scene import Scene
from tests.night.seen import OPEN, Copy, Seen, Wordings, spans
from tests.night.staff import TopicView

_MARGIN = timedelta(seconds=60)
"""A card is drawn anew a moment after its case has changed."""
_SOON = timedelta(minutes=3)
_AGENT_TAKES = timedelta(minutes=5)
"""The usual wait of a case for an agent, as the operator of the night has set no other."""
_OF_AGENT = re.compile(r"\[a\d\d-\d+\]")
_SHOWN = 25
_TRACE = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be; `history` is all that is known of it."""

    rule: str
    what: str
    history: tuple[str, ...] = ()
    case: int | None = None


@dataclass
class Judgement:
    """What came of a night."""

    findings: list[Finding] = field(default_factory=list)
    numbers: dict[str, object] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def summary(self) -> str:
        """For a person at a terminal."""
        lines = [f"  {name:<46} {value}" for name, value in self.numbers.items()]
        for rule, count in Counter(each.rule for each in self.findings).items():
            lines.append(f"  WRONG: {rule}: {count}")
        for each in self.findings[:_SHOWN]:
            lines += [f"\n* {each.rule}: {each.what}", *(f"    {line}" for line in each.history)]
        if len(self.findings) > _SHOWN:
            lines.append(f"\n… and {len(self.findings) - _SHOWN} more")
        return "\n".join(lines)


async def judge(scene: Scene, ledger: Ledger, director: Director) -> Judgement:
    """The whole judgement."""
    judging = _Judging(Seen(scene, ledger, director.merges).look(), director)
    judging.people()
    judging.words()
    judging.deadlines()
    judging.service()
    await judging.add_events()
    left = await scene.database.read(lambda uow: leftovers.look(uow, scene.clock()))
    for what in left.wrong:
        judging.found("left behind", what)
    judging.numbers(left)
    return judging.judgement


class _Judging:
    def __init__(self, seen: Seen, director: Director) -> None:
        self.judgement = Judgement()
        self._seen = seen
        self._scene = seen.scene
        self._said = seen.ledger.said
        self._director = director
        self._words = Wordings()
        self._counts: Counter[str] = Counter()

    def found(self, rule: str, what: str, sent: Sent | None = None) -> None:
        """Notes what is wrong."""
        history = () if sent is None else tuple(self._history(sent))
        self.judgement.findings.append(Finding(rule, what, history))

    # Words: each comes to the other side, once, in order, and to nobody else.

    def words(self) -> None:
        """All rules about what people said."""
        for sent in self._said.values():
            copies = self._seen.delivered(sent)
            if sent.side is Side.NOTE:
                continue
            self._arrived(sent, copies)
            self._once(sent, copies)
            if copies and not self._silenced(sent):
                self._edited(sent, copies)
                self._answered(sent, copies)
                self._reacted(sent)
        self._in_order()
        self._nowhere_else()

    def _arrived(self, sent: Sent, copies: list[Copy]) -> None:
        if copies:
            self._counts["arrived"] += 1
        elif self._silenced(sent):
            self._counts["blocked"] += 1
        elif sent.side is Side.AGENT:
            self.found("lost", f"{sent.mark} of an agent did not come to driver {sent.driver}", sent)
        elif self._owed(sent):
            self.found("lost", f"{sent.mark} of driver {sent.driver} did not come to the hotline", sent)
        elif any(sent.mark in each.marks for each in self._seen.shown if each.chat < 0):
            self._counts["on a card"] += 1
        elif self._heard_by_bot(sent):
            self._counts["answered by the bot"] += 1
        else:
            self.found("vanished", f"{sent.mark} of driver {sent.driver}: nobody has read it", sent)

    def _silenced(self, sent: Sent) -> bool:
        """Whether the driver had blocked the bot before it could come to them."""
        blocked = self._driver(sent.driver).blocked_at if sent.driver else None
        return blocked is not None and sent.at >= blocked - _MARGIN

    def _driver(self, number: int) -> Driver:
        return self._director.drivers[number - 1]

    def _owed(self, sent: Sent) -> bool:
        """Whether people had a case of the driver when it was sent, and for a while after, and the bot had none."""
        end, turns = self._scene.clock(), self._driver(sent.driver).turned_elsewhere
        return any(
            since <= sent.at
            and sent.at + _MARGIN <= until
            and not any(since <= turned <= sent.at for turned in turns)
            for view in self._seen.by_driver[sent.driver]
            for since, until in spans(view, OPEN, end)
        )

    def _heard_by_bot(self, sent: Sent) -> bool:
        chat = self._scene.chat(self._scene.drivers[sent.driver - 1])
        said = self._seen.says(chat, sent.at)
        return any(at <= sent.at + _SOON or self._seen.away(sent.at, at) for at, _ in said)

    def _once(self, sent: Sent, copies: list[Copy]) -> None:
        for first, second in pairwise(copies):
            if self._seen.excused(first, second):
                self._counts["twice, as a call failed or the process died"] += 1
            else:
                self.found("twice", f"{sent.mark} came twice and nothing explains it", sent)

    def _edited(self, sent: Sent, copies: list[Copy]) -> None:
        if len(sent.texts) > 1:
            self._counts["edited"] += 1
            if not any(each.message.text == sent.texts[-1] for each in copies):
                self.found("edit", f"the copy of {sent.mark} does not say {sent.texts[-1]!r}", sent)

    def _answered(self, sent: Sent, copies: list[Copy]) -> None:
        original = self._said.get(sent.answers or "")
        here = [each for each in copies if original is not None and each.chat.id == original.chat]
        if original is not None and here:
            self._counts["answers"] += 1
            # Of a message that came twice the service knows the second copy only: Telegram told it of no first.
            known = len(self._seen.copies[original.mark]) == 1
            if known and not any(each.answers == original.number for each in here):
                self.found("answer", f"the copy of {sent.mark} does not answer {original.mark}", sent)

    def _reacted(self, sent: Sent) -> None:
        if sent.driver and self._driver(sent.driver).blocked_at is not None:
            return
        chats = (*self._scene.world.groups.values(), self._scene.chat(self._scene.drivers[sent.driver - 1]))
        chat = next(each for each in chats if each.id == sent.chat)
        shown = [
            each.get("emoji") for each in chat.messages[sent.number].reactions.get(self._scene.bot.id, [])
        ]
        if sent.reaction is not None:
            self._counts["reactions"] += 1
            if shown != [sent.reaction] and len(self._seen.copies[sent.mark]) == 1:
                self.found("reaction", f"{sent.mark} shows {shown}, not {sent.reaction}", sent)
        elif not shown and sent.kind != "album":
            self.found("reaction", f"{sent.mark} does not show that it arrived", sent)

    def _in_order(self) -> None:
        lanes: dict[tuple[object, ...], list[tuple[int, int, Sent]]] = defaultdict(list)
        for sent in self._said.values():
            for copy in self._seen.delivered(sent)[:1]:
                way = (sent.side, sent.chat, sent.thread, copy.chat.id, copy.message.thread)
                lanes[way].append((copy.message.id, sent.number, sent))
        for lane in lanes.values():
            for (_, before, first), (_, after, sent) in pairwise(sorted(lane, key=lambda each: each[0])):
                # An answer says which case is meant, and does not wait with words of which that is asked.
                chosen = first.answers is not None and len(self._seen.by_driver[first.driver]) > 1
                if after < before and not chosen:
                    self.found("order", f"{sent.mark} came after {first.mark}, which was sent later", sent)

    def _nowhere_else(self) -> None:
        drivers = {person.id: number for number, person in enumerate(self._scene.drivers, 1)}
        for shown in self._seen.shown:
            said = [self._said[mark] for mark in shown.marks if mark in self._said]
            whose = {each.driver for each in said}
            view = self._seen.view(shown.chat, shown.thread)
            for each in said:
                here = (shown.chat, shown.thread) == (each.chat, each.thread)
                if each.side is Side.NOTE and not here:
                    self.found("a note left its topic", f"{each.mark} at {shown.where}", each)
                elif each.side is Side.NOTE:
                    continue  # Its own card may show it, as how the case was settled.
                elif shown.chat in drivers and (
                    each.side is not Side.AGENT or each.driver != drivers[shown.chat]
                ):
                    self.found("wrong person", f"{each.mark} at {shown.where}", each)
                elif view is not None and not self._at_home(each, view):
                    self.found("wrong topic", f"{each.mark} at {shown.where}", each)
            if shown.chat not in drivers and view is None and len(whose) > 1:
                self.found("mixed up", f"{shown.where} shows words of drivers {sorted(whose)}")

    def _at_home(self, sent: Sent, view: TopicView) -> bool:
        home = self._seen.homes.get(sent.driver, set())
        return sent.side is Side.DRIVER and (view.chat.id, view.thread) in home

    # People: who asks for one gets one, or is told.

    def people(self) -> None:
        """Each driver who asked for a person heard that one was called, and later from one, or of further help."""
        called = self._words.pattern(
            "driver.waiting_agent",
            "driver.with_agent",
            "driver.waiting_technician",
            "driver.with_technician",
            "driver.no_hotline",
            "driver.danger_no_station",
            "driver.resolved",
            "notice.site_known",
            "refusal.",
        )
        heard = self._words.pattern(
            "notice.",
            "driver.with_agent",
            "driver.waiting_technician",
            "driver.with_technician",
            "driver.resolved",
            "driver.cancelled",
            "driver.rated",
        )
        patience = self._words.pattern("notice.still_waiting")
        for driver in self._director.drivers:
            chat = self._scene.chat(self._scene.drivers[driver.number - 1])
            for asked in driver.asked:
                self._counts["asked for a person"] += 1
                what = f"driver {driver.number} asked for a person at {asked:%H:%M:%S}"
                said = list(self._seen.says(chat, asked))
                soon = [text for at, text in said if at <= asked + _SOON or self._seen.away(asked, at)]
                if not any(called.search(text) for text in soon):
                    self.found("nobody called", what)
                ended = self._director.happened.ended
                late = ended is not None and asked > ended - 2 * _AGENT_TAKES
                silenced = driver.blocked_at is not None and driver.blocked_at <= asked + 4 * _AGENT_TAKES
                # Who has just been told that more help was called is not told so again within the hour.
                before = self._seen.says(chat, asked - timedelta(hours=1))
                patient = any(patience.search(text) for _, text in before)
                told = any(heard.search(text) or _OF_AGENT.search(text) for _, text in said)
                if not (late or silenced or patient or told):
                    chat_says = tuple(f"{at:%H:%M:%S} {text[:120]!r}" for at, text in said)
                    finding = Finding("nobody came", f"{what} and heard no more of it", chat_says)
                    self.judgement.findings.append(finding)

    # Deadlines: met in time, once.

    def deadlines(self) -> None:
        """Those of the service's own rows, and the one for agents as the topics show it."""
        for at, kind, subject, due in self._director.happened.overdue:
            self.found("overdue", f"{kind} of {subject} was due at {due:%H:%M:%S} and open at {at:%H:%M:%S}")
        reckoned = Deadlines(self._seen, self._director.ready_answers)
        for rule, case, what in reckoned.wrong():
            self.judgement.findings.append(Finding(rule, what, case=case))
        self._counts["levels told as reckoned from the cards"] = reckoned.met
        self._counts["promises broken and told"] = reckoned.broken

    # The service: it neither failed nor left anything undone.

    def service(self) -> None:
        """Its logs, and whether it ever failed to come to rest."""
        lines = self._scene.processes.lines()
        for what, traces in failures(lines).items():
            trace = tuple(traces[0].splitlines()[-_TRACE:])
            self.judgement.findings.append(Finding("failure in the log", f"{len(traces)}× {what}", trace))
        for number in self._scene.processes.ended_by_themselves():
            self.found("process ended", f"process {number} ended by itself")
        for at, left in self._director.happened.restless:
            self.found("restless", f"at {at:%H:%M:%S}: {left}")
        done = [
            (number, line.get("kind"), line.get("subject"), line.get("due"))
            for number, line in lines
            if line.get("event") == "timer_done"
        ]
        self._counts["deadlines met"] = len(done)
        for (kind, subject, due), count in Counter(each[1:] for each in done).items():
            if count > 1:
                self.found("timer twice", f"{kind} of {subject}, due {due}: {count} times")
        for number in range(len(self._scene.processes)):
            self._counts[f"deadlines met by process {number}"] = sum(each[0] == number for each in done)

    async def add_events(self) -> None:
        """Adds what the service itself has noted of the cases that something is wrong with."""

        def read(uow: UnitOfWork) -> list[Finding]:
            return [
                each if each.case is None else replace(each, history=tuple(_events(uow, each.case)))
                for each in self.judgement.findings
            ]

        self.judgement.findings = await self._scene.database.read(read)

    def numbers(self, left: leftovers.Left) -> None:
        """What was played, for the summary."""
        sides = Counter(each.side for each in self._said.values())
        calls = self._scene.world.journal.calls
        happened = self._director.happened
        self.judgement.numbers = {
            "drivers, topics": f"{len(self._director.drivers)}, {len(self._seen.views)}",
            "topics without a case (opened twice)": sum(not view.driver for view in self._seen.views),
            "steps of the clock": happened.steps,
            "kills": len(self._scene.processes.deaths),
            "hour without a process": ", ".join(f"{a:%H:%M}-{b:%H:%M} UTC" for a, b in happened.absences),
            "said by drivers, by agents, notes": f"{sides[Side.DRIVER]}, {sides[Side.AGENT]}, {sides[Side.NOTE]}",
            **self._counts,
            "calls, with injected faults": f"{len(calls)}, {sum(bool(each.fault) for each in calls)}",
            "faults and how often": ", ".join(
                f"{rule.kind}/{rule.method} {rule.struck}" for rule in self._scene.struck()
            ),
            "e-mails": len(self._scene.letters),
            **left.numbers,
        }

    def _history(self, sent: Sent) -> Iterable[str]:
        yield f"{sent.at:%H:%M:%S} {sent.side} {sent.speaker} in {sent.chat}:{sent.thread}#{sent.number} ({sent.kind})"
        yield f"said {sent.texts}"
        for copy in self._seen.copies[sent.mark]:
            yield f"{copy.at:%H:%M:%S} copy at {copy.chat.id}:{copy.message.thread}#{copy.message.id}"
        for shown in self._seen.shown:
            if sent.mark in shown.marks:
                yield f"shown at {shown.where}"
        for view in self._seen.by_driver.get(sent.driver, []):
            open_at = spans(view, OPEN, self._scene.clock())
            yield f"topic {view.thread} of case {view.case}: " + _spans(open_at)
        for death in self._scene.processes.deaths:
            if death.near(sent.at - _SOON, sent.at + _SOON):
                yield f"process {death.process} was dead {death.at:%H:%M:%S}-{death.back:%H:%M:%S}"
        for call in self._scene.world.journal.calls:
            near = abs((datetime.fromtimestamp(call.time, UTC) - sent.at).total_seconds()) < 20
            if sent.mark in call.text or (call.fault and near and call.chat in _chats(self._seen, sent)):
                at = datetime.fromtimestamp(call.time, UTC)
                yield f"{at:%H:%M:%S} {call.method} to {call.chat}:{call.thread} -> {call.code} {call.fault}"


def _events(uow: UnitOfWork, case: int) -> Iterable[str]:
    for event in uow.cases.events(case):
        yield f"{event.at:%H:%M:%S} {event.kind} {dict(event.data)}"


def _spans(spans: list[tuple[datetime, datetime]]) -> str:
    return ", ".join(f"{since:%H:%M:%S}-{until:%H:%M:%S}" for since, until in spans) or "never open"


def _chats(seen: Seen, sent: Sent) -> set[str]:
    views = seen.by_driver.get(sent.driver, [])
    return {str(sent.chat), *(str(view.chat.id) for view in views)}
