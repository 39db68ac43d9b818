"""The central system of OCPP 1.6 against the contract of all gateways, with a simulated station behind it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.station import SimulatedStation
from bot.stations.gateway import StationGateway
from tests.stations.conftest import Site
from tests.stations.gateway_contract import GatewayContract
from tests.stations.test_simulated_stations import FAST, until_told


@dataclass
class SimulatedWorld:
    """The contract's world, made of a simulated station."""

    site: Site
    station: SimulatedStation
    started: bool = False

    @property
    def gateway(self) -> StationGateway:
        return self.site.central

    def now(self) -> datetime:
        return self.site.clock.now

    def pass_time(self, seconds: float) -> None:
        self.site.clock.now += timedelta(seconds=seconds)

    async def connect(self) -> None:
        await self.station.start()
        await until_told(self.site, "Available", 2)

    async def disconnect(self) -> None:
        self.station.lose_network()
        await self.site.journal.until(lambda: self.site.journal.links("S1")[-1] is False)

    async def fault(self, connector: int, error_code: str) -> None:
        self.station.fault(connector, error_code)
        await until_told(self.site, "Faulted", connector)

    async def begin_session(self, connector: int) -> None:
        self.station.start_charging(connector, "TAG")
        await until_told(self.site, "Charging", connector)

    async def fall_silent(self) -> None:
        self.station.hang()


class TestCentralSystem(GatewayContract):
    """The central system of OCPP 1.6 keeps the contract."""

    @pytest.fixture
    async def world(self, site: Site) -> AsyncIterator[SimulatedWorld]:
        """A station with two connectors, still switched off."""
        connectors = [ConnectorSpec(1), ConnectorSpec(2)]
        station = SimulatedStation("S1", site.url, connectors=connectors, pace=FAST)
        yield SimulatedWorld(site, station)
        await station.stop()
