"""Taking a calendar over into the plan of who is on call: what of it is understood, and then all of that or nothing."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.privacy import name_for
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.domain.rotation import Override, Source
from bot.operations.acting import Acting
from bot.operations.calendar_file import CalendarRead, Event, Unread, read_calendar
from bot.operations.on_call import look_soon
from bot.operations.roster import LEVELS
from storage.repositories.rotations import WaitingCalendar
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a calendar would be taken over as, and what not; `before` counts what came from the same one before.

    `names` are those of the people in `understood`, masked where they have to be.
    """

    calendar: str
    understood: tuple[Override, ...]
    unread: tuple[Unread, ...]
    names: dict[int, str]
    before: int
    zone: str


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The entries of a calendar are in the plan, in place of those that came from it before."""

    calendar: str
    entries: int
    instead_of: int


async def may_import(acting: Acting) -> None:
    """MissingRight without the right to the hotline."""
    await acting.read(lambda _uow, who: who.need(Right.HOTLINE))


async def offer(
    acting: Acting, content: bytes, file_name: str, sound: Callable[[UnitOfWork], None]
) -> Preview:
    """Keeps what a file holds until somebody takes it over; `sound` is run where there is something to take over.

    A calendar is known again by the name it tells of itself, else by that of its file. Refusal for what is no calendar.
    """
    zone = await acting.read(lambda uow, _who: acting.operator(uow).time_zone)
    # It takes its time, in which other people must not wait.
    found = await asyncio.to_thread(read_calendar, content, ZoneInfo(zone), acting.now)

    def work(uow: UnitOfWork, who: Authority) -> Preview:
        who.need(Right.HOTLINE)
        calendar = found.name or file_name.removesuffix(".ics").strip()[:60] or "?"
        staff = uow.staff.all(acting.operator_id)
        able = frozenset(
            each.person_id for each in uow.staff.who_may(acting.operator_id, Right.REMOTE_ACTIONS)
        )
        understood, unread = understand(found, staff, able, calendar)
        there = uow.rotations.overrides(acting.operator_id, datetime.min.replace(tzinfo=acting.now.tzinfo))
        before = sum(each.calendar == calendar for each in there)
        if understood:
            waiting = WaitingCalendar(calendar, understood)
            uow.rotations.wait(acting.operator_id, acting.person.id, waiting, acting.now)
            sound(uow)
        names = {each.person_id: name_for(who, each.name, each.entity_id) for each in staff}
        return Preview(calendar, understood, unread, names, before, zone)

    return await acting.commit(work)


async def take_over(acting: Acting, level: int) -> TakenOver | None:
    """Takes over what was offered, as what holds at a level; None where nothing waits any more."""

    def work(uow: UnitOfWork, who: Authority) -> TakenOver | None:
        who.need(Right.HOTLINE)
        uow.staff.hold(acting.operator_id)
        waiting = uow.rotations.waiting(acting.operator_id, acting.person.id)
        if waiting is None:
            return None
        if not 1 <= level <= LEVELS:
            raise Refusal("button.old")
        before = uow.rotations.drop_calendar(acting.operator_id, waiting.calendar)
        entries = [replace(each, level=level) for each in waiting.overrides]
        uow.rotations.add_overrides(acting.operator_id, entries)
        uow.rotations.stop_waiting(acting.operator_id, acting.person.id)
        look_soon(uow, acting)
        told = {"entries": len(entries), "level": level}
        acting.note(uow, "rotation.calendar_taken", waiting.calendar, {"entries": before}, told)
        return TakenOver(waiting.calendar, len(entries), before)

    return await acting.commit(work)


async def discard(acting: Acting) -> None:
    """Forgets what was offered."""

    def work(uow: UnitOfWork, who: Authority) -> None:
        who.need(Right.HOTLINE)
        uow.rotations.stop_waiting(acting.operator_id, acting.person.id)

    await acting.commit(work)


def understand(
    found: CalendarRead, staff: list[Colleague], able: frozenset[int], calendar: str
) -> tuple[tuple[Override, ...], tuple[Unread, ...]]:
    """Whose duty each event is, and what is left out; of two that overlap the one counts that begins first."""
    entries: list[Override] = []
    unread = list(found.unread)
    for event in found.events:
        person = _who(event, staff, able)
        if isinstance(person, str):
            unread.append(Unread(event.summary, person, event.begins))
            continue
        last = entries[-1] if entries else None
        if last is not None and event.begins < last.ends and last.person != person:
            unread.append(Unread(event.summary, "overlaps", event.begins))
        elif last is not None and event.begins <= last.ends and last.person == person:
            entries[-1] = replace(last, ends=max(last.ends, event.ends))
        else:
            uid = event.uid or None
            entry = Override(
                person, event.begins, event.ends, source=Source.CALENDAR, calendar=calendar, uid=uid
            )
            entries.append(entry)
    return tuple(entries), tuple(unread)


def _who(event: Event, staff: list[Colleague], able: frozenset[int]) -> int | str:
    """The one whom an event names: by an address, a whole name, its parts in any order, or else one of them.

    Where that is nobody, or not just one: why, as `Unread` tells it.
    """
    active = [each for each in staff if each.deactivated_at is None]
    for found in (
        [each for each in active if each.email and each.email.lower() in event.attendees],
        [each for each in active if _says(event.summary, each.name)],
        [each for each in active if _parts(each.name) and _parts(each.name) <= _parts(event.summary)],
        [each for each in active if _parts(each.name) & _parts(event.summary)],
    ):
        acting = [each.person_id for each in found if each.person_id in able]
        if len(acting) == 1:
            return acting[0]
        if found:
            return "several" if acting else "cannot_act"
    return "nobody"


def _says(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", text.casefold()) is not None


def _parts(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))
