"""The operator of the night: twelve stations at four sites, three agents, two technicians, forty drivers."""

import contextlib
import secrets
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import tomli_w

from bot.domain.rights import Right
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.clock import MovableClock
from bot.sandbox.mail import PostOffice, ReceivedMail
from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.line import Pace
from bot.sandbox.stations.station import SimulatedStation
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import serve
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World
from storage.database import Database, open_database
from storage.migrations import migrate
from tests.night.balancer import Balancer
from tests.night.processes import Processes

TOKEN = "4200:night"
DRIVERS, AGENTS, STATIONS, SITES = 40, 3, 12, 4
_PASSWORD = "long-enough-1"
_JOURNAL = 1_000_000
"""Everything that happens in a night is kept: it is what the night is judged by."""
_PACE = Pace(boot=0.4, meter=20.0, heartbeat=2.0, reconnect_most=0.5)
"""The clock of the stations goes with that of the machine, as their sockets do."""


def _port() -> int:
    """A free port far from those of tests, as others run beside a night and its own is free while it is down."""
    while True:
        port = 25_000 + secrets.randbelow(7_000)
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port


def station_id(number: int) -> str:
    """The station of that number, from 1."""
    return f"NIGHT-{number:02d}"


def evse_id(number: int, connector: int) -> str:
    """What stands on its sticker."""
    return f"AT*SWG*E1{number:03d}*{connector}"


@dataclass
class Scene:
    """Everybody and everything; `letters` are the e-mails that came."""

    world: World
    bot: Bot
    faults: Faults
    clock: MovableClock
    database: Database
    processes: Processes
    drivers: list[Person]
    agents: list[Person]
    technicians: list[Person]
    groups: list[Chat]
    stations: list[SimulatedStation]
    letters: list[ReceivedMail]
    sabotaged: bool
    lifted: list[Fault] = field(default_factory=list)

    def lift_faults(self) -> None:
        """A Telegram without faults from now on."""
        self.lifted += self.faults.rules
        self.faults.clear()

    def struck(self) -> list[Fault]:
        """All faults, with how often each struck."""
        return [*self.lifted, *self.faults.rules]

    def chat(self, who: Person) -> Chat:
        """Somebody's private chat with the bot."""
        return self.world.private(self.bot, who.user)


@asynccontextmanager
async def opened(
    database_url: str, *, seed: int, two: bool = False, sabotage: str = ""
) -> AsyncIterator[Scene]:
    """The scene on a fresh database, with nobody awake yet; `two` processes serve it, or one."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="night-")))
        clock = MovableClock.new(folder / "clock")
        world = World(clock, keep_journal=_JOURNAL)
        bot = world.bot(TOKEN, "night_bot", "Support")
        faults = Faults(Random(seed))
        letters: list[ReceivedMail] = []
        post = PostOffice(clock, letters.append)
        await post.open()
        stack.push_async_callback(post.close)
        telegram = await stack.enter_async_context(serve(world, faults))
        agents, technicians, groups = _people(world, bot)
        database = open_database(database_url)
        stack.push_async_callback(database.close)
        await migrate(database)
        await apply(database, read_operator_file(_operator_file(groups, agents, technicians)))
        ports = [_port() for _ in range(2 if two else 1)]
        environment = {
            "BOT_TOKEN": TOKEN,
            "BOT_TOKENS": "",
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_MODE": "polling",
            "PUBLIC_URL": "",
            "WEBHOOK_SECRET": "night",
            "DATABASE_URL": database_url,
            "HTTP_HOST": "127.0.0.1",
            "SEND_BUDGETS": "none",
            "SMTP_URL": post.url,
            "SANDBOX_CLOCK": str(folder / "clock"),
            "LOG_LEVEL": "INFO",
            "NIGHT_SABOTAGE": sabotage,
        }
        if two:
            balancer = await stack.enter_async_context(Balancer.serving(ports))
            environment |= {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": balancer.url}
        processes = Processes(environment, ports, folder, clock)
        stack.push_async_callback(processes.end)
        stations = [_station(number, ports[number % len(ports)]) for number in range(1, STATIONS + 1)]
        drivers = [
            # Each language is spoken, as texts of one may lack what those of the other have.
            world.person(10_000 + number, f"Driver{number:02d}", ("en", "de")[number % 2])
            for number in range(1, DRIVERS + 1)
        ]
        for station in stations:
            stack.push_async_callback(station.stop)
        yield Scene(
            world,
            bot,
            faults,
            clock,
            database,
            processes,
            drivers,
            agents,
            technicians,
            groups,
            stations,
            letters,
            bool(sabotage),
        )


def _people(world: World, bot: Bot) -> tuple[list[Person], list[Person], list[Chat]]:
    agents = [world.person(3_000 + number, f"Agent{number}", "en") for number in range(1, AGENTS + 1)]
    technicians = [world.person(2_000 + number, f"Technician{number}", "de") for number in (1, 2)]
    for technician in technicians:
        technician.start()
    groups = [agents[0].create_group(name, topics=True) for name in ("Hotline", "Hotline 2")]
    for group in groups:
        agents[0].add(bot, group)
        agents[0].promote(bot, group)
        for agent in agents[1:]:
            agents[0].add(agent, group)
    for agent in agents:
        agent.start()
    return agents, technicians, groups


def _station(number: int, port: int) -> SimulatedStation:
    specs = [ConnectorSpec(1), ConnectorSpec(2, "Type2", 22)]
    url = f"ws://127.0.0.1:{port}/ocpp"
    return SimulatedStation(station_id(number), url, password=_PASSWORD, connectors=specs, pace=_PACE)


def _operator_file(groups: list[Chat], agents: list[Person], technicians: list[Person]) -> str:
    people: list[dict[str, object]] = [
        {"telegram_id": each.id, "name": each.user.first_name, "groups": ["Hotline"]} for each in agents
    ]
    return tomli_w.dumps(
        {
            "operator": {
                "id": "stadtwerke-graz",
                "name": "Stadtwerke Graz",
                "country_code": "AT",
                "party_id": "SWG",
                "time_zone": "Europe/Vienna",
                "language": "en",
                "currency": "EUR",
                "price_per_station_month": "9.90",
                "hotline_phone": "+43 316 000000",
                "manager": {"name": "Mara Manager", "email": "mara@example.org"},
            },
            "hotline": {"chat_id": groups[0].id, "group": [{"chat_id": groups[1].id, "languages": ["de"]}]},
            "group": [
                {
                    "name": "Hotline",
                    "scope": "instance",
                    "rights": [Right.REMOTE_ACTIONS.value, Right.PERSONAL_DATA.value],
                }
            ],
            "person": people,
            "location": [_site(number) for number in range(1, SITES + 1)],
            "station": [_row(number, technicians) for number in range(1, STATIONS + 1)],
        }
    )


def _site(number: int) -> dict[str, object]:
    return {
        "id": f"site-{number}",
        "name": f"Site {number}",
        "address": f"Nachtgasse {number}",
        "postal_code": "8020",
        "city": "Graz",
        "country": "AT",
        "latitude": 47.0,
        "longitude": 15.4,
    }


def _row(number: int, technicians: list[Person]) -> dict[str, object]:
    row: dict[str, object] = {
        "id": station_id(number),
        "location": f"site-{(number - 1) // (STATIONS // SITES) + 1}",
        "password": _PASSWORD,
        "service_active": True,
        "evse": [
            {"evse_id": evse_id(number, 1), "connector": 1, "type": "CCS2", "power_kw": 50},
            {"evse_id": evse_id(number, 2), "connector": 2, "type": "Type2", "power_kw": 22},
        ],
    }
    # The last site has none, so that its cases go on to the manager, by e-mail.
    if number <= STATIONS - STATIONS // SITES:
        technician = technicians[number % len(technicians)]
        row["technician"] = {"name": technician.user.first_name, "telegram_id": technician.id}
    return row
