"""What an admin is shown of a calendar that is taken over into the plan of who is on call."""

from bot.domain.rotation import Override
from bot.operations.calendar_file import Unread
from bot.operations.calendar_import import Preview, TakenOver
from bot.operations.roster import LEVELS, Roster
from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.moments import moment_of, span_of
from bot.views.on_call import back, calendars
from bot.views.paging import cut, joined
from bot.views.screen import Button, Screen, row

MOST_LINES = 12
TITLE = 50


def ask(roster: Roster, t: Translate) -> Screen:
    """Asks for the file; calendars that were taken over can be taken away."""
    return Screen(t("on_call.ask_file"), (*calendars(roster, t), back(t)))


def preview(found: Preview, t: Translate) -> Screen:
    """What is understood and what not, line by line."""
    lines = [_entry(each, found, t) for each in found.understood[:MOST_LINES]]
    left = [_unread(each, found.zone, t) for each in found.unread[:MOST_LINES]]
    parts = [
        t("on_call.file_head", name=found.calendar),
        _listed(t("on_call.file_understood", count=len(found.understood)), lines, len(found.understood), t),
        _listed(t("on_call.file_unread", count=len(found.unread)), left, len(found.unread), t),
        t("on_call.file_before", count=found.before) if found.before and found.understood else "",
        "" if found.understood else t("on_call.file_nothing"),
    ]
    take = [
        row(Button(t(f"on_call.take_{level}"), Go("oc.take", (str(level),))))
        for level in range(1, LEVELS + 1)
    ]
    drop = row(Button(t("on_call.file_drop"), Go("oc.drop")))
    return Screen(joined(*parts), (*take, drop) if found.understood else (back(t),))


def _listed(head: str, lines: list[str], count: int, t: Translate) -> str:
    if not count:
        return ""
    more = [t("on_call.file_more", count=count - len(lines))] if count > len(lines) else []
    return "\n".join([head, *lines, *more])


def _entry(entry: Override, found: Preview, t: Translate) -> str:
    return t(
        "on_call.file_entry",
        span=span_of(entry.begins, entry.ends, found.zone, t),
        name=found.names.get(entry.person, "?"),
    )


def _unread(each: Unread, zone: str, t: Translate) -> str:
    when = "" if each.begins is None else moment_of(each.begins, zone, t)
    what = " ".join(filter(None, (when, cut(each.summary, TITLE) or t("on_call.untitled"))))
    return t("on_call.file_left_out", what=what, why=t(f"calendar_why.{each.why}"))


def taken(done: TakenOver | None, t: Translate) -> Screen:
    """The calendar is in the plan, or was not waiting any more."""
    if done is None:
        return Screen(t("on_call.file_gone"), (back(t),))
    key = "on_call.taken_anew" if done.instead_of else "on_call.taken"
    return Screen(t(key, name=done.calendar, count=done.entries, before=done.instead_of), (back(t),))


def dropped(t: Translate) -> Screen:
    """Nothing was taken over."""
    return Screen(t("on_call.file_dropped"), (back(t),))


def removing(name: str, key: str, t: Translate) -> Screen:
    """Asks whether that is meant."""
    yes = row(Button(t("on_call.calendar_yes"), Go("oc.calendar", (key, "yes"))))
    return Screen(t("on_call.calendar_ask", name=name), (yes, back(t)))
