"""The computer of a simulated station: how it hangs, goes down and comes up again."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Protocol

from bot.sandbox.stations.connector import ClearsOn
from bot.sandbox.stations.line import Line, Pace
from bot.sandbox.stations.modes import BootReason, ResetMode

_FLUSH_SECONDS = 2.0


class Cabinet(Protocol):
    """The station around the computer."""

    def end_all(self, reason: str, heals: ClearsOn) -> None:
        """Ends every session, and clears what such a restart clears."""
        ...

    def break_all(self) -> None:
        """Every connector has a fault from now on."""
        ...

    def changed(self) -> None:
        """Something that the page shows is different."""
        ...

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Runs work until it is done or the station is switched off."""
        ...


class Computer:
    """Whether it has power, hangs, starts, or is dead; `must_boot` is why it introduces itself next."""

    def __init__(self, line: Line, pace: Pace, cabinet: Cabinet) -> None:
        self._line = line
        self._pace = pace
        self._cabinet = cabinet
        self.reset_mode = ResetMode.OK
        self.reset_when_idle = False
        self.hung = False
        self.heartbeats_while_hung = False
        self.booting = False
        self.dead = False
        self.powered = True
        self.must_boot: BootReason | None = BootReason.POWER_UP
        self._starts = 0

    def hang(self, *, heartbeats: bool) -> None:
        """It answers and sends nothing any more; heartbeats go on if so chosen."""
        self.hung, self.heartbeats_while_hung = True, heartbeats

    def reset(self, *, hard: bool) -> None:
        """Restarts because it was told to."""
        by = ClearsOn.HARD_RESET if hard else ClearsOn.SOFT_RESET
        self._cabinet.end_all("HardReset" if hard else "SoftReset", by)
        self.booting, self.reset_when_idle = True, False
        self._cabinet.changed()
        self._cabinet.spawn(self._restart(self._next_start(), hard=hard))

    async def reset_now_idle(self) -> None:
        """Restarts as it was told to once the last session is over."""
        # Whoever ended the session tells the status that follows, before the station goes down.
        await asyncio.sleep(0)
        if self.reset_when_idle:
            self.reset(hard=False)

    def lose_power(self) -> None:
        """It is dark at once: nothing is said goodbye to, and sessions are lost."""
        if not self.powered:
            return
        self.powered = self.hung = self.booting = self.dead = self.reset_when_idle = False
        self._next_start()
        self._line.cut()
        self._cabinet.end_all("PowerLoss", ClearsOn.HARD_RESET)
        self._cabinet.changed()

    def regain_power(self) -> None:
        """It starts from the ground up; the ends of lost sessions are told then."""
        if self.powered:
            return
        self.powered = self.booting = True
        self._cabinet.changed()
        self._cabinet.spawn(self._start(self._next_start()))

    def revive(self) -> None:
        """The network is back; a computer that did not survive its restart is put right, too."""
        self.dead = False
        if not self.powered:
            return
        self.booting = False
        self._line.restore()
        self._cabinet.changed()

    def _next_start(self) -> int:
        """The number of a start that is about to be made; an older one is void from now on."""
        self._starts += 1
        return self._starts

    async def _restart(self, number: int, *, hard: bool) -> None:
        if not hard:
            with suppress(TimeoutError):
                # A central system that does not answer cannot keep a station from restarting.
                await asyncio.wait_for(self._line.flushed(), _FLUSH_SECONDS)
        await self._line.hang_up()
        self.must_boot = BootReason.REMOTE_RESET
        await asyncio.sleep(self._pace.boot)
        if number != self._starts:
            return
        if self.reset_mode is ResetMode.NEVER_COMES_BACK:
            self.dead = True
            self._cabinet.changed()
            return
        if self.reset_mode is ResetMode.COMES_BACK_FAULTED:
            self._cabinet.break_all()
        self._up()

    async def _start(self, number: int) -> None:
        self.must_boot = BootReason.POWER_UP
        await asyncio.sleep(self._pace.boot)
        if number == self._starts:
            self._up()

    def _up(self) -> None:
        self.booting = self.hung = False
        self._line.restore()
        self._cabinet.changed()
