"""What somebody learns without having asked: rendered when it is sent, in the language of who gets it."""

from dataclasses import dataclass

from bot.cases.briefing import Briefing
from bot.cases.outcomes import Standing
from bot.domain.case import CaseState
from bot.domain.ladder import Ladder
from bot.domain.outgoing import Outgoing
from bot.views import agent, driver, ladder, technician
from bot.views.callbacks import Adopt
from bot.views.i18n import Translate
from bot.views.screen import Button, Screen, row

_NEWS_ONLY = frozenset({"agent_joined", "technician_asked", "technician_accepted"})
"""They ask nothing of the driver, so they bring no second set of the buttons that stand above them."""

_WORDS = {
    "command": ("command",),
    "errand": ("errand",),
    "proof": ("proof", "status"),
    "status": ("status",),
}
"""Parameters that are words of a vocabulary, and the tables in which they are looked up."""


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail; the body is plain text."""

    subject: str
    body: str


def to_driver(outgoing: Outgoing, standing: Standing, t: Translate) -> Screen:
    """The news, with the buttons of where the case stands by now."""
    params = _params(outgoing)
    notice = params.pop("notice")
    if notice in {"fix_verified", "fix_failed"} and standing.action is not None:
        news = driver.action_result(standing.action, t)
        more = driver.standing(standing, t) if notice == "fix_failed" else None
        if more is not None and standing.case.state.value != "diagnosing":
            return Screen(f"{news}\n\n{more.text}", more.keyboard)
        return Screen(f"{news}\n\n{t('driver.does_it_work')}", driver.case_keyboard(standing, t))
    if notice == "ladder_over" and standing.ladder is not None:
        return _ladder_over(standing, standing.ladder, t)
    params["phone"] = standing.operator.hotline_phone
    text = t(f"notice.{notice}", **params)
    return Screen(text, () if notice in _NEWS_ONLY else driver.case_keyboard(standing, t))


def _ladder_over(standing: Standing, climbed: Ladder, t: Translate) -> Screen:
    """How a ladder ended, and where the case stands by now."""
    news = ladder.over(climbed, t)
    if standing.case.state is CaseState.DIAGNOSING:
        return Screen(f"{news}\n\n{t('driver.does_it_work')}", driver.case_keyboard(standing, t))
    more = driver.standing(standing, t)
    return Screen(f"{news}\n\n{more.text}", more.keyboard)


def to_topic(outgoing: Outgoing, t: Translate) -> Screen:
    """A line for the agents."""
    params = _params(outgoing)
    notice = params.pop("notice")
    for name, tables in (
        ("command", ("command",)),
        ("errand", ("errand",)),
        ("proof", ("proof", "status")),
        ("status", ("status",)),
    ):
        if name in params:
            params[name] = t.word(params[name], *tables)
    return Screen(t(f"topic.{notice}", **params))


def to_staff(outgoing: Outgoing, briefing: Briefing, t: Translate) -> Screen:
    """A job for a technician, or a warning for whoever stands behind the agents."""
    if outgoing.params.get("notice") == "job":
        return technician.job(briefing, t)
    head = t("staff.nobody_answers", number=briefing.case.id, operator=briefing.operator.name)
    return Screen(f"{head}\n\n{agent.card(briefing, t).text}")


def to_admin(outgoing: Outgoing, t: Translate) -> Screen:
    """News of the operator's stations, with the button that leads to them."""
    params = _params(outgoing)
    notice = params.pop("notice")
    return Screen(t(f"admin.{notice}", **params), (row(Button(t(f"admin.{notice}_show"), Adopt())),))


def mail(outgoing: Outgoing, briefing: Briefing, t: Translate) -> Mail:
    """The same as an e-mail in plain text."""
    notice = str(outgoing.params.get("notice"))
    place = briefing.place
    where = briefing.case.evse_id if place is None else f"{place.location.name}, {place.evse.evse_id}"
    subject = t(f"mail.{notice}_subject", number=briefing.case.id, where=where or "?")
    return Mail(plain(subject), plain(to_staff(outgoing, briefing, t).text))


def plain(text: str) -> str:
    """A screen's text without its markup, links written out."""
    for tag in ("<b>", "</b>", "<i>", "</i>", "<code>", "</code>"):
        text = text.replace(tag, "")
    links = text.replace('<a href="', "").replace('">', " ").replace("</a>", "")
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        links = links.replace(entity, char)
    return links


def _params(outgoing: Outgoing) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in outgoing.params.items()}
