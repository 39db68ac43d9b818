"""A driver's report: filed, diagnosed, and answered with whether it works now."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.cases import filing
from bot.cases.drivers import awaited, escalation, judging, site, standing
from bot.cases.outcomes import (
    AskedForStation,
    Cancelled,
    Checking,
    ConfirmLeave,
    DriverOutcome,
    ServiceNotActive,
    Standing,
    WhichToLeave,
)
from bot.cases.remote import climbing
from bot.cases.services import Services
from bot.cases.talk import speaking
from bot.cases.telling import close_topic, has_topic, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import (
    ENDED_STATES,
    HUMAN_STATES,
    OPEN_STATES,
    SUPERSEDED,
    Case,
    CaseState,
    Severity,
    Trigger,
    move,
)
from bot.domain.draft import Draft, Step
from bot.domain.operator import Place
from bot.domain.report import Symptom
from bot.domain.status import StationSnapshot
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork

Progress = Callable[[Checking], Awaitable[None]]
Keep = Callable[[UnitOfWork, Case], object]


async def file(turn: Turn, symptom: Symptom, progress: Progress, keep: Keep | None = None) -> DriverOutcome:
    """Files what is wrong with the EVSE of the draft and diagnoses it; danger goes to a person at once.

    `keep` enters what the driver said with it, in the transaction that files it.
    """
    if symptom is Symptom.DANGER:
        return await escalation.danger(turn)
    opened = await turn.services.transact(lambda uow: _open(uow, turn, symptom, keep))
    if opened is None:
        ended = await turn.services.transact(lambda uow: _service_ended(uow, turn))
        return await standing.show(turn) if ended is None else ServiceNotActive(ended)
    case, place = opened
    await progress(Checking(place))
    snapshot = await judging.look(turn.services, case)
    return await turn.commit(lambda uow: _diagnosed(uow, turn.services, case, snapshot))


async def follow(turn: Turn, former: Case, place: Place, keep: Keep) -> DriverOutcome:
    """A new case at the place of one that ended long ago, which it names; that one's topic hears of it."""

    def opened(uow: UnitOfWork) -> Case:
        filed = filing.open_case(uow, turn, place, Symptom.OTHER, former.id)
        keep(uow, filed)
        case = move(filed, Trigger.DIAGNOSE, turn.now())
        uow.cases.save(filed, case)
        if has_topic(uow, former):
            hours = int(turn.services.limits.reopens_within.total_seconds() // 3600)
            tell_topic(uow, turn.services, former, "followed_by", str(case.id), number=case.id, hours=hours)
            close_topic(uow, turn.services, former)
        return case

    case = await turn.services.transact(opened)
    snapshot = await judging.look(turn.services, case)
    return await turn.commit(lambda uow: _diagnosed(uow, turn.services, case, snapshot))


async def again(turn: Turn, case_id: int) -> DriverOutcome:
    """The trouble of a case that only the bot had is back: it is judged anew. An open one is shown as it stands."""
    services = turn.services
    case = await services.database.read(lambda uow: filing.own(uow, turn, case_id))
    if case.state not in ENDED_STATES:
        return await standing.show(turn)
    snapshot = await judging.look(services, case)

    def judged(uow: UnitOfWork) -> DriverOutcome:
        before = filing.own(uow, turn, case_id, case.version)
        place = None if before.evse_id is None else uow.operators.place(before.evse_id)
        if place is not None and not place.station.service_active:
            return ServiceNotActive(place)
        _supersede(uow, turn)
        after = replace(move(before, Trigger.JUDGE_ANEW, turn.now()), resolution=None)
        uow.cases.save(before, after)
        uow.cases.note(case_id, turn.now(), "judged_anew", turn.person.id)
        uow.timers.drop(case_id, TimerKind.DRIVER_DID_NOT_RATE)
        uow.cases.spoken(case_id, turn.now())
        return _diagnosed(uow, services, after, snapshot)

    return await turn.commit(judged)


async def leave(turn: Turn, case_id: int, version: int) -> DriverOutcome:
    """`/cancel` of one of several cases, which the driver has named."""

    def left(uow: UnitOfWork) -> DriverOutcome:
        case = filing.own(uow, turn, case_id, version)
        return _left(uow, turn, case)

    return await turn.commit(left)


async def works(turn: Turn, case_id: int, version: int) -> DriverOutcome:
    """The driver says that it works now."""
    return await turn.commit(lambda uow: _works(uow, turn, case_id, version))


async def still_broken(turn: Turn, case_id: int, version: int) -> DriverOutcome:
    """The driver says that it does not work after all: a case of the bot is judged anew, others are a person's."""
    services = turn.services
    case = await services.database.read(lambda uow: filing.own(uow, turn, case_id, version))
    if case.state is not CaseState.DIAGNOSING:
        return await escalation.still_broken(turn, case_id, version)
    snapshot = await judging.look(services, case)

    def judged(uow: UnitOfWork) -> DriverOutcome:
        current = filing.own(uow, turn, case_id, version)
        uow.cases.note(case_id, turn.now(), "still_broken", turn.person.id)
        return _diagnosed(uow, services, current, snapshot)

    return await turn.commit(judged)


async def cancel(turn: Turn, *, confirmed: bool) -> DriverOutcome:
    """`/cancel`: ends the draft, or the case; one that a person has is asked about first."""
    return await turn.commit(lambda uow: _cancel(uow, turn, confirmed=confirmed))


def _open(uow: UnitOfWork, turn: Turn, symptom: Symptom, keep: Keep | None) -> tuple[Case, Place] | None:
    draft = uow.drafts.get(turn.conversation)
    if draft is None or draft.evse_id is None:
        return _interrupted(uow, turn)
    place = uow.operators.place(draft.evse_id)
    if place is None or not place.station.service_active:
        return None
    _supersede(uow, turn)
    filed = filing.open_case(uow, turn, place, symptom)
    if keep is not None:
        keep(uow, filed)
    case = move(filed, Trigger.DIAGNOSE, turn.now())
    uow.cases.save(filed, case)
    return case, place


def _service_ended(uow: UnitOfWork, turn: Turn) -> Place | None:
    """The place of the draft, where its service has ended since the driver chose it; the draft ends, too."""
    draft = uow.drafts.get(turn.conversation)
    place = None if draft is None or draft.evse_id is None else uow.operators.place(draft.evse_id)
    if place is None or place.station.service_active:
        return None
    uow.drafts.drop(turn.conversation)
    return place


def _interrupted(uow: UnitOfWork, turn: Turn) -> tuple[Case, Place] | None:
    """A case that was filed but whose diagnosis was cut off by a restart goes on."""
    case = uow.cases.latest_in(turn.conversation)
    if case is None or case.state is not CaseState.DIAGNOSING or case.judgement is not None:
        return None
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    return None if place is None else (case, place)


def _supersede(uow: UnitOfWork, turn: Turn) -> None:
    """A driver who turns to another station has left the bot's case of the one before."""
    before = uow.cases.latest_in(turn.conversation)
    if before is None or before.state in HUMAN_STATES or before.state not in OPEN_STATES:
        return
    after = replace(move(before, Trigger.CLOSE, turn.now()), resolution=SUPERSEDED)
    uow.cases.save(before, after)
    uow.timers.drop(before.id, TimerKind.DRIVER_DID_NOT_ANSWER)
    climbing.leave(uow, turn.services, after)


def _diagnosed(uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot) -> Standing:
    now = services.now()
    judgement, severity = judging.judged(uow, services, case, snapshot)
    after = replace(case, version=case.version + 1, judgement=judgement, severity=severity, changed_at=now)
    site.hold(uow, case, judgement)
    uow.cases.save(case, after)
    uow.cases.note(case.id, now, "diagnosed", rule=judgement.rule_id, verdict=judgement.verdict)
    uow.timers.set(case.id, TimerKind.DRIVER_DID_NOT_ANSWER, now + services.limits.driver_answers_within)
    if site.joined(uow, services, after):
        return standing.of_case(uow, services, after)
    if judgement.action_class == "D" or severity is Severity.P1:
        # A locked-out station needs a person whatever the driver does next, and the text has announced one.
        after = escalation.escalate(uow, services, after, "locked_out")
    return standing.of_case(uow, services, after)


def _works(uow: UnitOfWork, turn: Turn, case_id: int, version: int) -> DriverOutcome:
    case = filing.own(uow, turn, case_id, version)
    after = replace(move(case, Trigger.RESOLVE, turn.now()), resolution="driver_confirmed")
    uow.cases.save(case, after)
    uow.cases.note(case.id, turn.now(), "works", turn.person.id)
    escalation.settled(uow, turn.services, after, "driver_says_works")
    if case.state in HUMAN_STATES:
        escalation.hand_on(uow, turn.services, after)
    return standing.of_case(uow, turn.services, after)


def _cancel(uow: UnitOfWork, turn: Turn, *, confirmed: bool) -> DriverOutcome:
    if uow.drafts.get(turn.conversation) is not None:
        uow.drafts.drop(turn.conversation)
        return Cancelled(True)
    cases = uow.cases.open_in(turn.conversation)
    if len(cases) > 1:
        # The wrong one must not end, so that nothing is guessed.
        return WhichToLeave(speaking.options(uow, cases))
    case = cases[0] if cases else uow.cases.latest_in(turn.conversation)
    if case is None or case.state is CaseState.CLOSED:
        return Cancelled(False)
    if case.state in HUMAN_STATES and not confirmed:
        return ConfirmLeave(case)
    return _left(uow, turn, case)


def _left(uow: UnitOfWork, turn: Turn, case: Case) -> DriverOutcome:
    after = replace(move(case, Trigger.CLOSE, turn.now()), resolution=case.resolution or "cancelled")
    uow.cases.save(case, after)
    uow.cases.note(case.id, turn.now(), "cancelled", turn.person.id)
    escalation.settled(uow, turn.services, after, "driver_cancelled")
    if case.state in HUMAN_STATES:
        escalation.hand_on(uow, turn.services, after)
    return Cancelled(True, awaited.left_behind(uow, turn.services, after))


async def judge_again(services: Services, case_id: int) -> None:
    """After a remedy that did not help: what the first verdict promised may not be offered a second time.

    A lock-out stays, whatever the station says by now.
    """
    case = await services.database.read(lambda uow: uow.cases.get(case_id))
    if case is None or case.state is not CaseState.DIAGNOSING or case.judgement is None:
        return
    snapshot = await judging.look(services, case)
    await services.transact(lambda uow: _judged_again(uow, services, case, snapshot))


def _judged_again(uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot) -> None:
    current = uow.cases.get(case.id)
    locked = case.judgement is not None and case.judgement.action_class == "D"
    if current is not None and current.version == case.version and not locked:
        _diagnosed(uow, services, case, snapshot)


async def other_station(turn: Turn) -> DriverOutcome:
    """The read-back shows the wrong station, so the driver is asked for the right one."""

    def back(uow: UnitOfWork) -> DriverOutcome:
        # What is written next names the station, and is no word about a report of before.
        draft = Draft(turn.conversation, turn.person.id, Step.WHICH_STATION, None, ())
        uow.drafts.put(draft, turn.now())
        return AskedForStation()

    return await turn.commit(back)
