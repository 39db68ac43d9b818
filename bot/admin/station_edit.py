"""`/station edit <id>` and the pages on which a station is changed."""

from dataclasses import replace

from bot.admin.stations import arrived, page_number
from bot.admin.tabs import station_named
from bot.admin.visit import Section, Visit
from bot.domain.operator import Evse
from bot.domain.refusal import Refusal
from bot.operations import station_data
from bot.operations.data_sheet import Point
from bot.operations.station_data import Editable
from bot.telegram.incoming import Words
from bot.views import station_edit as view
from bot.views.callbacks import short
from storage.repositories.desks import Form

_ID, _TYPE, _POWER, _WAY, _WAIT = "se.id", "se.type", "se.power", "se.way", "se.wait"


async def show(visit: Visit, station_id: str) -> None:
    """All that can be changed of a station."""
    await visit.show(view.show(await station_data.show(visit.acting, station_id), visit.t))


async def _edit(visit: Visit, arguments: tuple[str, ...]) -> None:
    await show(await arrived(visit), (await _found(visit, arguments)).station.id)


async def _point(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _found(visit, arguments)
    which = _which(found, _connector(arguments))
    await arrived(visit)
    await visit.show(view.point(found, which, visit.t))


async def _ask_id(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _found(visit, arguments)
    number = _which(found, _connector(arguments)).connector
    form = Form(_ID, found.station.id, str(number))
    await visit.ask(form, view.ask_id(found.station, number, visit.t, is_new=False))


async def _new(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _found(visit, arguments)
    taken = {each.connector for each in found.points}
    number = next(each for each in range(1, len(taken) + 2) if each not in taken)
    form = Form(_ID, found.station.id, str(number))
    await visit.ask(form, view.ask_id(found.station, number, visit.t, is_new=True))


async def _said_id(visit: Visit, form: Form, words: Words) -> None:
    """With what the connector has already the ID is all there is to ask; otherwise its type comes next."""
    number = int(form.asks)
    said = words.message.words or ""
    evse_id = await station_data.check_evse_id(visit.acting, form.subject, number, said)
    found = await station_data.show(visit.acting, form.subject)
    which = found.point(number)
    if which is not None and which.evse is not None:
        return await _set(visit, form, replace(which.evse, evse_id=evse_id))
    following = Form(_TYPE, form.subject, form.asks, {"evse_id": evse_id})
    await visit.ask(following, view.ask_type(form.subject, number, visit.t))


async def _ask_type(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _found(visit, arguments)
    evse = _evse(found, _connector(arguments))
    await visit.ask(
        Form(_TYPE, evse.station_id, str(evse.connector)),
        view.ask_type(evse.station_id, evse.connector, visit.t),
    )


async def _kind(visit: Visit, arguments: tuple[str, ...]) -> None:
    """One of the types that are offered."""
    kind = arguments[-1] if arguments else ""
    if kind not in view.TYPES:
        raise Refusal("button.old")
    await _type_is(visit, _open(visit, _TYPE, arguments), kind)


async def _said_type(visit: Visit, form: Form, words: Words) -> None:
    await _type_is(visit, form, station_data.checked_text(words.message.words or "", "evse.type"))


async def _type_is(visit: Visit, form: Form, kind: str) -> None:
    if "evse_id" not in form.values:
        evse = _evse(await station_data.show(visit.acting, form.subject), int(form.asks))
        return await _set(visit, form, replace(evse, type=kind))
    following = replace(form, name=_POWER, values={**form.values, "type": kind})
    await visit.ask(following, view.ask_power(form.subject, int(form.asks), visit.t))


async def _ask_power(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _found(visit, arguments)
    evse = _evse(found, _connector(arguments))
    await visit.ask(
        Form(_POWER, evse.station_id, str(evse.connector)),
        view.ask_power(evse.station_id, evse.connector, visit.t),
    )


async def _kw(visit: Visit, arguments: tuple[str, ...]) -> None:
    """One of the powers that are offered."""
    power = arguments[-1] if arguments else ""
    await _power_is(visit, _open(visit, _POWER, arguments), power)


async def _said_power(visit: Visit, form: Form, words: Words) -> None:
    await _power_is(visit, form, words.message.words or "")


async def _power_is(visit: Visit, form: Form, said: str) -> None:
    power, number = station_data.checked_power(said), int(form.asks)
    if "evse_id" in form.values:
        evse = Evse(form.values["evse_id"], form.subject, number, form.values["type"], power)
    else:
        found = await station_data.show(visit.acting, form.subject)
        evse = replace(_evse(found, number), power_kw=power)
    await _set(visit, form, evse)


async def _set(visit: Visit, form: Form, evse: Evse) -> None:
    found = await station_data.set_point(visit.closing(), form.subject, evse)
    await visit.show(view.point(found, _which(found, evse.connector), visit.t, done=True))


async def _drop(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _found(visit, arguments)
    which = _which(found, _connector(arguments))
    await visit.show(view.confirm_drop(found, which, visit.t))


async def _gone(visit: Visit, arguments: tuple[str, ...]) -> None:
    station = await station_named(visit, arguments[0] if arguments else "")
    found = await station_data.drop_point(visit.closing(), station.id, _connector(arguments))
    await visit.show(view.show(found, visit.t, done=True))


async def _where(visit: Visit, arguments: tuple[str, ...]) -> None:
    station = await station_named(visit, arguments[0] if arguments else "")
    found = await station_data.choices(visit.acting, station.id)
    await arrived(visit)
    await visit.show(view.ask_location(found, page_number(arguments[1:]), visit.t))


async def _at(visit: Visit, arguments: tuple[str, ...]) -> None:
    shortened, wanted = (*arguments, "", "")[:2]
    station = await station_named(visit, shortened)
    found = await station_data.choices(visit.acting, station.id)
    location = next((each.id for each in found.locations if short(each.id) == wanted), None)
    if location is None:
        raise Refusal("station.no_location")
    changed = await station_data.set_location(visit.closing(), station.id, location)
    await visit.show(view.show(changed, visit.t, done=True))


async def _whose(visit: Visit, arguments: tuple[str, ...]) -> None:
    station = await station_named(visit, arguments[0] if arguments else "")
    found = await station_data.choices(visit.acting, station.id)
    await arrived(visit)
    number = page_number(arguments[1:])
    await visit.show(view.ask_company(found, number, visit.operator.name, visit.t))


async def _of(visit: Visit, arguments: tuple[str, ...]) -> None:
    shortened, wanted = (*arguments, "", "")[:2]
    station = await station_named(visit, shortened)
    found = await station_data.choices(visit.acting, station.id)
    named = [None if each is None else each.id for each in found.companies]
    chosen = [each for each in named if (view.ROOT if each is None else short(each)) == wanted]
    if not chosen:
        raise Refusal("station.no_company")
    changed = await station_data.set_company(visit.closing(), station.id, chosen[0])
    await visit.show(view.show(changed, visit.t, done=True))


async def _ask_way(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _found(visit, arguments)
    await visit.ask(Form(_WAY, found.station.id), view.ask_directions(found.station, visit.t))


async def _said_way(visit: Visit, form: Form, words: Words) -> None:
    said = words.message.words or ""
    found = await station_data.set_directions(visit.closing(), form.subject, said)
    await visit.show(view.show(found, visit.t, done=True))


async def _no_way(visit: Visit, arguments: tuple[str, ...]) -> None:
    station = await station_named(visit, arguments[0] if arguments else "")
    found = await station_data.set_directions(visit.closing(), station.id, None)
    await visit.show(view.show(found, visit.t, done=True))


async def _ask_wait(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _found(visit, arguments)
    await visit.ask(Form(_WAIT, found.station.id), view.ask_minutes(found, visit.t))


async def _said_wait(visit: Visit, form: Form, words: Words) -> None:
    """Two numbers of minutes, with anything between them."""
    said = words.message.words or ""
    numbers = [int(each) for each in "".join(c if c.isascii() and c.isdigit() else " " for c in said).split()]
    if len(numbers) != 2:  # noqa: PLR2004  # Pending and offline.
        raise Refusal("station.minutes", most=str(station_data.MOST_MINUTES))
    found = await station_data.set_minutes(visit.closing(), form.subject, (numbers[0], numbers[1]))
    await visit.show(view.show(found, visit.t, done=True))


async def _no_wait(visit: Visit, arguments: tuple[str, ...]) -> None:
    station = await station_named(visit, arguments[0] if arguments else "")
    found = await station_data.set_minutes(visit.closing(), station.id, None)
    await visit.show(view.show(found, visit.t, done=True))


async def _found(visit: Visit, arguments: tuple[str, ...]) -> Editable:
    station = await station_named(visit, arguments[0] if arguments else "")
    return await station_data.show(visit.acting, station.id)


def _connector(arguments: tuple[str, ...]) -> int:
    return page_number(arguments[1:])


def _which(found: Editable, connector: int) -> Point:
    which = found.point(connector)
    if which is None:
        raise Refusal("button.old")
    return which


def _evse(found: Editable, connector: int) -> Evse:
    evse = _which(found, connector).evse
    if evse is None:
        raise Refusal("button.old")
    return evse


def _open(visit: Visit, name: str, arguments: tuple[str, ...]) -> Form:
    """The open form that a button answers; Refusal for the button of another one."""
    form, shortened = visit.desk.form, arguments[0] if arguments else ""
    if form is None or form.name != name or short(form.subject) != shortened:
        raise Refusal("button.old")
    if form.asks != str(_connector(arguments)):
        raise Refusal("button.old")
    return form


SECTION = Section(
    taps={
        "st.edit": _edit,
        "se.point": _point,
        "se.id": _ask_id,
        "se.new": _new,
        "se.type": _ask_type,
        "se.kind": _kind,
        "se.power": _ask_power,
        "se.kw": _kw,
        "se.drop": _drop,
        "se.gone": _gone,
        "se.where": _where,
        "se.at": _at,
        "se.whose": _whose,
        "se.of": _of,
        "se.way": _ask_way,
        "se.noway": _no_way,
        "se.wait": _ask_wait,
        "se.nowait": _no_wait,
    },
    forms={
        _ID: _said_id,
        _TYPE: _said_type,
        _POWER: _said_power,
        _WAY: _said_way,
        _WAIT: _said_wait,
    },
)
