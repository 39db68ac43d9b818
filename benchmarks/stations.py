"""`make bench-stations`: the load that stations are, on our central system and on two others in the same run.

Beside it are a bare JSON echo on the same WebSocket server, which is the floor, and the `ocpp` package's own server.
Each server is a process on a core of its own; the stations are in this one, on the other core.
"""

import argparse
import asyncio
import contextlib
import os
import platform
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.stations_client import HOST, Fleet
from benchmarks.stations_database import Databases, kept
from tests import postgres

DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- stations: begin -->", "<!-- stations: end -->"
CONNECTIONS, CHANGES, WINDOW = 500, 40, 8
FLEET = 5000
QUIET = 0.9
"""Of its core, that the echo must have had: a ratio to one that was starved would flatter everybody."""
SHARE_OF_ECHO, KB_PER_CONNECTION, STORM_SECONDS = 0.60, 25.0, 60.0
SERVERS = {
    "echo": "bare JSON echo",
    "ocpp": "`ocpp` package, its default",
    "skip": "`ocpp` package, without validation",
    "product": "**product**, SQLite",
    "roomy": "**product**, SQLite, with both cores",
    "postgres": "**product**, PostgreSQL",
}
PRODUCTS = ("product", "roomy", "postgres")


@dataclass(frozen=True, slots=True)
class Flood:
    """Messages per second, one at a time per station and pipelined; of the first, the CPU time of a message, too.

    `server_busy` and `client_busy` are shares of a core: where the server's is below one, it was not the limit.
    """

    rate: float
    pipelined: float
    server_cpu: float
    server_busy: float
    client_busy: float
    lost: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """All stations at once: memory in kB per idle connection, and the storm in which they come back."""

    memory: float
    seconds: float = 0.0
    p99: float = 0.0
    lost: int = 0


@contextlib.contextmanager
def serving(kind: str, url: str) -> Iterator[tuple[psutil.Process, int]]:
    """A server as a process on the last core, or on all where it is `roomy`, and its port; it ends with the block."""
    port = _free_port()
    last = (os.cpu_count() or 1) - 1
    cores = f"0-{last}" if kind == "roomy" else str(last)
    name = "product" if kind in PRODUCTS else kind
    command = [sys.executable, "-m", "benchmarks.stations_servers", name, str(port), url]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(["taskset", "-c", cores, *command], stderr=log)
        try:
            _wait_for(process, port)
            yield psutil.Process(process.pid), port
        except BaseException:
            log.seek(0)
            print(log.read()[-2000:].decode(errors="replace"), file=sys.stderr)
            raise
        finally:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 30
    while True:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the server did not start")
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, port)).close()
            time.sleep(0.3)
            return
        time.sleep(0.05)


async def flood(kind: str, databases: Databases) -> Flood:
    """Status after status, each another than the one before."""
    async with databases.fresh(kind) as url:
        with serving(kind, url) as (process, port):
            fleet = Fleet(port, CONNECTIONS)
            fleet.arrive()
            before, own = _cpu(process), time.process_time()
            seconds = fleet.change(CHANGES)
            cpu, busy = _cpu(process) - before, (time.process_time() - own) / seconds
            pipelined = fleet.change(CHANGES, WINDOW)
        lost = await _lost(fleet, url) if kind in PRODUCTS else 0
    messages = CONNECTIONS * CHANGES
    return Flood(messages / seconds, messages / pipelined, cpu / messages, cpu / seconds, busy, lost)


async def crowd(kind: str, databases: Databases) -> Crowd:
    """All stations connected; on the product, all of them are cut off, and come back at once."""
    async with databases.fresh(kind) as url:
        with serving(kind, url) as (process, port):
            warm = Fleet(port, 50)
            warm.arrive()
            warm.drop()
            await asyncio.sleep(1.0)
            fleet = Fleet(port, FLEET)
            for station, earlier in zip(fleet.stations, warm.stations, strict=False):
                station.told = earlier.told
            before = process.memory_info().rss
            fleet.arrive()
            await asyncio.sleep(2.0)
            memory = (process.memory_info().rss - before) / 1024 / FLEET
            if kind not in PRODUCTS:
                return Crowd(memory)
            fleet.drop()
            seconds = fleet.arrive()
            p99 = statistics.quantiles(fleet.latencies, n=100)[98]
        return Crowd(memory, seconds, p99, await _lost(fleet, url))


async def _lost(fleet: Fleet, url: str) -> int:
    """How many connectors have not exactly the intervals, and the last status, that were acknowledged."""
    found, told = await kept(url), fleet.told()
    return sum(found.get(key) != told[key] for key in told) + len(found.keys() - told.keys())


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def flood_table(runs: dict[str, list[Flood]]) -> list[str]:
    """Medians; each ratio is of the echo of the same round."""
    lines = [
        f"### {CONNECTIONS} stations, {CHANGES} statuses each, every one a change",
        "",
        "| Server | messages/s | of the echo | CPU µs/message | server busy | stations busy | "
        f"{WINDOW} at once: messages/s | of the echo | lost |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, own in runs.items():
        cells = [
            SERVERS[kind],
            f"{statistics.median(run.rate for run in own):,.0f}",
            f"{share(runs, kind) * 100:.0f} %",
            f"{statistics.median(run.server_cpu for run in own) * 1e6:.0f}",
            f"{statistics.median(run.server_busy for run in own) * 100:.0f} %",
            f"{statistics.median(run.client_busy for run in own) * 100:.0f} %",
            f"{statistics.median(run.pipelined for run in own):,.0f}",
            f"{share(runs, kind, 'pipelined') * 100:.0f} %",
            str(sum(run.lost for run in own)) if kind in PRODUCTS else "nothing kept",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def share(runs: dict[str, list[Flood]], kind: str, figure: str = "rate") -> float:
    """What a server does of what the echo of the same round does."""
    pairs = zip(runs[kind], runs["echo"], strict=True)
    if figure == "rate":
        return statistics.median(own.rate / echo.rate for own, echo in pairs)
    return statistics.median(own.pipelined / echo.pipelined for own, echo in pairs)


def crowd_table(echo: Crowd, product: Crowd) -> list[str]:
    """Memory, and the storm."""
    return [
        f"### {FLEET:,} stations at once",
        "",
        "| | echo | product, SQLite |",
        "|---|---|---|",
        f"| kB of memory per idle connection | {echo.memory:.1f} | {product.memory:.1f} |",
        "| all cut off; seconds until each is back with a boot and two statuses | – | "
        f"{product.seconds:.1f} |",
        f"| p99 of an answer meanwhile, ms | – | {product.p99 * 1000:.0f} |",
        f"| connectors whose statuses are not kept as they were acknowledged | – | {product.lost} |",
    ]


def missed(runs: dict[str, list[Flood]], product: Crowd) -> list[str]:
    """The goals that were not reached."""
    busy = statistics.median(run.server_busy for run in runs["echo"])
    lost = product.lost + sum(run.lost for kind in PRODUCTS for run in runs.get(kind, []))
    found = {
        f"the machine was not quiet: the echo had {busy * 100:.0f} % of its core, so no ratio counts": busy
        < QUIET,
        f"{share(runs, 'product') * 100:.0f} % of the echo, not {SHARE_OF_ECHO * 100:.0f} %": share(
            runs, "product"
        )
        < SHARE_OF_ECHO,
        f"{product.memory:.1f} kB per connection, not {KB_PER_CONNECTION:.0f}": product.memory
        > KB_PER_CONNECTION,
        f"the storm took {product.seconds:.0f} s, not {STORM_SECONDS:.0f}": product.seconds > STORM_SECONDS,
        f"statuses of {lost} connectors were lost": lost > 0,
    }
    return [text for text, wrong in found.items() if wrong]


async def bench(rounds: int, kinds: list[str], databases: Databases) -> tuple[list[str], list[str]]:
    """The tables, and the goals that were missed."""
    await databases.prepare()
    runs: dict[str, list[Flood]] = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in kinds:
            made = await flood(kind, databases)
            runs[kind].append(made)
            print(
                f"{number + 1}/{rounds} · {kind}: {made.rate:,.0f} messages/s, {made.lost} lost", flush=True
            )
    echo, product = await crowd("echo", databases), await crowd("product", databases)
    print(f"{product.memory:.1f} kB per connection; storm {product.seconds:.1f} s", flush=True)
    head = (
        f"{time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, {_processor()}, {os.cpu_count()} cores; "
        f"medians of {rounds} rounds, in each of which the servers take turns."
    )
    return [head, "", *flood_table(runs), *crowd_table(echo, product)], missed(runs, product)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write(lines: list[str]) -> None:
    """Puts the tables into the document, between its marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text("\n".join([head + BEGIN, *lines, END + tail]), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=list(SERVERS), help="beside the echo and the product")
    parser.add_argument("--dry", action="store_true", help="print only; leave docs/performance.md as it is")
    parsed = parser.parse_args()
    _allow_files(2 * FLEET)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    wanted = set(SERVERS) if parsed.only is None else {"echo", "product", *parsed.only}
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres.server()) if "postgres" in wanted else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        databases = Databases(folder, server, FLEET)
        lines, wrong = asyncio.run(
            bench(parsed.rounds, [kind for kind in SERVERS if kind in wanted], databases)
        )
    print("\n".join([*lines, "", *(f"missed: {text}" for text in wrong)]))
    if not parsed.dry:
        write(lines)
    return 1 if wrong else 0


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (count if hard == resource.RLIM_INFINITY else min(count, hard), hard)
        )


if __name__ == "__main__":
    sys.exit(main())
