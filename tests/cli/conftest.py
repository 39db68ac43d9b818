"""`python -m bot` in an environment of its own: nothing of the person who runs the tests, no file `.env`."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from bot.settings import Settings
from storage.database import Database, open_database
from storage.migrations import migrate
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

    process: asyncio.subprocess.Process
    port: int

    async def end(self, seconds: float = 20) -> tuple[int | None, str]:
        """Waits until it ends by itself; its exit code, and what it wrote on standard error."""
        async with asyncio.timeout(seconds):
            _, errors = await self.process.communicate()
        return self.process.returncode, errors.decode()

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
                "PYTHONPATH": str(ROOT),
            }
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run"),
                env=inherited | own | dict(settings),
                cwd=tmp_path,
                stderr=asyncio.subprocess.PIPE,
            )
            stack.push_async_callback(_end, process)
            return Process(process, port)

        yield start


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.communicate()
