"""What a technician is shown of a job."""

from bot.cases.briefing import Briefing
from bot.cases.outcomes import TechnicianStands
from bot.domain.case import Case, CaseState
from bot.views import agent
from bot.views.callbacks import CaseVerb, OnCase
from bot.views.i18n import Translate
from bot.views.screen import Button, Keyboard, Screen, row


def job(briefing: Briefing, t: Translate) -> Screen:
    """The job with all that the hotline knows; the buttons of where it stands."""
    text = t("technician.job", number=briefing.case.id) + "\n\n" + agent.card(briefing, t).text
    return Screen(text, _keyboard(briefing.case, t))


def stands(outcome: TechnicianStands, briefing: Briefing, t: Translate) -> Screen:
    """The same after the technician's answer, with what that led to."""
    if outcome.status_now is not None:
        said = t("technician.contradicted", status=t(f"status.{outcome.status_now}"))
    else:
        said = t(f"technician.{outcome.case.state.value}")
    shown = job(briefing, t)
    return Screen(f"{shown.text}\n\n<b>{said}</b>", shown.keyboard)


def _keyboard(case: Case, t: Translate) -> Keyboard:
    def button(verb: CaseVerb, key: str) -> Button:
        return Button(t(f"technician.{key}"), OnCase(verb, case.id, case.version))

    match case.state:
        case CaseState.WAITING_TECHNICIAN:
            return (row(button(CaseVerb.ACCEPT, "accept"), button(CaseVerb.DECLINE, "decline")),)
        case CaseState.WITH_TECHNICIAN:
            return (row(button(CaseVerb.FIXED, "fixed"), button(CaseVerb.DECLINE, "decline")),)
        case _:
            return ()
