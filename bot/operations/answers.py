"""An operator's answers that its agents have ready: looked at, entered, changed per language, taken away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.domain.answer import CannedAnswer, checked
from bot.domain.operator import Operator
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.domain.usual_answers import usual_answers
from bot.operations.acting import Acting, changed
from storage.uow import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers that agents have; `usual`: the operator has none of its own, and these come with the product."""

    operator: Operator
    answers: tuple[CannedAnswer, ...]
    usual: bool


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """One of them, with the operator that it speaks for."""

    operator: Operator
    answer: CannedAnswer


async def show(acting: Acting) -> Answers:
    """All of them; MissingRight without the right to the hotline."""

    def read(uow: UnitOfWork, who: Authority) -> Answers:
        who.need(Right.HOTLINE)
        return _all(uow, acting)

    return await acting.read(read)


async def one(acting: Acting, answer_id: int) -> OneAnswer:
    """One of them; Refusal `answer.gone` where it was taken away."""

    def read(uow: UnitOfWork, who: Authority) -> OneAnswer:
        who.need(Right.HOTLINE)
        return OneAnswer(acting.operator(uow), _named(_all(uow, acting).answers, answer_id))

    return await acting.read(read)


async def add(acting: Acting, language: str, text: str) -> OneAnswer:
    """Enters an answer in one language; Refusal where it names what nobody knows."""
    tidy = checked(text)

    def work(uow: UnitOfWork) -> OneAnswer:
        _own(uow, acting, -1)
        entered = uow.answers.add(acting.operator_id, {language: tidy})
        acting.note(uow, "answer.added", acting.operator_id, None, {language: tidy})
        return OneAnswer(acting.operator(uow), entered)

    return await _write(acting, work)


async def reword(acting: Acting, answer_id: int, language: str, text: str) -> OneAnswer:
    """Changes what an answer says in one language, or adds the language."""
    tidy = checked(text)

    def work(uow: UnitOfWork) -> OneAnswer:
        before = _named(_own(uow, acting, answer_id), answer_id)
        after = replace(before, texts={**before.texts, language: tidy})
        uow.answers.change(acting.operator_id, after)
        acting.note(uow, "answer.changed", acting.operator_id, *changed(before.texts, after.texts))
        return OneAnswer(acting.operator(uow), after)

    return await _write(acting, work)


async def drop(acting: Acting, answer_id: int) -> Answers:
    """Takes an answer away; where none is left, agents have the usual ones again."""

    def work(uow: UnitOfWork) -> Answers:
        gone = _named(_own(uow, acting, answer_id), answer_id)
        uow.answers.drop(acting.operator_id, gone.id)
        acting.note(uow, "answer.dropped", acting.operator_id, dict(gone.texts), None)
        return _all(uow, acting)

    return await _write(acting, work)


async def _write(acting: Acting, work: Callable[[UnitOfWork], T]) -> T:
    def held(uow: UnitOfWork, who: Authority) -> T:
        who.need(Right.HOTLINE)
        # Two who change the usual ones at once must not enter them twice.
        uow.staff.hold(acting.operator_id)
        return work(uow)

    return await acting.commit(held)


def _all(uow: UnitOfWork, acting: Acting) -> Answers:
    own = tuple(uow.answers.of(acting.operator_id))
    return Answers(acting.operator(uow), own or usual_answers(), usual=not own)


def _own(uow: UnitOfWork, acting: Acting, answer_id: int) -> tuple[CannedAnswer, ...]:
    """The operator's own answers; whoever changes the usual ones has them as their own from then on."""
    own = uow.answers.of(acting.operator_id)
    if own or answer_id >= 0:
        return tuple(own)
    return tuple(uow.answers.add(acting.operator_id, each.texts) for each in usual_answers())


def _named(answers: tuple[CannedAnswer, ...], answer_id: int) -> CannedAnswer:
    """The answer of a number; one of the usual ones is also found by its words, once it is the operator's own."""
    usual = [each.texts for each in usual_answers() if each.id == answer_id]
    found = [each for each in answers if each.id == answer_id or each.texts in usual]
    if not found:
        raise Refusal("answer.gone")
    return found[0]
