"""Where somebody stands: read from what is kept, so that it is the same after a restart."""

from bot.cases import filing
from bot.cases.drivers import awaited, site
from bot.cases.outcomes import AskedForStation, DriverOutcome, Found, NeedsEvse, Standing
from bot.cases.remote import learning
from bot.cases.services import Services
from bot.cases.talk import speaking
from bot.cases.turn import Turn
from bot.diagnosis.vocabulary import NAMED_AS
from bot.domain.capability import NEEDED
from bot.domain.case import BOT_STATES, OPEN_STATES, Case, CaseState
from bot.domain.draft import Draft, Step
from bot.domain.ladder import LADDER, ORDER, Approval, StepName
from bot.domain.operator import Place
from bot.domain.remote_action import ACTION_RULES, Initiator, RemoteCommand
from storage.uow import UnitOfWork


async def show(turn: Turn) -> DriverOutcome:
    """The screen of a conversation as it stands; changes nothing but that the update is applied."""

    def read(uow: UnitOfWork) -> DriverOutcome | Place:
        uow.inbox.apply(turn.update_id, turn.now())
        return _read(uow, turn)

    found = await turn.services.transact(read)
    return await with_status(turn.services, found) if isinstance(found, Place) else found


async def with_status(services: Services, place: Place) -> Found:
    """The place with the status that is known of it; the station is not asked."""
    snapshot = await services.stations.snapshot(
        place.station.id,
        place.evse.connector,
        fresh_within=None,
        deadline=services.limits.station_answers_within,
    )
    return Found(place, snapshot)


def _read(uow: UnitOfWork, turn: Turn) -> DriverOutcome | Place:
    draft = uow.drafts.get(turn.conversation)
    if draft is not None:
        return of_draft(uow, draft)
    question = speaking.asked(uow, turn.services, turn.conversation)
    if question is not None:
        return question
    case = next(iter(uow.cases.open_in(turn.conversation)), None) or uow.cases.latest_in(turn.conversation)
    if case is not None and (case.state in OPEN_STATES or case.state is CaseState.RESOLVED):
        return of_case(uow, turn.services, case)
    return AskedForStation()


def of_draft(uow: UnitOfWork, draft: Draft) -> DriverOutcome | Place:
    """What a draft asks for; a place where the EVSE is known."""
    match draft.step:
        case Step.WHAT_IS_WRONG if draft.evse_id is not None:
            return uow.operators.place(draft.evse_id) or AskedForStation()
        case Step.WHICH_EVSE:
            places = (uow.operators.place(evse_id) for evse_id in draft.choices)
            return NeedsEvse(tuple(place for place in places if place is not None))
        case _:
            return AskedForStation()


def of_case(uow: UnitOfWork, services: Services, case: Case, *, noted: bool = False) -> Standing:
    """Where a case stands, for its driver."""
    operator, place = filing.whose(uow, case)
    actions = uow.actions.of_case(case.id)
    ladder = uow.ladders.latest_of(case.id)
    commands, steps = _offered(uow, services, case)
    return Standing(
        case,
        operator,
        place,
        actions[-1] if actions else None,
        None if case.agent_id is None else uow.people.get(case.agent_id).name,
        commands,
        noted,
        ladder,
        tuple(action for action in actions if ladder is not None and action.ladder_id == ladder.id),
        steps,
        site.asked_to_try(uow, case),
        awaited.asked_for(uow, services, case, place),
    )


def offers(uow: UnitOfWork, services: Services, case: Case) -> tuple[RemoteCommand, ...]:
    """The single remote actions that the verdict names and that may be offered to the driver now.

    What a ladder that is offered would do by itself, or that one of this case was there for, is not offered once more.
    """
    return _offered(uow, services, case)[0]


def ladder_offered(uow: UnitOfWork, services: Services, case: Case) -> tuple[StepName, ...]:
    """The steps of the ladder that may be offered to the driver now, as they are taken; none where none makes sense.

    A case has one ladder. A single step has a button of its own, so that only a verdict that names the cycle, which
    has none, begins a ladder.
    """
    return _offered(uow, services, case)[1]


def _offered(
    uow: UnitOfWork, services: Services, case: Case
) -> tuple[tuple[RemoteCommand, ...], tuple[StepName, ...]]:
    named = () if case.judgement is None else case.judgement.then
    wanted = [RemoteCommand(each) for each in named if each in set(RemoteCommand)]
    # Most verdicts name nothing, and then nothing is asked for.
    if case.station_id is None or not (wanted or StepName.CYCLE in named) or not _free(uow, case):
        return (), ()
    ladder = uow.ladders.latest_of(case.id)
    steps = () if ladder is not None else _steps(uow, services, case, named)
    covered = steps if ladder is None else ladder.steps
    climbed = {command for step in covered for command in LADDER[step].commands}
    commands = tuple(
        each
        for each in wanted
        if each not in climbed
        and Initiator.DRIVER in ACTION_RULES[each].initiators
        and _possible(uow, services, case.station_id, each)
    )
    return commands, steps


def _steps(uow: UnitOfWork, services: Services, case: Case, named: tuple[str, ...]) -> tuple[StepName, ...]:
    if StepName.CYCLE not in named:
        return ()
    steps = tuple(
        step
        for step in ORDER
        if NAMED_AS.get(step) in named
        and LADDER[step].approval is not Approval.AGENT
        and all(_possible(uow, services, case.station_id or "", each) for each in LADDER[step].commands)
    )
    # A verdict that names the end of a session needs it before all that comes after.
    needed = {StepName.CYCLE} | ({StepName.END_SESSION} if NAMED_AS[StepName.END_SESSION] in named else set())
    if not needed <= set(steps):
        return ()
    taken = learning.in_learnt_order(uow, case, steps)
    # To ask alone is no ladder, and has a button of its own.
    return taken if len(taken) > 1 else ()


def _free(uow: UnitOfWork, case: Case) -> bool:
    """Whether the bot has the case, and nothing runs at its station."""
    station = case.station_id or ""
    return (
        case.state in BOT_STATES
        and uow.actions.pending_at(station) is None
        and uow.ladders.running_at(station) is None
    )


def _possible(uow: UnitOfWork, services: Services, station_id: str, command: RemoteCommand) -> bool:
    possible = NEEDED[command] in services.stations.capabilities(station_id)
    return possible and tries_left(uow, services, station_id, command)


def tries_left(uow: UnitOfWork, services: Services, station_id: str, command: RemoteCommand) -> bool:
    """Whether the station may be sent this command once more within its period."""
    rule = ACTION_RULES[command]
    return uow.actions.tries(station_id, command, services.now() - rule.per) < rule.tries
