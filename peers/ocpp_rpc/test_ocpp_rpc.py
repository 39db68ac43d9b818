"""Stations that we did not write, in strict mode, against our central system over a real database.

A schema that either side breaks is reported by the station, and fails the drill.
"""

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.clock import utc_now
from bot.domain.errand import ClearCache, Errand, FetchLog, ReadConfiguration, ReplaceLocalList
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.operations.apply import apply
from bot.operations.journal import Journal
from bot.operations.operator_file import read_operator_file
from bot.stations.ocpp.central import CentralSystem
from storage.database import Database, open_database
from storage.migrations import migrate

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / ".peers" / "ocpp_rpc" / "node_modules"
OPERATOR = HERE.parents[1] / "docs" / "operator.example.toml"
STATION, PASSWORD = "GRAZ-01", "change-me-please"
CONNECTOR = 1
PATIENCE = 20
VERSIONS = ("ocpp1.6", "ocpp2.0.1")
TELLS = {
    "ocpp1.6": """
        Authorize BootNotification DataTransfer DiagnosticsStatusNotification FirmwareStatusNotification Heartbeat
        LogStatusNotification MeterValues SecurityEventNotification SignCertificate SignedFirmwareStatusNotification
        StartTransaction StatusNotification StopTransaction
    """,
    "ocpp2.0.1": """
        Authorize BootNotification ClearedChargingLimit DataTransfer FirmwareStatusNotification Get15118EVCertificate
        GetCertificateStatus Heartbeat LogStatusNotification MeterValues NotifyChargingLimit NotifyCustomerInformation
        NotifyDisplayMessages NotifyEVChargingNeeds NotifyEVChargingSchedule NotifyEvent NotifyMonitoringReport
        NotifyReport PublishFirmwareStatusNotification ReportChargingProfiles ReservationStatusUpdate
        SecurityEventNotification SignCertificate StatusNotification TransactionEvent
    """,
}
"""All that a station may say: every message of the schemas that goes from it to its central system."""
COMMANDS = {
    "ocpp1.6": {
        "ChangeAvailability",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "Reset",
        "TriggerMessage",
        "UnlockConnector",
    },
    "ocpp2.0.1": {
        "ChangeAvailability",
        "RequestStartTransaction",
        "RequestStopTransaction",
        "Reset",
        "TriggerMessage",
        "UnlockConnector",
    },
}
"""What all remote commands together are on the wire."""
ERRANDS = {
    "ocpp1.6": {"ClearCache", "GetConfiguration", "GetDiagnostics", "SendLocalList"},
    "ocpp2.0.1": {"ClearCache", "GetBaseReport", "GetLog", "GetVariables", "SendLocalList"},
}
"""What all errands together are on the wire."""
HEARTBEAT = {"ocpp1.6": "HeartbeatInterval", "ocpp2.0.1": "OCPPCommCtrlr.HeartbeatInterval"}
UNKNOWN = {"ocpp1.6": "Colour", "ocpp2.0.1": "Oven.Colour"}

pytestmark = pytest.mark.skipif(
    not MODULES.is_dir() or shutil.which("node") is None,
    reason="node and peers/ocpp_rpc/setup.sh are needed: make peers",
)

Seen = dict[str, object]


@dataclass
class ForeignStation:
    """The process, and what it has reported so far."""

    process: Process
    seen: list[Seen] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def of(self, kind: str) -> list[Seen]:
        """Its reports of one kind."""
        return [each for each in self.seen if each["kind"] == kind]

    def methods(self, kind: str) -> set[object]:
        """The messages that its reports of one kind are about."""
        return {each["method"] for each in self.of(kind)}

    def complaints(self) -> list[Seen]:
        """Every message of either side that broke a schema or the protocol."""
        return self.of("violation") + self.of("bad")

    async def until(self, happened: Callable[[], bool]) -> None:
        """Waits for a report; TimeoutError where it does not come."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(happened)

    async def read(self) -> None:
        """Takes its reports in until it ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            async with self._news:
                self.seen.append(json.loads(line))
                self._news.notify_all()


@asynccontextmanager
async def foreign_station(url: str, subprotocol: str) -> AsyncIterator[ForeignStation]:
    """A station of `ocpp-rpc`; it leaves in order at the end."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / "station.js"),
        url,
        STATION,
        subprotocol,
        PASSWORD,
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, "NODE_PATH": str(MODULES)},
    )
    station = ForeignStation(process)
    reading = asyncio.create_task(station.read())
    try:
        yield station
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await reading


@dataclass
class Site:
    """Our central system on a real port, and the database behind it."""

    central: CentralSystem
    database: Database
    url: str

    async def sessions(self) -> int:
        """How many sessions of the station run, as the database knows it."""
        return len(await self.database.read(lambda uow: uow.station_log.open_transactions(STATION)))

    async def until_sessions(self, number: int) -> None:
        """Waits until so many sessions run."""
        until = utc_now() + timedelta(seconds=PATIENCE)
        while await self.sessions() != number:
            assert utc_now() < until
            await asyncio.sleep(0.02)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Our central system with the operator of the example file."""
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'drill.db'}")
    await migrate(database)
    await apply(database, read_operator_file(OPERATOR.read_text()))
    central = CentralSystem(Journal(database), utc_now)
    app = web.Application()
    central.add_routes(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Site(central, database, f"ws://127.0.0.1:{runner.addresses[0][1]}/ocpp")
    await runner.cleanup()
    await database.close()


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """The subprotocol that the station speaks."""
    return str(request.param)


@pytest.fixture
async def station(site: Site, version: str) -> AsyncIterator[ForeignStation]:
    """A station that has told all that it can tell; nothing of the drill may break a schema."""
    async with foreign_station(site.url, version) as foreign:
        await foreign.until(lambda: bool(foreign.of("ready") or foreign.of("shut-out")))
        yield foreign
    assert foreign.complaints() == []


async def test_every_message_of_a_station_is_answered_by_the_schemas(
    station: ForeignStation, version: str
) -> None:
    assert station.of("connected") == [{"kind": "connected", "subprotocol": version}]
    assert station.of("refused") == []
    assert station.methods("told") == set(TELLS[version].split())


async def test_every_remote_command_is_answered(site: Site, station: ForeignStation, version: str) -> None:
    for command in RemoteCommand:
        order = RemoteOrder(STATION, CONNECTOR, command, id_tag="HOTLINE")
        assert await site.central.send(order) is CommandAnswer.ACCEPTED, command
        if command is RemoteCommand.START_SESSION:
            await site.until_sessions(1)
        elif command is RemoteCommand.STOP_SESSION:
            await site.until_sessions(0)
    assert station.methods("commanded") == COMMANDS[version]
    resets = [each["params"] for each in station.of("commanded") if each["method"] == "Reset"]
    assert len(resets) == len({json.dumps(each) for each in resets}) == 2


async def test_every_errand_is_answered(site: Site, station: ForeignStation, version: str) -> None:
    heartbeat, unknown = HEARTBEAT[version], UNKNOWN[version]
    url = "http://127.0.0.1:9/logs/one"
    errands: list[Errand] = [
        ReadConfiguration(STATION),
        ReadConfiguration(STATION, (heartbeat, unknown)),
        FetchLog(STATION, url),
        FetchLog(STATION, url, datetime(2026, 3, 1, tzinfo=UTC)),
        ClearCache(STATION),
        ReplaceLocalList(STATION, 1, ("CARD", "HOTLINE")),
        ReplaceLocalList(STATION, 2),
    ]
    assert {type(errand) for errand in errands} == set(get_args(Errand))
    answers = [await site.central.run(errand) for errand in errands]
    assert {answer.answer for answer in answers} == {CommandAnswer.ACCEPTED}
    everything, some, log, *_ = answers
    assert everything.values[heartbeat] == some.values[heartbeat] == "300"
    assert some.unknown_keys == (unknown,)
    assert log.file_name in {"diagnostics.zip", "log.zip"}
    assert station.methods("commanded") == ERRANDS[version]


async def test_a_broken_schema_would_be_noticed(version: str) -> None:
    """The drill itself: a central system that breaks the schemas both ways is caught at both."""

    async def break_schemas(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=(version,))
        await socket.prepare(request)
        await socket.send_json([2, "broken", "Reset", {"type": "Sideways"}])
        async for message in socket:
            frame = message.json()
            if frame[0] == 2:
                await socket.send_json([3, frame[1], {"currentTime": "yesterday"}])
        return socket

    app = web.Application()
    app.router.add_get("/{station_id}", break_schemas)
    async with (
        TestServer(app) as server,
        foreign_station(f"ws://127.0.0.1:{server.port}", version) as foreign,
    ):
        await foreign.until(lambda: len(foreign.complaints()) >= 2)
    caught = {(each["method"], each["isCall"], each["outbound"]) for each in foreign.of("violation")}
    assert {("Reset", True, False), ("BootNotification", False, False)} <= caught
