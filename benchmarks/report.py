"""`make bench-report`: whole reports, the product beside a loop without framework and beside a straw man.

All run in turn, several times, each bot as a process on a core of its own, the world around it on the other.
"""

import argparse
import asyncio
import contextlib
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from benchmarks.plan import (
    CONNECTORS,
    SATURATED,
    STATION_COUNT,
    STATIONS,
    TOKEN,
    WORLD,
    Setting,
    evse_id,
    station_of,
)
from benchmarks.town import Measured, Stations, Town, opened
from bot.operations.apply import apply
from bot.operations.operator_file import OperatorFile
from storage.database import open_database
from storage.migrations import migrate

BOTS = ("straw_man", "bare_loop", "product")
NAMES = {"straw_man": "straw man", "bare_loop": "loop without framework", "product": "**product**"}
DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- reports: begin -->", "<!-- reports: end -->"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of one bot under one setting; CPU in seconds of the bot's process, memory in bytes."""

    measured: Measured
    cpu: float
    memory: int


async def run(bot: str, setting: Setting, seconds: float) -> Run:
    """Plays reports against a fresh bot on a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(setting) as (town, telegram, stations, stations_url):
            port = _free_port()
            environment = os.environ | {
                "BOT_TOKEN": TOKEN,
                "TELEGRAM_API_URL": telegram.url,
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bench.db",
                "HTTP_HOST": "127.0.0.1",
                "HTTP_PORT": str(port),
                "SEND_BUDGETS": "none",
                "BENCH_HOTLINE": str(town.hotline.id),
                STATIONS: stations_url,
            }
            if bot == "product":
                await _prepare(environment["DATABASE_URL"], town)
            async with _process(bot, environment) as process, await _connected(bot, stations, port):
                await _warm_up(town)
                before = _cpu(process)
                measured = await town.drive(seconds)
                cpu, memory = _cpu(process) - before, process.memory_info().rss
    return Run(measured, cpu, memory)


async def _warm_up(town: Town) -> None:
    warm = await town.drive(1.0)
    if warm.wrong:
        raise RuntimeError(f"the warm-up went wrong: {warm.wrong[:3]}")


async def _connected(bot: str, stations: Stations, port: int) -> contextlib.AsyncExitStack:
    if bot != "product":
        return contextlib.AsyncExitStack()
    await _answers(f"http://127.0.0.1:{port}/health")
    connected = await stations.connect(f"http://127.0.0.1:{port}")
    await asyncio.sleep(5.0)
    return connected


async def _answers(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)


async def _prepare(database_url: str, town: Town) -> None:
    database = open_database(database_url)
    await migrate(database)
    by_station: dict[str, list[dict[str, object]]] = {}
    for number in range(STATION_COUNT * CONNECTORS):
        station, connector = station_of(number)
        by_station.setdefault(station, []).append(
            {"evse_id": evse_id(number), "connector": connector, "type": "CCS2", "power_kw": 150}
        )
    await apply(
        database,
        OperatorFile.model_validate(
            {
                "operator": {
                    "id": "bench", "name": "Bench", "country_code": "AT", "party_id": "BEN",
                    "time_zone": "Europe/Vienna", "language": "en", "currency": "EUR",
                    "price_per_station_month": "9.90", "hotline_phone": "+43 1 0000",
                },
                "hotline": {"chat_id": town.hotline.id},
                "location": [
                    {
                        "id": "hbf", "name": "Hauptbahnhof", "address": "Platz 1", "postal_code": "1000",
                        "city": "Wien", "country": "AT", "latitude": 48.2, "longitude": 16.3,
                    }
                ],
                "station": [
                    {"id": station, "location": "hbf", "service_active": True, "evse": evses}
                    for station, evses in by_station.items()
                ],
            }
        ),
    )  # fmt: skip
    await database.close()


@contextlib.asynccontextmanager
async def _process(bot: str, environment: dict[str, str]) -> AsyncIterator[psutil.Process]:
    cores = sorted(os.sched_getaffinity(0))
    pinned = ["taskset", "-c", str(cores[-1])] if len(cores) > 1 else []
    process = await asyncio.create_subprocess_exec(
        *pinned, sys.executable, "-m", f"benchmarks.{bot}", env=environment, stderr=subprocess.STDOUT
    )
    try:
        await asyncio.sleep(2.0)
        if process.returncode is not None:
            raise RuntimeError(f"{bot} ended at once")
        yield psutil.Process(process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def table(setting: Setting, runs: dict[str, list[Run]]) -> list[str]:
    """The rows of one setting; ratios are made run by run, then their median is taken."""
    lines = [
        "",
        f"### {setting.name[0].upper()}{setting.name[1:]}",
        "",
        "| Bot | reports/s | of the loop's | of the straw man's | step p50 ms | p99 ms | p99 of the loop's "
        "| CPU ms/report | MB | wrong |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for bot in BOTS:
        lines.append(_row(bot, runs))
    return lines


def _row(bot: str, runs: dict[str, list[Run]]) -> str:
    own = [run.measured for run in runs[bot]]

    def ratio(other: str, figure: str) -> float:
        pairs = zip(runs[bot], runs[other], strict=True)
        return statistics.median(_figure(a.measured, figure) / _figure(b.measured, figure) for a, b in pairs)

    cells = [
        NAMES[bot],
        f"{statistics.median(m.per_second for m in own):.1f}",
        f"{ratio('bare_loop', 'rate') * 100:.0f} %",
        f"{ratio('straw_man', 'rate'):.1f} ×",
        f"{statistics.median(m.quantile(0.5) for m in own) * 1000:.0f}",
        f"{statistics.median(m.quantile(0.99) for m in own) * 1000:.0f}",
        f"{ratio('bare_loop', 'p99'):.2f} ×",
        f"{statistics.median(r.cpu / max(1, r.measured.reports) for r in runs[bot]) * 1000:.1f}",
        f"{statistics.median(r.memory for r in runs[bot]) / 1e6:.0f}",
        str(sum(len(m.wrong) for m in own)),
    ]
    return f"| {' | '.join(cells)} |"


def _figure(measured: Measured, figure: str) -> float:
    return measured.per_second if figure == "rate" else measured.quantile(0.99)


async def bench(rounds: int, share: float) -> tuple[list[str], bool]:
    """All settings, all bots in turn; whether the product is where it is meant to be."""
    lines = [
        f"{time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"medians of {rounds} runs in turn."
    ]
    good = True
    for setting in (WORLD, SATURATED):
        runs: dict[str, list[Run]] = {bot: [] for bot in BOTS}
        for number in range(rounds):
            for bot in BOTS:
                made = await run(bot, setting, setting.seconds * share)
                runs[bot].append(made)
                for wrong in made.measured.wrong[:3]:
                    print(f"  {bot}: {wrong}", flush=True)
                rate = made.measured.per_second
                print(f"{setting.name} · {number + 1}/{rounds} · {bot}: {rate:.1f} reports/s", flush=True)
        lines += table(setting, runs)
        good = good and all(not run.measured.wrong for run in runs["product"])
    return lines, good


def write(lines: list[str]) -> None:
    """Puts the tables into the document, between its marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text("\n".join([head + BEGIN, *lines, END + tail]), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0, help="of the usual length of a run")
    parser.add_argument("--dry", action="store_true", help="print only; leave docs/performance.md as it is")
    parsed = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    lines, good = asyncio.run(bench(parsed.rounds, parsed.share))
    print("\n".join(lines))
    if not parsed.dry:
        write(lines)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
