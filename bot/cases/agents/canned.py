"""Answers that are ready: looked through by agents, sent in the driver's language, kept like any other words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.cases import filing
from bot.cases.agents import desk
from bot.cases.readers import agents as all_agents
from bot.cases.talk import relay
from bot.cases.telling import answer_in_topic
from bot.cases.turn import Turn
from bot.domain.answer import CannedAnswer, filled
from bot.domain.case import HUMAN_STATES, Case, CaseState
from bot.domain.privacy import masked_name
from bot.domain.refusal import Refusal
from bot.domain.usual_answers import usual_answers
from storage.uow import UnitOfWork

TWICE_WITHIN = timedelta(seconds=10)
"""Who taps a button twice means it once."""
NOTHING = "–"
"""What stands for something that is not known yet, such as the EVSE."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An answer as the driver would read it, and in which language; `meaning` is the same in the agent's."""

    case: Case
    answer: CannedAnswer
    language: str
    text: str
    meaning: str


def of_operator(uow: UnitOfWork, operator_id: str) -> tuple[CannedAnswer, ...]:
    """An operator's own answers, or the usual ones."""
    return tuple(uow.answers.of(operator_id)) or usual_answers()


async def listed(turn: Turn, case_id: int) -> tuple[CannedAnswer, ...]:
    """The answers that can be sent in a case, filled as `preview` fills them."""

    def read(uow: UnitOfWork) -> tuple[CannedAnswer, ...]:
        case = desk.own(uow, turn, case_id, None)
        values = _values_in_topic(uow, turn, case)
        return tuple(
            replace(each, texts={code: filled(text, values) for code, text in each.texts.items()})
            for each in of_operator(uow, case.operator_id)
        )

    return await turn.services.database.read(read)


async def preview(turn: Turn, case_id: int, answer_id: int) -> Preview:
    """An answer as it would be sent; Refusal `answer.gone` where it was taken away.

    It is shown in the topic, so names in it are masked where not all agents may see them.
    """

    def read(uow: UnitOfWork) -> Preview:
        case = desk.own(uow, turn, case_id, None)
        return _preview(uow, turn, case, answer_id, _values_in_topic(uow, turn, case))

    return await turn.services.database.read(read)


async def send(turn: Turn, case_id: int, answer_id: int) -> Case:
    """Sends an answer to the driver; whoever answers in a case that nobody has takes it.

    Refusal `answer.sent` where the very same was said a moment ago.
    """
    return await turn.commit(lambda uow: _send(uow, turn, desk.own(uow, turn, case_id, None), answer_id))


def _preview(uow: UnitOfWork, turn: Turn, case: Case, answer_id: int, values: Mapping[str, str]) -> Preview:
    found = [each for each in of_operator(uow, case.operator_id) if each.id == answer_id]
    if not found:
        raise Refusal("answer.gone")
    operator = filing.whose(uow, case)[0]
    driver = uow.people.get(case.driver_id)
    language, text = found[0].in_language(driver.language, operator.language)
    _, meaning = found[0].in_language(turn.person.language, operator.language)
    return Preview(case, found[0], language, filled(text, values), filled(meaning, values))


def _send(uow: UnitOfWork, turn: Turn, case: Case, answer_id: int) -> Case:
    if case.state not in HUMAN_STATES:
        raise Refusal("case.moved_on")
    shown = _preview(uow, turn, case, answer_id, _values(uow, turn, case))
    said = [each for each in uow.messages.of_case(case.id) if not each.from_driver][-1:]
    if said and said[0].words == shown.text and turn.now() - said[0].at < TWICE_WITHIN:
        raise Refusal("answer.sent")
    if case.state is CaseState.WAITING_AGENT:
        case = desk.take_within(uow, turn, case)
    # It gets its number in the topic once it stands there; until then it has one that no message has.
    message = relay.Message(-turn.update_id, relay.READY, shown.text)
    answer_in_topic(uow, turn.services, case, relay.said_by_agent(uow, turn, case, message), turn.person.name)
    return case


def _values_in_topic(uow: UnitOfWork, turn: Turn, case: Case) -> dict[str, str]:
    """What fills the placeholders where it is shown to agents."""
    values = _values(uow, turn, case)
    place = filing.whose(uow, case)[1]
    if not all_agents(uow, case.operator_id, None if place is None else place.station.entity_id):
        values |= {name: masked_name(values[name]) for name in ("driver", "agent")}
    return values


def _values(uow: UnitOfWork, turn: Turn, case: Case) -> dict[str, str]:
    operator, place = filing.whose(uow, case)
    return {
        "driver": uow.people.get(case.driver_id).name,
        "agent": turn.person.name,
        "evse": case.evse_id or NOTHING,
        "location": NOTHING if place is None else place.location.name,
        "phone": operator.hotline_phone,
        "operator": operator.name,
    }
