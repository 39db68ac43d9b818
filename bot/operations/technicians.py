"""Who repairs a station: set for one station or for all of a location, and tied to Telegram by an invitation."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from bot.domain.operator import Contact, Location, Operator, Station
from bot.domain.privacy import contact_for, masked_contact, sees_people
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, EntityId, Right
from bot.operations.acting import Acting, changed
from bot.operations.invitations import VALID_FOR, usable
from storage.repositories.invitations import Invitation, Purpose
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who repairs the stations of a location that the person may see; `chosen` is the one that was asked for."""

    location: Location
    stations: tuple[Station, ...]
    chosen: Station | None = None

    @property
    def subject(self) -> str:
        """What it is about, as a form keeps it."""
        return f"station {self.chosen.id}" if self.chosen is not None else f"location {self.location.id}"

    @property
    def touched(self) -> tuple[Station, ...]:
        """The stations that a change is for."""
        return self.stations if self.chosen is None else (self.chosen,)


@dataclass(frozen=True, slots=True)
class Known:
    """A technician of some station. `key` names them in `choose`; `contact` is as the person may read it."""

    key: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class Invited:
    """A link by which a technician ties their Telegram account."""

    secret: str
    name: str
    stations: tuple[str, ...]
    expires_after: timedelta = VALID_FOR


@dataclass(frozen=True, slots=True)
class Joined:
    """A technician whose jobs arrive in this chat from now on."""

    operator: Operator
    name: str
    stations: tuple[str, ...]


async def show(acting: Acting, subject: str) -> Assigned:
    """Who repairs `station <id>` or `location <id>`; Refusal where there is no such one, or no right."""
    return await acting.read(lambda uow, who: _masked(_assigned(uow, acting, who, subject), who))


async def find(acting: Acting, words: str) -> Assigned:
    """The same for a station's ID, or a location's ID, name, or a part of it that no other has."""

    def read(uow: UnitOfWork, who: Authority) -> Assigned:
        wanted = words.strip().casefold()
        for station in uow.operators.stations(acting.operator_id):
            if station.id.casefold() == wanted:
                return _masked(_assigned(uow, acting, who, f"station {station.id}"), who)
        for location in uow.operators.locations(acting.operator_id):
            if wanted in {location.id.casefold(), location.name.casefold()}:
                return _masked(_assigned(uow, acting, who, f"location {location.id}"), who)
        if len(like := _like(uow, acting, who, wanted)) == 1:
            return _masked(_assigned(uow, acting, who, f"location {like[0].id}"), who)
        raise Refusal("technician.unknown_place", given=words[:60])

    return await acting.read(read)


async def known(acting: Acting) -> tuple[Known, ...]:
    """The technicians of all stations that the person may set, each once, by name."""

    def read(uow: UnitOfWork, who: Authority) -> tuple[Known, ...]:
        return tuple(
            Known(key, contact_for(who, technician, entity))
            for key, (technician, entity) in _technicians(uow, acting, who).items()
        )

    return await acting.read(read)


async def choose(acting: Acting, subject: str, key: str) -> Assigned:
    """Sets the technician whom `known` gives that key."""

    def pick(uow: UnitOfWork, who: Authority) -> Contact:
        found = _technicians(uow, acting, who).get(key)
        if found is None:
            raise Refusal("button.old")
        return found[0]

    return await _change(acting, subject, pick)


async def assign(acting: Acting, subject: str, contact: Contact | None) -> Assigned:
    """Sets who repairs a station or all of a location; None takes them away."""
    return await _change(acting, subject, lambda _uow, _who: contact)


async def invite(acting: Acting, subject: str) -> Invited:
    """A one-time link for the technician; Refusal where none is set, or several different ones."""

    def work(uow: UnitOfWork, who: Authority) -> Invited:
        assigned = _assigned(uow, acting, who, subject)
        contacts = {each.technician for each in assigned.touched if each.technician is not None}
        if len(contacts) != 1:
            raise Refusal("technician.invite_whom")
        (contact,) = contacts
        secret = secrets.token_urlsafe(16)
        stations = _repaired_by(uow, acting.operator_id, contact)
        data = {"name": contact.name, "contact": _key(contact), "stations": "\n".join(stations)}
        invitation = Invitation(
            0,
            acting.operator_id,
            Purpose.TECHNICIAN,
            acting.now,
            acting.now + VALID_FOR,
            acting.person.id,
            data,
        )
        uow.invitations.add(secret, invitation)
        acting.note(uow, "technician.invited", ", ".join(stations), None, {"name": contact.name})
        name = contact_for(who, contact, assigned.touched[0].entity_id).name
        return Invited(secret, name, stations)

    return await acting.commit(work)


async def join(acting: Acting, secret: str) -> Joined:
    """Ties the person's account to the technician of an invitation, wherever they are still set; once.

    Refusal where the link cannot be used, or nobody of that name and number repairs anything any more.
    """

    def work(uow: UnitOfWork) -> Joined:
        found = usable(uow, secret, acting.now)
        if found.operator_id != acting.operator_id or found.purpose is not Purpose.TECHNICIAN:
            raise Refusal("invitation.unknown")
        tied = []
        for station in uow.operators.stations(found.operator_id):
            contact = station.technician
            if contact is not None and _key(contact) == found.data.get("contact"):
                after = replace(contact, telegram_id=acting.person.telegram_id)
                uow.operators.set_technician(replace(station, technician=after))
                tied.append(station.id)
        if not tied or not uow.invitations.use(found.id, acting.person.id, acting.now):
            raise Refusal("invitation.used")
        acting.note(uow, "technician.joined", ", ".join(tied), None, {"name": found.data["name"]})
        return Joined(acting.operator(uow), found.data["name"], tuple(tied))

    return await acting.commit_as_guest(work)


async def _change(
    acting: Acting, subject: str, wanted: Callable[[UnitOfWork, Authority], Contact | None]
) -> Assigned:
    def work(uow: UnitOfWork, who: Authority) -> Assigned:
        contact = wanted(uow, who)
        assigned = _assigned(uow, acting, who, subject)
        for station in assigned.touched:
            after = replace(station, technician=contact)
            uow.operators.set_technician(after)
            if after != station:
                acting.note(uow, "technician.set", station.id, *changed(_said(station), _said(after)))
        return _masked(_assigned(uow, acting, who, subject), who)

    return await acting.commit(work)


def _technicians(uow: UnitOfWork, acting: Acting, who: Authority) -> dict[str, tuple[Contact, EntityId]]:
    reach = who.need_somewhere(Right.TECHNICIAN)
    found = [
        (each.technician, each.entity_id)
        for each in uow.operators.stations(acting.operator_id)
        if each.technician is not None and each.entity_id in reach
    ]
    return {_key(one): (one, entity) for one, entity in sorted(found, key=lambda pair: pair[0].name)}


def _like(uow: UnitOfWork, acting: Acting, who: Authority, part: str) -> list[Location]:
    """The locations with a part in their name at which the person may set technicians."""
    reach = who.need_somewhere(Right.TECHNICIAN)
    theirs = {s.location_id for s in uow.operators.stations(acting.operator_id) if s.entity_id in reach}
    there = uow.operators.locations(acting.operator_id)
    return [each for each in there if each.id in theirs and part in each.name.casefold()]


def _assigned(uow: UnitOfWork, acting: Acting, who: Authority, subject: str) -> Assigned:
    kind, _, name = subject.partition(" ")
    reach = who.need_somewhere(Right.TECHNICIAN)
    stations = uow.operators.stations(acting.operator_id)
    chosen = next((each for each in stations if each.id == name), None) if kind == "station" else None
    if kind == "station" and chosen is None:
        raise Refusal("station.gone")
    if chosen is not None:
        who.need(Right.TECHNICIAN, chosen.entity_id)
    at = name if chosen is None else chosen.location_id
    location = next((each for each in uow.operators.locations(acting.operator_id) if each.id == at), None)
    theirs = tuple(each for each in stations if each.location_id == at and each.entity_id in reach)
    if location is None or not theirs:
        raise Refusal("technician.unknown_place", given=name[:60])
    return Assigned(location, theirs, chosen)


def _masked(assigned: Assigned, who: Authority) -> Assigned:
    def shown(station: Station) -> Station:
        if station.technician is None or sees_people(who, station.entity_id):
            return station
        return replace(station, technician=masked_contact(station.technician))

    chosen = None if assigned.chosen is None else shown(assigned.chosen)
    return Assigned(assigned.location, tuple(map(shown, assigned.stations)), chosen)


def _repaired_by(uow: UnitOfWork, operator_id: str, contact: Contact) -> tuple[str, ...]:
    stations: Iterable[Station] = uow.operators.stations(operator_id)
    return tuple(each.id for each in stations if each.technician == contact)


def _key(contact: Contact) -> str:
    """Tells one technician from another, whether they are on Telegram already or not."""
    parts: Sequence[str | None] = (contact.name, contact.phone, contact.email)
    return "\n".join(part or "" for part in parts)


def _said(station: Station) -> dict[str, object]:
    return {} if station.technician is None else asdict(station.technician)
