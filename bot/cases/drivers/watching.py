"""Who wants to be told when an EVSE works again: they hear once, when it is proved, however that comes about."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from bot.cases.drivers import awaited, standing
from bot.cases.outcomes import DriverOutcome, Standing, Watching
from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.domain.case import OPEN_STATES, Case, CaseState
from bot.domain.observation import LinkChanged, Observation, StatusObserved
from bot.domain.operator import Place
from bot.domain.outgoing import Outgoing, OutgoingKind, Param, Priority
from bot.domain.refusal import Refusal
from bot.domain.status import OPERATIVE, ConnectorState, Link, StationSnapshot
from bot.domain.timer import Timer, TimerKind
from bot.domain.watch import Watch
from storage.uow import UnitOfWork

LASTS = timedelta(days=14)
"""For so long somebody waits for an EVSE; whoever waited longer has forgotten it."""
WORKS_FOR = timedelta(minutes=2)
"""A station that was out of order has to be well for so long before anybody is told: some only seem so."""
_FOR_ALL = frozenset({"agent", "technician"})
"""The resolutions of which the drivers of merged cases are told."""


async def begin(turn: Turn, evse_id: str) -> DriverOutcome:
    """The person wants to hear when the EVSE works again; a second time changes nothing."""

    def watch(uow: UnitOfWork) -> DriverOutcome:
        place = _place(uow, turn, evse_id)
        now = turn.now()
        uow.watches.forget(now - LASTS)
        broken = awaited.out_of_order(uow, turn.services, place)
        new = Watch(0, evse_id, place.station.id, turn.conversation, turn.person.id, now, broken)
        uow.watches.add(new)
        kept = uow.watches.of(evse_id, turn.conversation) or new
        return Watching(place, kept.since + LASTS, _standing(uow, turn, evse_id))

    return await turn.commit(watch)


async def end(turn: Turn, evse_id: str) -> DriverOutcome:
    """They do not want to hear of it any more."""

    def forget(uow: UnitOfWork) -> DriverOutcome:
        uow.watches.drop(evse_id, turn.conversation)
        return Watching(_place(uow, turn, evse_id), None, _standing(uow, turn, evse_id))

    return await turn.commit(forget)


def works(uow: UnitOfWork, services: Services, evse_id: str, told: Collection[str] = ()) -> None:
    """It is proved that the EVSE works: whoever waits for that hears it, but for those who were `told` otherwise."""
    for watch in uow.watches.on(evse_id):
        uow.timers.drop(watch.id, TimerKind.EVSE_MAY_WORK)
        if not uow.watches.told(watch.id, services.now()) or str(watch.conversation) in told:
            continue
        if services.now() - watch.since <= LASTS:
            _tell(uow, services, watch)


def resolved(uow: UnitOfWork, services: Services, case: Case) -> None:
    """A case has been resolved: that counts for all who wait where the station itself is well."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    if place is None or case.state is not CaseState.RESOLVED or awaited.out_of_order(uow, services, place):
        return
    if uow.station_log.history(place.station.id, place.evse.connector, 1):
        # Of an end that holds for everybody the drivers of merged cases hear with it.
        merged = uow.caseload.merged_into(case.id) if case.resolution in _FOR_ALL else []
        works(uow, services, place.evse.evse_id, {str(each.conversation) for each in (case, *merged)})


def observe(uow: UnitOfWork, services: Services, observations: Sequence[Observation]) -> None:
    """What stations report may show that one works again for which somebody waits.

    It is called with all that is kept, so that one question to a small index decides whether there is more to do.
    """
    if not any(isinstance(each, StatusObserved | LinkChanged) for each in observations):
        return
    wanted = uow.watches.stations()
    if not wanted:
        return
    for each in observations:
        if isinstance(each, StatusObserved | LinkChanged) and each.station_id in wanted:
            for watch in uow.watches.at(each.station_id):
                _seen(uow, services, watch, each)


async def look(services: Services, timer: Timer) -> None:
    """Looks at an EVSE that seems to work again."""
    watch = await services.database.read(lambda uow: uow.watches.get(timer.subject))
    place = (
        None
        if watch is None
        else await services.database.read(lambda uow: uow.operators.place(watch.evse_id))
    )
    if watch is None or place is None:
        await services.transact(lambda uow: uow.timers.done(timer))
        return
    snapshot = await services.stations.snapshot(
        place.station.id,
        place.evse.connector,
        fresh_within=services.limits.status_is_fresh,
        deadline=services.limits.station_answers_within,
    )
    await services.transact(lambda uow: _looked(uow, services, timer, (watch, snapshot)))


def _place(uow: UnitOfWork, turn: Turn, evse_id: str) -> Place:
    place = uow.operators.place(evse_id)
    if place is None or not turn.sees(place.operator.id) or not place.station.service_active:
        raise Refusal("button.old")
    return place


def _standing(uow: UnitOfWork, turn: Turn, evse_id: str) -> Standing | None:
    """Where the person's own case of that EVSE stands, whose buttons are still wanted."""
    if uow.drafts.get(turn.conversation) is not None:
        return None
    case = uow.cases.latest_in(turn.conversation)
    if case is None or case.evse_id != evse_id or case.state is CaseState.CLOSED:
        return None
    return standing.of_case(uow, turn.services, case)


def _tell(uow: UnitOfWork, services: Services, watch: Watch) -> None:
    to = str(watch.conversation)
    params: dict[str, Param] = {"notice": "works", "evse": watch.evse_id, "person": watch.person_id}
    told = Outgoing(OutgoingKind.WATCH_NOTICE, to, to, f"watch:{watch.id}", None, params, Priority.DRIVER)
    uow.outbox.put(told, services.now())


def _seen(uow: UnitOfWork, services: Services, watch: Watch, seen: StatusObserved | LinkChanged) -> None:
    well = _says(uow, watch, seen)
    if well is None:
        return
    if not well:
        uow.timers.drop(watch.id, TimerKind.EVSE_MAY_WORK)
        if not watch.seen_broken:
            uow.watches.broken(watch.id)
    elif watch.seen_broken and uow.timers.due_of(watch.id, TimerKind.EVSE_MAY_WORK) is None:
        # What says once more that it is well does not make anybody wait for longer.
        uow.timers.set(watch.id, TimerKind.EVSE_MAY_WORK, services.now() + WORKS_FOR)


def _says(uow: UnitOfWork, watch: Watch, seen: StatusObserved | LinkChanged) -> bool | None:
    """Whether it speaks for or against the EVSE; None where it says nothing of it."""
    if isinstance(seen, LinkChanged):
        return seen.connected
    place = uow.operators.place(watch.evse_id)
    if place is None or seen.state.connector not in {0, place.evse.connector}:
        return None
    well = _well(seen.state)
    # That the station as a whole is well says nothing of one connector.
    return None if well and seen.state.connector == 0 else well


def _well(state: ConnectorState) -> bool:
    return state.status in OPERATIVE and state.error_code in {None, "NoError"}


def _looked(uow: UnitOfWork, services: Services, timer: Timer, found: tuple[Watch, StationSnapshot]) -> None:
    watch, snapshot = found
    state = snapshot.connector
    if not uow.timers.done(timer) or state is None or snapshot.link is not Link.ONLINE or not _well(state):
        return
    if not any(map(_locked, uow.cases.open_on(watch.evse_id))):
        works(uow, services, watch.evse_id)


def _locked(case: Case) -> bool:
    """Whether people still have to look, however well the station calls itself."""
    return case.state in OPEN_STATES and case.judgement is not None and case.judgement.action_class == "D"
