"""What was said is changed afterwards, or reacted to: the other side sees it on its own copy."""

from bot.cases import filing
from bot.cases.agents import merged
from bot.cases.drivers import escalation
from bot.cases.talk import holding
from bot.cases.talk.relay import Message, keeping_words
from bot.cases.telling import pass_on_edit, show_reaction
from bot.cases.turn import Turn
from bot.domain.report import speaks_of_danger
from storage.repositories.messages import Wording
from storage.uow import UnitOfWork


async def edited(turn: Turn, message: Message) -> None:
    """Somebody changed what they had said: each wording stays, and the copy follows the newest.

    Words of danger count in an edit as well.
    """
    if turn.conversation.topic is None and speaks_of_danger(message.words or ""):
        await keeping_words(turn, lambda uow: _revised_danger(uow, turn, message))
        return
    await turn.commit(lambda uow: _revised(uow, turn, message))


async def reacted(turn: Turn, message: int, emoji: str | None) -> None:
    """Somebody set a reaction on a message of a case, or took it back: the other side sees it on theirs."""
    await turn.commit(lambda uow: _reacted(uow, turn, message, emoji))


def _reacted(uow: UnitOfWork, turn: Turn, message: int, emoji: str | None) -> None:
    passed = uow.messages.shown_at(turn.conversation, message)
    if passed is None:
        return
    by_driver = turn.conversation.chat > 0
    back = by_driver is not passed.said.from_driver
    uow.messages.react(passed, emoji, back=back)
    show_reaction(uow, turn.services, passed.said, str(turn.update_id), on_copy=not back)


def _revised(uow: UnitOfWork, turn: Turn, message: Message) -> None:
    passed = uow.messages.at(turn.conversation, message.number)
    if passed is None:
        holding.revised(uow, turn, message.number, message.wording)
    if passed is None or _same(uow.messages.wordings(passed)[-1], message.wording):
        return
    words = message.words or ""
    case = filing.read(uow, passed.said.case_id)
    number = str(message.number)
    uow.messages.revise(passed, turn.now(), message.wording)
    uow.cases.note(case.id, turn.now(), "edited", turn.person.id, message=number, words=words)
    into = merged.heir(uow, case) if passed.said.from_driver else None
    if into is not None and passed.copy != into.topic and into.conversation != case.conversation:
        # It is told anew there, as its copy is in the topic that was closed.
        merged.name_writer(uow, turn.services, case, into, f"edit:{turn.update_id}")
    pass_on_edit(uow, turn.services, case, passed, str(turn.update_id), into)


def _same(before: Wording, now: Wording) -> bool:
    """Whether an edit changed nothing that is read or seen: Telegram also calls it one when a live place moves."""
    return (before.words, before.spans, before.file_key) == (now.words, now.spans, now.file_key)


def _revised_danger(uow: UnitOfWork, turn: Turn, message: Message) -> None:
    _revised(uow, turn, message)
    escalation.danger_within(uow, turn)
