"""Whoever waits for what a station may tell hears of it in the transaction that keeps it."""

from collections.abc import Sequence

from bot.cases.drivers import returning, watching
from bot.cases.remote import recovery
from bot.cases.services import Services
from bot.domain.observation import Observation
from storage.uow import UnitOfWork


def observe(uow: UnitOfWork, services: Services, observations: Sequence[Observation]) -> None:
    """It is called with all that is kept. Mostly nobody waits, so that one small question each decides that."""
    recovery.observe(uow, services, observations)
    returning.observe(uow, services, observations)
    watching.observe(uow, services, observations)
