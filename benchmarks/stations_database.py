"""Fresh databases for the load of stations, and what is in them afterwards."""

import contextlib
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg

from benchmarks.stations_client import CONNECTORS, station_id
from bot.domain.capability import Source
from bot.domain.observation import StatusObserved
from bot.domain.status import ConnectorState, ConnectorStatus
from bot.operations.apply import apply
from bot.operations.operator_file import OperatorFile
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.uow import UnitOfWork

EARLIER = 30
"""How many intervals each connector has when a run begins: a table that has grown is what a service works on."""
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_KEPT = f"""
    SELECT station_id, connector, status, times - {EARLIER} FROM connector_states JOIN (
        SELECT station_id, connector, count(*) AS times FROM status_intervals GROUP BY station_id, connector
    ) AS ended USING (station_id, connector) WHERE times <> {EARLIER}
"""
_TEMPLATE = "bench_template"
_numbers = itertools.count(1)


class Databases:
    """Copies of one prepared database of a kind; `server` is the URL of a PostgreSQL server, up to the name."""

    def __init__(self, folder: Path, server: str | None, stations: int) -> None:
        self._folder = folder
        self._server = server
        self._stations = stations

    async def prepare(self) -> None:
        """Makes the templates, with all the stations in them and what those told long ago."""
        await _fill(self._sqlite("template"), self._stations)
        if self._server is not None:
            await self._on_server(f"CREATE DATABASE {_TEMPLATE}")
            await _fill(self._server + _TEMPLATE, self._stations)

    @contextlib.asynccontextmanager
    async def fresh(self, kind: str) -> AsyncIterator[str]:
        """The URL of a new database; it is thrown away afterwards."""
        name = f"bench_{next(_numbers)}"
        if kind == "postgres" and self._server is not None:
            await self._on_server(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
            yield self._server + name
            await self._on_server(f"DROP DATABASE {name} WITH (FORCE)")
            return
        path = self._folder / f"{name}.db"
        shutil.copy(self._folder / "template.db", path)
        # Otherwise the first run that is durable would wait for the copy to reach the disk.
        os.sync()
        yield self._sqlite(name)
        for each in self._folder.glob(f"{name}.db*"):
            each.unlink()

    def _sqlite(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self._folder}/{name}.db"

    async def _on_server(self, statement: str) -> None:
        admin = await asyncpg.connect((self._server or "").replace("+asyncpg", "") + "postgres")
        try:
            await admin.execute(statement)
        finally:
            await admin.close()


async def kept(url: str) -> dict[tuple[str, int], tuple[int, str]]:
    """By station and connector, how many changes are kept since the run began, and the present status."""
    database = open_database(url)
    try:
        rows = await database.read(lambda uow: uow.connection.exec_driver_sql(_KEPT).all())
    finally:
        await database.close()
    return {(station, connector): (count, status) for station, connector, status, count in rows}


async def _age(database: Database, stations: int) -> None:
    """Has each connector tell its earlier statuses, and the present one."""
    for turn in range(EARLIER + 1):
        at = _LONG_AGO + turn * timedelta(hours=1)
        status = ConnectorStatus.UNAVAILABLE if turn % 2 else ConnectorStatus.AVAILABLE
        told = [
            StatusObserved(
                station_id(number), at, ConnectorState(connector, status, "NoError", at, at, at), changed=True
            )
            for number in range(stations)
            for connector in CONNECTORS
        ]
        await database.write(partial(_keep, told))


def _keep(told: Sequence[StatusObserved], uow: UnitOfWork) -> None:
    uow.station_log.keep(told, Source.OCPP)


async def _fill(url: str, count: int) -> None:
    database = open_database(url)
    await migrate(database)
    await apply(
        database,
        OperatorFile.model_validate(
            {
                "operator": {
                    "id": "bench", "name": "Bench", "country_code": "AT", "party_id": "BEN",
                    "time_zone": "Europe/Vienna", "language": "en", "currency": "EUR",
                    "price_per_station_month": "9.90", "hotline_phone": "+43 1 0000",
                },
                "hotline": {"chat_id": -1001},
                "location": [
                    {
                        "id": "hbf", "name": "Hauptbahnhof", "address": "Platz 1", "postal_code": "1000",
                        "city": "Wien", "country": "AT", "latitude": 48.2, "longitude": 16.3,
                    }
                ],
                "station": [
                    {"id": station_id(number), "location": "hbf", "service_active": True, "evse": []}
                    for number in range(count)
                ],
            }
        ),
    )  # fmt: skip
    await _age(database, count)
    await database.close()
