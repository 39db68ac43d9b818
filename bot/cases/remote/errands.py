"""Errands that an agent sends a station on: reading its configuration, its log, renewing its list of cards."""

from enum import StrEnum
from html import escape

from bot.cases.agents import desk
from bot.cases.services import Services
from bot.cases.telling import tell_topic
from bot.cases.turn import Turn
from bot.domain.capability import Capability
from bot.domain.case import OPEN_STATES, Case
from bot.domain.errand import ClearCache, Errand, ErrandAnswer, FetchLog, ReadConfiguration, ReplaceLocalList
from bot.domain.outgoing import Priority
from bot.domain.refusal import Refusal
from bot.domain.remote_action import CommandAnswer
from storage.uow import UnitOfWork

MOST_SHOWN = 3000
"""Characters of a configuration in one message; Telegram takes 4096 with everything around it."""


class ErrandKind(StrEnum):
    """What an agent may choose."""

    READ_CONFIGURATION = "read_configuration"
    FETCH_LOG = "fetch_log"
    CLEAR_CACHE = "clear_cache"
    EMPTY_CARD_LIST = "empty_card_list"


_NEEDED = {
    ErrandKind.READ_CONFIGURATION: Capability.CONFIGURATION,
    ErrandKind.FETCH_LOG: Capability.LOGS,
    ErrandKind.CLEAR_CACHE: Capability.AUTHORIZATION_LIST,
    ErrandKind.EMPTY_CARD_LIST: Capability.AUTHORIZATION_LIST,
}
_READS = frozenset({ErrandKind.READ_CONFIGURATION, ErrandKind.FETCH_LOG})


def possible(services: Services, case: Case) -> tuple[ErrandKind, ...]:
    """What the case's station can be sent on now; while it is locked out, only what reads."""
    if case.station_id is None or case.state not in OPEN_STATES:
        return ()
    can = services.stations.capabilities(case.station_id)
    locked = case.judgement is not None and case.judgement.action_class == "D"
    return tuple(
        kind
        for kind, needed in _NEEDED.items()
        if needed in can
        and (kind in _READS or not locked)
        and (kind is not ErrandKind.FETCH_LOG or services.log_upload_url)
    )


async def run(turn: Turn, case_id: int, version: int, kind: ErrandKind) -> None:
    """Runs an errand and tells its result in the topic; needs the right to remote actions.

    Refusal where it is not possible now, or while a remote action runs at the station.
    """
    case = await turn.services.database.read(lambda uow: _allowed(uow, turn, case_id, version))
    if kind not in possible(turn.services, case):
        raise Refusal("recovery.not_allowed")
    answer = await turn.services.stations.run(_errand(turn, case.station_id or "", kind))
    await turn.commit(lambda uow: _told(uow, turn, case, kind, answer))


def _allowed(uow: UnitOfWork, turn: Turn, case_id: int, version: int) -> Case:
    case = desk.may_act(uow, turn, case_id, version)
    if case.station_id is not None and uow.actions.pending_at(case.station_id) is not None:
        # OCPP allows one call at a time, and a station that restarts must not be kept from it.
        raise Refusal("recovery.already_running")
    return case


def _errand(turn: Turn, station_id: str, kind: ErrandKind) -> Errand:
    match kind:
        case ErrandKind.READ_CONFIGURATION:
            return ReadConfiguration(station_id)
        case ErrandKind.FETCH_LOG:
            return FetchLog(station_id, turn.services.log_upload_url)
        case ErrandKind.CLEAR_CACHE:
            return ClearCache(station_id)
        case ErrandKind.EMPTY_CARD_LIST:
            # A version must be higher than every one before it, and the clock is.
            return ReplaceLocalList(station_id, int(turn.now().timestamp()))


def _told(uow: UnitOfWork, turn: Turn, case: Case, kind: ErrandKind, answer: ErrandAnswer) -> None:
    uow.cases.note(
        case.id, turn.now(), "errand", turn.person.id, errand=kind.value, answer=answer.answer.value
    )
    done = answer.answer is CommandAnswer.ACCEPTED
    notice = f"errand_{kind.value}" if done else "errand_failed"
    tell_topic(
        uow,
        turn.services,
        case,
        notice,
        str(turn.update_id),
        Priority.AGENT,
        errand=kind.value,
        values=_listed(answer),
        file=answer.file_name or "–",
        proof=answer.answer.value,
    )


def _listed(answer: ErrandAnswer) -> str:
    lines = [f"{key} = {'…' if value is None else value}" for key, value in sorted(answer.values.items())]
    text = "\n".join(lines)
    # What is cut off is counted after escaping, as that is what is sent.
    while len(escape(text)) > MOST_SHOWN:
        text = text[: text.rfind("\n", 0, len(text) - 1)] if "\n" in text else text[: MOST_SHOWN // 8]
    return text or "–"
