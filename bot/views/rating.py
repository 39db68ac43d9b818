"""The rating: what its driver is shown, and how it stands before the staff."""

from bot.cases.outcomes import Rated
from bot.domain.case import Case
from bot.domain.rating import BEST, RatingReason, is_low
from bot.views.callbacks import CaseVerb, OnCase, Plain
from bot.views.i18n import Translate
from bot.views.screen import Button, Screen, columns, row

_SHOWN = 300
"""Characters of a driver's words on a card; the topic has all of them."""


def rated(outcome: Rated, t: Translate) -> Screen:
    """Thanks; of a low rating the question what was missing, with the answers that are given most often."""
    case = outcome.case
    if outcome.noted:
        return Screen(t("rating.noted"), (row(Button(t("button.person"), Plain.PERSON)),))
    if not is_low(case.rating or BEST):
        return Screen(t("rating.thanks"))
    if case.rating_reason is RatingReason.OTHER:
        return Screen(t("rating.write"))
    if case.rating_reason is not None:
        return Screen(t("rating.thanks_low"))
    reasons = [
        Button(t(f"rating_reason.{each.value}"), OnCase(CaseVerb.MISSING, case.id, case.version, each.value))
        for each in RatingReason
    ]
    return Screen(t("rating.what_was_missing"), columns(reasons, 2))


def brief(case: Case, t: Translate) -> str:
    """The rating in a few characters, for a list; its words stand on the card."""
    reason = "" if case.rating_reason is None else f" ({t(f'rating_reason.{case.rating_reason.value}')})"
    return f"{case.rating} ⭐{reason}"


def line(case: Case, t: Translate) -> str:
    """The rating for agents: stars, what was missing, and the driver's words; empty where there is none."""
    if case.rating is None:
        return ""
    reason = "" if case.rating_reason is None else " · " + t(f"rating_reason.{case.rating_reason.value}")
    head = t("rating.line", stars="★" * case.rating + "☆" * (BEST - case.rating), rating=case.rating) + reason
    words = case.rating_words or ""
    shown = words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
    return head + ("\n" + t("rating.words", words=shown) if shown else "")
