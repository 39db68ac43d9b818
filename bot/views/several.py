"""What a driver is asked who has several cases, or whose case has ended."""

from bot.cases import outcomes as o
from bot.views.callbacks import CaseVerb, OnCase, Plain
from bot.views.i18n import Translate
from bot.views.screen import Button, Keyboard, Screen, row

LONGEST_LABEL = 60
MOST = 20
"""Buttons under one question; nobody has as many open cases."""


def which(asked: o.WhichCase | o.WhichToLeave, t: Translate) -> Screen:
    """One button for each case, by its EVSE and place; the one that is taken without an answer is marked."""
    if isinstance(asked, o.WhichToLeave):
        buttons = tuple(row(_button(CaseVerb.LEAVE, each, t)) for each in asked.options[:MOST])
        keyboard: Keyboard = (*buttons, row(Button(t("button.stay_all"), Plain.WHERE)))
        return Screen(t("driver.which_to_leave"), keyboard)
    minutes = max(1, round(asked.within.total_seconds() / 60))
    first, *others = asked.options[:MOST]
    marked = row(_button(CaseVerb.MEANT, first, t, "➜ "))
    return Screen(
        t("driver.which_case", minutes=minutes),
        (marked, *(row(_button(CaseVerb.MEANT, each, t)) for each in others)),
    )


def same_or_other(option: o.Option, t: Translate) -> Screen:
    """Asks whether it is the trouble again of a case that has ended and that only the bot had."""
    again = Button(t("button.same_again"), OnCase(CaseVerb.AGAIN, option.case.id, option.case.version))
    other = Button(t("button.other_trouble"), Plain.OTHER_STATION)
    return Screen(t("driver.again_or_other", where=named(option, t)), (row(again), row(other)))


def named(option: o.Option, t: Translate) -> str:
    """How a case is called: its EVSE and location; by its number where no station was named."""
    if option.place is None:
        return f"#{option.case.id} · {option.case.evse_id or t('driver.no_station_yet')}"
    return f"{option.place.evse.evse_id} · {option.place.location.name}"


def _button(verb: CaseVerb, option: o.Option, t: Translate, mark: str = "") -> Button:
    label = mark + named(option, t)
    cut = label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"
    return Button(cut, OnCase(verb, option.case.id, option.case.version))
