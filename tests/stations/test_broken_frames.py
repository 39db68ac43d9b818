"""Whatever a station sends, the server lives on and no other station notices."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import aiohttp
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.stations.ocpp.v16 import _MESSAGES
from bot.stations.ocpp.v201 import MESSAGES
from tests.stations.conftest import Site, StandingClock, close_site, open_site
from tests.stations.memory_journal import MemoryJournal
from tests.stations.test_frames import ANY_JSON

ACTIONS = sorted({*_MESSAGES, *MESSAGES})
FIELDS = sorted({name for _, names in (*_MESSAGES.values(), *MESSAGES.values()) for name in names})
PAYLOADS = st.dictionaries(st.sampled_from(FIELDS), ANY_JSON, max_size=6) | ANY_JSON
CALLS = st.tuples(st.just(2), st.text(max_size=8) | ANY_JSON, st.sampled_from(ACTIONS), PAYLOADS)
FRAMES = st.lists(
    st.text(max_size=60) | st.binary(max_size=60) | ANY_JSON.map(orjson.dumps) | CALLS.map(orjson.dumps),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One loop for all the examples."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def open_for_all(runner: asyncio.Runner) -> Iterator[Site]:
    """One central system for all the examples, as one process serves all the stations."""

    async def begin() -> Site:
        return await open_site(MemoryJournal({"S1": None, "S2": None}), StandingClock())

    site = runner.run(begin())
    yield site
    runner.run(close_site(site))


@given(frames=FRAMES, protocol=st.sampled_from(["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]))
@settings(max_examples=150, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow])
def test_no_broken_frame_closes_a_connection_or_raises_in_the_server(
    runner: asyncio.Runner, open_for_all: Site, frames: list[str | bytes], protocol: str
) -> None:
    async def example() -> None:
        other = await open_for_all.connect("S2")
        broken = await open_for_all.connect("S1", protocols=(protocol,))
        for frame in frames:
            await _send(broken.socket, frame)
        # The answer to this last request proves that the connection survived all that came before it.
        await broken.send([2, "last", "Heartbeat", {}])
        while (await broken.receive())[1] != "last":
            pass
        await other.tell("Heartbeat")
        await broken.leave()
        await other.leave()

    with capture_logs() as logs:
        runner.run(example())
    assert [entry for entry in logs if entry["log_level"] in {"error", "critical"}] == []


async def _send(socket: aiohttp.ClientWebSocketResponse, frame: str | bytes) -> None:
    if isinstance(frame, bytes):
        await socket.send_bytes(frame)
    else:
        await socket.send_str(frame)
