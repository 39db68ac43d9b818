"""What there is in the world of the table of rights: two operators with the same of everything."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from bot.domain.billing import Month, statement
from bot.domain.evse_id import compact
from bot.domain.knock import Knock
from bot.domain.operator import Contact, Evse, Group, HotlineGroup, Location, Operator, Station
from bot.domain.rights import Entity, EntityId, Right, Scope
from bot.domain.rotation import Every, Handover, Layer, Override, Source
from bot.domain.service import Cause, ReleaseRequest, ServiceChange
from storage.repositories.audit import Act
from storage.repositories.invitations import Invitation, Purpose
from storage.repositories.people import Identity
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GRAZ, LINZ = "graz", "linz"
MINE = "GRAZ-S1"
"""A station of the own operator, where something of another one is named beside it."""
Things = Mapping[str, str]
"""What the placeholders of the table stand for."""


@dataclass(frozen=True, slots=True)
class Firm:
    """An operator, and what its things are called. `mark` stands in everything that is its own."""

    id: str
    mark: str
    party: str
    owner: int
    since: datetime
    hotline: int
    flat: bool
    """Its stations and people belong to the operator itself, and not to its companies."""

    def company(self, name: str) -> EntityId:
        """The company that what is called so belongs to."""
        return None if self.flat else f"{self.id}-{name}"


FIRMS = (
    Firm(GRAZ, "Graz", "GRZ", 1, datetime(2026, 10, 5, 9, tzinfo=UTC), -100, flat=False),
    Firm(LINZ, "Linz", "LNZ", 2, datetime(2026, 8, 5, 9, tzinfo=UTC), -200, flat=True),
)
OF_LINZ = re.compile("linz|lnz", re.IGNORECASE)
OF_SOUTH = re.compile(r"GRAZ-S|GRAZS|south|GrazTina|GrazMia|GrazIna|GrazMax")
"""Words of the company "south", as nobody of another company may read them."""
PRICE = Decimal("9.90")


def build(uow: UnitOfWork, firms: tuple[Firm, ...]) -> dict[str, Things]:
    """Enters the operators; of each one, what the placeholders stand for."""
    return {firm.id: _operator(uow, firm) for firm in firms}


def _operator(uow: UnitOfWork, firm: Firm) -> Things:
    uow.operators.put_operator(
        Operator(
            firm.id, f"{firm.mark} Strom", "AT", firm.party, "Europe/Vienna", "en", "EUR", PRICE,
            "+43 316 000000", Contact(f"{firm.mark}Manager", "+43 316 1"),
        )
    )  # fmt: skip
    uow.hotlines.put(HotlineGroup(firm.id, firm.hotline, title="Group"))
    for company in _companies(firm):
        uow.staff.put_entity(firm.id, company)
    for group in _groups(firm):
        uow.staff.put_group(firm.id, group)
    for at in ("south", "north", "depot", "shared"):
        name, street = f"{firm.mark} {at}", f"{firm.mark}weg 4"
        place = Location(f"{firm.id}-{at}", name, street, "8020", firm.mark, "AT", 47, 15)
        uow.operators.put_location(firm.id, place)
    for number, theirs, at, active in (
        ("S1", "south", "south", True),
        ("S2", "south", "south", False),
        ("S3", "south", "south", False),
        ("S4", "south", "shared", True),
        ("N1", "north", "north", True),
        ("N2", "north", "north", False),
        ("N3", "north", "shared", True),
    ):
        _station(uow, firm, number, theirs, f"{firm.id}-{at}", active=active)
    return _named(firm) | _happened(uow, firm, _people(uow, firm))


def _named(firm: Firm) -> dict[str, str]:
    """What is called by a name."""
    south = f"{firm.id}-south"
    technician = _technician(firm)
    return {
        "operator": firm.id,
        "mine": MINE,
        "station": f"{firm.id.upper()}-S1",
        "bare": f"{firm.id.upper()}-S2",
        "idle": f"{firm.id.upper()}-S3",
        "evse": f"AT*{firm.party}*E{firm.id.upper()}S1*1",
        "location": south,
        "depot": f"{firm.id}-depot",
        "home": f"{firm.id}/{south}",
        "neighbour": f"{firm.id.upper()}-S4",
        "shared": f"{firm.id}-shared",
        "wide": f"{firm.mark} wide",
        "group": f"{firm.mark} guests",
        "empty": f"{firm.mark} empty",
        "company": south,
        "parent": f"{firm.id}-region",
        "hollow": f"{firm.id}-hollow",
        "technician": "\n".join((technician.name, technician.phone or "", technician.email or "")),
        "chat": str(firm.hotline),
        "knock": "STRANGER",
    }


def _happened(uow: UnitOfWork, firm: Firm, people: Mapping[str, int]) -> dict[str, str]:
    """What has a number, after it was entered: people, a closed month, a request, invitations, acts."""
    operator = uow.operators.get(firm.id)
    assert operator is not None
    owner, member, act = people["owner"], people["member"], f"{firm.id}.act"
    month = Month.of(firm.since, operator.time_zone)
    places = {each.id: each.location for each in uow.service.all(firm.id)}
    uow.service.close_month(
        statement(operator, uow.service.changes(firm.id), places, month, closed=True), NOW
    )
    uow.audit.note(firm.id, Act(NOW, owner, act, f"{firm.id.upper()}-S1", None, {"a": firm.mark}))
    uow.audit.note(firm.id, Act(NOW, member, act, f"person:{member}", None, {"b": "c"}))
    request = ReleaseRequest(0, firm.id, (f"{firm.id.upper()}-S2",), PRICE, "EUR", owner, NOW)
    return _planned(uow, firm, owner, people["broad"]) | {
        "agent": str(owner),
        "person": str(member),
        "inactive": str(people["inactive"]),
        "request": str(uow.service.ask(request)),
        "invitation": str(_invited(uow, firm, owner, Purpose.STAFF)),
        "secret": f"{firm.id}-staff",
        "job": str(_invited(uow, firm, owner, Purpose.TECHNICIAN)),
        "job_secret": f"{firm.id}-technician",
        "month": str(month),
        "act": act,
    }


UNKNOWN: Things = {
    "operator": "nobody",
    "station": "NOBODY-S1",
    "idle": "NOBODY-S3",
    "evse": "AT*NBD*ENOBODYS1*1",
    "bare": "NOBODY-S2",
    "location": "nobody-south",
    "depot": "nobody-depot",
    "home": "nobody/nobody-south",
    "neighbour": "NOBODY-S4",
    "shared": "nobody-shared",
    "wide": "Nobody wide",
    "group": "Nobody guests",
    "empty": "Nobody empty",
    "company": "nobody-south",
    "parent": "nobody-region",
    "hollow": "nobody-hollow",
    "person": "99999",
    "agent": "99999",
    "layer": "99999",
    "override": "99999",
    "calendar": "Nobody calendar",
    "inactive": "99998",
    "request": "99999",
    "invitation": "99999",
    "secret": "nobody-staff",
    "job": "99998",
    "job_secret": "nobody-technician",
    "technician": "NobodyTina\n+43 660 9\nnobody@example.org",
    "month": "2026-07",
    "act": "nobody.act",
    "chat": "-300",
    "knock": "NOSTRANGER",
    "mine": MINE,
}
"""Names of the same kind that nothing bears."""


def _companies(firm: Firm) -> Iterator[Entity]:
    yield Entity(f"{firm.id}-region", f"{firm.mark} Region")
    yield Entity(f"{firm.id}-south", f"{firm.mark} south", f"{firm.id}-region")
    yield Entity(f"{firm.id}-north", f"{firm.mark} north")
    yield Entity(f"{firm.id}-hollow", f"{firm.mark} hollow")


def _groups(firm: Firm) -> Iterator[Group]:
    yield Group(f"{firm.mark} owners", Scope.INSTANCE, frozenset(Right))
    yield Group(f"{firm.mark} guests", Scope.ENTITY, frozenset())
    yield Group(f"{firm.mark} empty", Scope.ENTITY, frozenset())
    yield Group(f"{firm.mark} wide", Scope.INSTANCE, frozenset({Right.STATISTICS}))


def _people(uow: UnitOfWork, firm: Firm) -> Mapping[str, int]:
    wanted = {
        "owner": ("Olga", None, "owners"),
        "member": ("Mia", "south", "guests"),
        "inactive": ("Ina", "south", "guests"),
        "broad": ("Max", "south", "wide"),
        "broader": ("Nora", "north", "wide"),
    }
    accounts = {role: firm.owner * 10 + number for number, role in enumerate(wanted)}
    met = uow.people.meet(
        [Identity(accounts[role], firm.mark + name, language="en") for role, (name, *_) in wanted.items()]
    )
    for role, (name, company, group) in wanted.items():
        account, person = accounts[role], met[accounts[role]]
        colleague = Colleague(
            person.id, account, person.name, None, f"{name.lower()}@{firm.id}.example", f"+43 660 {account}000",
            None if company is None else firm.company(company), (f"{firm.mark} {group}",),
            NOW if role == "inactive" else None,
        )  # fmt: skip
        uow.staff.put(firm.id, colleague)
    return {role: met[account].id for role, account in accounts.items()}


def _planned(uow: UnitOfWork, firm: Firm, owner: int, other: int) -> dict[str, str]:
    """A plan of who is on call: a layer, somebody who stands in, and what came from a calendar."""
    layer = Layer(f"{firm.mark} layer", Every.WEEKLY, Handover(time(8)), NOW.date(), (owner, other))
    layer = uow.rotations.put_layer(firm.id, layer)
    day = timedelta(days=1)
    calendar = f"{firm.mark} calendar"
    uow.rotations.add_overrides(
        firm.id,
        [
            Override(owner, NOW + day, NOW + 2 * day),
            Override(owner, NOW + 5 * day, NOW + 6 * day, source=Source.CALENDAR, calendar=calendar),
        ],
    )
    uow.rotations.begun(firm.id)
    (manual, _) = uow.rotations.overrides(firm.id, NOW)
    return {"layer": str(layer.id), "override": str(manual.id), "calendar": calendar}


def _technician(firm: Firm) -> Contact:
    return Contact(f"{firm.mark}Tina", "+43 660 1234567", f"tina@{firm.id}.example")


def _station(uow: UnitOfWork, firm: Firm, number: str, company: str, at: str, *, active: bool) -> None:
    station_id, entity = f"{firm.id.upper()}-{number}", firm.company(company)
    evse = Evse(f"AT*{firm.party}*E{firm.id.upper()}{number}*1", station_id, 1, "CCS2", 50)
    technician = _technician(firm) if number in {"S1", "S4"} else None
    station = Station(
        station_id, firm.id, at, active, (evse,), technician,
        entity_id=entity, directions=f"behind {firm.id}-{company}", pending_after_minutes=5,
        offline_after_minutes=9,
    )  # fmt: skip
    uow.operators.put_station(station, {evse.evse_id: compact(evse.evse_id)})
    if active:
        uow.service.note(firm.id, ServiceChange(station_id, firm.since, True, PRICE, "EUR", Cause.FILE))


def _invited(uow: UnitOfWork, firm: Firm, owner: int, purpose: Purpose) -> int:
    technician = _technician(firm)
    contact = "\n".join((technician.name, technician.phone or "", technician.email or ""))
    data = {
        Purpose.STAFF: {"group": f"{firm.mark} guests", "entity": f"{firm.id}-south", "name": "Gil"},
        Purpose.TECHNICIAN: {
            "name": technician.name, "contact": contact, "stations": f"{firm.id.upper()}-S1",
        },
    }[purpose]  # fmt: skip
    made = Invitation(0, firm.id, purpose, NOW, NOW + timedelta(days=7), owner, data)
    return uow.invitations.add(f"{firm.id}-{purpose.value}", made)


def knock(uow: UnitOfWork) -> None:
    """A station that nobody knows asks to be let in."""
    uow.knocks.note(Knock("STRANGER", NOW, NOW, 1, "10.0.0.9", ("ocpp1.6",), "agent"))
