"""Who is on call, as admins plan it: layers in which people take turns, overrides, swaps, whose holidays hold."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.domain.privacy import name_for
from bot.domain.public_holidays import regions
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.domain.rotation import (
    Every,
    Handover,
    Layer,
    Override,
    Shift,
    Source,
    in_the_way,
    shifts,
)
from bot.domain.timer import TimerKind
from bot.domain.when import Span
from bot.operations.acting import Acting, changed
from bot.operations.roster import Roster, read, swappable
from storage.on_call import schedule
from storage.repositories.audit import Fields
from storage.uow import UnitOfWork

T = TypeVar("T")
MOST_LAYERS = 12
LONGEST_NAME = 40
_SETTLES = timedelta(minutes=1)
"""Nobody is told to be on call by a plan that is just being changed."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody is on call in place of others, whose numbers are in `instead_of`."""

    roster: Roster
    override: Override
    instead_of: tuple[int, ...]


async def show(acting: Acting) -> Roster:
    """The plan; MissingRight without the right to the hotline."""
    return await acting.read(lambda uow, who: read(uow, acting, _needed(who)))


async def add_layer(acting: Acting, name: str, people: tuple[int, ...]) -> tuple[Roster, Layer]:
    """A new layer, by which these people take turns by the week, from today on at any hour of the day.

    The first layer is level 1, and so are all until somebody says otherwise.
    """

    def work(uow: UnitOfWork, who: Authority) -> Layer:
        before = uow.rotations.layers(acting.operator_id)
        if len(before) >= MOST_LAYERS:
            raise Refusal("on_call.many_layers", most=str(MOST_LAYERS))
        chosen = _agents(uow, acting, people)
        today = acting.now.astimezone(_zone(uow, acting)).date()
        handover = Handover(time(8))
        new = Layer(_layer_name(name), Every.WEEKLY, handover, today, chosen)
        layer = uow.rotations.put_layer(acting.operator_id, new)
        acting.note(uow, "rotation.layer_added", layer.name, None, _said(uow, acting, layer))
        return layer

    return await _change(acting, work)


async def change_layer(
    acting: Acting, layer_id: int, change: Callable[[Layer], Layer]
) -> tuple[Roster, Layer]:
    """Changes a layer; Refusal where it is gone, or somebody who is new in it cannot be on call."""

    def work(uow: UnitOfWork, who: Authority) -> Layer:
        before = _layer(uow, acting, layer_id)
        after = change(before)
        if after != before:
            _agents(uow, acting, tuple(each for each in after.people if each not in before.people))
            if not after.people:
                raise Refusal("on_call.nobody_chosen")
            uow.rotations.put_layer(acting.operator_id, replace(after, name=_layer_name(after.name)))
            told = changed(_said(uow, acting, before), _said(uow, acting, after))
            acting.note(uow, "rotation.layer_changed", after.name, *told)
        return after

    return await _change(acting, work)


async def remove_layer(acting: Acting, layer_id: int) -> Roster:
    """Takes a layer away; Refusal where it is gone."""

    def work(uow: UnitOfWork, who: Authority) -> Layer:
        layer = _layer(uow, acting, layer_id)
        uow.rotations.drop_layer(acting.operator_id, layer.id)
        acting.note(uow, "rotation.layer_removed", layer.name, _said(uow, acting, layer), None)
        return layer

    return (await _change(acting, work))[0]


async def add_override(acting: Acting, level: int, person: int, span: Span) -> StandIn:
    """Has somebody on call at a level within a span; Refusal where another override is in the way."""

    def work(uow: UnitOfWork, who: Authority) -> tuple[Override, tuple[int, ...]]:
        _agents(uow, acting, (person,))
        wanted = Override(person, span.begins, span.ends, level)
        instead = _instead_of(uow, acting, wanted)
        _enter(uow, acting, who, wanted)
        fields = _override_said(uow, acting, wanted) | {"instead_of": _names(uow, acting, instead)}
        acting.note(uow, "rotation.override_added", "", None, fields)
        return wanted, instead

    roster, (override, instead) = await _change(acting, work)
    return StandIn(roster, override, instead)


async def remove_override(acting: Acting, override_id: int) -> Roster:
    """Takes an override away that an admin entered; Refusal where it is gone."""

    def work(uow: UnitOfWork, who: Authority) -> None:
        found = next((each for each in _manual(uow, acting) if each.id == override_id), None)
        if found is None:
            raise Refusal("on_call.override_gone")
        uow.rotations.drop_override(acting.operator_id, found.id)
        acting.note(uow, "rotation.override_removed", "", _override_said(uow, acting, found), None)

    return (await _change(acting, work))[0]


async def swap(
    acting: Acting, level: int, one: datetime, other: datetime, person: int
) -> tuple[Roster, Shift, Shift]:
    """Has the people of two shifts take each other's; `person` is the one of the first.

    Refusal where either does not begin then any more, or the first is somebody else's by now: asking twice swaps once.
    """

    def work(uow: UnitOfWork, who: Authority) -> tuple[Shift, Shift]:
        there = swappable(read(uow, acting, who), level)
        planned = {int(each.begins.timestamp()): each for each in there}
        first, second = (planned.get(int(each.timestamp())) for each in (one, other))
        if first is None or second is None or second.person == person or first.person != person:
            raise Refusal("on_call.shift_moved")
        for shift, taker in ((first, second.person), (second, first.person)):
            _replace(uow, acting, Override(taker, shift.begins, shift.ends, level))
        names = _names(uow, acting, (first.person, second.person))
        fields: Fields = {"people": names, "level": level, "since": first.begins.isoformat()}
        acting.note(uow, "rotation.swapped", "", None, fields)
        return first, second

    roster, (first, second) = await _change(acting, work)
    return roster, first, second


async def set_region(acting: Acting, region: str | None) -> Roster:
    """Whose holidays hold; Refusal for a region that the operator's country has not."""

    def work(uow: UnitOfWork, who: Authority) -> None:
        there = regions(acting.operator(uow).country_code)
        if region is not None and region not in there:
            raise Refusal("button.old")
        plan = uow.rotations.begun(acting.operator_id)
        uow.rotations.set_region(plan.id, region)
        if region != plan.region:
            before, after = ({"region": there.get(each or "", each)} for each in (plan.region, region))
            acting.note(uow, "rotation.region", "", before, after)

    return (await _change(acting, work))[0]


async def remove_calendar(acting: Acting, calendar: str) -> Roster:
    """Takes away what came from a calendar; Refusal where nothing of it is left."""

    def work(uow: UnitOfWork, who: Authority) -> None:
        gone = uow.rotations.drop_calendar(acting.operator_id, calendar)
        if not gone:
            raise Refusal("on_call.calendar_gone")
        acting.note(uow, "rotation.calendar_removed", calendar, {"entries": gone}, None)

    return (await _change(acting, work))[0]


async def _change(acting: Acting, work: Callable[[UnitOfWork, Authority], T]) -> tuple[Roster, T]:
    """Changes the plan, and has it looked at soon who is on call by it."""

    def change(uow: UnitOfWork, who: Authority) -> tuple[Roster, T]:
        _needed(who)
        # Two who change the plan at once must not enter what is in each other's way.
        uow.staff.hold(acting.operator_id)
        value = work(uow, who)
        look_soon(uow, acting)
        return read(uow, acting, who), value

    return await acting.commit(change)


def look_soon(uow: UnitOfWork, acting: Acting) -> None:
    """Has it looked at soon whether somebody else is on call by now."""
    plan = uow.rotations.begun(acting.operator_id)
    uow.timers.set(plan.id, TimerKind.ON_CALL_TURN, acting.now + _SETTLES)


def _needed(who: Authority) -> Authority:
    who.need(Right.HOTLINE)
    return who


def _layer(uow: UnitOfWork, acting: Acting, layer_id: int) -> Layer:
    for each in uow.rotations.layers(acting.operator_id):
        if each.id == layer_id:
            return each
    raise Refusal("on_call.layer_gone")


def _layer_name(name: str) -> str:
    text = " ".join(name.split())
    if not text:
        raise Refusal("form.words")
    return text[:LONGEST_NAME]


def _agents(uow: UnitOfWork, acting: Acting, people: tuple[int, ...]) -> tuple[int, ...]:
    """The people, each once; Refusal where one of them cannot be on call."""
    able = {each.person_id for each in uow.staff.who_may(acting.operator_id, Right.REMOTE_ACTIONS)}
    chosen = tuple(dict.fromkeys(people))
    if not able.issuperset(chosen):
        raise Refusal("on_call.no_agent")
    return chosen


def _manual(uow: UnitOfWork, acting: Acting) -> list[Override]:
    there = uow.rotations.overrides(acting.operator_id, acting.now)
    return [each for each in there if each.source is Source.MANUAL]


def _enter(uow: UnitOfWork, acting: Acting, who: Authority, wanted: Override) -> None:
    there = in_the_way(_manual(uow, acting), wanted)
    if there is not None:
        colleague = uow.staff.get(acting.operator_id, there.person)
        name = "?" if colleague is None else name_for(who, colleague.name, colleague.entity_id)
        raise Refusal("on_call.overlaps", name=name)
    uow.rotations.add_overrides(acting.operator_id, [wanted])


def _replace(uow: UnitOfWork, acting: Acting, wanted: Override) -> None:
    """Enters an override over what was there of others; what they leave uncovered stays theirs."""
    for there in _manual(uow, acting):
        if there.level != wanted.level or not there.overlaps(wanted.begins, wanted.ends):
            continue
        uow.rotations.drop_override(acting.operator_id, there.id)
        left = (
            replace(there, ends=min(there.ends, wanted.begins)),
            replace(there, begins=max(there.begins, wanted.ends)),
        )
        uow.rotations.add_overrides(acting.operator_id, [each for each in left if each.begins < each.ends])
    uow.rotations.add_overrides(acting.operator_id, [wanted])


def _instead_of(uow: UnitOfWork, acting: Acting, wanted: Override) -> tuple[int, ...]:
    """Who would have been on call otherwise, in the order of their shifts."""
    planned = schedule(uow, acting.operator(uow), wanted.begins, wanted.ends)
    found = shifts(planned, wanted.begins, wanted.ends)
    theirs = (each.person for each in found if each.level == wanted.level and each.person != wanted.person)
    return tuple(dict.fromkeys(theirs))


def _said(uow: UnitOfWork, acting: Acting, layer: Layer) -> Fields:
    """A layer as the audit log keeps it."""
    hours = layer.hours
    return {
        "name": layer.name,
        "level": layer.level,
        "every": layer.every.value,
        "handover": layer.handover.at.isoformat("minutes"),
        "weekday": layer.handover.weekday,
        "starts_on": layer.starts_on.isoformat(),
        "people": _names(uow, acting, layer.people),
        "hours": None if hours is None else f"{hours.begins:%H:%M}-{hours.ends:%H:%M}",
        "weekdays": [] if hours is None else sorted(hours.weekdays),
        "on_holidays": layer.on_holidays,
    }


def _override_said(uow: UnitOfWork, acting: Acting, override: Override) -> dict[str, object]:
    return {
        "people": _names(uow, acting, (override.person,)),
        "level": override.level,
        "since": override.begins.isoformat(),
        "until": override.ends.isoformat(),
    }


def _names(uow: UnitOfWork, acting: Acting, people: tuple[int, ...]) -> list[str]:
    names = {each.person_id: each.name for each in uow.staff.all(acting.operator_id)}
    return [names.get(each, "?") for each in people]


def _zone(uow: UnitOfWork, acting: Acting) -> ZoneInfo:
    return ZoneInfo(acting.operator(uow).time_zone)
