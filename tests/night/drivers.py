"""Drivers: each has a story in mind, and goes on with it by what the chat shows. Nobody waits for anything."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random

from bot.domain import start_payload
from bot.domain.report import Symptom
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.presence import Impossible
from bot.views.callbacks import Callback, CaseVerb, Notify, OnCase, Plain, Wrong
from tests.night.ledger import Ledger, Side
from tests.night.scene import STATIONS, Scene, evse_id
from tests.night.speaking import Speaker, Spot, buttons

_TRIES = 4
"""How often something that the chat does not offer is looked for, before the driver gives it up."""
_LOOKS_BACK = 8
"""How many messages of the chat somebody still reads."""

_WORDS = ("burst", "media", "album", "burst", "reply", "edit", "react")
_ENDS = (
    ("works", "rate"),
    ("cancel",),
    ("idle", "rate"),
    ("idle", "rate", "long", "burst", "burst"),
    ("long", "burst", "look"),
    ("broken", "burst", "works", "rate"),
    (),
)


def stories(chance: Random) -> list[str]:
    """What a driver is going to do in this night, step by step."""
    kind = chance.choices(
        ("person", "bot", "danger", "no_station", "two_cases", "silent"), (52, 14, 7, 6, 13, 8)
    )[0]
    words = chance.sample(_WORDS, chance.randint(2, 5))
    end = list(chance.choice(_ENDS))
    match kind:
        case "bot":
            return ["scan", "wrong", "repair", chance.choice(("works", "broken", "burst")), *end]
        case "danger":
            return ["scan", "danger", "burst", *words, *end]
        case "no_station":
            return ["agent", *words, *end]
        case "two_cases":
            return ["scan", "wrong", "person", *words[:2], "scan", "wrong", "person", *words, "reply", *end]
        case "silent":
            return chance.choice([["scan"], ["scan", "wrong"], ["scan", "wrong", "person"]])
        case _:
            return ["scan", "wrong", "person", *words, *end]


class Driver:
    """One driver, from 1. `asked` are the moments at which they asked for a person."""

    def __init__(
        self, scene: Scene, ledger: Ledger, number: int, chance: Random, between: tuple[datetime, datetime]
    ) -> None:
        self.number = number
        self.asked: list[datetime] = []
        self.turned_elsewhere: list[datetime] = []
        """When they began with another station: words may be for the bot then, although a person has a case."""
        self.blocked_at: datetime | None = None
        self._scene = scene
        self._chance = chance
        self._ledger = ledger
        self._speaker = Speaker(scene, ledger, chance)
        self._who = scene.drivers[number - 1]
        self._chat = scene.chat(self._who)
        self._plan = deque(stories(chance))
        if chance.random() < 0.75:  # Many come back.
            self._plan += ["long", *stories(chance)]
        self._tries = 0
        first, last = between
        self._wakes = first + (last - first) * chance.random()
        self._steps: dict[str, Callable[[], bool]] = {
            name.removeprefix("_do_"): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    def turn(self) -> None:
        """Does what comes next, if it is time for it."""
        if not self._plan or self._scene.clock() < self._wakes:
            return
        try:
            self._reply_to_questions()
            done = self._steps[self._plan[0]]()
        except Impossible:
            done = False
        self._tries = 0 if done else self._tries + 1
        if done or self._tries >= _TRIES:
            self._plan.popleft()
            self._tries = 0
        pause = self._chance.choice((3, 10, 30, 60, 120, 300))
        self._wakes = max(self._wakes, self._scene.clock() + timedelta(seconds=pause * self._chance.random()))

    def block(self) -> None:
        """Nothing arrives any more."""
        self.blocked_at = self._scene.clock()
        self._plan.clear()
        self._chat.started = True
        self._who.block(self._chat)

    def _reply_to_questions(self) -> None:
        """What the bot asks beside the story: some answer, some leave it to time."""
        if self._chance.random() < 0.5:
            self._verb(CaseVerb.MEANT, CaseVerb.AGAIN, CaseVerb.MISSING, CaseVerb.LEAVE)
        if self._chance.random() < 0.3:
            self._press(lambda each: isinstance(each, Notify))
        rows = (self._chat.keyboard or {}).get("keyboard", [])
        if rows and self._chance.random() < 0.5:
            self._who.tap(self._chance.choice(rows)[0]["text"], self._chat)

    def _do_scan(self) -> bool:
        number = self._chance.randint(1, STATIONS)
        self.turned_elsewhere.append(self._scene.clock())
        self._who.start(start_payload.encode(evse_id(number, self._chance.choice((1, 1, 2)))))
        return True

    def _do_wrong(self) -> bool:
        return self._press(lambda each: isinstance(each, Wrong) and each.symptom is not Symptom.DANGER)

    def _do_danger(self) -> bool:
        pressed = self._press(lambda each: isinstance(each, Wrong) and each.symptom is Symptom.DANGER)
        if pressed:
            self.asked.append(self._scene.clock())
        return pressed

    def _do_person(self) -> bool:
        if not self._press(lambda each: each is Plain.PERSON):
            return False
        self.asked.append(self._scene.clock())
        return True

    def _do_agent(self) -> bool:
        self._who.command("agent")
        self.asked.append(self._scene.clock())
        return True

    def _do_repair(self) -> bool:
        return self._verb(CaseVerb.REPAIR, CaseVerb.REMEDY)

    def _do_works(self) -> bool:
        return self._verb(CaseVerb.WORKS)

    def _do_broken(self) -> bool:
        return self._verb(CaseVerb.BROKEN)

    def _do_rate(self) -> bool:
        return self._verb(CaseVerb.RATE)

    def _do_cancel(self) -> bool:
        self._who.command("cancel")
        self._plan.insert(1, "leave")
        return True

    def _do_leave(self) -> bool:
        return self._press(lambda each: each is Plain.CANCEL_CONFIRMED)

    def _do_look(self) -> bool:
        self._who.start()
        return True

    def _do_idle(self) -> bool:
        self._wakes = self._scene.clock() + timedelta(minutes=self._chance.randint(5, 25))
        return True

    def _do_long(self) -> bool:
        self._wakes = self._scene.clock() + timedelta(minutes=self._chance.randint(40, 150))
        return True

    def _do_burst(self) -> bool:
        for _ in range(self._chance.choice((1, 2, 3, 5))):
            self._speaker.text(self._spot())
        return True

    def _do_media(self) -> bool:
        self._speaker.media(self._spot())
        return True

    def _do_album(self) -> bool:
        self._speaker.album(self._spot())
        return True

    def _do_reply(self) -> bool:
        message = self._heard()
        if message is None:
            return False
        self._speaker.text(self._spot(), message)
        return True

    def _do_react(self) -> bool:
        message = self._heard()
        if message is None:
            return False
        self._speaker.react(self._spot(), message)
        return True

    def _do_edit(self) -> bool:
        own = [
            each
            for each in self._ledger.said.values()
            if each.side is Side.DRIVER and each.speaker == self.number and each.texts
        ][-3:]
        if not own:
            return False
        self._speaker.edit(self._spot(), self._chance.choice(own))
        return True

    def _spot(self) -> Spot:
        return Spot(self._who, Side.DRIVER, self.number, self.number, self._chat)

    def _recent(self) -> Iterable[Message]:
        for number, message in enumerate(reversed(self._chat.messages.values())):
            if number >= _LOOKS_BACK:
                return
            yield message

    def _heard(self) -> Message | None:
        """The newest that an agent said here."""
        for message in self._recent():
            said = self._ledger.copied(message)
            if said is not None and said.side is Side.AGENT and message.sender == self._scene.bot.id:
                return message
        return None

    def _verb(self, *verbs: CaseVerb) -> bool:
        return self._press(lambda each: isinstance(each, OnCase) and each.verb in verbs)

    def _press(self, wanted: Callable[[Callback], bool]) -> bool:
        """Presses such a button, and sometimes twice, as people do."""
        for message in self._recent():
            found = [data for data, meant in buttons(message) if wanted(meant)]
            if found:
                data = self._chance.choice(found)
                for _ in range(2 if self._chance.random() < 0.15 else 1):
                    self._who.press(data, message, self._chat)
                return True
        return False
