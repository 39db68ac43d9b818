"""An operator's schedule as it holds at present: its plan, the holidays of its country, and who can act."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.operator import Operator
from bot.domain.public_holidays import public_holidays
from bot.domain.rights import Right
from bot.domain.rotation import Schedule
from storage.uow import UnitOfWork


def schedule(uow: UnitOfWork, operator: Operator, begins: datetime, ends: datetime) -> Schedule:
    """All that says who is on call at an operator within a span.

    Able are its active people who may have stations do something, as they are the agents.
    """
    layers = tuple(uow.rotations.layers(operator.id))
    overrides = tuple(
        each for each in uow.rotations.overrides(operator.id, begins) if each.overlaps(begins, ends)
    )
    if not layers and not overrides:
        return Schedule(ZoneInfo(operator.time_zone))
    able = frozenset(each.person_id for each in uow.staff.who_may(operator.id, Right.REMOTE_ACTIONS))
    free = any(each.on_holidays for each in layers)
    free_days = frozenset(holidays(uow, operator, begins, ends)) if free else frozenset()
    return Schedule(ZoneInfo(operator.time_zone), layers, overrides, free_days, able)


def holidays(
    uow: UnitOfWork, operator: Operator, begins: datetime, ends: datetime, language: str | None = None
) -> Mapping[date, str]:
    """The holidays of an operator's country and region in the years of a span, in a language or the operator's."""
    plan = uow.rotations.plan(operator.id)
    region = None if plan is None else plan.region
    day = timedelta(days=1)
    years = tuple(range((begins - day).year, (ends + day).year + 1))
    return public_holidays(operator.country_code, region, years, language or operator.language)
