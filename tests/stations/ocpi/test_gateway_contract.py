"""The gateway by OCPI against the contract of all gateways, with a simulated back end behind it."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from bot.domain.capability import Source
from bot.sandbox.stations.cpo_wire import Quirk
from bot.stations.gateway import StationGateway
from tests.stations.gateway_contract import GatewayContract
from tests.stations.ocpi.scene import Scene


@dataclass
class OcpiWorld:
    """The contract's world, made of a back end that has station S1."""

    scene: Scene

    @property
    def gateway(self) -> StationGateway:
        return self.scene.gateway

    def now(self) -> datetime:
        return self.scene.clock.now

    def pass_time(self, seconds: float) -> None:
        self.scene.clock.pass_time(seconds=seconds)

    async def connect(self) -> None:
        await self.scene.connect()

    async def disconnect(self) -> None:
        for uid in ("U1", "U2"):
            assert await self.scene.cpo.set_status(uid, "UNKNOWN") == 1000

    async def fault(self, connector: int, error_code: str) -> None:
        assert await self.scene.cpo.set_status(f"U{connector}", "OUTOFORDER") == 1000

    async def begin_session(self, connector: int) -> None:
        await self.scene.cpo.begin_session(f"U{connector}")

    async def fall_silent(self) -> None:
        self.scene.cpo.quirks.add(Quirk.SILENT)


class TestOcpiGateway(GatewayContract):
    """The gateway by OCPI keeps the contract."""

    source = Source.OCPI

    @pytest.fixture
    def world(self, scene: Scene) -> OcpiWorld:
        """A back end with both EVSEs of S1; nobody has registered with it yet."""
        return OcpiWorld(scene)
