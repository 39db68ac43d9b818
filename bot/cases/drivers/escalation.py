"""To a person: danger at once, a driver's wish at any time, a verdict that needs hands."""

from dataclasses import replace

from bot.cases import filing
from bot.cases.agents import merged
from bot.cases.clock.waits import stop_waiting, wait_for_agent
from bot.cases.drivers import judging, site, standing, watching
from bot.cases.outcomes import DriverOutcome, NoHotline, ServiceNotActive, Standing
from bot.cases.remote import climbing
from bot.cases.services import Services
from bot.cases.talk import speaking
from bot.cases.technicians import jobs
from bot.cases.telling import close_topic, has_topic, open_topic, pass_on, redraw_card, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import HUMAN_STATES, SERVICE_ENDED, Case, CaseState, Severity, Trigger, move
from bot.domain.operator import Place
from bot.domain.outgoing import Param, Priority
from bot.domain.report import Symptom
from bot.domain.status import StationSnapshot, link_unknown
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork


async def ask_person(turn: Turn) -> DriverOutcome:
    """The driver wants a person, whatever the bot was about to do."""
    place = await turn.services.database.read(lambda uow: _place_of_draft(uow, turn))
    # Whoever asks for a person must not wait for a station; the agent gets what is known of it.
    found = None if place is None else await standing.with_status(turn.services, place)
    snapshot = None if found is None else found.snapshot
    return await turn.commit(lambda uow: _ask_person(uow, turn, Symptom.OTHER, snapshot))


async def still_broken(turn: Turn, case_id: int, version: int) -> DriverOutcome:
    """The driver of a case that is settled, or that a person has, says that it does not work: a person hears of it."""

    def reopened(uow: UnitOfWork) -> DriverOutcome:
        case = filing.own(uow, turn, case_id, version)
        if case.state in HUMAN_STATES:
            uow.cases.note(case.id, turn.now(), "still_broken", turn.person.id)
            tell_topic(uow, turn.services, case, "reopened", str(turn.update_id), Priority.ESCALATION)
            return standing.of_case(uow, turn.services, case, noted=True)
        place = None if case.evse_id is None else uow.operators.place(case.evse_id)
        if place is not None and not _served(uow, case):
            return ServiceNotActive(place)
        return standing.of_case(uow, turn.services, reopen(uow, turn.services, case, turn.person.id))

    return await turn.commit(reopened)


async def danger(turn: Turn) -> DriverOutcome:
    """Words or button of danger: the warning, no remote action, a person. No station is asked first."""
    return await turn.commit(lambda uow: danger_within(uow, turn))


def danger_within(uow: UnitOfWork, turn: Turn) -> DriverOutcome:
    """The same inside a transaction that keeps the words, too."""
    outcome = _ask_person(uow, turn, Symptom.DANGER)
    if not isinstance(outcome, Standing):
        return outcome
    before = outcome.case
    snapshot = link_unknown(before.station_id or "", turn.now())
    judgement, _ = judging.judged(uow, turn.services, before, snapshot, danger=True)
    after = replace(before, version=before.version + 1, judgement=judgement, severity=Severity.P1)
    uow.cases.save(before, after)
    uow.cases.note(after.id, turn.now(), "danger", turn.person.id)
    climbing.leave(uow, turn.services, after)
    if after.state is CaseState.WAITING_AGENT:
        wait_for_agent(uow, turn.services, after)
    if before.severity is not Severity.P1:
        tell_topic(uow, turn.services, after, "danger_words", str(turn.update_id), Priority.ESCALATION)
        redraw_card(uow, turn.services, after)
    return standing.of_case(uow, turn.services, after)


def escalate(uow: UnitOfWork, services: Services, case: Case, reason: str) -> Case:
    """Hands the case to the hotline: its topic is opened, and a deadline runs until somebody takes it."""
    now = services.now()
    after = move(case, Trigger.ESCALATE, now)
    uow.cases.save(case, after)
    uow.cases.note(case.id, now, "escalated", reason=reason)
    uow.timers.drop(case.id, TimerKind.DRIVER_DID_NOT_ANSWER)
    wait_for_agent(uow, services, after)
    open_topic(uow, services, after)
    _pass_on_files(uow, services, after)
    return after


def _pass_on_files(uow: UnitOfWork, services: Services, case: Case) -> None:
    """Words stand on the card; a photo or a voice message that the bot had so far has to be seen and heard."""
    for said in uow.messages.of_case(case.id):
        if said.from_driver and said.kind != "text":
            pass_on(uow, services, case, said)


def hand_on(uow: UnitOfWork, services: Services, case: Case) -> None:
    """The driver of a site's case has ended it, which is no word about the site for those who joined it.

    The oldest of them becomes the hotline's case in its place, and the others join that one. Whoever was asked to try
    waits for nobody any more, but may say what came of it.
    """
    waiting = []
    for each in site.waiting_for(uow, case):
        if site.asked_to_try(uow, each):
            due = services.now() + services.limits.driver_answers_within
            uow.timers.set(each.id, TimerKind.DRIVER_DID_NOT_ANSWER, due)
        else:
            waiting.append(each)
    if not waiting:
        return
    first = escalate(uow, services, waiting[0], "site_handed_on")
    for other in waiting[1:]:
        site.join(uow, services, other, first)


def settled(uow: UnitOfWork, services: Services, case: Case, notice: str, **params: Param) -> None:
    """What follows when a case is resolved or closed: its deadlines end, and the hotline sees it.

    So do the drivers whose cases were merged into it.
    """
    stop_waiting(uow, case)
    uow.timers.drop(case.id, TimerKind.DRIVER_DID_NOT_ANSWER)
    climbing.leave(uow, services, case)
    # Who has a job hears of the end of the service by words of its own.
    ended = notice == SERVICE_ENDED
    jobs.withdraw(uow, services, case, SERVICE_ENDED if ended else "settled", quiet=ended)
    watching.resolved(uow, services, case)
    if case.state is CaseState.RESOLVED:
        due = services.now() + services.limits.driver_rates_within
        uow.timers.set(case.id, TimerKind.DRIVER_DID_NOT_RATE, due)
    else:
        uow.timers.drop(case.id, TimerKind.DRIVER_DID_NOT_RATE)
    if has_topic(uow, case):
        tell_topic(uow, services, case, notice, f"{case.version}", Priority.DRIVER, **params)
        redraw_card(uow, services, case)
        if case.state is CaseState.CLOSED:
            close_topic(uow, services, case)
    merged.ended(uow, services, case, notice)


def _ask_person(
    uow: UnitOfWork, turn: Turn, symptom: Symptom, snapshot: StationSnapshot | None = None
) -> DriverOutcome:
    services = turn.services
    case = _case_in_question(uow, turn, symptom)
    if case is None:
        return NoHotline(symptom is Symptom.DANGER)
    if case.judgement is None and snapshot is not None and case.station_id == snapshot.station_id:
        judgement, severity = judging.judged(uow, services, case, snapshot)
        judged = replace(case, version=case.version + 1, judgement=judgement, severity=severity)
        site.hold(uow, case, judgement)
        uow.cases.save(case, judged)
        case = judged
    if case.state not in HUMAN_STATES:
        case = escalate(uow, services, case, "driver" if symptom is not Symptom.DANGER else "danger")
    return standing.of_case(uow, services, case)


def _place_of_draft(uow: UnitOfWork, turn: Turn) -> Place | None:
    draft = uow.drafts.get(turn.conversation)
    return None if draft is None or draft.evse_id is None else uow.operators.place(draft.evse_id)


def _case_in_question(uow: UnitOfWork, turn: Turn, symptom: Symptom) -> Case | None:
    place = _place_of_draft(uow, turn)
    if place is not None and place.station.service_active:
        return filing.open_case(uow, turn, place, symptom)
    spoken_of = speaking.in_question(uow, turn.conversation, danger=symptom is Symptom.DANGER)
    if spoken_of is not None:
        return spoken_of
    latest = uow.cases.latest_in(turn.conversation)
    if latest is not None and merged.heir(uow, latest) is not None:
        # Danger, and the wish for a person, are never only words in the case of somebody else.
        return reopen(uow, turn.services, latest, turn.person.id)
    if latest is not None and _just_rated_or_resolved(turn, latest) and _served(uow, latest):
        return reopen(uow, turn.services, latest, turn.person.id)
    return filing.open_without_station(uow, turn, symptom)


def _just_rated_or_resolved(turn: Turn, case: Case) -> bool:
    """Whether a wish for a person is about this case, which was resolved: a rating closes it, and settles nothing."""
    if case.state is not CaseState.CLOSED or case.rated_at is None or case.ended_at is None:
        return case.state is CaseState.RESOLVED
    return turn.now() - case.ended_at <= turn.services.limits.reopens_within


def _served(uow: UnitOfWork, case: Case) -> bool:
    """Whether the service of the case's station goes on; a case without one is the hotline's in any event."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    return place is None or place.station.service_active


def reopen(uow: UnitOfWork, services: Services, case: Case, by: int) -> Case:
    """A case that has ended is the hotline's again: its topic is open, its clock runs, and its group hears of it."""
    after = replace(move(case, Trigger.REOPEN, services.now()), resolution=None)
    uow.cases.save(case, after)
    uow.cases.note(case.id, services.now(), "reopened", by)
    if after.merged_into is not None:
        uow.caseload.set_merged(after.id, None)
    uow.timers.drop(case.id, TimerKind.DRIVER_DID_NOT_RATE)
    uow.cases.spoken(case.id, services.now())
    wait_for_agent(uow, services, after)
    open_topic(uow, services, after)
    tell_topic(uow, services, after, "reopened", str(after.version), Priority.ESCALATION)
    if not has_topic(uow, case):
        _pass_on_files(uow, services, after)
    redraw_card(uow, services, after)
    return after
