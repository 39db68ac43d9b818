"""`/health`: 200 while the database answers, 503 while it does not."""

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import structlog

from bot.app import running
from bot.settings import Settings
from tests.cli.conftest import TOKEN
from tests.cli.foreign import ForeignServer, serve

LENA = {"id": 501, "is_bot": False, "first_name": "Lena", "language_code": "en"}


class Gate:
    """Stands before PostgreSQL; while it is shut, the server is away."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._streams: set[asyncio.StreamWriter] = set()
        self.shut = False

    async def let_through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.shut:
            writer.close()
            return
        there, back = await asyncio.open_connection(*self._target)
        self._streams |= {writer, back}
        try:
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        finally:
            self._streams -= {writer, back}

    def close(self) -> None:
        self.shut = True
        for each in self._streams:
            each.transport.abort()


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
    except ConnectionError:
        return
    finally:
        sink.close()


@pytest.fixture
async def gate(postgres_server: str) -> AsyncIterator[tuple[Gate, str]]:
    """A gate, and the URL of a fresh database behind it."""
    from tests.conftest import new_postgres_database  # noqa: PLC0415

    url = await new_postgres_database(postgres_server)
    found = re.search(r"@([^:/]+):(\d+)/", url)
    assert found is not None
    gate = Gate(found[1], int(found[2]))
    server = await asyncio.start_server(gate.let_through, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield gate, url.replace(found[0], f"@127.0.0.1:{port}/")
        gate.close()


async def test_health_follows_the_database_and_an_update_of_meanwhile_is_answered_after(
    gate: tuple[Gate, str],
) -> None:
    door, url = gate
    # Drawing the traces of a database that is away for a terminal takes seconds.
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    async with serve(ForeignServer()) as telegram, aiohttp.ClientSession() as session:
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]  # pydantic-settings takes it and does not declare it.
            bot_token=TOKEN,
            telegram_api_url=telegram.url,
            database_url=url,
            http_host="127.0.0.1",
            http_port=0,
        )
        async with running(settings) as app:

            async def health() -> tuple[int, object]:
                async with session.get(f"http://127.0.0.1:{app.port}/health") as response:
                    return response.status, await response.json()

            assert await health() == (200, {"ok": True})
            door.close()
            assert await health() == (503, {"ok": False})
            await telegram.says(LENA, "/help")
            asked = len(telegram.of("getUpdates"))
            await telegram.until(lambda: len(telegram.of("getUpdates")) > asked)
            door.shut = False
            await telegram.until_shown("sendMessage", "/agent")
            assert await health() == (200, {"ok": True})
            assert not app.failed.done(), "the service outlives a database that was away"
