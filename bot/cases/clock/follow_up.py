"""What comes after: the rating, and what each deadline does when it falls due."""

from dataclasses import replace

from bot.cases import filing
from bot.cases.agents import shifts, snoozing, turns
from bot.cases.clock import waits
from bot.cases.outcomes import DriverOutcome, Rated
from bot.cases.remote import climbing, recovery
from bot.cases.services import Services
from bot.cases.talk import holding
from bot.cases.technicians import dispatch
from bot.cases.telling import close_topic, has_topic, redraw_card, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import BOT_STATES, ENDED_STATES, Case, CaseState, Trigger, move
from bot.domain.outgoing import Param, Priority
from bot.domain.qr_payload import evse_candidates
from bot.domain.rating import BEST, RatingReason, is_low, kept_words
from bot.domain.refusal import Refusal
from bot.domain.timer import Timer, TimerKind
from storage.uow import UnitOfWork


async def rate(turn: Turn, case_id: int, rating: int) -> DriverOutcome:
    """The driver's rating, 1 to 5; it closes the case. A second rating replaces the first."""
    return await turn.commit(lambda uow: _rate(uow, turn, case_id, rating))


async def explain(turn: Turn, case_id: int, reason: RatingReason) -> DriverOutcome:
    """What was missing, of a low rating; a second reason replaces the first."""
    return await turn.commit(lambda uow: _explain(uow, turn, case_id, reason))


def takes_word(uow: UnitOfWork, turn: Turn, words: str, reply_to: int | None) -> Rated | None:
    """Keeps what a driver writes right after rating as a word on that; None where it is about something else.

    It is where it names a station, where a report is being made, where it answers what was said in a case, or where
    the rating is some time ago. The word neither reopens the case nor begins one. There is one: it is answered with
    the question whether more help is needed, so what comes next is no word on the rating.
    """
    case = uow.cases.ended_in(turn.conversation)
    if not words.strip() or case is None or not _takes_words(case, turn):
        return None
    if uow.cases.open_in(turn.conversation):
        # No word may be kept from a person who waits for it.
        return None
    answers = None if reply_to is None else uow.messages.shown_at(turn.conversation, reply_to)
    if uow.drafts.get(turn.conversation) is not None or answers is not None or evse_candidates(words):
        return None
    said = replace(case, rating_words=kept_words(words))
    uow.cases.set_rating(said)
    uow.cases.note(case.id, turn.now(), "rating_words", turn.person.id, words=words)
    _tell(uow, turn, said, "rating_words", words=words.strip())
    return Rated(said, noted=True)


def _takes_words(case: Case, turn: Turn) -> bool:
    if case.state is not CaseState.CLOSED or case.rated_at is None or case.rating_words:
        return False
    return turn.now() - case.rated_at <= turn.services.limits.rating_takes_words_within


def fall_due(uow: UnitOfWork, services: Services, timer: Timer) -> None:
    """Does what a deadline says, in the transaction that takes it away."""
    if not uow.timers.done(timer):
        return
    match timer.kind:
        case TimerKind.LEVEL_DUE | TimerKind.FIRST_ANSWER_DUE | TimerKind.RESOLUTION_DUE:
            waits.fall_due(uow, services, timer)
        case TimerKind.DRIVER_DID_NOT_ANSWER:
            _close_silently(uow, services, timer.subject, BOT_STATES, "driver_silent")
        case TimerKind.DRIVER_DID_NOT_RATE:
            _close_silently(uow, services, timer.subject, frozenset({CaseState.RESOLVED}), None)
        case TimerKind.REMOTE_ACTION_UNPROVED:
            recovery.unproved(uow, services, timer.subject)
        case TimerKind.ON_CALL_TURN:
            turns.look(uow, services, timer.subject)
        case TimerKind.SHIFT_ENDS_SOON:
            shifts.ends_soon(uow, services, timer.subject)
        case TimerKind.SHIFT_ENDS:
            shifts.ended(uow, services, timer.subject)
        case TimerKind.DRIVER_DID_NOT_CHOOSE:
            holding.fall_due(uow, services, timer)
        case TimerKind.SNOOZE_ENDS:
            snoozing.fall_due(uow, services, timer.subject)
        case TimerKind.TECHNICIAN_DID_NOT_ANSWER:
            dispatch.unanswered(uow, services, timer)
        case TimerKind.LADDER_CLIMBS | TimerKind.STATION_MAY_BE_BACK | TimerKind.EVSE_MAY_WORK:
            raise ValueError("it looks at a station first, which no transaction can")


def _rate(uow: UnitOfWork, turn: Turn, case_id: int, rating: int) -> DriverOutcome:
    if not 1 <= rating <= BEST:
        raise Refusal("rating.range")
    case = _over(uow, turn, case_id)
    before = case.rating
    if case.state is CaseState.RESOLVED:
        after = move(case, Trigger.CLOSE, turn.now())
        uow.cases.save(case, after)
        uow.timers.drop(case.id, TimerKind.DRIVER_DID_NOT_RATE)
        case = after
    elif before == rating:
        # The same stars once more take nothing back of what was said to them.
        return Rated(case)
    rated = replace(case, rating=rating, rating_reason=None, rating_words=None, rated_at=turn.now())
    uow.cases.set_rating(rated)
    uow.cases.note(case.id, turn.now(), "rated", turn.person.id, rating=str(rating))
    _tell(uow, turn, rated, "rated" if before is None else "rated_anew", rating=rating)
    return Rated(rated)


def _explain(uow: UnitOfWork, turn: Turn, case_id: int, reason: RatingReason) -> DriverOutcome:
    case = _over(uow, turn, case_id)
    if case.rating is None or not is_low(case.rating):
        raise Refusal("case.moved_on")
    # Whoever still answers may also still write a word.
    explained = replace(case, rating_reason=reason, rated_at=turn.now())
    uow.cases.set_rating(explained)
    if case.rating_reason is not reason:
        uow.cases.note(case.id, turn.now(), "rating_reason", turn.person.id, reason=reason.value)
        _tell(uow, turn, explained, "rating_reason", missing=reason.value)
    return Rated(explained)


def _over(uow: UnitOfWork, turn: Turn, case_id: int) -> Case:
    """The driver's case, whose trouble is over; Refusal where it is not."""
    case = filing.own(uow, turn, case_id)
    if case.state not in ENDED_STATES:
        raise Refusal("case.moved_on")
    return case


def _tell(uow: UnitOfWork, turn: Turn, case: Case, notice: str, **params: Param) -> None:
    """The hotline hears of the rating, where it knows of the case."""
    if has_topic(uow, case):
        tell_topic(uow, turn.services, case, notice, str(turn.update_id), Priority.DRIVER, **params)
        redraw_card(uow, turn.services, case)
        close_topic(uow, turn.services, case)


def _close_silently(
    uow: UnitOfWork,
    services: Services,
    case_id: int,
    states: frozenset[CaseState],
    resolution: str | None,
) -> None:
    case = uow.cases.get(case_id)
    if case is None or case.state not in states:
        return
    after = replace(move(case, Trigger.CLOSE, services.now()), resolution=resolution or case.resolution)
    uow.cases.save(case, after)
    uow.cases.note(case.id, services.now(), "closed_by_time")
    climbing.leave(uow, services, after)
    if has_topic(uow, after):
        redraw_card(uow, services, after)
        close_topic(uow, services, after)
