"""How long something took, in a few characters: "40 s", "12 min", "1 h 20 min", "2 d 3 h"."""

from datetime import timedelta

from bot.views.i18n import Translate

_MINUTE, _HOUR, _DAY = 60, 60, 24


def brief(span: timedelta, t: Translate) -> str:
    """The two largest units of it, rounded to the smaller of them."""
    seconds = round(max(span, timedelta()).total_seconds())
    if seconds < _MINUTE:
        return t("span.seconds", seconds=seconds)
    minutes = round(seconds / _MINUTE)
    if minutes < _HOUR:
        return t("span.minutes", minutes=minutes)
    hours, rest = divmod(minutes, _HOUR)
    if hours < _DAY:
        return t("span.hours", hours=hours, minutes=rest) if rest else t("span.whole_hours", hours=hours)
    days, left = divmod(round(minutes / _HOUR), _DAY)
    return t("span.days", days=days, hours=left) if left else t("span.whole_days", days=days)
