"""What every gateway must do, whatever protocol it speaks: a use case relies on no more than this.

A test class inherits `GatewayContract` and gives a `world` fixture: a gateway with one station that can be
made to fail. Times in seconds.
"""

from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.capability import TOLD_BY, Capability, Source
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus, Link, StationSnapshot
from bot.stations.gateway import StationGateway

STATION = "S1"
STRANGER = "S2"
SHORT = timedelta(seconds=0.3)
LONG = timedelta(seconds=5)


class World(Protocol):
    """A gateway, and behind it station `S1` with the connectors 1 and 2; `S2` is known, but never came."""

    gateway: StationGateway

    def now(self) -> datetime: ...
    def pass_time(self, seconds: float) -> None: ...
    async def connect(self) -> None: ...
    async def disconnect(self) -> None: ...
    async def fault(self, connector: int, error_code: str) -> None: ...
    async def begin_session(self, connector: int) -> None: ...
    async def fall_silent(self) -> None: ...


async def seen_by(
    world: World, connector: int = 1, *, station: str = STATION, deadline: timedelta = LONG
) -> StationSnapshot:
    """A snapshot that is content with what is younger than a minute."""
    return await world.gateway.snapshot(
        station, connector, fresh_within=timedelta(minutes=1), deadline=deadline
    )


class GatewayContract:
    """The tests. `source` says what can be told at all."""

    source = Source.OCPP

    def code(self, error_code: str) -> str | None:
        """What is seen of an error code: just that, and nothing where the source knows of no codes."""
        return error_code if Capability.FAULT_DETAIL in TOLD_BY[self.source] else None

    async def test_a_connected_station_is_online_and_tells_its_status(self, world: World) -> None:
        await world.connect()
        snapshot = await seen_by(world)
        assert (snapshot.station_id, snapshot.link) == (STATION, Link.ONLINE)
        assert snapshot.connector is not None
        assert snapshot.connector.status is ConnectorStatus.AVAILABLE
        assert [sibling.connector for sibling in snapshot.siblings] == [2]

    async def test_a_fault_is_seen_with_its_code(self, world: World) -> None:
        await world.connect()
        await world.fault(1, "GroundFailure")
        snapshot = await seen_by(world)
        assert snapshot.connector is not None
        assert snapshot.connector.status is ConnectorStatus.FAULTED
        assert snapshot.connector.error_code == self.code("GroundFailure")

    async def test_a_session_is_seen_on_its_connector_and_from_beside_it(self, world: World) -> None:
        await world.connect()
        await world.begin_session(2)
        snapshot = await seen_by(world)
        assert snapshot.transaction_on(2) is not None
        assert snapshot.charging_beside(1)
        assert not snapshot.charging_beside(2)

    async def test_an_old_state_is_refreshed_and_keeps_its_beginning(self, world: World) -> None:
        await world.connect()
        before = (await seen_by(world)).connector
        world.pass_time(600)
        snapshot = await seen_by(world)
        assert before is not None
        assert snapshot.connector is not None
        assert snapshot.asked
        assert snapshot.connector.age(world.now()) < timedelta(minutes=1)
        assert snapshot.connector.since == before.since

    async def test_a_silent_station_is_told_from_an_answering_one_by_the_deadline(self, world: World) -> None:
        await world.connect()
        await world.fall_silent()
        world.pass_time(600)
        snapshot = await seen_by(world, deadline=SHORT)
        assert (snapshot.link, snapshot.asked) == (Link.SILENT, True)
        assert snapshot.connector is not None
        assert snapshot.connector.age(world.now()) >= timedelta(seconds=600)

    async def test_a_station_that_left_is_offline_with_what_was_known(self, world: World) -> None:
        await world.connect()
        await world.fault(1, "OverVoltage")
        await world.disconnect()
        snapshot = await seen_by(world)
        assert snapshot.link is Link.OFFLINE
        assert snapshot.connector is not None
        assert snapshot.connector.status is ConnectorStatus.FAULTED
        assert snapshot.connector.error_code == self.code("OverVoltage")

    async def test_a_station_that_never_came_is_never(self, world: World) -> None:
        snapshot = await seen_by(world, station=STRANGER)
        assert (snapshot.link, snapshot.connector) == (Link.NEVER, None)

    async def test_only_a_reachable_station_has_capabilities(self, world: World) -> None:
        assert world.gateway.capabilities(STATION) == frozenset()
        await world.connect()
        assert Capability.UNLOCK in world.gateway.capabilities(STATION)
        await world.disconnect()
        assert world.gateway.capabilities(STATION) == frozenset()

    async def test_a_command_is_answered(self, world: World) -> None:
        await world.connect()
        order = RemoteOrder(STATION, 1, RemoteCommand.UNLOCK)
        assert await world.gateway.send(order) is CommandAnswer.ACCEPTED

    async def test_a_command_to_a_silent_station_ends_without_an_answer(self, world: World) -> None:
        await world.connect()
        await world.fall_silent()
        order = RemoteOrder(STATION, 1, RemoteCommand.UNLOCK)
        assert await world.gateway.send(order) is CommandAnswer.NO_ANSWER

    async def test_a_command_to_a_station_that_is_away_is_never_sent(self, world: World) -> None:
        order = RemoteOrder(STRANGER, 1, RemoteCommand.UNLOCK)
        assert await world.gateway.send(order) is CommandAnswer.OFFLINE
