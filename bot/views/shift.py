"""What an agent is shown of who is on duty, and of their own shift."""

from bot.cases.agents.shifts import Ended, GoesOn, OnDuty, Present, Started
from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.moments import moment_of
from bot.views.paging import joined
from bot.views.screen import Button, Screen, row


def show(duty: OnDuty, t: Translate) -> Screen:
    """Who is on duty now, and how the agent stands."""
    return _screen("", duty, t)


def started(outcome: Started, t: Translate) -> Screen:
    """The shift runs."""
    key = "shift.started" if outcome.anew else "shift.running_already"
    return _screen(_until(key, outcome.duty, t), outcome.duty, t)


def ended(outcome: Ended, t: Translate) -> Screen:
    """The shift is over."""
    return _screen(t("shift.ended" if outcome.ran else "shift.none"), outcome.duty, t)


def goes_on(outcome: GoesOn, t: Translate) -> Screen:
    """The shift goes on."""
    said = _until("shift.goes_on", outcome.duty, t) or t("shift.over")
    return _screen(said, outcome.duty, t)


def in_group(screen: Screen, name: str, t: Translate) -> Screen:
    """The same in a group: everybody reads it, so it says whose shift it is, and has no buttons."""
    return Screen(joined(t("shift.of", name=name), screen.text))


def _until(key: str, duty: OnDuty, t: Translate) -> str:
    if duty.own is None:
        return ""
    return t(key, until=moment_of(duty.own.ends_at, duty.operator.time_zone, t))


def _screen(said: str, duty: OnDuty, t: Translate) -> Screen:
    lines = [t("shift.head", operator=duty.operator.name)]
    lines += [_present(each, duty, t) for each in duty.present]
    if not duty.present:
        lines.append(t("shift.nobody"))
    mine = said or (_until("shift.running", duty, t) if duty.own else t("shift.not_running"))
    coming = duty.next_turn
    turn = (
        ""
        if coming is None
        else t("shift.next", begins=moment_of(coming.begins, duty.operator.time_zone, t), level=coming.level)
    )
    button = Button(t("shift.end"), Go("sh.end")) if duty.own else Button(t("shift.start"), Go("sh.start"))
    again = Button(t("shift.again"), Go("sh.show"))
    return Screen(joined(mine if said else "", "\n".join(lines), turn, "" if said else mine),
                  (row(button, again), home(t)))  # fmt: skip


def _present(each: Present, duty: OnDuty, t: Translate) -> str:
    kind = "shift" if each.level is None else "turn"
    if each.until is None:
        return t(f"shift.{kind}_open", name=each.name, level=each.level or 1)
    until = moment_of(each.until, duty.operator.time_zone, t)
    return t(f"shift.{kind}", name=each.name, level=each.level or 1, until=until)
