"""The processes of the service: killed without a word, and started again."""

import re
from asyncio.subprocess import Process
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from bot.domain.clock import Clock
from bot.sandbox.service import Phase, Service, ServiceError

SERVED_BY = "tests.night.serve"
_LINES = 30
"""Lines of a log that are told when a process does not start."""


class _Served(Service):
    """The same, with the entrance that can be sabotaged."""

    async def _spawn(self, module: str, *arguments: str) -> Process:
        del module
        return await super()._spawn(SERVED_BY, *arguments)


@dataclass(frozen=True, slots=True)
class Death:
    """One process was dead from `at` to `back`, by the clock of the night."""

    process: int
    at: datetime
    back: datetime

    def near(self, first: datetime, last: datetime) -> bool:
        """Whether something that lasted from `first` to `last` may have been cut off by it, or done again after it."""
        return first <= self.back and last >= self.at


class Processes:
    """One process, or several on one database, each with a log of its own that goes on over its lives."""

    def __init__(self, environment: dict[str, str], ports: list[int], folder: Path, clock: Clock) -> None:
        self._logs = [folder / f"process-{number}.log" for number, _ in enumerate(ports)]
        self._clock = clock
        self._served = [
            _Served(environment | {"HTTP_PORT": str(port)}, log, lambda: None)
            for port, log in zip(ports, self._logs, strict=True)
        ]
        self._killed: dict[int, datetime] = {}
        self.deaths: list[Death] = []

    def __len__(self) -> int:
        return len(self._served)

    async def start(self, number: int) -> None:
        """Starts a process and waits until it answers."""
        try:
            await self._served[number].start()
        except ServiceError as error:
            last = self._logs[number].read_text("utf-8", "replace").splitlines()[-_LINES:]
            raise ServiceError("\n".join([str(error), *last])) from error
        if (died := self._killed.pop(number, None)) is not None:
            self.deaths.append(Death(number, died, self._clock()))

    async def kill(self, number: int) -> None:
        """SIGKILL."""
        self._killed[number] = self._clock()
        await self._served[number].kill()

    async def end(self) -> None:
        """All end in order."""
        for each in self._served:
            await each.stop()

    def ended_by_themselves(self) -> list[int]:
        """Those that nobody has killed and that are gone all the same."""
        return [n for n, each in enumerate(self._served) if each.state()["phase"] == Phase.ENDED.value]

    @property
    def alive(self) -> bool:
        """Whether all of them run, as far as anybody knows."""
        return not self._killed

    def lines(self) -> list[tuple[int, dict[str, object]]]:
        """What all of them logged: the number of the process, and the line; other output is under `raw`."""
        found: list[tuple[int, dict[str, object]]] = []
        for number, log in enumerate(self._logs):
            if log.exists():
                found += [(number, _line(each)) for each in log.read_text("utf-8", "replace").splitlines()]
        return found


def _line(text: str) -> dict[str, object]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {"raw": text}
    return found if isinstance(found, dict) else {"raw": text}


_FAILED = re.compile(r"Traceback|Error\b")
_INJECTED = re.compile(r"Undelivered|ApiSilent|ServerDisconnected")
"""Failures of Telegram that were tried until they were given up for the moment; the update or row is tried again."""


def failures(lines: list[tuple[int, dict[str, object]]]) -> dict[str, list[str]]:
    """What the logs say of failures of the service itself, by what happened, each with its traces."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, line in lines:
        raw = str(line.get("raw", "")).strip()
        trace = str(line.get("exception", "")).strip()
        last = trace.rpartition("\n")[2]
        given_up = line.get("left") == 0
        if trace and (given_up or not _INJECTED.search(last)):
            found[f"{line.get('event')}: {last}"].append(trace)
        elif _FAILED.search(raw):
            found[raw[:200]].append(raw)
    return found
