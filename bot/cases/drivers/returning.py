"""A site that was away comes back, station by station: the hotline and the drivers who wait there hear of it.

The first case of the site, and those that joined it, stay open: a station in contact is no station that works.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot.cases.drivers import judging, lockout, site
from bot.cases.services import Services
from bot.cases.telling import redraw_card, tell_driver, tell_topic
from bot.diagnosis.faults import locked_out
from bot.domain.case import HUMAN_STATES, OPEN_STATES, Case
from bot.domain.observation import Booted, LinkChanged, Observation, StatusObserved
from bot.domain.status import OPERATIVE, ConnectorState, ConnectorStatus, Link, StationSnapshot
from bot.domain.timer import Timer, TimerKind
from storage.uow import UnitOfWork

LOOK_AFTER = timedelta(seconds=20)
"""A station that kept its power tells no status when it is back in contact, so that it is asked for one."""
MOST_NAMED = 8
_BACK = "station_back"


def observe(uow: UnitOfWork, services: Services, observations: Sequence[Observation]) -> None:
    """What stations report may show that one of a site that was away is there again.

    It is called with all that is kept, so that one question to a small index decides whether there is more to do.
    """
    if not any(map(_shows_presence, observations)):
        return
    away = uow.cases.stations_of_sites_away()
    if not away:
        return
    seen = [each for each in observations if _shows_presence(each)]
    back = {each.station_id for each in seen} & away
    while back:
        station = min(back)
        others = frozenset(number for number, _ in uow.lookback.neighbours(station))
        there = others | {station}
        _at_site(uow, services, [each for each in seen if each.station_id in there], there)
        back -= there


async def look(services: Services, timer: Timer) -> None:
    """Looks at a station that is back in contact and may not tell by itself how it is."""
    case = await services.database.read(lambda uow: uow.cases.get(timer.subject))
    if case is None or case.state not in OPEN_STATES:
        await services.transact(lambda uow: uow.timers.done(timer))
        return
    snapshot = await judging.look(services, case)
    await services.transact(lambda uow: _looked(uow, services, timer, snapshot))


def _shows_presence(observation: Observation) -> bool:
    match observation:
        case StatusObserved(state=state):
            return state.status is not ConnectorStatus.UNKNOWN
        case LinkChanged(connected=connected):
            return connected
        case _:
            return isinstance(observation, Booted)


def _at_site(uow: UnitOfWork, services: Services, seen: Sequence[Observation], there: frozenset[str]) -> None:
    """Tells all who wait at one site what was seen of its stations."""
    back = frozenset(each.station_id for each in seen)
    waiting = [case for case in uow.cases.open_at_site_of(min(back)) if site.speaks_of_site(case)]
    for case in _of_hotline(uow, waiting):
        _tell_hotline(uow, services, case, back, there)
    for case in waiting:
        if case.station_id in back and not site.asked_to_try(uow, case):
            told = [
                each.state
                for each in seen
                if isinstance(each, StatusObserved) and each.station_id == case.station_id
            ]
            _tell_driver(uow, services, case, told)


def _of_hotline(uow: UnitOfWork, waiting: Sequence[Case]) -> list[Case]:
    """The cases that the hotline has of the site; words of danger may have made another of the first one since."""
    numbers = {case.id for case in waiting} | {site.first_of(uow, case) for case in waiting}
    found = (uow.cases.get(number) for number in sorted(number for number in numbers if number is not None))
    return [case for case in found if case is not None and case.state in HUMAN_STATES]


def _tell_hotline(
    uow: UnitOfWork, services: Services, case: Case, back: frozenset[str], there: frozenset[str]
) -> None:
    """One line for the stations that it has not heard of yet in this case."""
    told = {str(each.data["station"]): each.at for each in uow.cases.events(case.id) if each.kind == _BACK}
    new = sorted(back - told.keys())
    if not new:
        return
    for station in new:
        uow.cases.note(case.id, services.now(), _BACK, station=station)
    # What stations told a moment ago is kept before their connection counts as one.
    left = uow.lookback.left(told, min(told.values(), default=services.now()))
    here = {station for station, at in told.items() if station not in left or left[station] < at}
    here |= {station for station in there if services.stations.capabilities(station)} | back
    tell_topic(
        uow,
        services,
        case,
        _BACK if len(new) == 1 else "stations_back",
        " ".join(new),
        station=", ".join(new[:MOST_NAMED]) + (", …" if len(new) > MOST_NAMED else ""),
        back=len(here & there),
        all=len(there),
    )
    redraw_card(uow, services, case)


def _tell_driver(uow: UnitOfWork, services: Services, case: Case, told: Sequence[ConnectorState]) -> None:
    """Asks the driver to try once the connector has told that it is well; sees to it that it is asked for that."""
    latest = next((state for state in reversed(told) if state.connector == case.connector), None)
    if latest is None:
        uow.timers.set(case.id, TimerKind.STATION_MAY_BE_BACK, services.now() + LOOK_AFTER)
    elif _well(uow, case, latest):
        _ask_to_try(uow, services, case)


def _looked(uow: UnitOfWork, services: Services, timer: Timer, snapshot: StationSnapshot) -> None:
    if not uow.timers.done(timer):
        return
    case = uow.cases.get(timer.subject)
    if case is None or case.state not in OPEN_STATES or not site.speaks_of_site(case):
        return
    state = snapshot.connector
    here = snapshot.link is Link.ONLINE and state is not None
    if here and _well(uow, case, state) and not site.asked_to_try(uow, case):
        _ask_to_try(uow, services, case)


def _well(uow: UnitOfWork, case: Case, state: ConnectorState | None) -> bool:
    """Whether the driver may be asked to try: the station has no fault, and nobody has warned of it."""
    if state is None or state.status not in OPERATIVE or state.error_code not in {None, "NoError"}:
        return False
    locked = any(map(locked_out, uow.station_log.connectors(case.station_id or "")))
    return not locked and not lockout.warned(uow, case, whole_station=True)


def _ask_to_try(uow: UnitOfWork, services: Services, case: Case) -> None:
    before = sum(event.kind == site.ASKED_TO_TRY for event in uow.cases.events(case.id))
    uow.cases.note(case.id, services.now(), site.ASKED_TO_TRY)
    uow.timers.drop(case.id, TimerKind.STATION_MAY_BE_BACK)
    tell_driver(uow, services, case, _BACK, str(before))
