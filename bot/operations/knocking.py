"""Stations that knock, as an admin sees them, and taking them in by a tap."""

from dataclasses import dataclass

from bot.domain.knock import Knock
from bot.domain.operator import Location, Operator, Station
from bot.domain.outgoing import Outgoing, OutgoingKind
from bot.domain.people import Right, Scope
from bot.domain.refusal import Refusal
from bot.operations.acting import Acting
from bot.operations.adopting import adopt_within, still_knocking
from storage.uow import UnitOfWork

Home = tuple[Operator, Location]


@dataclass(frozen=True, slots=True)
class Knocking:
    """The identities that ask to be let in, the latest first, and where they could be put."""

    knocks: tuple[Knock, ...]
    homes: tuple[Home, ...]


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


async def show(acting: Acting) -> Knocking:
    """All that knock; Refusal without the right to stations."""

    def read(uow: UnitOfWork) -> Knocking:
        return Knocking(tuple(still_knocking(uow)), _homes(uow, acting.person.id))

    return await acting.database.read(read)


async def adopt(acting: Acting, knock: Knock, home: Home | None) -> Adopted | WhereTo:
    """Takes the station in at its home; with one location only there is nothing to ask.

    Refusal without the right there, or where the knock or the location is gone.
    """

    def work(uow: UnitOfWork) -> Adopted | WhereTo:
        homes = _homes(uow, acting.person.id)
        chosen = home or (homes[0] if len(homes) == 1 else None)
        if chosen is None:
            return WhereTo(knock, homes)
        if chosen not in homes:
            raise Refusal("knock.no_location")
        operator, location = chosen
        return Adopted(adopt_within(uow, operator.id, knock.station_id, location.id), chosen)

    return await acting.commit(work)


def note_knock(uow: UnitOfWork, knock: Knock) -> None:
    """Remembers a knock. Admins who may take stations in hear of a new one, at most once a day.

    Anybody on the network can make names up, so that a message for each would be a way to bury an admin in them.
    """
    if not uow.knocks.note(knock):
        return
    day = knock.last_at.date().isoformat()
    for admin in _admins(uow):
        outgoing = Outgoing(
            OutgoingKind.ADMIN_NOTICE,
            f"telegram:{admin}",
            f"telegram:{admin}",
            f"knocks:{day}:{admin}",
            params={"notice": "knocking", "station": knock.station_id},
        )
        uow.outbox.put(outgoing, knock.last_at)


def _admins(uow: UnitOfWork) -> list[int]:
    """The Telegram accounts of those who may take a station in."""
    operators = uow.operators.all()
    scope = Scope.INSTANCE if len(operators) > 1 else None
    contacts = [each for operator in operators for each in uow.people.who_may(operator.id, Right.STATIONS)]
    people = {c.telegram_id: uow.people.by_telegram(c.telegram_id) for c in contacts if c.telegram_id}
    return [
        account
        for account, person in people.items()
        if person is not None and uow.people.operators_where(person.id, Right.STATIONS, scope)
    ]


def _homes(uow: UnitOfWork, person_id: int) -> tuple[Home, ...]:
    """The locations at which this person may put stations.

    Where several operators share an instance nobody can see whose station it is that knocks, so that only a group
    which reaches the whole instance may say so.
    """
    operators = uow.operators.all()
    scope = Scope.INSTANCE if len(operators) > 1 else None
    allowed = uow.people.operators_where(person_id, Right.STATIONS, scope)
    if not allowed:
        raise Refusal("right.stations")
    return tuple(
        (operator, location)
        for operator in operators
        if operator.id in allowed
        for location in uow.operators.locations(operator.id)
    )
