"""From what a driver gave — a link, an ID in any written form, a photo — to one EVSE."""

import asyncio
from collections.abc import Iterable

from bot.cases.drivers import qr_photo, standing
from bot.cases.outcomes import (
    AskedForStation,
    DriverOutcome,
    InOwnChat,
    NeedsEvse,
    ServiceNotActive,
    UnknownEvse,
    UnreadablePhoto,
)
from bot.cases.turn import Turn
from bot.domain import start_payload
from bot.domain.draft import Draft, Step
from bot.domain.evse_id import EvseIdKind, lookup_keys, nearest, normalise, parse
from bot.domain.operator import Place
from bot.domain.qr_payload import evse_candidates, station_ref
from storage.uow import UnitOfWork

SHOWN = 60
"""How many characters of an unknown ID are read back."""


async def begin(turn: Turn, payload: str | None) -> DriverOutcome:
    """`/start`: with a sticker's payload the EVSE, without one where the driver stands."""
    if payload is None:
        return await standing.show(turn)
    return await by_words(turn, start_payload.decode(payload) or payload)


async def by_words(turn: Turn, words: str) -> DriverOutcome:
    """An ID in any written form, a scanned URL, or a sentence that holds an ID."""
    try:
        found = await turn.commit(lambda uow: _settle(uow, turn, words))
    except _Unknown:
        return await _unknown(turn, words)
    return await standing.with_status(turn.services, found) if isinstance(found, Place) else found


async def by_photo(turn: Turn, image: bytes) -> DriverOutcome:
    """A photo of the sticker; a blurred one is no error but asks for another."""
    try:
        texts = await qr_photo.read_qr_async(image)
    except qr_photo.UnreadableImage:
        texts = []
    if not texts:
        return UnreadablePhoto()
    return await by_words(turn, texts[0])


async def by_choice(turn: Turn, evse_id: str) -> DriverOutcome:
    """A button with an exact ID."""
    return await by_words(turn, evse_id)


def places(uow: UnitOfWork, words: str, only: str | None = None) -> list[Place]:
    """All EVSEs that the words may mean: an exact ID, a form without separators, a station or a pool.

    With `only`, those of that operator, as if there were no others.
    """
    # The printed form first: an ID of no known grammar is found by nothing else.
    for candidate in dict.fromkeys([normalise(words), *evse_candidates(words)]):
        found = _by_id(uow, candidate, only)
        if found:
            return found
    ref = station_ref(words)
    if ref is not None:
        found = _known(uow.operators.places_of_station(ref.station_id), only)
        return [p for p in found if ref.connector is None or p.evse.connector == ref.connector] or found
    return _known(uow.operators.places_of_station(normalise(words)), only) if len(words) <= SHOWN else []


def _known(found: Iterable[Place], only: str | None) -> list[Place]:
    return [place for place in found if only in {None, place.operator.id}]


def _by_id(uow: UnitOfWork, text: str, only: str | None) -> list[Place]:
    keys = lookup_keys(text)
    if not keys:
        return []
    exact = _known(_places(uow, keys[:1]), only)
    if exact:
        return exact
    for key in keys:
        if found := _known(uow.operators.places_by_compact(key), only):
            return found
    return _known(_of_station_or_pool(uow, text), only)


def _of_station_or_pool(uow: UnitOfWork, text: str) -> list[Place]:
    parsed = parse(text)
    if parsed is None or parsed.compact is None or parsed.kind not in {EvseIdKind.STATION, EvseIdKind.POOL}:
        return []
    # A pool or station ID differs from those of its EVSEs in the letter of its kind only.
    start = parsed.compact[:5] + "E" + parsed.compact[6:]
    return _places(uow, uow.operators.evse_ids_starting(start))


def _places(uow: UnitOfWork, evse_ids: Iterable[str]) -> list[Place]:
    return [place for evse_id in evse_ids if (place := uow.operators.place(evse_id)) is not None]


class _Unknown(Exception):  # It ends a transaction that has nothing to change.
    """The words name no EVSE."""


def _settle(uow: UnitOfWork, turn: Turn, words: str) -> DriverOutcome | Place:
    match places(uow, words, turn.only):
        case []:
            raise _Unknown
        case [place] if not place.station.service_active:
            uow.drafts.drop(turn.conversation)
            return ServiceNotActive(place)
        case [place]:
            return _chosen(uow, turn, place)
        case several:
            _draft(uow, turn, Step.WHICH_EVSE, choices=[place.evse.evse_id for place in several])
            return NeedsEvse(tuple(several))


def _chosen(uow: UnitOfWork, turn: Turn, place: Place) -> DriverOutcome | Place:
    for case in uow.cases.open_on(place.evse.evse_id):
        if case.conversation == turn.conversation:
            uow.drafts.drop(turn.conversation)
            # Whoever turns to a station again speaks of that one from then on.
            uow.cases.spoken(case.id, turn.now())
            return standing.of_case(uow, turn.services, case)
    accounts = turn.services.accounts
    own = accounts.leads_to(turn.conversation.channel, place.operator.id)
    if own is not None:
        # Its agents speak by that bot, and no bot can pass on what was said to another.
        uow.drafts.drop(turn.conversation)
        return InOwnChat(place, accounts.link(own, _payload(place)))
    _draft(uow, turn, Step.WHAT_IS_WRONG, evse_id=place.evse.evse_id)
    return place


def _payload(place: Place) -> str | None:
    try:
        return start_payload.encode(place.evse.evse_id)
    except ValueError:
        # Then the driver names the EVSE once more over there.
        return None


async def _unknown(turn: Turn, words: str) -> DriverOutcome:
    said = _read_back(words)
    known = await turn.services.database.read(lambda uow: uow.operators.evse_ids(turn.only))
    # Comparing with very many IDs takes a while, so it runs beside the loop and outside any transaction.
    suggestions = await asyncio.to_thread(nearest, said, known)
    await turn.commit(lambda uow: _draft(uow, turn, Step.WHICH_STATION, choices=suggestions))
    return UnknownEvse(said, tuple(suggestions)) if said else AskedForStation()


def _read_back(words: str) -> str:
    """What is read back of words that name no EVSE: the ID in them, or the one word that they are."""
    candidate = next(iter(evse_candidates(words)), "")
    one_word = words if len(words.split()) == 1 and "/" not in words else ""
    return (candidate or normalise(one_word))[:SHOWN]


def _draft(
    uow: UnitOfWork, turn: Turn, step: Step, *, evse_id: str | None = None, choices: Iterable[str] = ()
) -> None:
    draft = Draft(turn.conversation, turn.person.id, step, evse_id, tuple(choices))
    uow.drafts.put(draft, turn.now())
