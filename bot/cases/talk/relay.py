"""Words between a driver and the hotline: kept first, then passed on by the outbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.cases import filing
from bot.cases.agents import closing, desk, merged, snoozing
from bot.cases.clock import follow_up
from bot.cases.clock.waits import answered as agent_answered
from bot.cases.drivers import escalation, locate, report, standing
from bot.cases.outcomes import (
    DriverOutcome,
    Option,
    Relayed,
    SameOrOther,
    ServiceNotActive,
    Standing,
    Waits,
    Welcome,
)
from bot.cases.talk import coming_back, holding, speaking
from bot.cases.talk.coming_back import Follows
from bot.cases.telling import pass_on
from bot.cases.turn import Turn
from bot.domain.case import ENDED_STATES, HUMAN_STATES, Case, CaseState
from bot.domain.draft import Step
from bot.domain.qr_payload import evse_candidates
from bot.domain.refusal import Refusal
from bot.domain.report import Symptom, speaks_of_danger
from storage.repositories.held import HeldMessage
from storage.repositories.messages import Said, Wording
from storage.uow import UnitOfWork

T = TypeVar("T")
READY = "answer"
"""The kind of what an agent did not write but chose from the answers that are ready."""
_TELLING = frozenset({"photo", "video", "voice", "audio", "document", "other"})
"""What says without a word what is wrong; a sticker, a place or a contact does not."""
INTERNAL = "//"
"""A message in a topic that begins with this stays among the agents."""
_CHANGES_MET = 3
"""How often words are kept anew since their case was changed in the same moment."""


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
        return await keeping_words(turn, lambda uow: _danger(uow, turn, message))
    try:
        return await keeping_words(turn, lambda uow: _into_case(uow, turn, message))
    except _NoCaseForIt as reason:
        follows = reason.follows
        if follows is not None:
            return await report.follow(turn, follows.case, follows.place, _keeping(turn, message))
        if reason.describes:
            return await _described(turn, message)
    return await locate.by_words(turn, words) if words else await standing.show(turn)


async def may_take(turn: Turn) -> bool:
    """Whether a photo in which no code can be read may be about a report: one that is being made, or one that ended."""

    def read(uow: UnitOfWork) -> bool:
        draft = uow.drafts.get(turn.conversation)
        if draft is not None:
            return draft.step is Step.WHAT_IS_WRONG
        ended = uow.cases.ended_in(turn.conversation)
        return (
            ended is not None
            and ended.ended_at is not None
            and turn.now() - ended.ended_at <= turn.services.limits.reopens_within
        )

    return await turn.services.database.read(read)


async def from_agent(turn: Turn, case: Case, message: Message) -> Case:
    """What is written in a topic goes to the driver; who writes in a case that nobody has takes it."""
    return await keeping_words(turn, lambda uow: _to_driver(uow, turn, case.id, message))


async def keeping_words(turn: Turn, work: Callable[[UnitOfWork], T]) -> T:
    """Runs a transaction that keeps words, again where somebody else changed their case in that very moment.

    Words carry no version that could be stale: they belong into the case as it is by now.
    """
    for _ in range(_CHANGES_MET):
        try:
            return await turn.commit(work)
        except Refusal as refusal:
            if refusal.key != "case.moved_on":
                raise
    return await turn.commit(work)


class _NoCaseForIt(Exception):  # It ends a transaction that has nothing to change.
    """The words belong to no open case: they answer what is wrong, or begin a case that follows one, or neither."""

    def __init__(self, *, describes: bool = False, follows: Follows | None = None) -> None:
        super().__init__()
        self.describes = describes
        self.follows = follows


def _into_case(uow: UnitOfWork, turn: Turn, message: Message) -> DriverOutcome:
    """Words that belong to a case of the conversation: to its topic, or to the report that the bot has."""
    words = message.words or ""
    answered = _answered(uow, turn, message)
    if answered is not None:
        return _said_in(uow, turn, answered, message)
    rated = follow_up.takes_word(uow, turn, words if message.kind == "text" else "", message.reply_to)
    if rated is not None:
        return rated
    draft = uow.drafts.get(turn.conversation)
    if draft is not None:
        tells = bool(words) or message.kind in _TELLING
        raise _NoCaseForIt(
            describes=draft.step is Step.WHAT_IS_WRONG and tells and not evse_candidates(words)
        )
    if speaking.waits(uow, turn.conversation):
        return _held(uow, turn, message)
    match speaking.meant(uow, turn):
        case speaking.Unclear():
            return _held(uow, turn, message)
        case None:
            return _afterwards(uow, turn, uow.cases.ended_in(turn.conversation), message)
        case Case() as case:
            return _said_in(uow, turn, case, message)


def _answered(uow: UnitOfWork, turn: Turn, message: Message) -> Case | None:
    """The driver's case of which a message is answered, whatever other one was spoken in since."""
    if message.reply_to is None:
        return None
    passed = uow.messages.shown_at(turn.conversation, message.reply_to)
    case = None if passed is None else uow.cases.get(passed.said.case_id)
    if case is None or case.conversation != turn.conversation:
        return None
    over = case.ended_at is not None and turn.now() - case.ended_at > turn.services.limits.follows_within
    return None if over else case


def _said_in(uow: UnitOfWork, turn: Turn, case: Case, message: Message) -> DriverOutcome:
    """Words in a case: to people, to the bot, or after its end."""
    if case.state in HUMAN_STATES or merged.heir(uow, case) is not None:
        return _to_people(uow, turn, case, message)
    if case.state in ENDED_STATES:
        return _afterwards(uow, turn, case, message)
    if _names_other(message.words or "", case):
        raise _NoCaseForIt
    if case.judgement is None and uow.messages.at(turn.conversation, message.number) is not None:
        # These very words have begun it, and a restart has cut its diagnosis off.
        raise _NoCaseForIt(describes=True)
    kept(uow, turn, case, message, from_driver=True)
    return standing.of_case(uow, turn.services, case, noted=True)


def _afterwards(uow: UnitOfWork, turn: Turn, ended: Case | None, message: Message) -> DriverOutcome:
    """Words after the end of a case."""
    match coming_back.what(uow, turn, ended, message.kind, message.words or ""):
        case None:
            raise _NoCaseForIt
        case Follows() as follows:
            raise _NoCaseForIt(follows=follows)
        case coming_back.NotServed(place):
            return ServiceNotActive(place)
        case coming_back.GoesOn(case):
            return _to_people(uow, turn, case, message)
        case coming_back.Thanked(case, heard):
            said = kept(uow, turn, case, message, from_driver=True)
            if not heard:
                return Welcome()
            pass_on(uow, turn.services, case, said)
            return Relayed(case)
        case coming_back.Reopens(case):
            case = escalation.reopen(uow, turn.services, case, turn.person.id)
            pass_on(uow, turn.services, case, kept(uow, turn, case, message, from_driver=True))
            return standing.of_case(uow, turn.services, case, noted=True)
        case coming_back.SameOrOther(case, place):
            kept(uow, turn, case, message, from_driver=True)
            return SameOrOther(Option(case, place))


def _held(uow: UnitOfWork, turn: Turn, message: Message) -> DriverOutcome:
    """Keeps words until it is known which case they are for."""
    held = HeldMessage(
        0,
        turn.conversation,
        turn.person.id,
        turn.now(),
        message.kind,
        message.number,
        message.reply_to,
        message.album,
        message.wording,
    )
    return holding.hold(uow, turn, held) or Waits()


def _to_people(uow: UnitOfWork, turn: Turn, case: Case, message: Message) -> Relayed:
    """A driver's words go into the topic of their case, or of the one in which it goes on."""
    into = merged.heir(uow, case)
    snoozing.driver_wrote(uow, turn.services, into or case)
    said = kept(uow, turn, case, message, from_driver=True)
    if into is None:
        pass_on(uow, turn.services, case, said)
    else:
        merged.pass_on_words(uow, turn.services, case, into, said)
    return Relayed(case)


def _names_other(words: str, case: Case) -> bool:
    return any(candidate != case.evse_id for candidate in evse_candidates(words))


def _danger(uow: UnitOfWork, turn: Turn, message: Message) -> DriverOutcome:
    outcome = escalation.danger_within(uow, turn)
    if isinstance(outcome, Standing):
        said = kept(uow, turn, outcome.case, message, from_driver=True)
        pass_on(uow, turn.services, outcome.case, said)
    return outcome


async def _described(turn: Turn, message: Message) -> DriverOutcome:
    """The driver tells what is wrong, in place of a button: a report like any other, which holds what they said."""

    async def silent(_: object) -> None:
        return None

    return await report.file(turn, Symptom.OTHER, silent, _keeping(turn, message))


def _keeping(turn: Turn, message: Message) -> report.Keep:
    return lambda uow, case: kept(uow, turn, case, message, from_driver=True)


def _to_driver(uow: UnitOfWork, turn: Turn, case_id: int, message: Message) -> Case:
    case = filing.read(uow, case_id)
    if (message.words or "").startswith(INTERNAL):
        closing.takes_note(uow, turn, case, (message.words or "").removeprefix(INTERNAL).strip())
        uow.cases.note(case.id, turn.now(), "internal_note", turn.person.id, words=message.words or "")
        if message.album is not None:
            # The other parts are on their way, and this one has to be known to hold all of them back.
            pass_on(uow, turn.services, case, kept(uow, turn, case, message, from_driver=False))
        return case
    if case.state is CaseState.WAITING_AGENT:
        case = desk.take_within(uow, turn, case)
    to = merged.addressed(uow, turn.conversation, case, message.reply_to)
    pass_on(uow, turn.services, to, said_by_agent(uow, turn, to, message))
    return case


def said_by_agent(uow: UnitOfWork, turn: Turn, case: Case, message: Message) -> Said:
    """Keeps what an agent says to the driver, whichever way they say it."""
    agent_answered(uow, turn.services, case, turn.person.id)
    return kept(uow, turn, case, message, from_driver=False)


def kept(uow: UnitOfWork, turn: Turn, case: Case, message: Message, *, from_driver: bool) -> Said:
    """Keeps what somebody said in a case, in the transaction that brings it."""
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
    uow.cases.spoken(case.id, turn.now())
    return said
