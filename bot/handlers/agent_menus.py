"""The menus under a card: opening them, and doing what is chosen there."""

from bot.cases.agents import briefing, call_back, canned, closing, colleagues, desk, merging, snoozing
from bot.domain.case import Severity
from bot.domain.cause import Cause
from bot.domain.refusal import Refusal
from bot.domain.remote_action import RemoteCommand
from bot.domain.snooze import Nap
from bot.telegram.reply import Reply
from bot.views import agent
from bot.views import agent_menus as view
from bot.views.callbacks import CaseVerb, OnCase
from bot.views.i18n import Translate
from bot.views.screen import Keyboard, Screen

OPENS = frozenset(
    {
        CaseVerb.ACTIONS,
        CaseVerb.CONFIRM,
        CaseVerb.RESOLVE,
        CaseVerb.MORE,
        CaseVerb.TO,
        CaseVerb.SECOND,
        CaseVerb.SNOOZE,
        CaseVerb.MERGE,
        CaseVerb.MERGE_ASK,
        CaseVerb.SEVERITY,
        CaseVerb.ANSWERS,
        CaseVerb.ANSWER,
    }
)
DOES = frozenset(
    {
        CaseVerb.HAND_OVER,
        CaseVerb.ASK,
        CaseVerb.SLEEP,
        CaseVerb.WAKE,
        CaseVerb.MERGE_INTO,
        CaseVerb.SET_SEVERITY,
        CaseVerb.CALL_BACK,
        CaseVerb.SEND_ANSWER,
        CaseVerb.CAUSED,
    }
)


async def opened(reply: Reply, button: OnCase, t: Translate) -> Screen:
    """The menu of a button, drawn in place of the card or under it."""
    turn, case_id = reply.turn, button.case_id
    await desk.refresh(turn, case_id)
    known = await briefing.read(turn.services, case_id)
    match button.verb:
        case CaseVerb.ANSWERS:
            found = await canned.listed(turn, case_id)
            return view.answers(known, found, turn.person.language, t)
        case CaseVerb.ANSWER:
            return view.answer(known, await canned.preview(turn, case_id, _number(button)), t)
        case CaseVerb.MERGE_ASK:
            return view.merge_ask(known, _number(button), t)
        case _:
            return Screen(agent.card(known, t).text, await _keyboard(reply, button, known, t))


async def done(reply: Reply, button: OnCase, t: Translate) -> str:
    """Does what was chosen; returns what the tap is answered with."""
    turn, case_id, version = reply.turn, button.case_id, button.version
    match button.verb:
        case CaseVerb.HAND_OVER:
            asked = await colleagues.hand_over(turn, case_id, version, _number(button))
            return t("agent.handed_over", name=asked.colleagues[0].name)
        case CaseVerb.ASK:
            whom = None if button.argument == view.EVERYBODY else _number(button)
            await colleagues.second_opinion(turn, case_id, version, whom)
            return t("agent.asked")
        case CaseVerb.SLEEP:
            await snoozing.snooze(turn, case_id, version, Nap(button.argument))
            return t("agent.asleep")
        case CaseVerb.WAKE:
            await snoozing.wake(turn, case_id, version)
            return t("agent.awake")
        case CaseVerb.MERGE_INTO:
            return t("agent.merged", number=(await merging.merge(turn, case_id, version, _number(button))).id)
        case CaseVerb.SET_SEVERITY:
            await desk.set_severity(turn, case_id, version, Severity(button.argument))
            return t("agent.severity_set", severity=button.argument)
        case CaseVerb.CALL_BACK:
            return t(
                "agent.call_asked" if await call_back.ask(turn, case_id, version) else "agent.call_known"
            )
        case CaseVerb.SEND_ANSWER:
            await canned.send(turn, case_id, _number(button))
            return t("agent.answer_sent")
        case CaseVerb.CAUSED:
            case = await closing.resolve(turn, case_id, version, Cause(button.argument))
            return t("agent.closed", number=case.id)
        case _:
            raise Refusal("button.old")


async def _keyboard(reply: Reply, button: OnCase, known: briefing.Briefing, t: Translate) -> Keyboard:
    turn, case_id = reply.turn, button.case_id
    match button.verb:
        case CaseVerb.ACTIONS:
            return agent.actions_keyboard(known, t)
        case CaseVerb.CONFIRM:
            return agent.confirm_keyboard(known, RemoteCommand(button.argument).value, t)
        case CaseVerb.RESOLVE:
            return view.causes(known, t)
        case CaseVerb.TO:
            return view.hand_over(known, await colleagues.there(turn, case_id), t)
        case CaseVerb.SECOND:
            found = await colleagues.there(turn, case_id)
            return view.second_opinion(known, found, turn.person.id, t)
        case CaseVerb.SNOOZE:
            return view.snooze(known, t)
        case CaseVerb.SEVERITY:
            return view.severity(known, t)
        case CaseVerb.MERGE:
            return view.merge(known, await merging.candidates(turn, case_id), t)
        case _:
            mergeable = bool(await merging.candidates(turn, case_id))
            return view.more(known, mergeable=mergeable, t=t)


def _number(button: OnCase) -> int:
    """The number in a button; Refusal for what is none."""
    if not button.argument.removeprefix("-").isdecimal():
        raise Refusal("button.old")
    return int(button.argument)
