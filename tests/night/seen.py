"""What the emulated Telegram saw in the night: where each marked message came to, and how the cards changed."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from bot.sandbox.telegram.journal import Call
from bot.sandbox.telegram.model import Body, Chat, Message
from bot.views.i18n import load_texts
from tests.night.ledger import Ledger, Sent, Side
from tests.night.scene import Scene
from tests.night.staff import Lamp, Merge, TopicView, lamp_of, topics

_TAG = re.compile(r"<[^>]*>")
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Copy:
    """A message of the bot that says what somebody said."""

    sent: Sent
    chat: Chat
    message: Message

    @property
    def at(self) -> datetime:
        """When it came, to the second."""
        return moment(self.message.body["date"])

    @property
    def answers(self) -> int | None:
        """The number of the message that it answers."""
        replied: Body = self.message.body.get("reply_to_message") or {}
        return None if "forum_topic_created" in replied else replied.get("message_id")


@dataclass(frozen=True, slots=True)
class Shown:
    """The marks that somebody other than the two who speak could read in a message or an e-mail."""

    where: str
    chat: int
    thread: int | None
    marks: tuple[str, ...]
    text: str


@dataclass
class Seen:
    """Everything that was seen, by the end of the night."""

    scene: Scene
    ledger: Ledger
    merges: Sequence[Merge] = ()
    views: list[TopicView] = field(default_factory=list)
    copies: dict[str, list[Copy]] = field(default_factory=lambda: defaultdict(list))
    shown: list[Shown] = field(default_factory=list)

    def look(self) -> "Seen":
        """Reads all chats and letters."""
        self.views = topics(self.scene)
        for chat in (*self.scene.world.groups.values(), *self.scene.world.privates.values()):
            for message in chat.messages.values():
                if message.sender == self.scene.bot.id:
                    self._take_in(chat, message)
        for letter in self.scene.letters:
            marks = re.findall(r"\[[dan]\d\d-\d+\]", letter.text + (letter.html or ""))
            where = f"e-mail to {letter.recipient}"
            self.shown.append(Shown(where, 0, None, tuple(marks), letter.subject))
        return self

    def _take_in(self, chat: Chat, message: Message) -> None:
        sent = self.ledger.copied(message)
        if sent is not None:
            self.copies[sent.mark].append(Copy(sent, chat, message))
        marks = tuple(self.ledger.marks(message))
        if marks:
            where = f"{chat.title} {chat.id}:{message.thread or ''}#{message.id}"
            self.shown.append(Shown(where, chat.id, message.thread, marks, message.text))

    @cached_property
    def faulty(self) -> Sequence[Call]:
        """The calls that were carried out and answered with a failure."""
        return [call for call in self.scene.world.journal.calls if "/after" in call.fault and call.ok]

    @cached_property
    def by_driver(self) -> dict[int, list[TopicView]]:
        """The topics of each driver, the oldest first."""
        found: dict[int, list[TopicView]] = defaultdict(list)
        for view in self.views:
            found[view.driver].append(view)
        return found

    @cached_property
    def homes(self) -> dict[int, set[tuple[int, int | None]]]:
        """The topics to which the words of each driver may go: their own, and those of cases that took theirs in."""
        into: dict[int, set[int]] = defaultdict(set)
        for merge in self.merges:
            into[merge.case].add(merge.into)
        of_case = defaultdict(list)
        for view in self.views:
            of_case[view.case].append((view.chat.id, view.thread))
        found: dict[int, set[tuple[int, int | None]]] = {}
        for driver, views in self.by_driver.items():
            cases, new = set[int](), {view.case for view in views}
            while new:
                cases |= new
                new = {other for case in new for other in into[case]} - cases
            found[driver] = {place for case in cases for place in of_case[case]}
        return found

    def view(self, chat: int, thread: int | None) -> TopicView | None:
        """The topic with that number."""
        return next((each for each in self.views if (each.chat.id, each.thread) == (chat, thread)), None)

    def delivered(self, sent: Sent) -> list[Copy]:
        """The copies that came to the other side; a note has none that are right."""
        if sent.side is Side.DRIVER:
            home = self.homes.get(sent.driver, set())
            return [each for each in self.copies[sent.mark] if (each.chat.id, each.message.thread) in home]
        person = self.scene.drivers[sent.driver - 1].id if sent.driver else 0
        return [each for each in self.copies[sent.mark] if each.chat.id == person]

    def excused(self, first: Copy, second: Copy) -> bool:
        """Whether a message had to come twice: a call failed after it was carried out, or the process was killed."""
        begins, ends = first.at - 2 * SECOND, second.at + SECOND
        if any(death.near(begins, ends) for death in self.scene.processes.deaths):
            return True
        return any(
            call.chat == str(first.chat.id)
            and (call.message == first.message.id or (call.message is None and call.method in _OF_MANY))
            and begins <= datetime.fromtimestamp(call.time, UTC) <= ends
            for call in self.faulty
        )

    def away(self, begins: datetime, ends: datetime) -> bool:
        """Whether no process ran for a part of that time."""
        return any(death.near(begins, ends) for death in self.scene.processes.deaths)

    def says(self, chat: Chat, after: datetime) -> Iterable[tuple[datetime, str]]:
        """What the bot wrote there from that moment on, in new messages and by changing old ones."""
        for message in chat.messages.values():
            if message.sender != self.scene.bot.id:
                continue
            for body in (*message.revisions, message.body):
                at = moment(body.get("edit_date", body["date"]))
                if at >= after - SECOND:
                    yield at, str(body.get("text") or body.get("caption") or "")


_OF_MANY = frozenset({"copymessages", "sendmediagroup"})


def moment(seconds: int) -> datetime:
    """A date as Telegram writes it."""
    return datetime.fromtimestamp(seconds, UTC)


def states(view: TopicView) -> list[tuple[datetime, Lamp]]:
    """Where the card said that the case stood, from when on; a menu in its place says nothing of it."""
    if view.card is None:
        return []
    found = []
    for body in (*view.card.revisions, view.card.body):
        lamp = lamp_of(str(body.get("text") or ""))
        if lamp is not None:
            found.append((moment(body.get("edit_date", body["date"])), lamp))
    return found


OPEN = frozenset({Lamp.WAITING, Lamp.WITH_AGENT, Lamp.TECHNICIAN})


def spans(view: TopicView, lamps: frozenset[Lamp], end: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when the card said one of these; `end` closes a span that is still open."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for at, lamp in states(view):
        if lamp in lamps and since is None:
            since = at
        elif lamp not in lamps and since is not None:
            found.append((since, at))
            since = None
    return [*found, (since, end)] if since is not None else found


class Wordings:
    """The texts of the service as patterns, in all languages, so that a message can be told by its key."""

    def __init__(self) -> None:
        self._texts = load_texts()

    def pattern(self, *keys: str) -> re.Pattern[str]:
        """What any of these texts looks like; a key that ends in a dot means all of its table."""
        parts = []
        for t in self._texts.by_language.values():
            for key, text in t.texts.items():
                if any(key == wanted or (wanted.endswith(".") and key.startswith(wanted)) for wanted in keys):
                    plain = _PLACEHOLDER.sub(".*", re.escape(_TAG.sub("", text.partition("\n")[0])))
                    parts.append(plain)
        return re.compile("|".join(parts)) if parts else re.compile(r"(?!)")
