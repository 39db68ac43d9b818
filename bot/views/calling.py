"""How agents are called: by their names in a topic, and in private with the way to it."""

import html

from bot.cases.agents.briefing import Briefing
from bot.domain.privacy import masked_name
from bot.domain.topic_link import topic_link
from bot.views.i18n import Translate
from bot.views.screen import Button, Screen, row


def mentions(agents: str, *, masked: bool) -> list[str]:
    """Agents as Telegram calls them so that their phones ring; `agents` has a line each of `<telegram id>:<name>`."""
    pairs = (line.partition(":") for line in agents.splitlines())
    named = ((number, masked_name(name) if masked else name) for number, _, name in pairs)
    return [f'<a href="tg://user?id={number}">{html.escape(name)}</a>' for number, name in named]


def in_private(head: str, briefing: Briefing, t: Translate) -> Screen:
    """What an agent hears of a case: `head` says what is the matter, a button leads to its topic."""
    case, place = briefing.case, briefing.place
    where = case.evse_id or "?" if place is None else f"{place.location.name}, {place.evse.evse_id}"
    symptom = t(f"symptom.{case.symptom.value}")
    what = t("staff.case", where=where, symptom=symptom, severity=case.severity.value)
    link = topic_link(case.topic)
    way = () if link is None else (row(Button(t("staff.to_topic"), url=link)),)
    return Screen(f"{head}\n{what}", way)
