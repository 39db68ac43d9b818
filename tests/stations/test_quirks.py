"""What stations of certain vendors are spared, and a table that is refused where it is wrong."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain.capability import Capability
from bot.domain.errand import FetchLog
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import Link
from bot.stations.ocpp.central import CentralSystem
from bot.stations.ocpp.quirks import Quirks, QuirksError, load_quirks, parse_quirks
from tests.stations.conftest import QUICK, Site, StandingClock, close_site, open_site
from tests.stations.memory_journal import MemoryJournal
from tests.stations.raw_station import RawStation

ROW = """
[[quirk]]
vendor = "ACME( Inc\\\\.)?"
model = "Fast .*"
firmware = "1\\\\..*"
without = ["trigger", "logs", "unlock"]
says = "It falls over."
source = "https://example.org/1"
"""
UNLOCK = RemoteOrder("S1", 1, RemoteCommand.UNLOCK)
SPARED = frozenset({Capability.TRIGGER, Capability.LOGS, Capability.UNLOCK})


@pytest.fixture
def quirks() -> Quirks:
    """The table of the tests."""
    return parse_quirks(ROW)


@pytest.mark.parametrize(
    ("vendor", "model", "firmware", "fits"),
    [
        ("ACME", "Fast 50", "1.2", True),
        ("acme inc.", "FAST 50", "1.2", True),
        (" ACME ", "Fast 50 ", "1.2", True),
        ("ACMEX", "Fast 50", "1.2", False),
        ("NOT ACME", "Fast 50", "1.2", False),
        ("ACME", "Slow 50", "1.2", False),
        ("ACME", "Fast 50", "2.0", False),
        ("ACME", "Fast 50", None, False),
        ("ACME", None, "1.2", False),
        (None, "Fast 50", "1.2", False),
    ],
)
def test_a_row_is_about_whoever_fits_all_of_its_patterns(
    quirks: Quirks, vendor: str | None, model: str | None, firmware: str | None, fits: bool
) -> None:
    assert quirks.forbidden(vendor, model, firmware) == (SPARED if fits else frozenset())


def test_what_several_rows_forbid_adds_up() -> None:
    more = ROW.replace('"unlock"', '"availability"').replace('firmware = "1\\\\..*"', "")
    both = parse_quirks(ROW + more)
    assert both.forbidden("ACME", "Fast 1", "1.0") == SPARED | {Capability.AVAILABILITY}
    assert Capability.UNLOCK not in both.forbidden("ACME", "Fast 1", "9")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[quirk]]", "[[quirk", "not readable as TOML"),
        ("[[quirk]]", "[[quirks]]", "must hold [[quirk]] tables and nothing else"),
        ('says = "It falls over."', "", "quirk 1, key 'says': is missing"),
        ('says = "It falls over."', 'says = " "', "quirk 1, key 'says': must be a text"),
        ('source = "https://example.org/1"', "", "quirk 1, key 'source': is missing"),
        ('"https://example.org/1"', '"a friend"', "quirk 1, key 'source': must be an https:// address"),
        ('model = "Fast .*"', 'modell = "Fast .*"', "quirk 1, key 'modell': is not known"),
        ('"Fast .*"', '"Fast ("', "quirk 1, key 'model': is no regular expression"),
        ('"Fast .*"', "17", "quirk 1, key 'model': must be a text"),
        ('"unlock"]', '"coffee"]', "quirk 1, key 'without': 'coffee' is none of"),
        ('"unlock"]', '"status"]', "quirk 1, key 'without': 'status' is none of"),
        ('"unlock"]', "[]]", "quirk 1, key 'without': [] is none of"),
        ('["trigger", "logs", "unlock"]', "[]", "quirk 1, key 'without': must be a list"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_row_and_the_reason(old: str, new: str, told: str) -> None:
    assert old in ROW
    with pytest.raises(QuirksError) as error:
        parse_quirks(ROW.replace(old, new))
    assert told in str(error.value)
    assert str(error.value).startswith("quirks.toml: ")


def test_the_row_that_is_wrong_is_counted() -> None:
    with pytest.raises(QuirksError, match="quirk 2"):
        parse_quirks(ROW + ROW.replace("trigger", "coffee"))


@pytest.mark.parametrize(
    ("vendor", "model", "firmware", "spared"),
    [
        ("Wall Box Chargers", "PLP1-0-2-4", "6.7.38", {Capability.UNLOCK}),
        ("Wall Box Chargers", "CPB1-S-2-4", "6.7.38", set()),
        ("United Chargers", "GRS-*", "05.43", {Capability.UNLOCK, Capability.CONFIGURATION}),
        ("United Chargers", "GRS-*", "3.15", {Capability.UNLOCK}),
        ("UnitedChargers", "Grizzl-E Smart Connect", "GWM-07.027-03", {Capability.UNLOCK}),
        ("Charge Amps", "HALO", "169", {Capability.UNLOCK}),
        ("Charge Amps", "HALO", "180", {Capability.AVAILABILITY}),
        ("EV-BOX", "G4E-WBW-M7500E", "P0424B0424", {Capability.AVAILABILITY, Capability.CONFIGURATION}),
        ("Simpson-Partners", "SP Home7", "3.3.4", {Capability.AVAILABILITY}),
        ("myenergi", "zappi", "5.5", {Capability.UNLOCK}),
        ("Zaptec", "Zaptec Pro", "7.5.4.0", {Capability.LOGS}),
        ("Zaptec", "Zaptec Pro", "7.6.0.0", set()),
        ("MENNEKES", "AMTRON 4Business 730", None, {Capability.TRIGGER}),
        ("ABB", "Terra AC", "1.6", set()),
    ],
)
def test_the_table_knows_the_stations_that_were_seen(
    vendor: str, model: str, firmware: str | None, spared: set[Capability]
) -> None:
    assert load_quirks().forbidden(vendor, model, firmware) == spared


def test_every_row_of_the_table_is_about_somebody_of_the_test_above() -> None:
    # A row that is added without an example here would be taken on trust.
    assert len(load_quirks().rows) == 11


async def boot(site: Site, vendor: str = "ACME") -> RawStation:
    station = await site.connect()
    await station.tell(
        "BootNotification", chargePointVendor=vendor, chargePointModel="Fast 50", firmwareVersion="1.2"
    )
    await station.tell_status(1, "Available")
    return station


@pytest.fixture
async def site(clock: StandingClock, quirks: Quirks) -> AsyncIterator[Site]:
    """A central system with the table of the tests."""
    journal = MemoryJournal({"S1": None})
    opened = await open_site(journal, clock, central=CentralSystem(journal, clock, QUICK, quirks=quirks))
    yield opened
    await close_site(opened)


async def test_a_spared_station_lacks_the_capability_from_its_boot_on(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Available")
    assert site.central.capabilities("S1") == frozenset(Capability)
    await station.leave()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    await boot(site)
    assert site.central.capabilities("S1") == frozenset(Capability) - SPARED


async def test_a_spared_station_is_known_again_before_it_boots(site: Site) -> None:
    await (await boot(site)).leave()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    station = await site.connect()
    await station.tell("Heartbeat")
    assert site.central.capabilities("S1") == frozenset(Capability) - SPARED


async def test_what_a_station_is_spared_is_never_sent(site: Site) -> None:
    station = await boot(site)
    refresh = RemoteOrder("S1", 1, RemoteCommand.REFRESH_STATUS)
    assert await site.central.send(UNLOCK) is CommandAnswer.NOT_SUPPORTED
    assert await site.central.send(refresh) is CommandAnswer.NOT_SUPPORTED
    fetched = await site.central.run(FetchLog("S1", "https://example.org/log"))
    assert fetched.answer is CommandAnswer.NOT_SUPPORTED
    site.clock.pass_time(hours=1)
    snapshot = await site.snapshot(fresh=30)
    assert (snapshot.link, snapshot.asked) == (Link.ONLINE, False)
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.05)


async def test_the_rest_is_sent_to_a_spared_station_all_the_same(site: Site) -> None:
    station = await boot(site)
    order = RemoteOrder("S1", 1, RemoteCommand.SOFT_RESET)
    sending = asyncio.create_task(site.central.send(order))
    assert (await station.obey(status="Accepted"))[0] == "Reset"
    assert await sending is CommandAnswer.ACCEPTED


async def test_a_station_of_another_vendor_is_spared_nothing(site: Site) -> None:
    await boot(site, vendor="Sturdy")
    assert site.central.capabilities("S1") == frozenset(Capability)
