"""The recovery ladder: step after step under one consent, until the connector is well or nothing is left.

A ladder is a row, and what happens next is a timer: whichever process finds it due looks at the station, judges
anew, and decides by what is kept. So it goes on wherever it was when a process died.
"""

from dataclasses import replace
from datetime import timedelta

from bot.cases import filing
from bot.cases.drivers import escalation, judging, standing
from bot.cases.outcomes import DriverOutcome
from bot.cases.remote import climbing, guards, learning, recovery
from bot.cases.services import Services
from bot.cases.telling import show_driver
from bot.cases.turn import Turn
from bot.diagnosis.faults import Fault
from bot.diagnosis.vocabulary import NAMED_AS, Progress, Session
from bot.domain.case import BOT_STATES, Case, CaseState, Judgement, Severity, Trigger, move
from bot.domain.ladder import LADDER, ORDER, Ladder, LadderState, StepName, let_go, mended
from bot.domain.refusal import Refusal
from bot.domain.remote_action import Initiator, RemoteAction, RemoteCommand
from bot.domain.status import ConnectorStatus, Link, StationSnapshot
from bot.domain.timer import Timer, TimerKind
from storage.uow import UnitOfWork

LOOK_AGAIN = timedelta(seconds=10)
MOST_WAITS = 18
"""A station out of reach is given three minutes, which is what stations take to come back."""
_JUDGED_ANEW = frozenset({StepName.CYCLE, StepName.SOFT_RESET, StepName.END_SESSION})
"""Steps that are taken only while the verdict of that very moment names them."""
_UNREACHABLE = "unreachable"
_NEVER_HELPS = "never_helps"
_UNTAKEN = frozenset({CaseState.RECOVERING, CaseState.WAITING_AGENT})
"""States in which nobody has taken over."""
_IN_SESSION = frozenset({Session.THIS_CONNECTOR, Session.BOTH})


async def begin(turn: Turn, case_id: int, version: int, screen: int | None) -> DriverOutcome:
    """The driver agreed to the ladder; `screen` is the message that will show how it goes."""
    return await turn.commit(lambda uow: _begin(uow, turn, (case_id, version), screen))


def _begin(uow: UnitOfWork, turn: Turn, button: tuple[int, int], screen: int | None) -> DriverOutcome:
    services, now = turn.services, turn.now()
    case = filing.own(uow, turn, *button)
    steps = standing.ladder_offered(uow, services, case)
    if not steps or case.judgement is None:
        return standing.of_case(uow, services, case)
    ladder = uow.ladders.begin(
        Ladder(
            id=0,
            case_id=case.id,
            station_id=case.station_id or "",
            connector=case.connector or 0,
            person_id=turn.person.id,
            before=_status_of(case.judgement),
            steps=steps,
            started_at=now,
            screen=screen,
            skipped=_left_out(uow, case, case.judgement, steps),
        )
    )
    after = move(case, Trigger.RECOVER, now)
    uow.cases.save(case, after)
    uow.cases.note(case.id, now, "ladder_begun", turn.person.id, ladder=str(ladder.id), steps=" ".join(steps))
    uow.timers.drop(case.id, TimerKind.DRIVER_DID_NOT_ANSWER)
    climbing.climb_at(uow, services, ladder)
    return standing.of_case(uow, services, after)


def _left_out(
    uow: UnitOfWork, case: Case, judgement: Judgement, steps: tuple[StepName, ...]
) -> tuple[tuple[StepName, str], ...]:
    """The steps that the verdict names and that are not taken on this model: the card says so."""
    named = (step for step, word in NAMED_AS.items() if word in judgement.then and step not in steps)
    return tuple(
        (step, _NEVER_HELPS) for step in named if learning.never_helps(uow, case, judgement.verdict, step)
    )


async def climb(services: Services, timer: Timer) -> None:
    """Does what a ladder is due to: looks at the station, decides, and sends the next command."""
    found = await services.database.read(lambda uow: _to_look_at(uow, timer.subject))
    if found is None:
        await services.transact(lambda uow: uow.timers.done(timer))
        return
    case, asks = found
    snapshot = await judging.look(services, case, within=timedelta() if asks else None)
    action = await services.transact(lambda uow: _decide(uow, services, timer, snapshot))
    if action is not None:
        await recovery.send(services, action)


def _to_look_at(uow: UnitOfWork, ladder_id: int) -> tuple[Case, bool] | None:
    """The case whose station is to be looked at, and whether it is asked even if it has spoken a moment ago.

    It is where a command is running there, and where a session has just ended: what it said last may be from before.
    """
    ladder = uow.ladders.get(ladder_id)
    if ladder is None or not ladder.running:
        return None
    just_ended = ladder.taken[-1:] == (StepName.END_SESSION,)
    asks = just_ended or uow.actions.pending_at(ladder.station_id) is not None
    return filing.read(uow, ladder.case_id), asks


def _decide(
    uow: UnitOfWork, services: Services, timer: Timer, snapshot: StationSnapshot
) -> RemoteAction | None:
    """The command that goes out now; None where the ladder waits or has ended."""
    if not uow.timers.done(timer):
        return None
    ladder = uow.ladders.hold(timer.subject)
    if ladder is None or not ladder.running:
        return None
    pending = uow.actions.pending_at(ladder.station_id)
    if pending is not None:
        if pending.ladder_id != ladder.id:
            climbing.climb_at(uow, services, ladder, LOOK_AGAIN)
        # An action of its own brings the ladder back when it ends, which a deadline sees to.
        return None
    if any(each.ended_at and each.ended_at > snapshot.taken_at for each in climbing.actions_of(uow, ladder)):
        # What was seen is older than what has happened.
        climbing.climb_at(uow, services, ladder)
        return None
    case = filing.read(uow, ladder.case_id)
    judgement, severity = judging.judged(uow, services, case, snapshot)
    if ladder.amid:
        return _put_back(uow, services, ladder, case, (snapshot, judgement, severity))
    over = _over(ladder, case, judgement)
    if over is not None:
        _finish(uow, services, ladder, case, over, (judgement, severity))
        return None
    return _next(uow, services, ladder, case, (snapshot, judgement, severity))


def _over(ladder: Ladder, case: Case, judgement: Judgement) -> LadderState | None:
    """Why the ladder ends before any further step; None where it goes on."""
    if "D" in {judgement.action_class, case.judgement.action_class if case.judgement else None}:
        return LadderState.LOCKED_OUT
    if ladder.state is LadderState.LEAVING or case.state not in _UNTAKEN:
        return LadderState.LEFT
    facts = dict(judgement.facts)
    if facts["link"] != Link.ONLINE or facts["fault"] != Fault.NONE:
        return None
    now, in_session = _status_of(judgement), facts["session"] in _IN_SESSION
    flows = facts["progress"] == Progress.FLOWING
    well = mended(ladder.before, now) or let_go(ladder.before, now, in_session=in_session, flows=flows)
    return LadderState.SOLVED if well else None


def _next(
    uow: UnitOfWork,
    services: Services,
    ladder: Ladder,
    case: Case,
    seen: tuple[StationSnapshot, Judgement, Severity],
) -> RemoteAction | None:
    """Takes the mildest step that is left and allowed now; those that are not allowed are skipped."""
    snapshot, judgement, severity = seen
    while (step := ladder.current) is not None:
        named = judgement.then
        if _put_behind_a_restart(ladder, step):
            named = judging.named_but_for_a_restart(uow, services, case, snapshot)
        against = _against(uow, services, case, (snapshot, replace(judgement, then=named)), step)
        if against is None:
            uow.ladders.move(ladder)
            return _request(uow, services, ladder, case, snapshot)
        if against == _UNREACHABLE and ladder.waited < MOST_WAITS:
            _wait(uow, services, ladder)
            return None
        ladder = ladder.skip(against)
        uow.cases.note(case.id, services.now(), "ladder_skipped", step=step.value, reason=against)
    uow.ladders.move(ladder)
    _finish(uow, services, ladder, case, LadderState.EXHAUSTED, (judgement, severity))
    return None


def _put_behind_a_restart(ladder: Ladder, step: StepName) -> bool:
    """Whether a step comes after one that is harder on the station, by what was learnt."""
    before = ladder.steps[: ladder.step]
    return any(LADDER[each].whole_station and ORDER.index(each) > ORDER.index(step) for each in before)


def _against(
    uow: UnitOfWork,
    services: Services,
    case: Case,
    seen: tuple[StationSnapshot, Judgement],
    step: StepName,
) -> str | None:
    """The first reason against taking a step now; None where nothing speaks against it."""
    snapshot, judgement = seen
    if snapshot.link is not Link.ONLINE:
        return _UNREACHABLE
    if step in _JUDGED_ANEW and NAMED_AS[step] not in judgement.then:
        return "not_named"
    if learning.never_helps(uow, case, judgement.verdict, step):
        return _NEVER_HELPS
    for command in LADDER[step].commands:
        refused = _refused(uow, services, case, snapshot, command)
        if refused is not None:
            return refused
    return None


def _refused(
    uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot, command: RemoteCommand
) -> str | None:
    try:
        guards.check(uow, services, case, snapshot, (command, Initiator.LADDER))
    except Refusal as refusal:
        return refusal.key.removeprefix("recovery.")
    return None


def _put_back(
    uow: UnitOfWork,
    services: Services,
    ladder: Ladder,
    case: Case,
    seen: tuple[StationSnapshot, Judgement, Severity],
) -> RemoteAction | None:
    """The second half of a step that took the connector out of use: owed even if the case is over."""
    snapshot, judgement, severity = seen
    locked = guards.locked(uow, services, case, snapshot, whole_station=False)
    reachable = snapshot.link is Link.ONLINE and guards.reachable(
        services, case, RemoteCommand.MAKE_OPERATIVE
    )
    if reachable and not locked:
        return _request(uow, services, ladder, case, snapshot)
    if not locked and ladder.waited < MOST_WAITS:
        _wait(uow, services, ladder)
        return None
    state = LadderState.LOCKED_OUT if locked else LadderState.EXHAUSTED
    _finish(uow, services, ladder, case, state, (judgement, severity))
    return None


def _wait(uow: UnitOfWork, services: Services, ladder: Ladder) -> None:
    uow.ladders.move(replace(ladder, waited=ladder.waited + 1))
    climbing.climb_at(uow, services, ladder, LOOK_AGAIN)


def _request(
    uow: UnitOfWork, services: Services, ladder: Ladder, case: Case, snapshot: StationSnapshot
) -> RemoteAction | None:
    command = ladder.due
    if command is None:
        return None
    asked = recovery.Asked(command, Initiator.LADDER, ladder.person_id, ladder.id)
    try:
        action = recovery.keep(uow, services, case, snapshot, asked)
    except Refusal:
        # Somebody else's command went out at this very moment; it ends by its own deadline.
        climbing.climb_at(uow, services, ladder, LOOK_AGAIN)
        return None
    show_driver(uow, services, case, f"{ladder.id}:{action.id}")
    return action


def _finish(
    uow: UnitOfWork,
    services: Services,
    ladder: Ladder,
    case: Case,
    state: LadderState,
    judged: tuple[Judgement, Severity],
) -> None:
    """Ends the ladder and calls a person where nobody else will help."""
    judgement, severity = judged
    status = _status_of(judgement)
    stranded = climbing.stranded(uow, ladder, status)
    if state is LadderState.LOCKED_OUT and case.state in BOT_STATES:
        locked = replace(case, version=case.version + 1, judgement=judgement, severity=severity)
        uow.cases.save(case, locked)
        case = locked
    case = climbing.end(uow, services, case, ladder, state, status)
    helpless = stranded or state in {LadderState.EXHAUSTED, LadderState.LOCKED_OUT}
    if helpless and case.state is CaseState.DIAGNOSING:
        escalation.escalate(uow, services, case, f"ladder_{state.value}")


def _status_of(judgement: Judgement | None) -> ConnectorStatus:
    """The status that a judgement weighed."""
    word = None if judgement is None else dict(judgement.facts).get("status")
    return ConnectorStatus.UNKNOWN if word is None else ConnectorStatus(word)
