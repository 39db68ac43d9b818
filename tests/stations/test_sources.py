"""Several sources of one station: which of them is believed, and which of them is sent a command."""

from datetime import datetime, timedelta

import pytest

from bot.domain.capability import TOLD_BY, Capability, Source
from bot.domain.errand import ClearCache
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus, Link, StationSnapshot, Transaction
from bot.stations.gateway import StationGateway
from bot.stations.sources import Sources
from tests.stations.conftest import START
from tests.stations.gateway_contract import SHORT, STATION, GatewayContract
from tests.stations.simulated_gateway import SimulatedGateway

EVERYTHING = frozenset(Capability) - TOLD_BY[Source.OCPP]
BY_OCPI = frozenset({Capability.START_SESSION, Capability.STOP_SESSION, Capability.UNLOCK})


class Pair:
    """A station's own link, a back end, and the router over both."""

    def __init__(self) -> None:
        self.own = SimulatedGateway(Source.OCPP, START, EVERYTHING)
        self.back_end = SimulatedGateway(Source.OCPI, START, BY_OCPI)
        self.both = Sources(self.own, self.back_end)

    def pass_time(self, seconds: float) -> None:
        self.own.now = self.back_end.now = self.own.now + timedelta(seconds=seconds)

    async def seen(self, fresh_within: timedelta = timedelta(minutes=1)) -> StationSnapshot:
        return await self.both.snapshot(STATION, 1, fresh_within=fresh_within, deadline=SHORT)


@pytest.fixture
def pair() -> Pair:
    return Pair()


async def test_a_connected_station_is_believed_against_its_back_end(pair: Pair) -> None:
    pair.own.tell(STATION, 1, ConnectorStatus.FAULTED, "GroundFailure")
    pair.pass_time(5)
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    seen = await pair.seen()
    assert seen.connector is not None
    assert (seen.connector.error_code, seen.source, seen.link) == ("GroundFailure", Source.OCPP, Link.ONLINE)


async def test_a_station_that_left_us_is_seen_by_its_back_end_if_that_heard_it_later(pair: Pair) -> None:
    pair.own.tell(STATION, 1, ConnectorStatus.FAULTED, "GroundFailure")
    pair.own.stations[STATION].connected = False
    pair.pass_time(5)
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    seen = await pair.seen()
    assert seen.connector is not None
    assert (seen.connector.status, seen.source) == (ConnectorStatus.AVAILABLE, Source.OCPI)


async def test_what_a_station_said_last_outlives_an_older_word_of_its_back_end(pair: Pair) -> None:
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    pair.back_end.stations[STATION].silent = True
    pair.pass_time(120)
    pair.own.tell(STATION, 1, ConnectorStatus.FAULTED, "GroundFailure")
    pair.own.stations[STATION].connected = False
    seen = await pair.seen()
    assert seen.connector is not None
    assert (seen.connector.error_code, seen.link) == ("GroundFailure", Link.OFFLINE)


async def test_a_station_that_only_its_back_end_knows_is_seen_through_it(pair: Pair) -> None:
    pair.back_end.tell(STATION, 1, ConnectorStatus.CHARGING, None)
    seen = await pair.seen()
    assert (seen.source, seen.link) == (Source.OCPI, Link.ONLINE)


async def test_a_station_that_nobody_knows_is_never(pair: Pair) -> None:
    seen = await pair.seen()
    assert (seen.link, seen.connector, seen.source) == (Link.NEVER, None, Source.OCPP)


async def test_a_back_end_is_not_asked_about_a_station_that_answers_itself(pair: Pair) -> None:
    pair.own.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    pair.pass_time(600)
    before = pair.back_end.stations[STATION].connectors[1]
    assert (await pair.seen()).asked
    assert pair.back_end.stations[STATION].connectors[1] == before


async def test_a_session_that_only_the_back_end_knows_still_guards_the_station(pair: Pair) -> None:
    pair.own.tell(STATION, 1, ConnectorStatus.FAULTED, "InternalError")
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    pair.back_end.stations[STATION].sessions = {
        1: Transaction(7, 1, START, None),
        2: Transaction(8, 2, START, None),
    }
    seen = await pair.seen()
    assert seen.source is Source.OCPP
    assert seen.charging_beside(1)
    assert seen.transaction_on(1) is None


async def test_a_command_goes_by_the_stations_own_link_where_there_is_one(pair: Pair) -> None:
    pair.own.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    assert await pair.both.send(RemoteOrder(STATION, 1, RemoteCommand.UNLOCK)) is CommandAnswer.ACCEPTED
    assert (len(pair.own.sent), len(pair.back_end.sent)) == (1, 0)


async def test_a_command_goes_by_the_back_end_where_the_station_has_left_us(pair: Pair) -> None:
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    assert await pair.both.send(RemoteOrder(STATION, 1, RemoteCommand.UNLOCK)) is CommandAnswer.ACCEPTED
    assert len(pair.back_end.sent) == 1


async def test_a_back_end_cannot_restart_a_station_and_says_so(pair: Pair) -> None:
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    assert Capability.SOFT_RESET not in pair.both.capabilities(STATION)
    answer = await pair.both.send(RemoteOrder(STATION, 1, RemoteCommand.SOFT_RESET))
    assert answer is CommandAnswer.NOT_SUPPORTED


async def test_an_errand_is_run_by_the_station_itself(pair: Pair) -> None:
    pair.own.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    pair.back_end.tell(STATION, 1, ConnectorStatus.AVAILABLE, None)
    assert (await pair.both.run(ClearCache(STATION))).answer is CommandAnswer.ACCEPTED
    assert (pair.own.run_errands, pair.back_end.run_errands) == ([ClearCache(STATION)], [])


class SimulatedWorld:
    """The contract's world over gateways in memory; `routed` puts the router in front."""

    def __init__(self, *, routed: bool) -> None:
        self.own = SimulatedGateway(Source.OCPP, START, EVERYTHING)
        nobody = SimulatedGateway(Source.OCPI, START, frozenset())
        self.gateway: StationGateway = Sources(self.own, nobody) if routed else self.own

    def now(self) -> datetime:
        return self.own.now

    def pass_time(self, seconds: float) -> None:
        self.own.now += timedelta(seconds=seconds)

    async def connect(self) -> None:
        for connector in (1, 2):
            self.own.tell(STATION, connector, ConnectorStatus.AVAILABLE, "NoError")

    async def disconnect(self) -> None:
        self.own.stations[STATION].connected = False

    async def fault(self, connector: int, error_code: str) -> None:
        self.own.tell(STATION, connector, ConnectorStatus.FAULTED, error_code)

    async def begin_session(self, connector: int) -> None:
        self.own.stations[STATION].sessions[connector] = Transaction(1, connector, self.own.now, 0)

    async def fall_silent(self) -> None:
        self.own.stations[STATION].silent = True


class TestSimulatedGateway(GatewayContract):
    """The gateway in memory keeps the contract, so what is shown with it holds for the real ones."""

    @pytest.fixture
    def world(self) -> SimulatedWorld:
        return SimulatedWorld(routed=False)


class TestSources(GatewayContract):
    """The router keeps the contract."""

    @pytest.fixture
    def world(self) -> SimulatedWorld:
        return SimulatedWorld(routed=True)
