"""Merging: a case ends, and goes on in another one of the same driver, EVSE, station or location."""

from dataclasses import dataclass, replace

from bot.cases import filing
from bot.cases.agents import desk
from bot.cases.drivers import escalation, site
from bot.cases.readers import agents as all_agents
from bot.cases.telling import redraw_card, tell_driver, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import MERGED, Case, CaseState, Trigger, move
from bot.domain.privacy import masked_name
from bot.domain.refusal import Refusal
from bot.domain.topic_link import topic_link
from storage.uow import UnitOfWork

_CAN_BE = frozenset({CaseState.WAITING_AGENT, CaseState.WITH_AGENT})
"""A technician who is on the way has a job, which does not move."""


@dataclass(frozen=True, slots=True)
class Mergeable:
    """A case into which another can be merged; the driver's name is masked where not all agents may see it."""

    case: Case
    driver: str


async def candidates(turn: Turn, case_id: int) -> tuple[Mergeable, ...]:
    """The cases into which this one can be merged, the oldest first."""

    def read(uow: UnitOfWork) -> tuple[Mergeable, ...]:
        case = desk.own(uow, turn, case_id, None)
        if case.state not in _CAN_BE:
            return ()
        place = filing.whose(uow, case)[1]
        names = all_agents(uow, case.operator_id, None if place is None else place.station.entity_id)
        found = []
        for each in _candidates(uow, turn, case):
            name = uow.people.get(each.driver_id).name
            found.append(Mergeable(each, name if names else masked_name(name)))
        return tuple(found)

    return await turn.services.database.read(read)


async def merge(turn: Turn, case_id: int, version: int, into_id: int) -> Case:
    """Merges a case into another; returns that one.

    The driver hears that both are dealt with together. Refusal `merge.not_possible` where the other has ended
    meanwhile, or was never one of the candidates.
    """
    return await turn.commit(lambda uow: _merge(uow, turn, desk.own(uow, turn, case_id, version), into_id))


def _candidates(uow: UnitOfWork, turn: Turn, case: Case) -> list[Case]:
    chat = turn.conversation.chat
    return [each for each in uow.caseload.mergeable(case) if each.group_chat == chat]


def _merge(uow: UnitOfWork, turn: Turn, case: Case, into_id: int) -> Case:
    into = next((each for each in _candidates(uow, turn, case) if each.id == into_id), None)
    if into is None or case.state not in _CAN_BE:
        raise Refusal("merge.not_possible")
    services, now = turn.services, turn.now()
    after = replace(move(case, Trigger.CLOSE, now), resolution=MERGED)
    survivor = replace(into, version=into.version + 1)
    # Two who merge both cases into each other at once must not end both; in the order of their numbers one waits.
    for before, now_is in sorted(((case, after), (into, survivor)), key=lambda pair: pair[0].id):
        uow.cases.save(before, now_is)
    uow.caseload.set_merged(after.id, into.id)
    for each in uow.caseload.merged_into(after.id):
        uow.caseload.set_merged(each.id, into.id)
    uow.cases.note(after.id, now, "merged", turn.person.id, into=str(into.id))
    uow.cases.note(into.id, now, "merged_here", turn.person.id, other=str(after.id))
    desk.awake(uow, case)
    _site_goes_on(uow, turn, after, survivor)
    escalation.settled(uow, services, after, MERGED, number=into.id, link=topic_link(into.topic) or "")
    once = str(after.version)
    if after.conversation != into.conversation:
        tell_driver(uow, services, after, "merged", once)
    driver = uow.people.get(after.driver_id).name
    way = topic_link(after.topic) or ""
    notice = ("merged_here", f"{after.id}:{once}")
    tell_topic(uow, services, survivor, *notice, number=after.id, name=driver, link=way)
    redraw_card(uow, services, survivor)
    return survivor


def _site_goes_on(uow: UnitOfWork, turn: Turn, case: Case, into: Case) -> None:
    """Reports of a whole site's trouble that waited for this case wait for the other one, if it is of the site, too."""
    if not site.speaks_of_site(into):
        return escalation.hand_on(uow, turn.services, case)
    for each in site.waiting_for(uow, case):
        site.join(uow, turn.services, each, into)
