"""`python -m bot` in an environment of its own: nothing of the person who runs the tests, no file `.env`."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from bot.__main__ import main
from bot.settings import Settings
from storage.database import Database, open_database
from storage.migrations import migrate
from tests.offspring import Offspring, bear
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
TOKEN = "123:abc"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/bot.db"


@pytest.fixture
async def filled(sqlite_url: str) -> AsyncIterator[Database]:
    """A database of the newest form."""
    database = open_database(sqlite_url)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_url: str) -> pytest.MonkeyPatch:
    """Only what a test sets, in a folder where there is nothing."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@dataclass
class Process:
    """`python -m bot run`, whatever became of it."""

    process: Offspring
    port: int
    errors: Path

    async def end(self, seconds: float = 20) -> tuple[int | None, str]:
        """Waits until it ends by itself; its exit code, and what it wrote on standard error."""
        async with asyncio.timeout(seconds):
            await self.process.wait()
        return self.process.returncode, self.errors.read_text()

    async def says(self, text: str, seconds: float = 20) -> str:
        """Waits until it has written the text on standard error; all that it has written by then."""
        async with asyncio.timeout(seconds):
            while True:
                if text in (said := self.errors.read_text()):
                    return said
                await asyncio.sleep(0.02)

    async def terminate(self, seconds: float = 20) -> tuple[int | None, str]:
        self.process.send_signal(signal.SIGTERM)
        return await self.end(seconds)


Run = Callable[[Mapping[str, str]], Awaitable[Process]]


@pytest.fixture
async def run(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Run]:
    """Starts `python -m bot run` with these settings; ended at the latest with the test."""
    inherited = {
        name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields
    }
    async with contextlib.AsyncExitStack() as stack:

        async def start(settings: Mapping[str, str]) -> Process:
            port = free_port()
            own = {
                "BOT_TOKEN": TOKEN,
                "DATABASE_URL": sqlite_url,
                "HTTP_HOST": "127.0.0.1",
                "HTTP_PORT": str(port),
            }
            errors = tmp_path / f"errors-{port}.log"
            errors.touch()
            process = bear(main, ["run"], inherited | own | dict(settings), folder=tmp_path, errors=errors)
            stack.push_async_callback(_end, process)
            return Process(process, port, errors)

        yield start


async def _end(process: Offspring) -> None:
    process.send_signal(signal.SIGKILL)
    await process.wait()
