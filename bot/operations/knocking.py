"""Stations that knock, as an admin sees them, and taking them in by a tap."""

from dataclasses import dataclass

from bot.domain.knock import Knock
from bot.domain.operator import Location, Operator, Station
from bot.domain.outgoing import Outgoing, OutgoingKind
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting
from bot.operations.adopting import adopt_within, still_knocking
from storage.repositories.audit import Act
from storage.uow import UnitOfWork

Home = tuple[Operator, Location]


@dataclass(frozen=True, slots=True)
class Knocking:
    """The identities that ask to be let in, the latest first, and where they could be put."""

    knocks: tuple[Knock, ...]
    homes: tuple[Home, ...]


@dataclass(frozen=True, slots=True)
class NotTheirs:
    """The person may take stations in, but not for all operators of the instance, and whose it is nobody can see."""


@dataclass(frozen=True, slots=True)
class WhereTo:
    """The admin has to say at which location the station stands."""

    knock: Knock
    homes: tuple[Home, ...]


@dataclass(frozen=True, slots=True)
class Adopted:
    """The identity is a station now. It has no EVSE yet, and its service is not active."""

    station: Station
    home: Home


async def show(acting: Acting) -> Knocking | NotTheirs:
    """All that knock; MissingRight without the right to stations."""

    def read(uow: UnitOfWork, who: Authority) -> Knocking | NotTheirs:
        who.need(Right.STATIONS)
        homes = _homes(uow, acting.person.id)
        return NotTheirs() if homes is None else Knocking(tuple(still_knocking(uow)), homes)

    return await acting.read(read)


async def adopt(acting: Acting, knock: Knock, home: Home | None) -> Adopted | WhereTo | NotTheirs:
    """Takes the station in at its home; with one location only there is nothing to ask.

    MissingRight without the right to stations; Refusal where the knock or the location is gone.
    """

    def work(uow: UnitOfWork, who: Authority) -> Adopted | WhereTo | NotTheirs:
        who.need(Right.STATIONS)
        homes = _homes(uow, acting.person.id)
        if homes is None:
            return NotTheirs()
        chosen = home or (homes[0] if len(homes) == 1 else None)
        if chosen is None:
            return WhereTo(knock, homes)
        if chosen not in homes:
            raise Refusal("knock.no_location")
        operator, location = chosen
        station = adopt_within(uow, operator.id, knock.station_id, location.id)
        after = {"location": location.id}
        uow.audit.note(
            operator.id, Act(acting.now, acting.person.id, "station.adopted", station.id, None, after)
        )
        return Adopted(station, chosen)

    return await acting.commit(work)


def note_knock(uow: UnitOfWork, knock: Knock) -> None:
    """Remembers a knock. Admins who may take stations in hear of a new one, at most once a day.

    Anybody on the network can make names up, so that a message for each would be a way to bury an admin in them.
    """
    if not uow.knocks.note(knock):
        return
    day = knock.last_at.date().isoformat()
    for operator_id, admin in _admins(uow):
        outgoing = Outgoing(
            OutgoingKind.ADMIN_NOTICE,
            f"telegram:{admin}",
            f"telegram:{admin}",
            f"knocks:{day}:{admin}",
            params={
                "notice": "knocking",
                "station": knock.station_id,
                "go_show": "kn.list",
                "at": operator_id,
            },
        )
        uow.outbox.put(outgoing, knock.last_at)


def _admins(uow: UnitOfWork) -> list[tuple[str, int]]:
    """Those who may take a station in: an operator of theirs, and their Telegram account."""
    people = {
        each.person_id: (operator.id, each.telegram_id)
        for operator in uow.operators.all()
        for each in uow.staff.who_may(operator.id, Right.STATIONS)
        if each.telegram_id is not None
    }
    return [found for person, found in people.items() if _allowed(uow, person)]


def _homes(uow: UnitOfWork, person_id: int) -> tuple[Home, ...] | None:
    """The locations at which this person may put stations; None where they may not take any in."""
    allowed = _allowed(uow, person_id)
    if not allowed:
        return None
    return tuple(
        (operator, location) for operator in allowed for location in uow.operators.locations(operator.id)
    )


def _allowed(uow: UnitOfWork, person_id: int) -> list[Operator]:
    """The operators for which this person may take stations in.

    Where several operators share an instance nobody can see whose station it is that knocks, so that only somebody
    who has the right at all of them may say so.
    """
    operators = uow.operators.all()
    theirs = [each for each in operators if uow.staff.authority(each.id, person_id).may(Right.STATIONS)]
    return theirs if len(theirs) == len(operators) else []
