"""The unchanged bot as a process of its own, which can be killed and started again."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

import aiohttp

_PR_SET_PDEATHSIG = 1
_ENDS_WITHIN = 15.0
_STARTS_WITHIN = 60.0
_HEALTH_PAUSE = 0.1


class ServiceError(Exception):
    """The bot could not be set up or started; the text says why and where its log is."""


class Phase(StrEnum):
    """Where the process stands."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    KILLED = "killed"
    ENDED = "ended"
    """It ended although nobody asked it to."""


class Service:
    """The bot with an environment of its own. `on_change` is called after every change."""

    def __init__(self, environment: Mapping[str, str], log: Path, on_change: Callable[[], None]) -> None:
        self._environment = {**os.environ, **environment}
        self._health = f"http://{environment['HTTP_HOST']}:{environment['HTTP_PORT']}/health"
        self._log = log
        self._on_change = on_change
        self._process: Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._phase = Phase.STOPPED

    def state(self) -> dict[str, object]:
        """For the page; ready for JSON."""
        process = self._process
        return {
            "phase": self._phase.value,
            "pid": process.pid if process else None,
            "exit_code": process.returncode if process else None,
        }

    async def apply(self, file: Path) -> None:
        """Takes an operator's file over; ServiceError where it is refused."""
        process = await self._spawn("bot", "apply", str(file))
        if await process.wait() != 0:
            raise ServiceError(f"The operator's file was refused; see {self._log}.")

    async def register(self, versions_url: str, token: str, operator: str) -> None:
        """Registers the running bot with a back end of an operator; ServiceError where that fails."""
        asked = ("--url", versions_url, "--token", token, "--operator", operator)
        process = await self._spawn("bot", "ocpi", "register", *asked)
        if await process.wait() != 0:
            raise ServiceError(f"The bot could not register with the back end; see {self._log}.")

    async def start(self) -> None:
        """Starts the bot and waits until it answers; ServiceError where it ends instead."""
        if self._phase in {Phase.STARTING, Phase.RUNNING}:
            return
        self._enter(Phase.STARTING)
        process = self._process = await self._spawn("bot.sandbox.serve")
        self._watcher = asyncio.create_task(self._watch(process))
        try:
            async with asyncio.timeout(_STARTS_WITHIN):
                await self._until_healthy(process)
        except TimeoutError:
            raise ServiceError(f"The bot does not answer; see {self._log}.") from None

    async def kill(self) -> None:
        """SIGKILL: the process gets no chance to put anything in order."""
        if self._process is None or self._process.returncode is not None:
            return
        self._phase = Phase.KILLED
        self._process.kill()
        await self._process.wait()
        self._on_change()

    async def stop(self) -> None:
        """Lets the bot end in order; kills it where that takes too long."""
        process = self._process
        self._phase = Phase.STOPPED
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._watcher is not None:
            await self._watcher

    async def _until_healthy(self, process: Process) -> None:
        async with aiohttp.ClientSession() as session:
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(self._health) as answer:
                        if answer.ok:
                            self._enter(Phase.RUNNING)
                            return
                await asyncio.sleep(_HEALTH_PAUSE)
        if self._phase is not Phase.KILLED:
            raise ServiceError(f"The bot ended with exit code {process.returncode}; see {self._log}.")

    async def _watch(self, process: Process) -> None:
        await process.wait()
        if process is self._process and self._phase in {Phase.STARTING, Phase.RUNNING}:
            self._enter(Phase.ENDED)

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._on_change()

    async def _spawn(self, module: str, *arguments: str) -> Process:
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *arguments,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_tie_to_parent(os.getpid()),
            )


def _tie_to_parent(parent: int) -> Callable[[], None] | None:
    """Lets the child end when the sandbox is killed and cannot end it; only Linux can do that."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return tie
