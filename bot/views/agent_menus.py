"""The menus under a case's card: what is seldom needed is opened from it and drawn in its place."""

from collections.abc import Sequence

from bot.cases.agents.briefing import Briefing
from bot.cases.agents.canned import Preview
from bot.cases.agents.merging import Mergeable
from bot.domain.answer import CannedAnswer
from bot.domain.case import CaseState, Severity
from bot.domain.cause import Cause
from bot.domain.privacy import masked_name
from bot.domain.snooze import Nap
from bot.views.callbacks import CaseVerb, OnCase
from bot.views.i18n import Translate
from bot.views.paging import cut, label
from bot.views.screen import Button, Keyboard, Screen, columns, row
from storage.repositories.staff import Colleague

EVERYBODY = "all"
"""Whom to ask: all who are on call."""
LABEL = 48
"""Letters of a button that begins a longer text."""
MOST_PEOPLE = 12
MOST_CASES = 8
MOST_ANSWERS = 12


def more(briefing: Briefing, *, mergeable: bool, t: Translate) -> Keyboard:
    """What else can be done with the case now."""
    case = briefing.case
    with_agent = case.state is CaseState.WITH_AGENT
    buttons = []
    if with_agent:
        buttons += [_to(briefing, CaseVerb.TO, "hand_over", t), _to(briefing, CaseVerb.SNOOZE, "snooze", t)]
    buttons += [_to(briefing, CaseVerb.SECOND, "second", t), _to(briefing, CaseVerb.SEVERITY, "severity", t)]
    buttons.append(_to(briefing, CaseVerb.CALL_BACK, "call_back", t))
    if mergeable:
        buttons.append(_to(briefing, CaseVerb.MERGE, "merge", t))
    return (*columns(buttons, 2), _back(briefing, t))


def hand_over(briefing: Briefing, agents: Sequence[Colleague], t: Translate) -> Keyboard:
    """Who can have the case."""
    others = [each for each in agents if each.person_id != briefing.case.agent_id][:MOST_PEOPLE]
    return (*columns([_person(briefing, CaseVerb.HAND_OVER, each) for each in others], 2), _up(briefing, t))


def second_opinion(briefing: Briefing, agents: Sequence[Colleague], asking: int, t: Translate) -> Keyboard:
    """Who can be asked; `asking` is who asks."""
    case = briefing.case
    everybody = Button(t("agent.on_call"), OnCase(CaseVerb.ASK, case.id, case.version, EVERYBODY))
    others = [each for each in agents if each.person_id != asking][:MOST_PEOPLE]
    named = columns([_person(briefing, CaseVerb.ASK, each) for each in others], 2)
    return (row(everybody), *named, _up(briefing, t))


def snooze(briefing: Briefing, t: Translate) -> Keyboard:
    """For how long the case can be put aside."""
    return _choices(briefing, CaseVerb.SLEEP, {each.value: t(f"snooze.{each.value}") for each in Nap}, t)


def severity(briefing: Briefing, t: Translate) -> Keyboard:
    """How urgent it can be; the present one is marked."""
    now = briefing.case.severity
    labels = {each.value: ("● " if each is now else "") + t(f"severity.{each.value}") for each in Severity}
    return _choices(briefing, CaseVerb.SET_SEVERITY, labels, t, wide=1)


def causes(briefing: Briefing, t: Translate) -> Keyboard:
    """What the trouble was: the choice resolves the case."""
    labels = {each.value: t(f"job_cause.{each.value}") for each in Cause}
    choices = _choices(briefing, CaseVerb.CAUSED, labels, t)
    return (*choices[:-1], _back(briefing, t))


def merge(briefing: Briefing, found: Sequence[Mergeable], t: Translate) -> Keyboard:
    """The cases in which it can go on."""
    case = briefing.case
    buttons = [
        Button(
            label(
                t, "agent.merge_with", number=each.case.id, driver=each.driver, evse=each.case.evse_id or "?"
            ),
            OnCase(CaseVerb.MERGE_ASK, case.id, case.version, str(each.case.id)),
        )
        for each in found[:MOST_CASES]
    ]
    return (*columns(buttons, 1), _up(briefing, t))


def merge_ask(briefing: Briefing, into: int, t: Translate) -> Screen:
    """What merging means, to be confirmed."""
    case = briefing.case
    yes = Button(
        t("agent.merge_yes", number=into), OnCase(CaseVerb.MERGE_INTO, case.id, case.version, str(into))
    )
    text = t("agent.merge_ask", number=case.id, into=into, driver=briefing.driver.name)
    return Screen(text, (row(yes), _up(briefing, t)))


def answers(briefing: Briefing, found: Sequence[CannedAnswer], language: str | None, t: Translate) -> Screen:
    """The answers that are ready, each by its beginning in the language of who looks."""
    case = briefing.case
    buttons = [
        Button(
            cut(each.in_language(language, briefing.operator.language)[1], LABEL),
            OnCase(CaseVerb.ANSWER, case.id, case.version, str(each.id)),
        )
        for each in found[:MOST_ANSWERS]
    ]
    return Screen(t("agent.answers_head", number=case.id), (*columns(buttons, 1), _back(briefing, t)))


def answer(briefing: Briefing, shown: Preview, t: Translate) -> Screen:
    """An answer as the driver will read it."""
    case = briefing.case
    send = Button(
        t("agent.send_answer"), OnCase(CaseVerb.SEND_ANSWER, case.id, case.version, str(shown.answer.id))
    )
    back = Button(t("agent.back"), OnCase(CaseVerb.ANSWERS, case.id, case.version))
    lines = [t("agent.answer_preview", number=case.id, language=shown.language, text=shown.text)]
    if shown.meaning != shown.text:
        lines.append(t("agent.answer_meaning", text=shown.meaning))
    return Screen("\n\n".join(lines), (row(send), row(back)))


def _choices(
    briefing: Briefing, verb: CaseVerb, labels: dict[str, str], t: Translate, *, wide: int = 2
) -> Keyboard:
    case = briefing.case
    buttons = [Button(label, OnCase(verb, case.id, case.version, value)) for value, label in labels.items()]
    return (*columns(buttons, wide), _up(briefing, t))


def _to(briefing: Briefing, verb: CaseVerb, key: str, t: Translate) -> Button:
    return Button(t(f"agent.{key}"), OnCase(verb, briefing.case.id, briefing.case.version))


def _person(briefing: Briefing, verb: CaseVerb, who: Colleague) -> Button:
    # In a group where names are masked, the number tells two of the same letter apart.
    name = f"{masked_name(who.name)} {who.person_id}" if briefing.masked else who.name
    return Button(name, OnCase(verb, briefing.case.id, briefing.case.version, str(who.person_id)))


def _back(briefing: Briefing, t: Translate) -> tuple[Button, ...]:
    return row(_to(briefing, CaseVerb.CARD, "back", t))


def _up(briefing: Briefing, t: Translate) -> tuple[Button, ...]:
    return row(_to(briefing, CaseVerb.MORE, "back", t))
