"""Agents in their topics and technicians in their chats: they act on what is shown to them, or not at all."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from random import Random

from bot.sandbox.telegram.model import Chat, Message
from bot.sandbox.telegram.presence import Impossible
from bot.views.callbacks import CaseVerb, JobVerb, OnCase, OnJob, unpack
from tests.acceptance.talk import picture
from tests.night.ledger import Ledger, Sent, Side, texts_of
from tests.night.scene import Scene
from tests.night.speaking import Speaker, Spot, buttons

DRIVER = re.compile(r"Driver(\d\d)")
CASE = re.compile(r"#(\d+)")


class Lamp(StrEnum):
    """What a card begins with: where its case stands."""

    WAITING = "🔴"
    WITH_AGENT = "🟡"
    TECHNICIAN = "🟠"
    RESOLVED = "🟢"
    CLOSED = "⚫"


_HEAD = re.compile(rf"({'|'.join(Lamp)}) #(\d+) ")


@dataclass
class TopicView:
    """A topic as it is seen: whose case it is, its card, what its buttons can do."""

    chat: Chat
    thread: int
    case: int
    closed: bool
    driver: int = 0
    card: Message | None = None
    lamp: Lamp | None = None
    buttons: dict[CaseVerb, list[str]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Merge:
    """An agent wanted one case to go on in another."""

    case: int
    into: int


def lamp_of(text: str) -> Lamp | None:
    """Where the case of a card stands; None for what is no card."""
    found = _HEAD.match(text)
    return None if found is None else Lamp(found[1])


def topics(scene: Scene) -> list[TopicView]:
    """All topics of all groups, in the order in which they were opened."""
    found: dict[tuple[int, int], TopicView] = {}
    for chat in scene.world.groups.values():
        for topic in chat.topics.values():
            number = CASE.search(topic.name)
            if not topic.deleted and number is not None:
                found[chat.id, topic.id] = TopicView(chat, topic.id, int(number[1]), topic.closed)
        for message in chat.messages.values():
            view = found.get((chat.id, message.thread or 0))
            if view is not None:
                _read(view, message, scene.bot.id)
    return list(found.values())


def _read(view: TopicView, message: Message, bot: int) -> None:
    view.messages.append(message)
    if message.sender != bot:
        return
    # A menu may stand in the place of the card, which it was before.
    shown = next((text for text in reversed(texts_of(message)) if lamp_of(text)), "")
    if not shown:
        return
    named = DRIVER.search(shown)
    view.driver = view.driver or (int(named[1]) if named is not None else 0)
    view.card, view.lamp, view.buttons = message, lamp_of(shown), {}
    for data, each in buttons(message):
        if isinstance(each, OnCase):
            view.buttons.setdefault(each.verb, []).append(data)


class Agent:
    """An agent, from 1."""

    def __init__(self, scene: Scene, ledger: Ledger, number: int, chance: Random) -> None:
        self.number = number
        self._scene = scene
        self._ledger = ledger
        self._chance = chance
        self.merges: list[Merge] = []
        self.ready_answers: list[tuple[int, datetime]] = []
        """The cases of which an answer was sent that was ready, and when."""
        self._who = scene.agents[number - 1]
        self._speaker = Speaker(scene, ledger, chance)

    def turn(self, views: list[TopicView], *, keenness: float) -> None:
        """Looks through the topics; `keenness` is how likely something is done about each."""
        for view in views:
            if (
                view.closed
                or view.lamp in {None, Lamp.RESOLVED, Lamp.CLOSED}
                or self._chance.random() >= keenness
            ):
                continue
            try:
                self._attend(view)
            except Impossible:
                continue

    def _attend(self, view: TopicView) -> None:
        if view.lamp is Lamp.WAITING:
            self._take(view)
        elif self._has(view):
            self._work(view)
        elif view.lamp is Lamp.TECHNICIAN and self._chance.random() < 0.1:
            self._speaker.text(self._spot(view))

    def _has(self, view: TopicView) -> bool:
        """Whether the newest card names this agent."""
        name = self._who.user.first_name
        shown = "" if view.card is None else next(filter(lamp_of, reversed(texts_of(view.card))), "")
        return view.lamp is Lamp.WITH_AGENT and name in shown.partition("\n")[0]

    def _take(self, view: TopicView) -> None:
        if self._chance.random() < 0.2 or CaseVerb.TAKE not in view.buttons:  # Who writes, takes.
            self._speaker.text(self._spot(view))
            return
        if self._chance.random() < 0.1:
            self._menu(view)
            return
        self._press(view, CaseVerb.TAKE)
        if self._chance.random() < 0.3:  # A colleague taps at the same moment.
            other = self._chance.choice(self._scene.agents)
            other.press(view.buttons[CaseVerb.TAKE][0], view.card, view.chat)

    def _work(self, view: TopicView) -> None:
        answered = any(
            each.side is Side.AGENT and each.chat == view.chat.id and each.thread == view.thread
            for each in self._ledger.said.values()
        )
        acts: list[tuple[int, Callable[[], None]]] = [
            (34, lambda: self._speaker.text(self._spot(view))),
            (8, lambda: self._burst(view)),
            (10, lambda: self._speaker.text(self._spot(view, Side.NOTE))),
            (3, lambda: self._speaker.media(self._spot(view, Side.NOTE))),
            (3, lambda: self._speaker.album(self._spot(view, Side.NOTE))),
            (6, lambda: self._speaker.media(self._spot(view))),
            (4, lambda: self._speaker.album(self._spot(view))),
            (8, lambda: self._reply(view)),
            (6, lambda: self._react(view)),
            (5, lambda: self._edit(view)),
            (5, lambda: self._press(view, CaseVerb.HAND_BACK)),
            (6, lambda: self._press(view, CaseVerb.TECHNICIAN)),
            (22, lambda: self._menu(view)),
            (12 if answered else 0, lambda: self._resolve(view)),
        ]
        weights, doing = zip(*acts, strict=True)
        self._chance.choices(doing, weights)[0]()

    def _burst(self, view: TopicView) -> None:
        for _ in range(3):
            self._speaker.text(self._spot(view))

    def _resolve(self, view: TopicView) -> None:
        self._who.command("close", view.chat, thread=view.thread)

    def _menu(self, view: TopicView) -> None:
        """Presses any button that the card shows, and so comes to every menu and to all that it does."""
        kept = {CaseVerb.CARD, CaseVerb.DRIVER}
        shown = [data for verb, all_of in view.buttons.items() if verb not in kept for data in all_of]
        if not shown:
            self._press(view, CaseVerb.CARD)
            return
        data = self._chance.choice(shown)
        if (merge := merge_of(data)) is not None:
            self.merges.append(merge)
        meant = unpack(data)
        if isinstance(meant, OnCase) and meant.verb is CaseVerb.SEND_ANSWER:
            self.ready_answers.append((meant.case_id, self._scene.clock()))
        self._who.press(data, view.card, view.chat)

    def _reply(self, view: TopicView) -> None:
        heard = self._heard(view)
        said = None if heard is None else self._ledger.copied(heard)
        if heard is not None and said is not None:
            # Where two cases are one, it goes to whoever wrote what is answered.
            self._speaker.text(replace(self._spot(view), driver=said.driver), heard)

    def _react(self, view: TopicView) -> None:
        heard = self._heard(view)
        if heard is not None:
            self._speaker.react(self._spot(view), heard)

    def _edit(self, view: TopicView) -> None:
        own = [each for each in self._ledger.said.values() if self._may_edit(each, view)][-3:]
        if own:
            sent = self._chance.choice(own)
            self._speaker.edit(self._spot(view, sent.side), sent)

    def _may_edit(self, sent: Sent, view: TopicView) -> bool:
        # A note of an album holds its other parts back, so that it stays a note.
        own = sent.side in {Side.AGENT, Side.NOTE} and sent.speaker == self.number and bool(sent.texts)
        return own and (sent.chat, sent.thread) == (view.chat.id, view.thread)

    def _heard(self, view: TopicView) -> Message | None:
        for message in reversed(view.messages):
            said = self._ledger.copied(message) if message.sender == self._scene.bot.id else None
            if said is not None and said.side is Side.DRIVER:
                return message
        return None

    def _press(self, view: TopicView, verb: CaseVerb) -> None:
        if verb in view.buttons:
            self._who.press(view.buttons[verb][0], view.card, view.chat)

    def _spot(self, view: TopicView, side: Side = Side.AGENT) -> Spot:
        return Spot(self._who, side, self.number, view.driver, view.chat, view.thread)


def merge_of(data: str) -> Merge | None:
    """What a button merges; None for any other button."""
    meant = unpack(data)
    if isinstance(meant, OnCase) and meant.verb is CaseVerb.MERGE_INTO and meant.argument.isdecimal():
        return Merge(meant.case_id, int(meant.argument))
    return None


class Technician:
    """A technician, from 1. They answer some jobs, and leave others."""

    def __init__(self, scene: Scene, number: int, chance: Random) -> None:
        self._scene = scene
        self._chance = chance
        self._who = scene.technicians[number - 1]
        self._chat = scene.chat(self._who)

    def turn(self) -> None:
        """Looks through the newest jobs."""
        for message in list(self._chat.messages.values())[-10:]:
            shown = [(data, each) for data, each in buttons(message) if isinstance(each, OnJob)]
            if shown and self._chance.random() < 0.25:
                try:
                    self._answer(message, *self._chance.choice(shown))
                except Impossible:
                    continue

    def _answer(self, message: Message, data: str, meant: OnJob) -> None:
        if meant.verb is JobVerb.CAUSE and self._chance.random() < 0.7:
            for station in self._scene.stations:
                if station.id in message.text:
                    for connector in station.connectors:
                        station.clear_fault(connector)
        self._who.press(data, message, self._chat)
        if meant.verb is JobVerb.CAUSE and self._chance.random() < 0.5:
            self._who.photo(picture(), chat=self._chat)
