"""Stickers: only for stations whose service is active, and only for charging points that have an EVSE ID."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.operator import Operator, Place, Station
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Printable:
    """The charging points of a station that can have stickers, and the numbers of the connectors that lack an ID."""

    station: Station
    operator: Operator
    places: tuple[Place, ...]
    without_id: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NoService:
    """The service of the station is not active, so that a sticker would promise what nobody keeps."""

    station: Station
    may_activate: bool


@dataclass(frozen=True, slots=True)
class NoEvse:
    """No charging point of the station has an EVSE ID yet."""

    station: Station
    may_set: bool


Outcome = Printable | NoService | NoEvse


async def of_station(acting: Acting, station_id: str) -> Outcome:
    """What can be printed for a station; MissingRight without the right to stickers there."""
    return await acting.read(lambda uow, who: _outcome(uow, acting, who, station_id))


async def station_named(acting: Acting, named: Callable[[str], bool]) -> Station:
    """The station whose ID fits, of those for which the person holds the right to stickers.

    Refusal `station.gone` where there is none.
    """

    def read(uow: UnitOfWork, who: Authority) -> Station:
        reach = who.need_somewhere(Right.STICKERS)
        theirs = (each for each in uow.operators.stations(acting.operator_id) if each.entity_id in reach)
        found = next((each for each in theirs if named(each.id)), None)
        if found is None:
            raise Refusal("station.gone")
        return found

    return await acting.read(read)


async def hand_out(acting: Acting, station_id: str, evse_id: str | None, form: str) -> Printable:
    """The same for one charging point or all, at the moment of handing out; it is noted who took what.

    Refusal where there is nothing to print.
    """

    def work(uow: UnitOfWork, who: Authority) -> Printable:
        outcome = _outcome(uow, acting, who, station_id)
        if not isinstance(outcome, Printable):
            raise Refusal("sticker.none")
        places = tuple(each for each in outcome.places if evse_id in {None, each.evse.evse_id})
        if not places:
            raise Refusal("sticker.none")
        after = {"form": form, "evses": [each.evse.evse_id for each in places]}
        acting.note(uow, "stickers.printed", station_id, None, after)
        return Printable(outcome.station, outcome.operator, places, outcome.without_id)

    return await acting.commit(work)


def _outcome(uow: UnitOfWork, acting: Acting, who: Authority, station_id: str) -> Outcome:
    station = uow.operators.station(station_id)
    if station is None or station.operator_id != acting.operator_id:
        raise Refusal("station.gone")
    who.need(Right.STICKERS, station.entity_id)
    sees = who.may(Right.STATION_LIST, station.entity_id)
    if not station.service_active:
        return NoService(station, sees and who.may(Right.OPERATIONS_TAB, station.entity_id))
    places = tuple(uow.operators.places_of_station(station.id))
    if not places:
        return NoEvse(station, sees and who.may(Right.STATIONS, station.entity_id))
    known = {place.evse.connector for place in places}
    told = {each.connector for each in uow.station_log.connectors(station.id) if each.connector > 0}
    return Printable(station, acting.operator(uow), places, tuple(sorted(told - known)))
