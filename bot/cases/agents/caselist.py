"""Cases in lists: what waits, what an agent has, and what was before."""

from dataclasses import dataclass
from datetime import datetime

from bot.cases import filing
from bot.cases.agents import desk
from bot.cases.drivers import locate
from bot.cases.readers import agents as all_agents
from bot.cases.turn import Turn
from bot.domain.case import Case
from bot.domain.operator import Operator
from bot.domain.privacy import masked_name
from bot.domain.refusal import Refusal
from bot.domain.remote_action import ActionState, RemoteCommand
from bot.domain.rights import Right
from storage.uow import UnitOfWork

MOST = 5
"""Earlier cases that are told of: more are looked for elsewhere."""
_MAY_LOOK = (Right.REMOTE_ACTIONS, Right.HISTORY)


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in a list, with who has it; names are masked where not everybody who reads the list may see them."""

    case: Case
    agent: str | None


@dataclass(frozen=True, slots=True)
class CaseList:
    """Cases that wait first, those that wait longest before the others. `group`: it is shown to all of its agents."""

    cases: tuple[Listed, ...]
    mine: bool
    group: bool
    operator: Operator
    at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """A case of before, with the remote action that was proved in it last."""

    case: Case
    fix: RemoteCommand | None


@dataclass(frozen=True, slots=True)
class History:
    """What was before: of a driver, None where it is not about one, and of an EVSE."""

    operator: Operator
    driver: str | None
    of_driver: tuple[Earlier, ...]
    evse_id: str | None
    of_evse: tuple[Earlier, ...]


async def cases(turn: Turn, *, mine: bool) -> CaseList:
    """The cases of the hotline, or those that the person has: in a group its own, in private all that they may work on.

    Refusal `agent.none` for whoever is no agent anywhere.
    """
    return await turn.services.database.read(lambda uow: _cases(uow, turn, mine=mine))


async def of_topic(turn: Turn, case: Case) -> History:
    """The earlier cases of the driver of a case, and of its EVSE."""

    def read(uow: UnitOfWork) -> History:
        operator, place = filing.whose(uow, desk.own(uow, turn, case.id, None))
        names = all_agents(uow, operator.id, None if place is None else place.station.entity_id)
        name = uow.people.get(case.driver_id).name
        theirs = uow.caseload.earlier_of_driver(case, MOST)
        there = [] if case.evse_id is None else _on(uow, operator, case.evse_id, case.id)
        return History(
            operator,
            name if names else masked_name(name),
            tuple(_earlier(uow, each) for each in theirs),
            case.evse_id,
            tuple(_earlier(uow, each) for each in there),
        )

    return await turn.services.database.read(read)


async def of_evse(turn: Turn, text: str) -> History:
    """The cases of an EVSE, for staff who see the history of its station or may act on it; Refusal for others."""

    def read(uow: UnitOfWork) -> History:
        places = locate.places(uow, text, turn.only) if text else []
        if len(places) > 1 or not text:
            raise Refusal("history.which")
        if not places:
            raise Refusal("history.unknown", given=text)
        place = places[0]
        who = uow.staff.authority(place.operator.id, turn.person.id)
        if not any(who.may(right, place.station.entity_id) for right in _MAY_LOOK):
            # What is not theirs is answered as what does not exist.
            raise Refusal("history.unknown", given=text)
        found = _on(uow, place.operator, place.evse.evse_id, None)
        return History(
            place.operator, None, (), place.evse.evse_id, tuple(_earlier(uow, each) for each in found)
        )

    return await turn.services.database.read(read)


def is_agent(uow: UnitOfWork, turn: Turn) -> bool:
    """Whether the person may act for some operator that may be spoken of here."""
    return bool(_operators(uow, turn))


def _cases(uow: UnitOfWork, turn: Turn, *, mine: bool) -> CaseList:
    chat = turn.conversation.chat
    group = chat < 0
    holder = uow.hotlines.holder(chat) if group else None
    operators = (
        [holder] if holder is not None and turn.sees(holder) else [] if group else _operators(uow, turn)
    )
    known = [each for one in operators if (each := uow.operators.get(one)) is not None]
    if not known:
        raise Refusal("agent.none")
    load = uow.caseload
    ids = [each.id for each in known]
    found = load.of_agent(ids, turn.person.id) if mine else load.with_people(ids)
    shown = tuple(
        Listed(each, _agent(uow, each, group=group)) for each in found if not group or each.group_chat == chat
    )
    return CaseList(shown, mine, group, known[0], turn.now())


def _operators(uow: UnitOfWork, turn: Turn) -> list[str]:
    """The operators for which the person may act, and that may be spoken of here."""
    theirs = filter(turn.sees, uow.staff.operators_of(turn.person.id))
    return [
        each for each in theirs if Right.REMOTE_ACTIONS in uow.staff.authority(each, turn.person.id).rights
    ]


def _agent(uow: UnitOfWork, case: Case, *, group: bool) -> str | None:
    if case.agent_id is None:
        return None
    name = uow.people.get(case.agent_id).name
    return name if not group or all_agents(uow, case.operator_id, None) else masked_name(name)


def _on(uow: UnitOfWork, operator: Operator, evse_id: str, but: int | None) -> list[Case]:
    return uow.caseload.earlier_on(operator.id, evse_id, MOST, but)


def _earlier(uow: UnitOfWork, case: Case) -> Earlier:
    proved = [each for each in uow.actions.of_case(case.id) if each.state is ActionState.VERIFIED]
    commands = [
        each.order.command for each in proved if each.order.command is not RemoteCommand.REFRESH_STATUS
    ]
    return Earlier(case, commands[-1] if commands else None)
