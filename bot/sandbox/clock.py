"""A clock that can be put forward, and that several processes read: the sandbox lets time pass by it."""

import mmap
import struct
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.clock import utc_now

_SECONDS = struct.Struct("<d")


class MovableClock:
    """The real time in UTC, and what somebody has let pass; it never goes back.

    `file` holds how much that is. Whoever opens the same one reads the same time, from the very next moment on.
    """

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), _SECONDS.size)

    @classmethod
    def new(cls, file: Path) -> "MovableClock":
        """A clock that shows the real time; the file is made anew."""
        file.write_bytes(_SECONDS.pack(0))
        return cls(file)

    def __call__(self) -> datetime:
        """The present."""
        return utc_now() + self.passed

    @property
    def passed(self) -> timedelta:
        """What somebody has let pass so far."""
        seconds: float
        (seconds,) = _SECONDS.unpack_from(self._shared)
        return timedelta(seconds=seconds)

    def forward(self, span: timedelta) -> None:
        """Lets time pass; ValueError for a span that is not ahead."""
        if span <= timedelta():
            raise ValueError("time only passes")
        _SECONDS.pack_into(self._shared, 0, (self.passed + span).total_seconds())
