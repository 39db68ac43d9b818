"""Processes of the service that start at once: each is forked from one that has imported everything already.

To import it takes most of the time that a start takes. What they share with a process that `python -m bot` starts: an
environment, a folder and a standard error of their own, and that nothing of them is left when they are killed.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.nursery"])
_ROOT = Path(__file__).parents[1]

Main = Callable[[Sequence[str]], int | None]
"""A program, by what it does with its arguments; its exit code."""


class Offspring:
    """A process that runs a program."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative where a signal has ended it."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Sends a signal; nothing where it has ended."""
        if self._process.pid is not None and self.returncode is None:
            os.kill(self._process.pid, number)

    async def wait(self) -> int | None:
        """Waits until it has ended."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        return self.returncode


def bear(
    main: Main, arguments: Sequence[str], environment: Mapping[str, str], *, folder: Path, errors: Path
) -> Offspring:
    """Starts a program in a folder; what it writes on standard error is added to a file."""
    # The first start of all brings up the process that is forked, which finds the tests from their root alone.
    with contextlib.chdir(_ROOT):
        forkserver.ensure_running()
    process = _context.Process(target=_live, args=(main, arguments, dict(environment), folder, errors))
    process.start()
    return Offspring(process)


def _live(
    main: Main, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, errors: Path
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with errors.open("ab") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    sys.exit(main(arguments))
