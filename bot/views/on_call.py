"""What an admin is shown of who is on call: now, in the coming two weeks, and how the plan is changed."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from babel import Locale

from bot.domain.public_holidays import regions
from bot.domain.rotation import Layer, Override, Shift, Source
from bot.operations.on_call import StandIn
from bot.operations.roster import AHEAD, LEVELS, Roster
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.moments import day_of, moment_of, span_of, time_of
from bot.views.paging import cut, joined, label, part, turning
from bot.views.screen import Button, Keyboard, Screen, columns, row

SHOW = Go("oc.show")
NAME = 40
MOST_LINES = 18
"""Lines of a level: a phone shows some twenty at once."""
_WITHIN_A_DAY = timedelta(hours=22)
_A_DAY = timedelta(hours=25)
"""On the day on which clocks are put back."""


def show(roster: Roster, t: Translate) -> Screen:
    """The whole plan."""
    levels = roster.schedule.levels
    parts = [t("on_call.head", operator=roster.operator.name)]
    parts += [_level(roster, level, t, several=len(levels) > 1) for level in levels]
    if not levels:
        parts.append(t("on_call.nothing"))
    parts.append("\n".join(_on_shift(roster, t)))
    parts += [_lacking(roster, layer, t) for layer in roster.schedule.layers]
    told = [t("on_call.calendar", name=name, count=count) for name, count in (roster.calendars or {}).items()]
    parts.append("\n".join(told))
    layers = [
        Button(label(t, "on_call.to_layer", name=cut(each.name, NAME)), Go("oc.layer", (str(each.id),)))
        for each in roster.schedule.layers
    ]
    deeds = [Button(t("on_call.new"), Go("oc.new"))]
    deeds.append(Button(t("on_call.to_overrides"), Go("oc.overrides")))
    if levels:
        deeds.append(Button(t("on_call.to_swap"), Go("oc.swap")))
    deeds.append(Button(t("on_call.to_import"), Go("oc.import")))
    deeds.append(Button(t("on_call.to_holidays"), Go("oc.region")))
    return Screen(joined(*parts), (*columns(layers, 2), *columns(deeds, 2), home(t)))


def _head(level: int, t: Translate) -> str:
    return t(f"on_call.level_{level}") if level <= LEVELS else t("on_call.level", level=level)


def _level(roster: Roster, level: int, t: Translate, *, several: bool) -> str:
    theirs = [each for each in roster.planned if each.level == level]
    now = [each for each in theirs if each.begins == roster.now]
    lines = [_head(level, t)] if several else []
    lines += [_now(roster, each, t) for each in now]
    if not now:
        # Shifts count with the first layer.
        on_shift = level == 1 and roster.on_shift
        lines.append(t("on_call.only_shifts_now" if on_shift else "on_call.nobody_now"))
    coming = [each for each in theirs if each not in now]
    days = sorted({_day(roster, each) for each in coming} | _free_days(roster, coming))
    lines += [_line(roster, day, coming, t) for day in days[:MOST_LINES]]
    return "\n".join(lines)


def _now(roster: Roster, shift: Shift, t: Translate) -> str:
    name = cut(roster.name(shift.person), NAME)
    if shift.ends >= roster.now + AHEAD:
        return t("on_call.now_open", name=name)
    return t("on_call.now", name=name, until=moment_of(shift.ends, roster.operator.time_zone, t))


def _line(roster: Roster, day: date, coming: Sequence[Shift], t: Translate) -> str:
    """One day: who goes on call in it, and the name of a holiday."""
    free = roster.holidays.get(day)
    parts = [_shift(roster, each, coming, t) for each in coming if _day(roster, each) == day]
    line = t("on_call.day", day=day_of(day, t), who=" · ".join(parts))
    return line if free is None else f"{line.rstrip()} {t('on_call.holiday', name=free)}"


def _shift(roster: Roster, shift: Shift, coming: Sequence[Shift], t: Translate) -> str:
    """From when somebody is on call; until when, where that is soon or nobody comes after them."""
    zone = roster.operator.time_zone
    when = time_of(shift.begins, zone)
    last = shift.ends >= roster.now + AHEAD
    followed = any(each.begins == shift.ends for each in coming)
    if not last and shift.ends - shift.begins <= _WITHIN_A_DAY:
        when = f"{when}–{time_of(shift.ends, zone)}"
    elif not last and not followed:
        when = f"{when} – {moment_of(shift.ends, zone, t)}"
    if span_of(shift.begins, shift.ends, zone, t) == day_of(_day(roster, shift), t):
        when = ""
    mark = "🔁 " if shift.stands_in else ""
    return f"{when} {mark}{cut(roster.name(shift.person), NAME)}".strip()


def _day(roster: Roster, shift: Shift) -> date:
    return shift.begins.astimezone(ZoneInfo(roster.operator.time_zone)).date()


def _free_days(roster: Roster, coming: Sequence[Shift]) -> set[date]:
    """The holidays of the time that is shown."""
    if not coming:
        return set()
    last = (roster.now + AHEAD).astimezone(ZoneInfo(roster.operator.time_zone)).date()
    return {day for day in roster.holidays if day < last}


def _on_shift(roster: Roster, t: Translate) -> list[str]:
    zone = roster.operator.time_zone
    return [
        t(
            "on_call.on_shift",
            name=cut(roster.name(each.person_id), NAME),
            until=moment_of(each.ends_at, zone, t),
        )
        for each in roster.on_shift
    ]


def _lacking(roster: Roster, layer: Layer, t: Translate) -> str:
    names = roster.lacking(layer)
    return t("on_call.lacking", names=", ".join(names), layer=layer.name) if names else ""


def overrides(roster: Roster, t: Translate) -> Screen:
    """The stand-ins that are to come, each with a button that takes it away."""
    there = [each for each in roster.schedule.overrides if each.source is Source.MANUAL]
    zone = roster.operator.time_zone
    lines = [
        t(
            "on_call.override",
            number=number,
            name=cut(roster.name(each.person), NAME),
            span=span_of(each.begins, each.ends, zone, t),
        )
        + (f" · {t('on_call.at_level', level=each.level)}" if len(roster.schedule.levels) > 1 else "")
        for number, each in enumerate(there, start=1)
    ]
    gone = [
        Button(t("on_call.undo", number=number), Go("oc.undo", (str(each.id),)))
        for number, each in enumerate(there, start=1)
    ]
    add = row(Button(t("on_call.to_stand_in"), Go("oc.standin")))
    text = joined(t("on_call.overrides_head"), "\n".join(lines) or t("on_call.no_overrides"))
    return Screen(text, (add, *columns(gone, 3), back(t)))


def which_level(roster: Roster, page: str, t: Translate) -> Screen:
    """Asks at which level."""
    buttons = [
        Button(t("on_call.at_level", level=level), Go(page, (str(level),)))
        for level in roster.schedule.levels or (1,)
    ]
    return Screen(t("on_call.which_level"), (*columns(buttons, 3), back(t)))


def who_stands_in(roster: Roster, level: int, t: Translate, page: int = 0) -> Screen:
    """Asks who is to be on call."""
    shown, page, pages = part(roster.agents, page)
    buttons = [Button(cut(roster.name(each)), Go("oc.standin", (str(level), str(each)))) for each in shown]
    turned = turning(page, pages, lambda turn: Go("oc.standin", (str(level), "page", str(turn))), t)
    text = t("on_call.who_stands_in" if roster.agents else "on_call.no_agents")
    return Screen(text, (*columns(buttons, 2), *turned, back(t)))


def ask_when(roster: Roster, person: int, t: Translate) -> Screen:
    """Asks from when to when."""
    return Screen(t("on_call.ask_when", name=roster.name(person)), (back(t),))


def stands_in(done: StandIn, t: Translate) -> Screen:
    """Somebody is on call in place of others."""
    roster, override = done.roster, done.override
    entered = next((each for each in roster.schedule.overrides if _same(each, override)), None)
    others = ", ".join(roster.name(each) for each in done.instead_of)
    zone = roster.operator.time_zone
    text = t(
        "on_call.stands_in" if others else "on_call.stands_in_alone",
        name=roster.name(override.person),
        others=others,
        span=span_of(override.begins, override.ends, zone, t),
    )
    undo = [] if entered is None else [Button(t("on_call.undo_this"), Go("oc.undo", (str(entered.id),)))]
    return Screen(text, ((*undo, Button(t("on_call.more"), Go("oc.overrides"))), back(t)))


def _same(one: Override, other: Override) -> bool:
    return (one.person, one.begins, one.level) == (other.person, other.begins, other.level)


def swap(roster: Roster, found: Sequence[Shift], level: int, first: Shift | None, t: Translate) -> Screen:
    """Asks which shift is swapped, and then with which."""
    offered = [each for each in found if first is None or each.person != first.person][:MOST_LINES]
    zone = roster.operator.time_zone
    chosen = () if first is None else (_stamp(first),)
    # With whose it is, so that a second tap does not swap it back.
    whose = () if first is None else (str(first.person),)
    buttons = [
        Button(
            label(t, "on_call.shift", when=_when(roster, each, t), name=cut(roster.name(each.person), 20)),
            Go("oc.swap", (str(level), *chosen, _stamp(each), *whose)),
        )
        for each in offered
    ]
    if first is None:
        text = t("on_call.swap_first" if buttons else "on_call.swap_none")
    else:
        key = "on_call.swap_second" if buttons else "on_call.swap_alone"
        text = t(key, name=roster.name(first.person), span=span_of(first.begins, first.ends, zone, t))
    return Screen(text, (*columns(buttons, 1), back(t)))


def _when(roster: Roster, shift: Shift, t: Translate) -> str:
    zone = roster.operator.time_zone
    whole = span_of(shift.begins, shift.ends, zone, t)
    if whole == day_of(_day(roster, shift), t):
        return whole
    begins = moment_of(shift.begins, zone, t)
    if shift.ends - shift.begins <= _WITHIN_A_DAY:
        return f"{begins}–{time_of(shift.ends, zone)}"
    if shift.ends - shift.begins <= _A_DAY:
        return begins
    end = shift.ends.astimezone(ZoneInfo(zone)).date()
    return f"{day_of(_day(roster, shift), t)} – {day_of(end, t)}"


def _stamp(shift: Shift) -> str:
    return str(int(shift.begins.timestamp()))


def swapped(roster: Roster, first: Shift, second: Shift, t: Translate) -> Screen:
    """Two have taken each other's shifts."""
    lines = [
        t("on_call.swapped_line", name=roster.name(person), when=_when(roster, shift, t))
        for shift, person in ((first, second.person), (second, first.person))
    ]
    return Screen("\n".join([t("on_call.swapped"), *lines]), (back(t),))


def region(roster: Roster, t: Translate, page: int = 0) -> Screen:
    """The coming holidays, and of which region they are."""
    there = regions(roster.operator.country_code)
    lines = [
        t("on_call.holiday_line", day=day_of(day, t), name=name) for day, name in roster.holidays.items()
    ]
    country = roster.operator.country_code
    name = there.get(roster.region or "", Locale(t.language).territories.get(country, country))
    shown, page, pages = part(list(there.items()), page, 12)
    buttons = [
        Button(cut(("✅ " if code == roster.region else "") + called, 30), Go("oc.region", ("is", code)))
        for code, called in shown
        if len(code) <= NAME
    ]
    whole = row(Button(t("on_call.whole_country"), Go("oc.region", ("is",)))) if roster.region else ()
    turned = turning(page, pages, lambda turn: Go("oc.region", ("page", str(turn))), t)
    rows: Keyboard = (*columns(buttons, 3), *turned, *((whole,) if whole else ()), back(t))
    return Screen(
        joined(t("on_call.holidays_head", region=name), "\n".join(lines) or t("on_call.no_holidays")), rows
    )


def calendars(roster: Roster, t: Translate) -> Keyboard:
    """A button for each calendar, which takes away what came from it."""
    buttons = [
        Button(label(t, "on_call.drop_calendar", name=cut(name, 30)), Go("oc.calendar", (short(name),)))
        for name in roster.calendars or {}
    ]
    return columns(buttons, 1)


def back(t: Translate) -> tuple[Button, ...]:
    """The row that leads to the plan."""
    return row(Button(t("on_call.back"), SHOW))
