"""One of each thing that is shown; people in it have names that look like markup."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.cases import outcomes as o
from bot.cases.agents.briefing import Briefing, Contact
from bot.cases.remote.errands import ErrandKind
from bot.cases.technicians.dossier import Dossier, Earlier
from bot.diagnosis.repair import Repair, repairs
from bot.domain.case import Case, CaseState, Judgement, Severity
from bot.domain.cause import Cause
from bot.domain.job import OPEN_JOBS, Job, JobState
from bot.domain.ladder import Ladder, LadderState, StepName
from bot.domain.operator import Contact as Technician
from bot.domain.operator import Evse, Location, Operator, Place, Station
from bot.domain.people import Person, telegram
from bot.domain.rating import RatingReason
from bot.domain.reachability import Reachability
from bot.domain.remote_action import ActionState, Initiator, RemoteAction, RemoteCommand, RemoteOrder
from bot.domain.report import Symptom
from bot.domain.status import ConnectorState, ConnectorStatus, Link, StationSnapshot
from storage.repositories.messages import Said

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EVIL = '<b>& "Lena" \'</a>{name}'
LONGEST_EVSE_ID = "AT*SWG*E" + "0" * 40
OPERATOR = Operator(
    "graz", f"Werke {EVIL}", "AT", "SWG", "Europe/Vienna", "en", "EUR", Decimal("9.90"), "+43 316 0"
)
EVSE = Evse(LONGEST_EVSE_ID, "GRAZ-01", 1, "CCS2", 150.0)
PLACE = Place(
    EVSE,
    Station("GRAZ-01", "graz", "hbf", True, (EVSE,)),
    Location("hbf", f"Graz {EVIL}", f"Platz {EVIL}", "8020", "Graz", "AT", 47.07, 15.41),
    OPERATOR,
)
CASE = Case(
    2**62,
    "graz",
    1,
    telegram(501),
    CaseState.FILED,
    2**31 - 1,
    Symptom.OTHER,
    Severity.P2,
    NOW,
    NOW,
    EVSE.evse_id,
    "GRAZ-01",
    1,
)


def connector(status: ConnectorStatus, ago: float = 90, **more: str) -> ConnectorState:
    at = NOW - timedelta(seconds=ago)
    return ConnectorState(
        1, status, more.get("error", "NoError"), at, at, None, more.get("vendor"), None, more.get("info")
    )


def snapshot(link: Link, state: ConnectorState | None) -> StationSnapshot:
    seen = None if link is Link.NEVER else NOW - timedelta(hours=2)
    return StationSnapshot("GRAZ-01", NOW, link, seen, state)


def judgement(verdict: str, tell: str, action_class: str = "B") -> Judgement:
    evidence = (("symptom", "other"), ("status", "Faulted"), ("danger", "no"), ("info", EVIL))
    return Judgement("rule", "hash", verdict, action_class, tell, (), evidence, NOW)


def action(
    command: RemoteCommand = RemoteCommand.SOFT_RESET,
    state: ActionState = ActionState.VERIFIED,
    proof: str | None = "Available",
    initiator: Initiator = Initiator.DRIVER,
) -> RemoteAction:
    order = RemoteOrder("GRAZ-01", 1, command)
    accepted = None if state is ActionState.REJECTED else NOW
    return RemoteAction(1, CASE.id, order, initiator, state, NOW, accepted, None, NOW, proof)


PROOFS = (*(status.value for status in ConnectorStatus), "no_boot", "no_proof", "session_started", "session_ended",
          "rejected", "not_supported", "offline", None)  # fmt: skip


def actions() -> Iterator[RemoteAction]:
    for command in RemoteCommand:
        for state in ActionState:
            yield action(command, state)
    for proof in PROOFS:
        yield action(proof=proof, initiator=Initiator.AGENT)


OFFERS = (
    RemoteCommand.REFRESH_STATUS,
    RemoteCommand.SOFT_RESET,
    RemoteCommand.START_SESSION,
    RemoteCommand.STOP_SESSION,
)


STEPS = tuple(StepName)


def standings() -> Iterator[o.Standing]:
    judged = judgement("internal", "offer_restart")
    for state in CaseState:
        for severity in Severity:
            for action_class in (None, "A", "D"):
                said = None if action_class is None else replace(judged, action_class=action_class)
                case = replace(CASE, state=state, severity=severity, judgement=said)
                yield o.Standing(case, OPERATOR, PLACE, None, EVIL, OFFERS, noted=True)
    for state in (CaseState.DIAGNOSING, CaseState.RECOVERING):
        for done in actions():
            yield o.Standing(replace(CASE, state=state, judgement=judged), OPERATOR, None, done)
    yield o.Standing(
        replace(CASE, state=CaseState.DIAGNOSING, judgement=judged),
        OPERATOR,
        PLACE,
        offers=OFFERS,
        ladder_offer=STEPS,
    )
    for state in CaseState:
        case = replace(CASE, state=state, judgement=judged, severity=Severity.P1)
        yield o.Standing(case, OPERATOR, PLACE, agent=EVIL, asked_to_try=True)
    for state in CaseState:
        for watched in (False, True):
            yield o.Standing(replace(CASE, state=state), OPERATOR, PLACE, watched=watched)
    for state in CaseState:
        for climbed in ladders():
            case = replace(CASE, state=state, judgement=judged)
            taken = tuple(replace(each, ladder_id=climbed.id) for each in climbed_actions())
            yield o.Standing(case, OPERATOR, PLACE, taken[-1], EVIL, ladder=climbed, climbed=taken)


def ladders() -> Iterator[Ladder]:
    """Ladders at every place and in every state, one with each reason for which a step was skipped."""
    begun = Ladder(7, CASE.id, "GRAZ-01", 1, 1, ConnectorStatus.FAULTED, STEPS, NOW)
    for state in LadderState:
        for step in range(len(STEPS) + 1):
            yield replace(begun, state=state, step=step, after=ConnectorStatus.AVAILABLE)
        yield replace(begun, state=state, step=1, skipped=((STEPS[0], "unreachable"),))


def climbed_actions() -> Iterator[RemoteAction]:
    yield action(RemoteCommand.REFRESH_STATUS, proof="Faulted", initiator=Initiator.LADDER)
    yield action(RemoteCommand.MAKE_INOPERATIVE, ActionState.TIMED_OUT, "no_proof", Initiator.LADDER)
    yield action(RemoteCommand.MAKE_OPERATIVE, ActionState.FAILED, "Faulted", Initiator.LADDER)


def jobs() -> Iterator[Job]:
    """A job in each state, of somebody on Telegram and of somebody who is not."""
    for state in JobState:
        for telegram_id in (2001, None):
            who = Technician(f"Tom {EVIL}", "+43 660 0", "tom@example.org", telegram_id)
            ended = None if state in OPEN_JOBS else NOW
            yield Job(
                2**62,
                CASE.id,
                "graz",
                "GRAZ-01",
                state,
                2**31 - 1,
                who,
                NOW,
                NOW,
                ended_at=ended,
                cause={JobState.WITHDRAWN: "settled", JobState.CANNOT_FIX: "spare_part"}.get(state),
                note=EVIL,
            )


def dossiers() -> Iterator[Dossier]:
    """All that a technician may be shown: with and without a link, with every part and warning there is."""
    everything = Repair(
        tuple(dict.fromkeys(part for each in repairs().values() for part in each.parts)),
        tuple(dict.fromkeys(("lock_out", *(one for each in repairs().values() for one in each.safety)))),
    )
    before = tuple(
        Earlier(replace(CASE, state=CaseState.CLOSED, resolution="technician", cause=cause), job)
        for cause, job in zip((Cause.CONNECTOR, None), jobs(), strict=False)
    )
    full = briefing(said=tuple(said(f"{EVIL} {number}") for number in range(9)))
    for job in jobs():
        for link in ("https://example.org/j/1.2.x", None):
            yield Dossier(job, full, everything, before, EVIL, link)
    yield Dossier(next(jobs()), briefing(place=None), Repair(), (), None)


def driver_outcomes() -> Iterator[o.DriverOutcome]:
    yield from (
        o.AskedForStation(),
        o.UnreadablePhoto(),
        o.Cancelled(True, PLACE),
        o.Watching(PLACE, NOW, None),
        o.Watching(PLACE, None, None),
        o.Watching(PLACE, NOW, o.Standing(CASE, OPERATOR, PLACE, watched=True)),
        o.NeedsEvse((PLACE, PLACE)),
        o.ServiceNotActive(PLACE),
        o.InOwnChat(PLACE, None),
        o.InOwnChat(PLACE, "https://t.me/graz_bot?start=AT_SWG_E1"),
    )
    yield from (
        o.UnknownEvse(EVIL, ()),
        o.UnknownEvse(EVIL, (LONGEST_EVSE_ID,)),
        o.Checking(PLACE),
        o.Relayed(CASE),
    )
    yield from (o.Rated(replace(CASE, rating=rating)) for rating in (1, 5))
    yield from (o.Rated(replace(CASE, rating=1, rating_reason=reason)) for reason in RatingReason)
    yield o.Rated(replace(CASE, rating=5, rating_words="<b>&"), noted=True)
    yield from (
        o.Cancelled(True),
        o.Cancelled(False),
        o.ConfirmLeave(CASE),
        o.NoHotline(True),
        o.NoHotline(False),
    )
    for link in Link:
        yield o.Found(PLACE, snapshot(link, None))
        for status in ConnectorStatus:
            yield o.Found(PLACE, snapshot(link, connector(status)))
    yield from standings()


def briefing(case: Case = CASE, **more: object) -> Briefing:
    known = Briefing(
        case,
        OPERATOR,
        Person(1, 501, EVIL, "de", "lena", unreachable=True),
        PLACE,
        EVIL,
        (connector(ConnectorStatus.FAULTED, error="InternalError", vendor=EVIL),),
        (said(EVIL), said(None, "photo")),
        (),
        (action(),),
        (4, 5),
        tuple(RemoteCommand),
        tuple(ErrandKind),
        Contact(Reachability.PENDING, NOW - timedelta(minutes=34), "ocpp2.0.1", connected=True),
        NOW,
    )
    return replace(known, **more)  # type: ignore[arg-type]  # The names are those of the fields, which the test knows.


def said(words: str | None, kind: str = "text") -> Said:
    return Said(CASE.id, 1, True, NOW, kind, words, telegram(501), 1)


def briefings() -> Iterator[Briefing]:
    judged = judgement("internal", "offer_restart")
    for state in CaseState:
        yield briefing(replace(CASE, state=state))
        yield briefing(
            replace(CASE, state=state, judgement=replace(judged, action_class="D"), severity=Severity.P1)
        )
    for each in actions():
        yield briefing(actions=(each,))
    for symptom in Symptom:
        yield briefing(replace(CASE, symptom=symptom))
    for climbed in ladders():
        yield briefing(ladder=climbed, suggested=RemoteCommand.HARD_RESET)
    yield briefing(
        replace(CASE, evse_id=None), place=None, history=(), said=(), actions=(), others=(), commands=()
    )
