"""An operator with two companies and people of different rights, for tests of the service and its cost."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.operator import Station
from bot.domain.outgoing import Outgoing
from bot.domain.people import Person
from bot.domain.service import ServiceChange
from bot.operations import service
from bot.operations.acting import Acting
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.operations.service import Quote, Switched
from storage.database import Database
from storage.repositories.inbox import InboxRow
from storage.uow import UnitOfWork

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA, PETRA, NORA, SVEN, LEO = 1001, 1002, 1003, 1004, 1005
HEAD = """
[operator]
id = "graz"
name = "Stadtwerke Graz"
country_code = "AT"
party_id = "SWG"
time_zone = "Europe/Vienna"
language = "de"
currency = "EUR"
price_per_station_month = "9.90"
hotline_phone = "+43 316 0"

[[entity]]
id = "nord"
name = "Nord GmbH"

[[entity]]
id = "sued"
name = "Süd GmbH"

[[group]]
name = "All"
scope = "instance"
rights = ["infrastructure.operations_tab", "users.cost_release", "finance.billing", "personal.data", "users.manage"]

[[group]]
name = "Planning"
scope = "instance"
rights = ["infrastructure.operations_tab", "personal.data"]

[[group]]
name = "Purse"
scope = "entity"
rights = ["users.cost_release", "finance.billing", "personal.data"]

[[group]]
name = "Local"
scope = "entity"
rights = ["infrastructure.operations_tab"]

[[location]]
id = "hbf"
name = "Graz Hbf"
address = "Europaplatz 4"
postal_code = "8020"
city = "Graz"
country = "AT"
latitude = 47.07
longitude = 15.41
"""
PEOPLE = {
    ADA: ("Ada Admin", "All", None, "ada@example.org"),
    PETRA: ("Petra Planner", "Planning", None, "petra@example.org"),
    NORA: ("Nora Nord", "Purse", "nord", None),
    SVEN: ("Sven Süd", "Purse", "sued", None),
    LEO: ("Leo Local", "Local", "nord", None),
}
STATIONS = {"G-1": None, "G-2": None, "N-1": "nord", "N-2": "nord", "S-1": "sued"}


def file(
    *,
    price: str = "9.90",
    currency: str = "EUR",
    active: Sequence[str] = (),
    people: dict[int, tuple[str, str, str | None, str | None]] | None = None,
) -> str:
    """The operator's file; only G-2 has no EVSE ID."""
    parts = [HEAD.replace('"9.90"', f'"{price}"').replace('"EUR"', f'"{currency}"')]
    for number, (name, group, entity, email) in (PEOPLE if people is None else people).items():
        groups = f'["{group}"]' if group else "[]"
        parts.append(f'[[person]]\ntelegram_id = {number}\nname = "{name}"\ngroups = {groups}')
        parts += [f'entity = "{entity}"'] if entity else []
        parts += [f'email = "{email}"'] if email else []
    for number, (station, entity) in enumerate(STATIONS.items(), start=1):
        on = str(station in active).lower()
        parts.append(f'[[station]]\nid = "{station}"\nlocation = "hbf"\nservice_active = {on}')
        parts += [f'entity = "{entity}"'] if entity else []
        if station != "G-2":
            parts.append(f'[[station.evse]]\nevse_id = "AT*SWG*E{number:04}*1"\nconnector = 1')
            parts.append('type = "CCS2"\npower_kw = 50')
    return "\n".join(parts)


@dataclass
class Firm:
    """The operator in a database, at a time that passes when a test says so."""

    database: Database
    now: datetime = NOW
    ended: list[str] = field(default_factory=list)
    """The stations of which the end of the service was passed on."""
    _updates: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def take(self, text: str) -> None:
        """Takes a file over."""
        await apply(self.database, read_operator_file(text), clock=lambda: self.now)

    async def person(self, number: int) -> Person:
        person = await self.database.read(lambda uow: uow.people.by_telegram(number))
        assert person is not None
        return person

    async def acting(self, number: int, update: int | None = None) -> Acting:
        """Somebody's next update."""
        update = next(self._updates) if update is None else update
        row = InboxRow(update, "lane", b"{}", None, self.now)
        await self.database.write(lambda uow: uow.inbox.receive([row]))
        return Acting(self.database, await self.person(number), "graz", update, self.now)

    async def quote(self, number: int, *stations: str, active: bool = True) -> Quote:
        return await service.quote(await self.acting(number), stations, active=active)

    async def confirm(self, number: int, found: Quote, *stations: str) -> Switched | Quote:
        """Confirms a quote for these stations."""
        acting = await self.acting(number)
        return await service.switch(acting, stations, found.seal, self.end, active=found.active)

    async def switch(self, number: int, *stations: str, active: bool = True) -> Switched:
        """Quote and confirmation."""
        done = await self.confirm(number, await self.quote(number, *stations, active=active), *stations)
        assert isinstance(done, Switched)
        return done

    def end(self, _uow: UnitOfWork, stations: Sequence[Station]) -> None:
        self.ended += [station.id for station in stations]

    async def active(self) -> list[str]:
        stations = await self.database.read(lambda uow: uow.service.all("graz"))
        return [station.id for station in stations if station.active]

    async def changes(self, station_id: str) -> list[ServiceChange]:
        """The history of a station's service, the latest first."""
        return await self.database.read(lambda uow: uow.service.changes_of(station_id, most=9))

    async def told(self) -> list[Outgoing]:
        """What waits to be sent and was not asked for before; it is taken out."""

        def take(uow: UnitOfWork) -> list[Outgoing]:
            found: list[Outgoing] = []
            while claimed := uow.outbox.claim(self.now, timedelta(seconds=1), 100):
                found += [each.outgoing for each in claimed]
                uow.outbox.end([each.id for each in claimed], self.now)
            return found

        return await self.database.write(take)

    async def acts(self) -> list[tuple[str, str]]:
        """What is in the audit log, without what the file did, the oldest first."""
        acts = await self.database.read(lambda uow: uow.audit.list("graz", most=100))
        return [(act.act, act.subject) for act in reversed(acts) if act.act != "file.applied"]


async def founded(database: Database, *active: str) -> Firm:
    """The firm, with the service of some stations on."""
    firm = Firm(database)
    await firm.take(file(active=active))
    return firm
