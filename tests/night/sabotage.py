"""Ways of breaking the service on purpose, to see that the drill notices each of them.

They reach into the process before it starts. What several layers of the service hold has to be broken in all of them.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.cases.agents.briefing import Briefing
from bot.cases.clock import promises
from bot.cases.drivers import escalation, standing
from bot.cases.outcomes import DriverOutcome
from bot.cases.services import Services
from bot.cases.talk import holding, relay
from bot.cases.turn import Turn
from bot.delivery.outbox import OutboxWorker
from bot.delivery.relaying import Relaying
from bot.domain.case import Case
from bot.domain.escalation import Promised, Run
from bot.domain.outgoing import Claimed, Outgoing, OutgoingKind
from bot.domain.people import Address
from bot.domain.timer import Timer
from bot.handlers import dispatch
from bot.telegram.sender import Sender
from bot.views import agent
from bot.views.i18n import Translate
from bot.views.screen import Screen
from bot.workers.inbox import InboxWorker
from storage.repositories import outbox as outbox_rows
from storage.repositories.inbox import Inbox, InboxRow
from storage.repositories.messages import Passed
from storage.repositories.outbox import Outbox
from storage.repositories.timers import Timers
from storage.tables import outbox
from storage.uow import UnitOfWork

WAYS: dict[str, Callable[[], None]] = {}
_EVERY = 12


def _way(break_it: Callable[[], None]) -> Callable[[], None]:
    WAYS[break_it.__name__.removeprefix("_")] = break_it
    return break_it


def _now_and_then() -> Callable[[], bool]:
    """True for every twelfth time."""
    count = itertools.count(1)
    return lambda: next(count) % _EVERY == 0


@_way
def _a_copy_is_lost() -> None:
    struck, real = _now_and_then(), Relaying.copy

    async def copy(self: Relaying, outgoing: Outgoing, to: Address) -> str | None:
        return None if struck() else await real(self, outgoing, to)

    Relaying.copy = copy  # type: ignore[method-assign]  # That is what breaking it means, here and below.


@_way
def _a_copy_goes_to_somebody_else() -> None:
    struck, real, met = _now_and_then(), Relaying.copy, []

    async def copy(self: Relaying, outgoing: Outgoing, to: Address) -> str | None:
        met.append(to)
        others = [each for each in met if each != to and (each.chat > 0) is (to.chat > 0)]
        return await real(self, outgoing, others[-1] if others and struck() else to)

    Relaying.copy = copy  # type: ignore[method-assign]


@_way
def _a_copy_comes_twice() -> None:
    struck, real = _now_and_then(), Sender.copy

    async def copy(self: Sender, *arguments: object) -> int:
        if struck():
            await real(self, *arguments)  # type: ignore[arg-type]  # They are passed on as they came.
        return await real(self, *arguments)  # type: ignore[arg-type]

    Sender.copy = copy  # type: ignore[method-assign, assignment]


@_way
def _notes_are_passed_on() -> None:
    real = dispatch._command

    def command(text: str) -> tuple[str | None, str]:
        return (None, "") if text.startswith("//") else real(text)

    relay.INTERNAL, dispatch._command = "/////", command


@_way
def _edits_are_lost() -> None:
    async def edit(self: Relaying, outgoing: Outgoing, to: Address) -> str | None:
        del self, outgoing, to
        return None

    Relaying.edit = edit  # type: ignore[method-assign]


@_way
def _answers_are_no_answers() -> None:
    async def counterpart(self: Relaying, parts: Sequence[Passed], to: Address) -> int | None:
        del self, parts, to
        return None

    Relaying._counterpart = counterpart  # type: ignore[method-assign]


@_way
def _reactions_are_lost() -> None:
    struck, real = _now_and_then(), Relaying.react

    async def react(self: Relaying, outgoing: Outgoing) -> str | None:
        return None if struck() else await real(self, outgoing)

    Relaying.react = react  # type: ignore[method-assign]


@_way
def _lanes_have_no_order() -> None:
    # The newest of a lane first, and several at once.
    outbox_rows._CLAIMABLE = text(
        "SELECT * FROM outbox WHERE ended_at IS NULL AND due_at <= :now"
        " AND (lease_until IS NULL OR lease_until < :now) ORDER BY priority, id DESC LIMIT :most"
    ).columns(*outbox.c)  # type: ignore[assignment]


@_way
def _a_row_ends_before_it_is_sent() -> None:
    real = OutboxWorker._round

    async def once_at_most(self: OutboxWorker) -> None:
        await real(self)
        now = self._services.now()
        ids = [row.id for row in self._running.values()]
        await self._services.database.write(lambda uow: uow.outbox.end(ids, now))

    OutboxWorker._round = once_at_most  # type: ignore[method-assign]


@_way
def _an_update_is_acknowledged_and_forgotten() -> None:
    struck, real = _now_and_then(), InboxWorker._enqueue

    def enqueue(self: InboxWorker, received: object) -> None:
        if not struck():
            real(self, received)  # type: ignore[arg-type]
        else:
            self._note_answered(received.row.update_id)  # type: ignore[attr-defined]

    InboxWorker._enqueue = enqueue  # type: ignore[method-assign]


@_way
def _repeated_updates_are_handled_again() -> None:
    keep, put, numbers, parts = Inbox.receive, Outbox.put, itertools.count(), Relaying._parts

    def receive(self: Inbox, rows: Sequence[InboxRow]) -> list[InboxRow]:
        keep(self, rows)
        return list(rows)

    def apply(self: Inbox, update_id: int, now: datetime) -> bool:
        del self, update_id, now
        return True

    def always(self: Outbox, outgoing: Outgoing, now: datetime, due: datetime | None = None) -> bool:
        return put(self, replace(outgoing, dedupe_key=f"{outgoing.dedupe_key}{next(numbers)}"), now, due)

    async def forgotten(self: Relaying, outgoing: Outgoing) -> list[Passed]:
        return [replace(each, copy=None) for each in await parts(self, outgoing)]

    Relaying._parts = forgotten  # type: ignore[method-assign]
    Inbox.receive, Inbox.apply, Outbox.put = receive, apply, always  # type: ignore[method-assign]


@_way
def _a_deadline_is_forgotten() -> None:
    struck, real = _now_and_then(), Timers.claim

    def claim(self: Timers, now: datetime, lease: timedelta, most: int) -> list[Timer]:
        found = real(self, now, lease, most)
        lost = [each for each in found if struck() or each.kind.value.startswith(("agent", "level"))]
        for each in lost:
            self.done(each)
        return [each for each in found if each not in lost]

    Timers.claim = claim  # type: ignore[method-assign]


@_way
def _a_deadline_is_met_twice() -> None:
    real, done = Timers.claim, Timers.done

    def claim(self: Timers, now: datetime, lease: timedelta, most: int) -> list[Timer]:
        found = real(self, now, lease, most)
        return [*found, *(replace(each, due_at=each.due_at + timedelta(milliseconds=1)) for each in found)]

    def always(self: Timers, timer: Timer) -> bool:
        done(self, timer)
        return True

    Timers.claim, Timers.done = claim, always  # type: ignore[method-assign]


@_way
def _deadlines_are_met_late() -> None:
    real = Timers.claim

    def claim(self: Timers, now: datetime, lease: timedelta, most: int) -> list[Timer]:
        return real(self, now - timedelta(minutes=4), lease, most)

    Timers.claim = claim  # type: ignore[method-assign]


@_way
def _whoever_asks_for_a_person_is_not_heard() -> None:
    struck, real = _now_and_then(), escalation.ask_person

    async def ask_person(turn: Turn) -> DriverOutcome:
        return await standing.show(turn) if struck() else await real(turn)

    escalation.ask_person = ask_person


@_way
def _words_are_shown_to_all() -> None:
    met: list[str] = []
    real = agent.card

    def card(briefing: Briefing, t: Translate) -> Screen:
        screen = real(briefing, t)
        met.extend(said.words for said in briefing.said if said.words)
        return replace(screen, text=f"{screen.text}\n{met[0] if met else ''}")

    agent.card = card


@_way
def _a_card_cannot_be_drawn() -> None:
    struck, real = _now_and_then(), agent.card

    def card(briefing: Briefing, t: Translate) -> Screen:
        if struck():
            raise KeyError("a text that nobody has written")
        return real(briefing, t)

    agent.card = card


@_way
def _a_row_is_sent_by_everybody() -> None:
    def claim(self: Outbox, now: datetime, lease: timedelta, most: int) -> list[Claimed]:
        del lease
        rows = self._connection.execute(outbox_rows._CLAIMABLE, {"now": now, "most": most}).all()
        found = [outbox_rows._claimed(row) for row in rows]
        # Without a lease a row is claimed again while it is being sent.
        return [each for each in found if each.outgoing.kind is not OutgoingKind.OPEN_TOPIC] or found

    Outbox.claim = claim  # type: ignore[method-assign]


@_way
def _words_that_waited_are_dropped() -> None:
    def release(uow: UnitOfWork, services: Services, conversation: Address, case: Case) -> None:
        del services, case
        uow.held.drop(conversation)

    holding._release = release


@_way
def _broken_promises_are_kept_quiet() -> None:
    def broken(uow: UnitOfWork, services: Services, case: Case, run: Run, promise: Promised) -> None:
        del uow, services, case, run, promise

    promises._broken = broken
