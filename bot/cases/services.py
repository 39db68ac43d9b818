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
    rating_takes_words_within: timedelta = timedelta(minutes=10)
    """So long after a rating what the driver writes belongs to it; later it is about a station again."""
    technician_answers_within: timedelta = timedelta(minutes=15)
    technician_adds_within: timedelta = timedelta(hours=1)
    """So long after a job what its technician sends into the chat still belongs to it."""
    job_link_lasts: timedelta = timedelta(days=7)
    other_reports_since: timedelta = timedelta(hours=24)

    @property
    def agent_takes(self) -> tuple[timedelta, timedelta]:
        """How long an agent may take where the operator has not said: as usual, and in danger."""
        return self.agent_takes_within, self.agent_takes_danger_within

    speaks_on_within: timedelta = timedelta(minutes=15)
    """So long after a word in one of several cases the next one is taken to be meant for the same."""
    chooses_case_within: timedelta = timedelta(minutes=2)
    """Then words of which the driver does not say which case they are for go into the one last spoken in."""
    reopens_within: timedelta = timedelta(hours=24)
    """So long after its end words are about the case that ended; later they begin one that names it."""
    follows_within: timedelta = timedelta(days=30)
    """So long a new case names the one before; after that, the driver is asked for the station as anybody is."""
    group_is_shut_for: timedelta = timedelta(hours=1)
    """So long a group in which the bot may not work gets no case, unless the bot learns that it may again."""


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
