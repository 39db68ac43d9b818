"""`make bench-stations`: the load that stations are, on our central system and on two others in the same run.

Beside it are a bare JSON echo on the same WebSocket server, which is the floor, and the `ocpp` package's own server.
Each server is a process that may use all cores, or only the last one where that is said; the stations are in this
process, on the first core.
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

from benchmarks.stations_client import CONNECTORS, HOST, Fleet
from benchmarks.stations_database import EARLIER, Databases, kept
from tests import postgres

DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- stations: begin -->", "<!-- stations: end -->"
CONNECTIONS, CHANGES, WINDOW = 500, 40, 8
FLEET = 5000
QUIET = 0.1
"""Of the whole machine, that others may have had while the echo or the product ran."""
SHARE_OF_ECHO, KB_PER_CONNECTION, STORM_SECONDS = 0.60, 25.0, 60.0
SERVERS = {
    "echo": "bare JSON echo",
    "product": "**product**, SQLite",
    "postgres": "**product**, PostgreSQL",
    "product_odd": "**product**, SQLite, statuses that break the specification",
    "ocpp": "`ocpp` package, its default",
    "skip": "`ocpp` package, without validation",
    "echo_pinned": "bare JSON echo, on one core",
    "product_pinned": "**product**, SQLite, on one core",
}
PRODUCTS = ("product", "postgres", "product_odd", "product_pinned")
PINNED, ODD = "_pinned", "_odd"


@dataclass(frozen=True, slots=True)
class Flood:
    """Messages per second, one at a time per station and pipelined; of the first, the CPU time of a message, too.

    `server_busy` and `client_busy` are shares of a core: where the server's is below one, it was not the limit.
    `others` is what neither of them used, as a share of the whole machine.
    """

    rate: float
    pipelined: float
    server_cpu: float
    server_busy: float
    client_busy: float
    others: float
    lost: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A run, and that of the echo just before it, with the same cores."""

    own: Flood
    echo: Flood


@dataclass(frozen=True, slots=True)
class Crowd:
    """All stations at once: memory in kB per idle connection, and the storm in which they come back."""

    memory: float
    seconds: float = 0.0
    p99: float = 0.0
    lost: int = 0


@contextlib.contextmanager
def serving(kind: str, url: str) -> Iterator[tuple[psutil.Process, int]]:
    """A server on all cores, or on the last one where it is pinned, and its port; its process ends with the block."""
    port = _free_port()
    last = (os.cpu_count() or 1) - 1
    cores = str(last) if kind.endswith(PINNED) else f"0-{last}"
    name = "product" if kind in PRODUCTS else kind.removesuffix(PINNED)
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
            before, own, machine = _cpu(process), time.process_time(), _machine()
            odd = kind.endswith(ODD)
            seconds = fleet.change(CHANGES, odd=odd)
            cpu, own = _cpu(process) - before, time.process_time() - own
            others = (_machine() - machine - cpu - own) / seconds / (os.cpu_count() or 1)
            pipelined = fleet.change(CHANGES, WINDOW, odd=odd)
        lost = await _lost(fleet, url) if kind in PRODUCTS else 0
    messages = CONNECTIONS * CHANGES
    return Flood(
        messages / seconds,
        messages / pipelined,
        cpu / messages,
        cpu / seconds,
        own / seconds,
        max(others, 0.0),
        lost,
    )


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


def _machine() -> float:
    """The time that all cores have worked since they were started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def flood_table(runs: dict[str, list[Pair]]) -> list[str]:
    """Medians; each ratio is of two runs, one after the other."""
    lines = [
        f"### {CONNECTIONS} stations, {CHANGES} statuses each, every one a change",
        "",
        "| Server | messages/s | of the echo (least–most) | CPU µs/message | the echo's | server busy | "
        f"stations busy | others busy | {WINDOW} at once: messages/s | of the echo | lost |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, pairs in runs.items():
        own = [pair.own for pair in pairs]
        cells = [
            SERVERS[kind],
            f"{statistics.median(run.rate for run in own):,.0f}",
            f"{share(pairs) * 100:.0f} % ({min(shares(pairs)) * 100:.0f}–{max(shares(pairs)) * 100:.0f})",
            f"{statistics.median(run.server_cpu for run in own) * 1e6:.0f}",
            f"{statistics.median(pair.echo.server_cpu for pair in pairs) * 1e6:.0f}",
            f"{statistics.median(run.server_busy for run in own) * 100:.0f} %",
            f"{statistics.median(run.client_busy for run in own) * 100:.0f} %",
            f"{statistics.median(run.others for run in own) * 100:.0f} %",
            f"{statistics.median(run.pipelined for run in own):,.0f}",
            f"{statistics.median(pair.own.pipelined / pair.echo.pipelined for pair in pairs) * 100:.0f} %",
            str(sum(run.lost for run in own)) if kind in PRODUCTS else "nothing kept",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def shares(pairs: list[Pair]) -> list[float]:
    """What a server does, in each round, of what the echo did just before it."""
    return [pair.own.rate / pair.echo.rate for pair in pairs]


def share(pairs: list[Pair]) -> float:
    """The median of that."""
    return statistics.median(shares(pairs))


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


def missed(runs: dict[str, list[Pair]], product: Crowd) -> list[str]:
    """The goals that were not reached."""
    others = statistics.median(max(pair.own.others, pair.echo.others) for pair in runs["product"])
    lost = product.lost + sum(pair.own.lost for kind in PRODUCTS for pair in runs.get(kind, []))
    reached = share(runs["product"])
    found = {
        f"the machine was not quiet: others had {others * 100:.0f} % of it, so no ratio counts": others
        > QUIET,
        f"{reached * 100:.0f} % of the echo, not {SHARE_OF_ECHO * 100:.0f} %": reached < SHARE_OF_ECHO,
        f"{product.memory:.1f} kB per connection, not {KB_PER_CONNECTION:.0f}": product.memory
        > KB_PER_CONNECTION,
        f"the storm took {product.seconds:.0f} s, not {STORM_SECONDS:.0f}": product.seconds > STORM_SECONDS,
        f"statuses of {lost} connectors were lost": lost > 0,
    }
    return [text for text, wrong in found.items() if wrong]


async def beside_echo(kind: str, databases: Databases) -> Pair:
    """The echo, and then the server, each with the same cores."""
    echo = await flood("echo_pinned" if kind.endswith(PINNED) else "echo", databases)
    return Pair(echo if kind.startswith("echo") else await flood(kind, databases), echo)


async def bench(rounds: int, kinds: list[str], databases: Databases) -> tuple[list[str], list[str]]:
    """The tables, and the goals that were missed."""
    await databases.prepare()
    runs: dict[str, list[Pair]] = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in kinds:
            made = await beside_echo(kind, databases)
            runs[kind].append(made)
            print(
                f"{number + 1}/{rounds} · {kind}: {made.own.rate:,.0f} messages/s, echo {made.echo.rate:,.0f}, "
                f"CPU {made.own.server_cpu * 1e6:.0f} and {made.echo.server_cpu * 1e6:.0f} µs, {made.own.lost} lost",
                flush=True,
            )
    echo, product = await crowd("echo", databases), await crowd("product", databases)
    print(f"{product.memory:.1f} kB per connection; storm {product.seconds:.1f} s", flush=True)
    head = (
        f"{time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, {_processor()}, {os.cpu_count()} cores; "
        f"medians of {rounds} rounds, in each of which the servers take turns, each just after the echo; "
        f"{EARLIER * len(CONNECTORS) * FLEET:,} earlier intervals in the database."
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
        server = stack.enter_context(postgres.server(durable=True)) if "postgres" in wanted else None
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
