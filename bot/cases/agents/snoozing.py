"""A case is put aside by the agent who has it, and comes back by itself."""

from zoneinfo import ZoneInfo

from bot.cases import filing
from bot.cases.agents import desk
from bot.cases.clock.levels import late_by
from bot.cases.services import Services
from bot.cases.telling import mention, redraw_card, tell_agent, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import Case, CaseState
from bot.domain.outgoing import Priority
from bot.domain.refusal import Refusal
from bot.domain.snooze import Nap, wakes_at
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork


async def snooze(turn: Turn, case_id: int, version: int, nap: Nap) -> Case:
    """Puts a case aside that somebody has; Refusal `agent.nobody_has_it` for one that waits."""
    return await turn.commit(lambda uow: _snooze(uow, turn, desk.own(uow, turn, case_id, version), nap))


async def wake(turn: Turn, case_id: int, version: int) -> Case:
    """Takes it up again before its time."""

    def work(uow: UnitOfWork) -> Case:
        case = desk.own(uow, turn, case_id, version)
        if case.snoozed_until is not None:
            desk.awake(uow, case)
            uow.cases.note(case.id, turn.now(), "snooze_ended", turn.person.id)
            redraw_card(uow, turn.services, case)
        return case

    return await turn.commit(work)


def fall_due(uow: UnitOfWork, services: Services, case_id: int) -> None:
    """The time is over: the topic and the agent who has the case are told."""
    case = uow.cases.get(case_id)
    if case is not None and case.snoozed_until is not None:
        _ended(uow, services, case, "snooze_over")


def driver_wrote(uow: UnitOfWork, services: Services, case: Case) -> None:
    """The driver has said something: nobody puts a case aside to whom a driver is speaking."""
    if case.snoozed_until is not None:
        _ended(uow, services, case, "snooze_driver")


def _snooze(uow: UnitOfWork, turn: Turn, case: Case, nap: Nap) -> Case:
    if case.state is not CaseState.WITH_AGENT:
        raise Refusal("agent.nobody_has_it")
    zone = filing.whose(uow, case)[0].time_zone
    until = wakes_at(nap, turn.now(), zone)
    uow.caseload.set_snooze(case.id, until)
    uow.timers.set(case.id, TimerKind.SNOOZE_ENDS, until)
    uow.cases.note(case.id, turn.now(), "snoozed", turn.person.id, until=until.isoformat())
    # It ends within a day, so that the time of day tells it in every language.
    clock = until.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    tell_topic(uow, turn.services, case, "snoozed", str(turn.update_id), time=clock)
    redraw_card(uow, turn.services, case)
    return case


def _ended(uow: UnitOfWork, services: Services, case: Case, notice: str) -> None:
    desk.awake(uow, case)
    if case.state is not CaseState.WITH_AGENT or case.agent_id is None or case.snoozed_until is None:
        return
    uow.cases.note(case.id, services.now(), "snooze_ended")
    once = case.snoozed_until.isoformat()
    agent = uow.staff.get(case.operator_id, case.agent_id)
    mentions = "" if agent is None else mention(agent)
    late = late_by(case.snoozed_until, services.now())
    tell_topic(uow, services, case, notice, once, Priority.ESCALATION, mentions=mentions, late=late)
    if agent is not None:
        tell_agent(uow, services, case, agent, notice, once, late=late)
    redraw_card(uow, services, case)
