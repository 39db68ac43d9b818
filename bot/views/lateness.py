"""Moments and spans: when something is due, for how long it was, and that a notice comes late."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.escalation import Promised
from bot.domain.outgoing import Param
from bot.views.i18n import Translate


def told(params: Mapping[str, str], t: Translate) -> dict[str, str]:
    """The parameters with the moment `due` as people in its `zone` read it; others are left as they are."""
    if not params.get("due") or not params.get("zone"):
        return dict(params)
    due = datetime.fromisoformat(params["due"])
    return {**params, "due": t.clock(due, params["zone"])}


def with_lateness(text: str, params: Mapping[str, Param], t: Translate) -> str:
    """The text, with a line that says by how many minutes it is `late` where it is."""
    late = params.get("late")
    if not isinstance(late, int):
        return text
    return text + "\n" + t("escalation.late", span=exact(timedelta(minutes=late), t))


def deadline(promise: Promised, now: datetime, zone: str, t: Translate) -> str:
    """What is promised next, as a line of a card: when it is due, or for how long it has been, a minute or more."""
    if now >= promise.due:
        overdue = max(now - promise.due, timedelta(minutes=1))
        return t(f"escalation.{promise.what.value}_overdue", span=exact(overdue, t))
    day = now.astimezone(ZoneInfo(zone)).date()
    return t(f"escalation.{promise.what.value}_due", due=t.clock_on(promise.due, zone, day))


def exact(span: timedelta, t: Translate) -> str:
    """A span to the minute, in few characters: "1 h 30 min"."""
    hours, minutes = divmod(int(span.total_seconds() // 60), 60)
    if not hours:
        return t("escalation.minutes", minutes=minutes)
    if not minutes:
        return t("escalation.hours", hours=hours)
    return t("escalation.hours_minutes", hours=hours, minutes=minutes)
