"""What use cases are handed: the outside world, the rules and the limits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bot.diagnosis.rule import Rulebook
from bot.domain.account import Accounts
from bot.domain.clock import Clock
from bot.stations.gateway import StationGateway
from storage.database import Database
from storage.uow import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Every time limit of a case, in one place."""

    status_is_fresh: timedelta = timedelta(seconds=30)
    """A diagnosis asks the station again where its status is older."""
    station_answers_within: timedelta = timedelta(seconds=8)
    agent_takes_within: timedelta = timedelta(minutes=5)
    agent_takes_danger_within: timedelta = timedelta(minutes=1)
    driver_answers_within: timedelta = timedelta(hours=2)
    driver_rates_within: timedelta = timedelta(hours=24)
    other_reports_since: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Wake:
    """Tells the outbox of this process that a row waits; other processes find it at their next look."""

    outbox: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Services:
    """The arguments that every use case needs."""

    database: Database
    stations: StationGateway
    rulebook: Rulebook
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    wake: Wake = field(default_factory=Wake)
    public_url: str = ""
    """Where this service is reached from outside; empty: nobody has said."""
    log_upload_url: str = ""
    """Where stations upload their logs to; empty: they are not asked for them."""
    accounts: Accounts = field(default_factory=Accounts)
    """The bots by which people are spoken with."""
    started: datetime | None = None
    """When this service began to let stations in; None where nobody has to come back to it."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return self.clock()

    async def transact(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs a transaction and wakes the outbox where it has put something in."""

        def watched(uow: UnitOfWork) -> tuple[T, bool]:
            return work(uow), uow.used("outbox")

        value, outbox = await self.database.write(watched)
        if outbox:
            self.wake.outbox.set()
        return value
