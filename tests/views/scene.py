"""One of each thing that is shown; people in it have names that look like markup."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.cases import outcomes as o
from bot.cases.briefing import Briefing, Contact
from bot.cases.errands import ErrandKind
from bot.domain.case import Case, CaseState, Judgement, Severity
from bot.domain.ladder import Ladder, LadderState, StepName
from bot.domain.operator import Evse, Location, Operator, Place, Station
from bot.domain.people import Person, telegram
from bot.domain.reachability import Reachability
from bot.domain.remote_action import ActionState, Initiator, RemoteAction, RemoteCommand, RemoteOrder
from bot.domain.report import Symptom
from bot.domain.status import ConnectorState, ConnectorStatus, Link, StationSnapshot
from storage.repositories.messages import Said

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EVIL = '<b>& "Lena" \'</a>{name}'
LONGEST_EVSE_ID = "AT*SWG*E" + "0" * 40
OPERATOR = Operator(
    "graz", f"Werke {EVIL}", "AT", "SWG", "Europe/Vienna", "en", "EUR", Decimal("9.90"), "+43 316 0", -100
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


def driver_outcomes() -> Iterator[o.DriverOutcome]:
    yield from (
        o.AskedForStation(),
        o.UnreadablePhoto(),
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
