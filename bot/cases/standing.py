"""Where somebody stands: read from what is kept, so that it is the same after a restart."""

from bot.cases import filing
from bot.cases.outcomes import AskedForStation, DriverOutcome, Found, NeedsEvse, Standing
from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.domain.capability import NEEDED
from bot.domain.case import BOT_STATES, OPEN_STATES, Case, CaseState
from bot.domain.draft import Draft, Step
from bot.domain.operator import Place
from bot.domain.remote_action import ACTION_RULES, PENDING, Initiator, RemoteCommand
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
    case = uow.cases.latest_in(turn.conversation)
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
    return Standing(
        case,
        operator,
        place,
        actions[-1] if actions else None,
        None if case.agent_id is None else uow.people.get(case.agent_id).name,
        offers(uow, services, case),
        noted,
    )


def offers(uow: UnitOfWork, services: Services, case: Case) -> tuple[RemoteCommand, ...]:
    """The remote actions that the verdict names and that may be offered to the driver now."""
    if case.judgement is None or case.state not in BOT_STATES or case.station_id is None:
        return ()
    wanted = [RemoteCommand(each) for each in case.judgement.then if each in set(RemoteCommand)]
    if not wanted:
        return ()
    pending = uow.actions.pending_at(case.station_id)
    if pending is not None and pending.state in PENDING:
        return ()
    possible = services.stations.capabilities(case.station_id)
    return tuple(
        each
        for each in wanted
        if NEEDED[each] in possible
        and Initiator.DRIVER in ACTION_RULES[each].initiators
        and tries_left(uow, services, case.station_id, each)
    )


def tries_left(uow: UnitOfWork, services: Services, station_id: str, command: RemoteCommand) -> bool:
    """Whether the station may be sent this command once more within its period."""
    rule = ACTION_RULES[command]
    return uow.actions.tries(station_id, command, services.now() - rule.per) < rule.tries
