"""What somebody learns without having asked: rendered when it is sent, in the language of who gets it."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.cases.agents.briefing import Briefing
from bot.cases.outcomes import Standing
from bot.domain.case import CaseState
from bot.domain.ladder import Ladder
from bot.domain.outgoing import Outgoing
from bot.domain.privacy import masked_name, masked_phone
from bot.views import agent, calling, driver, ladder, lateness
from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.moments import moment_of
from bot.views.screen import AskNumber, Button, Screen, columns
from storage.repositories.messages import Passed

_NEWS_ONLY = frozenset({"agent_joined", "agent_changed", "merged", "merged_over", "technician_asked"})
"""They ask nothing of the driver, so they bring no second set of the buttons that stand above them."""

_GOES_ON = frozenset({"technician_accepted"})
"""They follow on news that has brought the buttons already."""

_WORDS = {
    "command": ("command",),
    "errand": ("errand",),
    "proof": ("proof", "status"),
    "status": ("status",),
    "hindrance": ("hindrance",),
    "right": ("right",),
    "missing": ("rating_reason",),
    "cause": ("job_cause",),
    "deadline": ("deadline",),
}
"""Parameters that are words of a vocabulary, and the tables in which they are looked up."""
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>')
_AMOUNTS = frozenset({"price", "sum"})
"""Parameters such as `9.90 EUR`."""
LONGEST_LINE = 3500
"""How much of what somebody said is told again in one line; Telegram takes 4096 UTF-16 units."""
_MOMENTS = frozenset({"begins_at", "ends_at"})
"""Parameters such as `2026-11-23T07:00:00+00:00 Europe/Vienna`."""
_MANY = "many"
"""How many charging stations."""


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail; the body is plain text, `html` the same for programs that show it."""

    subject: str
    body: str
    html: str | None = None


def to_driver(outgoing: Outgoing, standing: Standing, t: Translate) -> Screen:
    """The news, with the buttons of where the case stands by now."""
    params = _params(outgoing)
    notice = params.pop("notice")
    if notice in {"fix_verified", "fix_failed"} and standing.action is not None:
        news = driver.action_result(standing.action, t)
        more = driver.standing(standing, t) if notice == "fix_failed" else None
        if more is not None and standing.case.state.value != "diagnosing":
            return Screen(f"{news}\n\n{more.text}", more.keyboard)
        # What was promised has failed, so the driver reads what is believed now.
        judged = () if more is None else driver.verdict(standing, t)
        text = "\n".join([news, "", *judged, *([""] if judged else []), t("driver.does_it_work")])
        return Screen(text, driver.case_keyboard(standing, t))
    if notice == "ladder_over" and standing.ladder is not None:
        return _ladder_over(standing, standing.ladder, t)
    params |= {"phone": standing.operator.hotline_phone, "operator": standing.operator.name}
    text = t(f"notice.{notice}", **params)
    if notice == "call_asked":
        return Screen(text, below=AskNumber(t("call.share"), t("call.decline")))
    if notice in _GOES_ON:
        return Screen(text)
    return Screen(
        text, driver.news_keyboard(standing, t) if notice in _NEWS_ONLY else driver.case_keyboard(standing, t)
    )


def _ladder_over(standing: Standing, climbed: Ladder, t: Translate) -> Screen:
    """How a ladder ended, and where the case stands by now."""
    news = ladder.over(climbed, t)
    if standing.case.state is CaseState.DIAGNOSING:
        return Screen(f"{news}\n\n{t('driver.does_it_work')}", driver.case_keyboard(standing, t))
    more = driver.standing(standing, t)
    return Screen(f"{news}\n\n{more.text}", more.keyboard)


def to_topic(outgoing: Outgoing, t: Translate, *, masked: bool = False) -> Screen:
    """A line for the agents, without names where not all of them may see them."""
    params = _params(outgoing)
    if masked and "name" in params:
        params["name"] = masked_name(params["name"])
    if masked and "phone" in params:
        params["phone"] = masked_phone(params["phone"])
    notice, link = params.pop("notice"), params.pop("link", "")
    called = calling.mentions(params.pop("mentions", ""), masked=masked)
    text = t(f"topic.{notice}", **_worded(lateness.told(params, t), t))
    text = " ".join(
        [*([", ".join(called) + ":"] if called else []), text, *([t("agent.way", link=link)] if link else [])]
    )
    return Screen(lateness.with_lateness(text, outgoing.params, t))


def to_staff(outgoing: Outgoing, briefing: Briefing, t: Translate) -> Screen:
    """What whoever stands behind the agents has to know of a case."""
    # What agents note for each other never leaves their topic.
    shown = replace(briefing, case=replace(briefing.case, cause_note=None))
    return Screen(f"{_staff_head(outgoing, briefing, t)}\n\n{agent.card(shown, t).text}")


def to_agent(outgoing: Outgoing, briefing: Briefing, t: Translate) -> Screen:
    """What an agent hears in private of a case."""
    return calling.in_private(_staff_head(outgoing, briefing, t), briefing, t)


def _staff_head(outgoing: Outgoing, briefing: Briefing, t: Translate) -> str:
    """What is the matter with the case."""
    params = _params(outgoing)
    if briefing.masked and "by" in params:
        params["by"] = masked_name(params["by"])
    told = lateness.told(params, t) | {"operator": briefing.operator.name}
    head = t(f"staff.{params['notice']}", number=briefing.case.id, **told)
    return lateness.with_lateness(head, outgoing.params, t)


def to_admin(outgoing: Outgoing, t: Translate) -> Screen:
    """News for an admin. Its parameters that begin with `go_` are buttons: `go_show` is labelled `<notice>_show`."""
    params = _params(outgoing)
    notice = params.pop("notice")
    buttons = [
        Button(t(f"admin.{notice}_{name.removeprefix('go_')}"), Go.parse(params.pop(name)))
        for name in sorted(params)
        if name.startswith("go_")
    ]
    return Screen(t(f"admin.{notice}", **_worded(params, t)), columns(buttons, 2))


def mail(outgoing: Outgoing, briefing: Briefing, t: Translate) -> Mail:
    """The same as an e-mail in plain text."""
    notice = str(outgoing.params.get("notice"))
    place = briefing.place
    where = briefing.case.evse_id if place is None else f"{place.location.name}, {place.evse.evse_id}"
    subject = t(f"mail.{notice}_subject", number=briefing.case.id, where=where or "?")
    return Mail(plain(subject), plain(to_staff(outgoing, briefing, t).text))


@dataclass(frozen=True, slots=True)
class ToldAgain:
    """How it is told to agents what was said before their group had the case."""

    t: Translate
    masked: bool

    def head(self) -> Screen:
        """What comes above all of it."""
        return Screen(self.t("topic.told_again"))

    def line(self, name: str, parts: Sequence[Passed]) -> Screen:
        """What an agent said, by name."""
        who = masked_name(name) if self.masked else name
        words = " · ".join(each.said.words or self.t(f"kind.{each.said.kind}") for each in parts)
        words = words if len(words) <= LONGEST_LINE else words[: LONGEST_LINE - 1] + "…"
        return Screen(self.t("topic.said_by_agent", name=who, words=words))


def answered(outgoing: Outgoing, words: str, t: Translate, hidden: Sequence[str] = ()) -> Screen:
    """An answer that was ready, as it stands in the topic; names that not all agents may see are masked in it."""
    name = _params(outgoing)["name"]
    for each in hidden:
        words = words.replace(each, masked_name(each))
    return Screen(t("topic.answered", name=masked_name(name) if hidden else name, words=words))


def retold(words: str) -> Screen:
    """What somebody said, told anew where their message cannot be copied."""
    return Screen(html.escape(words))


def plain(text: str) -> str:
    """A screen's text without its markup, links written out."""
    for tag in ("<b>", "</b>", "<i>", "</i>", "<code>", "</code>"):
        text = text.replace(tag, "")
    links = _LINK.sub(r"\2: \1", text)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        links = links.replace(entity, char)
    return links


def _worded(params: Mapping[str, str], t: Translate) -> dict[str, str]:
    return {name: _said(name, value, t) for name, value in params.items()}


def _said(name: str, value: str, t: Translate) -> str:
    if name in _WORDS:
        return t.word(value, *_WORDS[name])
    if name in _MOMENTS:
        moment, _, zone = value.partition(" ")
        return moment_of(datetime.fromisoformat(moment), zone, t)
    if name in _AMOUNTS:
        amount, _, currency = value.partition(" ")
        return t.money(Decimal(amount), currency)
    return many(int(value), t) if name == _MANY else value


def many(count: int, t: Translate) -> str:
    """So many charging stations, in words that fit one and several."""
    return t("service.one_station") if count == 1 else t("service.several_stations", count=count)


def _params(outgoing: Outgoing) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in outgoing.params.items()}
