"""Words between a driver and the hotline: kept first, then passed on by the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.cases import desk, escalation, filing, locate, report, standing
from bot.cases.outcomes import DriverOutcome, Relayed
from bot.cases.telling import pass_on, pass_on_edit, show_reaction
from bot.cases.turn import Turn
from bot.domain.case import HUMAN_STATES, OPEN_STATES, Case, CaseState
from bot.domain.draft import Step
from bot.domain.qr_payload import evse_candidates
from bot.domain.report import Symptom, speaks_of_danger
from storage.repositories.messages import Said, Wording
from storage.uow import UnitOfWork

INTERNAL = "//"
"""A message in a topic that begins with this stays among the agents."""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody sent: its number in the conversation, its kind, and its text or caption.

    `spans`, `file` and `file_key` are as in `Wording`; messages with one `album` are one album.
    """

    number: int
    kind: str
    words: str | None
    reply_to: int | None = None
    album: str | None = None
    spans: tuple[Mapping[str, object], ...] = ()
    file: str | None = None
    file_key: str | None = None

    @property
    def wording(self) -> Wording:
        """What it says."""
        return Wording(self.words, self.spans, self.file, self.file_key)


async def from_driver(turn: Turn, message: Message) -> DriverOutcome:
    """Anything a driver sends that is no command: danger first, then a person, then the bot."""
    words = message.words or ""
    if speaks_of_danger(words):
        return await turn.commit(lambda uow: _danger(uow, turn, message))
    try:
        return await turn.commit(lambda uow: _into_case(uow, turn, message))
    except _NoCaseForIt as reason:
        if reason.describes:
            return await _described(turn, message)
    return await locate.by_words(turn, words) if words else await standing.show(turn)


async def from_agent(turn: Turn, case: Case, message: Message) -> Case:
    """What is written in a topic goes to the driver; who writes in a case that nobody has takes it."""
    return await turn.commit(lambda uow: _to_driver(uow, turn, case.id, message))


async def edited(turn: Turn, message: Message) -> None:
    """Somebody changed what they had said: each wording stays, and the copy follows the newest.

    Words of danger count in an edit as well.
    """
    if turn.conversation.topic is None and speaks_of_danger(message.words or ""):
        await turn.commit(lambda uow: _revised_danger(uow, turn, message))
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
    if passed is None or _same(uow.messages.wordings(passed)[-1], message.wording):
        return
    words = message.words or ""
    case = filing.read(uow, passed.said.case_id)
    number = str(message.number)
    uow.messages.revise(passed, turn.now(), message.wording)
    uow.cases.note(case.id, turn.now(), "edited", turn.person.id, message=number, words=words)
    pass_on_edit(uow, turn.services, case, passed, str(turn.update_id))


def _same(before: Wording, now: Wording) -> bool:
    """Whether an edit changed nothing that is read or seen: Telegram also calls it one when a live place moves."""
    return (before.words, before.spans, before.file_key) == (now.words, now.spans, now.file_key)


def _revised_danger(uow: UnitOfWork, turn: Turn, message: Message) -> None:
    _revised(uow, turn, message)
    escalation.danger_within(uow, turn)


class _NoCaseForIt(Exception):  # It ends a transaction that has nothing to change.
    """The words belong to no case; `describes` says that they answer what is wrong."""

    def __init__(self, *, describes: bool) -> None:
        super().__init__()
        self.describes = describes


def _into_case(uow: UnitOfWork, turn: Turn, message: Message) -> DriverOutcome:
    """Words that belong to the case of the conversation: to its topic, or to the report that the bot has."""
    words = message.words or ""
    answered = _answered(uow, turn, message)
    if answered is not None:
        pass_on(uow, turn.services, answered, _keep(uow, turn, answered, message, from_driver=True))
        return Relayed(answered)
    draft = uow.drafts.get(turn.conversation)
    if draft is not None:
        describes = draft.step is Step.WHAT_IS_WRONG and bool(words) and not evse_candidates(words)
        raise _NoCaseForIt(describes=describes)
    case = uow.cases.latest_in(turn.conversation)
    if case is None or case.state is CaseState.CLOSED:
        raise _NoCaseForIt(describes=False)
    if case.state in HUMAN_STATES:
        pass_on(uow, turn.services, case, _keep(uow, turn, case, message, from_driver=True))
        return Relayed(case)
    if _names_other(words, case):
        raise _NoCaseForIt(describes=False)
    _keep(uow, turn, case, message, from_driver=True)
    return standing.of_case(uow, turn.services, case, noted=True)


def _answered(uow: UnitOfWork, turn: Turn, message: Message) -> Case | None:
    """The driver's case that a person has and of which a message is answered, whatever other case is newer."""
    if message.reply_to is None:
        return None
    passed = uow.messages.shown_at(turn.conversation, message.reply_to)
    case = None if passed is None else uow.cases.get(passed.said.case_id)
    theirs = case is not None and case.conversation == turn.conversation and case.state in HUMAN_STATES
    return case if theirs else None


def _names_other(words: str, case: Case) -> bool:
    return any(candidate != case.evse_id for candidate in evse_candidates(words))


def _danger(uow: UnitOfWork, turn: Turn, message: Message) -> DriverOutcome:
    outcome = escalation.danger_within(uow, turn)
    case = uow.cases.latest_in(turn.conversation)
    if case is not None and case.state in OPEN_STATES:
        pass_on(uow, turn.services, case, _keep(uow, turn, case, message, from_driver=True))
    return outcome


async def _described(turn: Turn, message: Message) -> DriverOutcome:
    """The driver tells in words what is wrong, in place of a button: a report like any other."""

    async def silent(_: object) -> None:
        return None

    outcome = await report.file(turn, Symptom.OTHER, silent)
    await turn.services.transact(lambda uow: _keep_in_latest(uow, turn, message))
    return outcome


def _keep_in_latest(uow: UnitOfWork, turn: Turn, message: Message) -> None:
    case = uow.cases.latest_in(turn.conversation)
    if case is not None:
        _keep(uow, turn, case, message, from_driver=True)


def _to_driver(uow: UnitOfWork, turn: Turn, case_id: int, message: Message) -> Case:
    case = filing.read(uow, case_id)
    if (message.words or "").startswith(INTERNAL):
        uow.cases.note(case.id, turn.now(), "internal_note", turn.person.id, words=message.words or "")
        if message.album is not None:
            # The other parts are on their way, and this one has to be known to hold all of them back.
            pass_on(uow, turn.services, case, _keep(uow, turn, case, message, from_driver=False))
        return case
    if case.state is CaseState.WAITING_AGENT:
        case = desk.take_within(uow, turn, case)
    pass_on(uow, turn.services, case, _keep(uow, turn, case, message, from_driver=False))
    return case


def _keep(uow: UnitOfWork, turn: Turn, case: Case, message: Message, *, from_driver: bool) -> Said:
    said = Said(
        case.id,
        turn.person.id,
        from_driver,
        turn.now(),
        message.kind,
        message.words,
        turn.conversation,
        message.number,
        message.reply_to,
        message.album,
        message.spans,
        message.file,
        message.file_key,
    )
    uow.messages.add(said)
    return said
