"""What an admin is shown of one layer of the plan, and how it is changed."""

from collections.abc import Sequence

from bot.domain.rotation import Every, Hours, Layer
from bot.operations.roster import LEVELS, Roster
from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.moments import day_of, weekday
from bot.views.on_call import NAME, back
from bot.views.paging import cut, joined, label, part, turning
from bot.views.screen import Button, Screen, columns, row

LACKING = "⚠️ "
PRESETS = ("all", "work", "night")
_WEEK = 7
_WORKDAYS = 5


def show(roster: Roster, layer: Layer, t: Translate) -> Screen:
    """One layer, with a button for each thing that can be changed."""
    names = [
        ("" if each in roster.agents else LACKING) + cut(roster.name(each), NAME) for each in layer.people
    ]
    lines = [
        t("on_call.layer_people", names=" → ".join(names)),
        t(f"on_call.layer_{layer.every.value}", **_handover(layer, t)),
        t("on_call.layer_hours", hours=hours_said(layer.hours, t)),
        t("on_call.layer_level", level=t(f"on_call.level_is_{layer.level}")),
        t("on_call.layer_starts", day=day_of(layer.starts_on, t)),
        t("on_call.layer_holidays" if layer.on_holidays else "on_call.layer_all_days"),
    ]
    lacking = roster.lacking(layer)
    warning = t("on_call.lacking", names=", ".join(lacking), layer=layer.name) if lacking else ""
    number = (str(layer.id),)
    buttons = [
        Button(t("on_call.set_people"), Go("oc.people", number)),
        Button(t(f"on_call.set_{_other(layer).value}"), Go("oc.every", (*number, _other(layer).value))),
        Button(t("on_call.set_handover"), Go("oc.handover", number)),
        Button(t("on_call.set_hours"), Go("oc.hours", number)),
        Button(t("on_call.set_level"), Go("oc.level", (*number, str(layer.level % LEVELS + 1)))),
        Button(
            t("on_call.set_all_days" if layer.on_holidays else "on_call.set_holidays"),
            Go("oc.holiday", (*number, "0" if layer.on_holidays else "1")),
        ),
        Button(t("on_call.set_start"), Go("oc.start", number)),
        Button(t("on_call.set_name"), Go("oc.name", number)),
    ]
    remove = row(Button(t("on_call.remove"), Go("oc.remove", number)))
    text = joined(t("on_call.layer_head", name=layer.name), "\n".join(lines), warning)
    return Screen(text, (*columns(buttons, 2), remove, back(t)))


def _other(layer: Layer) -> Every:
    return Every.DAILY if layer.every is Every.WEEKLY else Every.WEEKLY


def _handover(layer: Layer, t: Translate) -> dict[str, str]:
    at = {"at": layer.handover.at.isoformat("minutes")}
    return at | ({"day": weekday(layer.handover.weekday, t)} if layer.every is Every.WEEKLY else {})


def hours_said(hours: Hours | None, t: Translate) -> str:
    """A window as people say it: "Mon–Fri 08:00–17:00"."""
    if hours is None:
        return t("on_call.always")
    times = f"{hours.begins:%H:%M}–{hours.ends:%H:%M}"
    if len(hours.weekdays) == _WEEK:
        return times
    return f"{_days_said(hours, t)} {times}"


def _days_said(hours: Hours, t: Translate) -> str:
    """Weekdays that follow each other as one span: "Mon–Fri", "Sat, Sun"."""
    days = sorted(hours.weekdays)
    names = [weekday(each, t, short=True) for each in days]
    together = days[-1] - days[0] == len(days) - 1
    return f"{names[0]}–{names[-1]}" if together and len(days) > 2 else ", ".join(names)  # noqa: PLR2004


def people(roster: Roster, chosen: Sequence[int], t: Translate, page: int = 0) -> Screen:
    """The agents, to be tapped in the order in which they take turns."""
    shown, page, pages = part(roster.agents, page, 12)
    buttons = [
        Button(label(t, "on_call.pick", mark=_mark(each, chosen), name=cut(roster.name(each), 24)),
               Go("oc.person", (str(each),)))
        for each in shown
    ]  # fmt: skip
    turned = turning(page, pages, lambda turn: Go("oc.person", ("page", str(turn))), t)
    done = (row(Button(t("on_call.people_done"), Go("oc.done"))),) if chosen else ()
    order = " → ".join(roster.name(each) for each in chosen)
    text = joined(
        t("on_call.ask_people" if roster.agents else "on_call.no_agents"),
        t("on_call.order", names=order) if chosen else "",
    )
    return Screen(text, (*columns(buttons, 2), *turned, *done, back(t)))


def _mark(person: int, chosen: Sequence[int]) -> str:
    return f"{chosen.index(person) + 1}." if person in chosen else "▫️"


def ask(what: str, layer: Layer, t: Translate) -> Screen:
    """Asks for a name, a handover, hours or a first day."""
    number = str(layer.id)
    buttons: list[Button] = []
    if what == "handover" and layer.every is Every.WEEKLY:
        buttons = [
            Button(weekday(day, t, short=True), Go("oc.weekday", (number, str(day)))) for day in range(_WEEK)
        ]
    if what == "hours":
        buttons = [Button(t(f"on_call.hours_{each}"), Go("oc.preset", (number, each))) for each in PRESETS]
    wide = 4 if what == "handover" else 1
    return Screen(t(f"on_call.ask_{what}"), (*columns(buttons, wide), to_layer(layer, t)))


def removing(layer: Layer, t: Translate) -> Screen:
    """Asks whether that is meant."""
    yes = row(Button(t("on_call.remove_yes"), Go("oc.remove", (str(layer.id), "yes"))))
    return Screen(t("on_call.remove_ask", name=layer.name), (yes, to_layer(layer, t)))


def to_layer(layer: Layer, t: Translate) -> tuple[Button, ...]:
    """The row that leads to a layer."""
    return row(
        Button(label(t, "on_call.back_to", name=cut(layer.name, 24)), Go("oc.layer", (str(layer.id),)))
    )
