"""What an agent asks of colleagues: to have a case from now on, or to say what they think of it."""

from dataclasses import dataclass, replace

from bot.cases.agents import desk, duty
from bot.cases.telling import mention, redraw_card, tell_agent, tell_driver, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import HUMAN_STATES, Case, Trigger, move
from bot.domain.outgoing import Priority
from bot.domain.refusal import Refusal
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Asked:
    """Who has been asked, or who has the case now."""

    case: Case
    colleagues: tuple[Colleague, ...]


async def there(turn: Turn, case_id: int) -> tuple[Colleague, ...]:
    """The agents of the case's operator, whoever acts among them."""

    def read(uow: UnitOfWork) -> tuple[Colleague, ...]:
        return _reachable(duty.agents(uow, desk.own(uow, turn, case_id, None).operator_id))

    return await turn.services.database.read(read)


async def hand_over(turn: Turn, case_id: int, version: int, person_id: int) -> Asked:
    """Gives a case that somebody has to another agent: it is theirs at once, and no clock starts anew.

    Refusal `agent.not_there` for whoever is no agent any more, `agent.has_it` for who has it already.
    """
    return await turn.commit(
        lambda uow: _hand_over(uow, turn, desk.own(uow, turn, case_id, version), person_id)
    )


async def second_opinion(turn: Turn, case_id: int, version: int, person_id: int | None) -> Asked:
    """Asks an agent, or with None everybody on call, to look at a case; it stays where it is.

    Refusal `agent.nobody_else` where only who asks would be asked.
    """

    def work(uow: UnitOfWork) -> Asked:
        case = desk.own(uow, turn, case_id, version)
        if case.state not in HUMAN_STATES:
            raise Refusal("case.moved_on")
        named = _named(uow, case, person_id) if person_id is not None else None
        asked = (named,) if named is not None else duty.on_call(uow, case.operator_id, turn.now())
        others = tuple(each for each in _reachable(asked) if each.person_id != turn.person.id)
        if not others:
            raise Refusal("agent.nobody_else")
        names = ", ".join(each.name for each in others)
        uow.cases.note(case.id, turn.now(), "second_opinion", turn.person.id, asked=names)
        _tell(uow, turn, case, others, "second_opinion")
        return Asked(case, others)

    return await turn.commit(work)


def _hand_over(uow: UnitOfWork, turn: Turn, case: Case, person_id: int) -> Asked:
    to = _named(uow, case, person_id)
    if case.agent_id == to.person_id:
        raise Refusal("agent.has_it", name=to.name)
    after = replace(move(case, Trigger.HAND_OVER, turn.now()), agent_id=to.person_id)
    uow.cases.save(case, after)
    uow.cases.note(after.id, turn.now(), "handed_over", turn.person.id, to=str(to.person_id))
    desk.awake(uow, case)
    tell_driver(uow, turn.services, after, "agent_changed", str(after.version), agent=to.name)
    _tell(uow, turn, after, (to,), "yours_now")
    redraw_card(uow, turn.services, after)
    return Asked(after, (to,))


def _tell(uow: UnitOfWork, turn: Turn, case: Case, others: tuple[Colleague, ...], notice: str) -> None:
    once = str(turn.update_id)
    mentions = "\n".join(map(mention, others))
    by = turn.person.name
    tell_topic(uow, turn.services, case, notice, once, Priority.AGENT, mentions=mentions, name=by)
    for each in others:
        if each.person_id != turn.person.id:
            tell_agent(uow, turn.services, case, each, notice, once, by=by)


def _named(uow: UnitOfWork, case: Case, person_id: int) -> Colleague:
    found = [each for each in duty.agents(uow, case.operator_id) if each.person_id == person_id]
    if not found:
        raise Refusal("agent.not_there")
    return found[0]


def _reachable(colleagues: tuple[Colleague, ...]) -> tuple[Colleague, ...]:
    return tuple(each for each in colleagues if each.telegram_id is not None)
