"""What an admin is shown of the service of stations: choosing, the quote, what was done, and the data sheet's tab."""

import html
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.service import Cause
from bot.operations.service import Quote, Switched
from bot.operations.service_known import Choice, Past, Tab
from bot.views.callbacks import Go, short
from bot.views.data_sheet import to_sheet
from bot.views.fit import cut, pager
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.notices import many
from bot.views.screen import Button, Screen, columns, row
from storage.repositories.service import Served

LISTED = 8
NAMED = 8
PAGE = 8
_PAST = 8
TAB = "operations"
"""The key of the data sheet's tab."""


def choose(choice: Choice, t: Translate) -> Screen:
    """Which stations? All of them, those of a location, or a list."""
    way, count = word(active=choice.active), len(choice.stations)
    buttons = []
    if count:
        buttons = [
            Button(label("service.all", t, stations=many(count, t)), Go("sv.all", (way,))),
            Button(t("service.by_location"), Go("sv.locs", (way, "0"))),
            Button(t("service.paste"), Go("sv.paste", (way,))),
        ]
    turned = word(active=not choice.active)
    other = Button(t(f"service.choose_{turned}"), Go("sv.pick", (turned,)))
    key = f"service.which_{way}" if count else f"service.none_{way}"
    return Screen(t(key, stations=many(count, t)), (*columns(buttons, 1), row(other), home(t)))


def locations(choice: Choice, page: int, t: Translate) -> Screen:
    """The locations that have such stations, a page of them."""
    way = word(active=choice.active)
    found: dict[str, list[Served]] = {}
    for station in choice.stations:
        found.setdefault(station.location_id, []).append(station)
    entries = sorted(found.items(), key=lambda entry: entry[1][0].location.casefold())
    pages = max(1, -(-len(entries) // PAGE))
    page = min(max(page, 0), pages - 1)
    buttons = [
        Button(
            label("service.location", t, name=cut(stations[0].location), count=len(stations)),
            Go("sv.loc", (way, short(location_id))),
        )
        for location_id, stations in entries[page * PAGE : (page + 1) * PAGE]
    ]
    turn = pager(page, pages, lambda number: Go("sv.locs", (way, str(number))), t)
    back = row(Button(t("service.back"), Go("sv.pick", (way,))))
    return Screen(t(f"service.where_{way}"), (*columns(buttons, 1), *((turn,) if turn else ()), back))


def asks_list(t: Translate, *, active: bool) -> Screen:
    """The question for a list of IDs."""
    back = row(Button(t("service.back"), Go("sv.pick", (word(active=active),))))
    return Screen(t(f"service.paste_{word(active=active)}"), (back,))


def quote(found: Quote, unknown: Sequence[str], t: Translate, *, sheets: bool) -> Screen:
    """What it costs or ends, from when, and what else has to be known; confirmed by a tap.

    `sheets` says whether the person may open data sheets.
    """
    way, stations = word(active=found.active), found.stations
    # Whoever taps twice has what they wanted: nothing need alarm them.
    done_before = found.changed and not stations and bool(found.already or found.waiting)
    parts = [t("service.changed")] if found.changed and not done_before else []
    if done_before:
        parts.append(t("service.done_before"))
    elif stations:
        parts.append(_head(f"service.quote_{way}", stations, t))
        parts.append(_terms(found, t) if found.active else _end(found, t))
    else:
        parts.append(t(f"service.nothing_{way}"))
    parts += _remarks(found, unknown, t)
    buttons = []
    if stations:
        buttons.append(row(Button(_confirm(found, t), Go("sv.go", (way, found.seal)))))
    if found.unmarked and len(found.unmarked) < len(stations) and found.active:
        buttons.append(row(Button(t("service.only_marked"), Go("sv.marked", (way,)))))
    return Screen("\n\n".join(parts), (*buttons, _back(found, t, sheets=sheets), home(t)))


def switched(done: Switched, t: Translate, *, sheets: bool) -> Screen:
    """What was done, what it costs, who was asked, and what comes next."""
    way, parts = word(active=done.active), []
    if done.now:
        parts.append(_head(f"service.done_{way}", done.now, t))
        if done.active:
            total = t.money(done.price * len(done.now), done.currency)
            parts.append(t("service.costs", sum=total, month=t.month(done.month)))
        else:
            parts.append(t("service.ended", month=t.month(done.month)))
            if done.cases:
                parts.append(_cases("service.handed_over", done.cases, t))
    if done.asked:
        names = some(done.approvers)
        parts.append(t("service.asked", stations=many(len(done.asked), t), names=names))
    if done.now:
        parts.append(t("service.no_mail") if done.mail is None else t("service.mailed", mail=done.mail))
        if done.active:
            parts.append(t("service.next"))
    only = [*done.now, *done.asked]
    sheet = (row(_sheet(only[0].id, t)),) if sheets and len(only) == 1 else ()
    return Screen("\n\n".join(parts), (*sheet, home(t)))


def tab(found: Tab, zone: str, t: Translate) -> Screen:
    """The content of the data sheet's tab: state, price, by whom, history, and the button that changes it."""
    station, latest = found.station, found.past[0] if found.past else None
    if station.active and latest is not None:
        since = _running(found.past).change
        key = "service.tab_before" if since.cause is Cause.BEFORE else "service.tab_on"
        parts = [t(key, day=t.date_of(since.at, zone))]
    else:
        parts = [t("service.tab_on_unknown" if station.active else "service.tab_off")]
    price = t.money(found.price, found.currency)
    parts.append(t("service.tab_price_on" if station.active else "service.tab_price_off", price=price))
    if found.waiting and not station.active:
        parts.append(t("service.tab_waiting"))
    if not station.evse_ids:
        parts.append(t("service.tab_unmarked"))
    if found.past:
        lines = [_line(each, zone, t) for each in found.past[:_PAST]]
        parts.append("\n".join([t("service.tab_history"), *lines]))
    key, way = ("service.end_one", "off") if station.active else ("service.activate_one", "on")
    button = Button(t(key), Go("sv.one", (way, short(station.id))))
    return Screen("\n\n".join(parts), (row(button),))


def label(key: str, t: Translate, **values: str | int) -> str:
    """A text on a button, which shows characters as they are."""
    return html.unescape(t(key, **values))


def word(*, active: bool) -> str:
    """How a button says which way it switches."""
    return "on" if active else "off"


def some(names: Sequence[str]) -> str:
    """The first of several names; dots where there are more."""
    shown = ", ".join(cut(name) for name in names[:NAMED])
    return f"{shown} …" if len(names) > NAMED else shown


def listed(stations: Iterable[Served], t: Translate) -> str:
    """Stations with their locations, one a line; how many more there are where they are many."""
    every = list(stations)
    lines = [t("service.entry", station=cut(each.id), location=cut(each.location)) for each in every[:LISTED]]
    if len(every) > LISTED:
        lines.append(t("service.more", count=len(every) - LISTED))
    return "\n".join(lines)


def _head(key: str, stations: Sequence[Served], t: Translate) -> str:
    return f"{t(key, stations=many(len(stations), t))}\n{listed(stations, t)}"


def _terms(found: Quote, t: Translate) -> str:
    """The price from which month on, and the month rule."""
    price = t.money(found.price, found.currency)
    total = t.money(found.price * len(found.stations), found.currency)
    key = "service.price_one" if len(found.stations) == 1 else "service.price"
    return "\n".join([t(key, price=price, sum=total, month=t.month(found.month)), t("service.rule")])


def _end(found: Quote, t: Translate) -> str:
    lines = [t("service.ends_now"), t("service.not_charged", month=t.month(found.month))]
    lines.append(_cases("service.open_cases", found.cases, t) if found.cases else t("service.no_open_cases"))
    return "\n".join(lines)


def _cases(key: str, count: int, t: Translate) -> str:
    return t(f"{key}_one") if count == 1 else t(key, count=count)


def _remarks(found: Quote, unknown: Sequence[str], t: Translate) -> list[str]:
    """What is odd about the choice."""
    way = word(active=found.active)
    remarks: Mapping[str, Sequence[str]] = {
        "service.unmarked": found.unmarked if found.active else (),
        f"service.already_{way}": found.already,
        "service.waiting": found.waiting,
        "service.unknown": unknown,
    }
    parts = [t(key, names=some(names)) for key, names in remarks.items() if names]
    if found.gone:
        parts.append(t("service.gone", count=found.gone))
    if found.to_ask:
        key = "service.must_ask_part" if found.now else "service.must_ask"
        parts.append(t(key, stations=many(len(found.to_ask), t), names=some(found.approvers)))
    return parts


def _confirm(found: Quote, t: Translate) -> str:
    if not found.active:
        if len(found.now) == 1:
            return t("service.end_one")
        return label("service.end_several", t, stations=many(len(found.now), t))
    if not found.now:
        return t("service.ask_now")
    total = t.money(found.price * len(found.now), found.currency)
    return label("service.activate_for", t, sum=total)


def _back(found: Quote, t: Translate, *, sheets: bool) -> tuple[Button, ...]:
    """To where the choice came from: one station has a data sheet."""
    named = [*(each.id for each in found.stations), *found.already, *found.waiting]
    if sheets and len(named) == 1:
        return row(_sheet(named[0], t))
    return row(Button(t("service.back"), Go("sv.pick", (word(active=found.active),))))


def _sheet(station_id: str, t: Translate) -> Button:
    return Button(t("service.sheet"), to_sheet(station_id, TAB))


def _line(past: Past, zone: str, t: Translate) -> str:
    change = past.change
    what = "before" if change.cause is Cause.BEFORE else word(active=change.active)
    by = _by(past, t)
    at, price = t.date_of(change.at, zone), t.money(change.price, change.currency)
    return t(f"service.past_{what}", day=at, price=price, by=by)


def _by(past: Past, t: Translate) -> str:
    change = past.change
    if change.cause is not Cause.ADMIN:
        return t(f"service.by_{change.cause.value}")
    asked, released = past.requested_by or "–", past.released_by
    if released is None or change.requested_by == change.released_by:
        return t("service.by_one", name=cut(asked))
    return t("service.by_two", name=cut(asked), released=cut(released))


def _running(past: Sequence[Past]) -> Past:
    """The change since which the service is on without a break; `past` has the latest first."""
    running = past[0]
    for each in past:
        if not each.change.active:
            break
        running = each
    return running
