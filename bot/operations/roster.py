"""The plan of who is on call, as one of the staff reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.operator import Operator
from bot.domain.privacy import name_for
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.domain.rotation import Layer, Schedule, Shift, shifts
from bot.operations.acting import Acting
from storage.on_call import holidays, schedule
from storage.repositories.shifts import AgentShift
from storage.uow import UnitOfWork

LEVELS = 3
AHEAD = timedelta(days=14)
SWAP_AHEAD = timedelta(days=42)


@dataclass(frozen=True, slots=True)
class Roster:
    """The plan of an operator. `names` are those of all its staff, masked where they have to be.

    `agents` are those who can be on call, in a steady order; `holidays` are the named days of the time that is shown;
    `calendars` tells of each how many entries are to come.
    """

    operator: Operator
    now: datetime
    schedule: Schedule
    names: Mapping[int, str]
    agents: tuple[int, ...]
    holidays: Mapping[date, str]
    region: str | None = None
    calendars: Mapping[str, int] | None = None
    on_shift: tuple[AgentShift, ...] = ()
    """The agents who are on duty by their own word."""

    def layer(self, layer_id: int) -> Layer:
        """A layer; Refusal where it is gone."""
        for each in self.schedule.layers:
            if each.id == layer_id:
                return each
        raise Refusal("on_call.layer_gone")

    def lacking(self, layer: Layer) -> tuple[str, ...]:
        """The names of those in a layer who cannot act."""
        return tuple(self.name(each) for each in layer.people if each not in self.agents)

    def name(self, person: int) -> str:
        """What somebody is called."""
        return self.names.get(person, "?")

    @property
    def planned(self) -> tuple[Shift, ...]:
        """Who is on call in the coming two weeks."""
        return shifts(self.schedule, self.now, self.now + AHEAD)


def read(uow: UnitOfWork, acting: Acting, who: Authority) -> Roster:
    """The plan as it is, as somebody may read it."""
    operator = acting.operator(uow)
    begins, ends = acting.now, acting.now + SWAP_AHEAD
    plan = uow.rotations.plan(operator.id)
    calendars: dict[str, int] = {}
    for each in uow.rotations.overrides(operator.id, acting.now):
        if each.calendar is not None:
            calendars[each.calendar] = calendars.get(each.calendar, 0) + 1
    named = holidays(uow, operator, begins, ends, acting.person.language)
    return Roster(
        operator,
        acting.now,
        schedule(uow, operator, begins, ends),
        {each.person_id: name_for(who, each.name, each.entity_id) for each in uow.staff.all(operator.id)},
        tuple(each.person_id for each in uow.staff.who_may(operator.id, Right.REMOTE_ACTIONS)),
        {day: name for day, name in named.items() if begins.date() <= day <= ends.date()},
        None if plan is None else plan.region,
        calendars,
        tuple(uow.shifts.running(operator.id, acting.now)),
    )


def swappable(roster: Roster, level: int) -> list[Shift]:
    """The shifts of a level that begin and end in the coming six weeks."""
    last = roster.now + SWAP_AHEAD
    found = shifts(roster.schedule, roster.now, last)
    return [each for each in found if each.level == level and roster.now < each.begins and each.ends < last]
