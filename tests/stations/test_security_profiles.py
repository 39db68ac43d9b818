"""Who is let in, by what it shows and how it connects: over TLS, through a proxy, with a certificate."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.domain.observation import Noted
from bot.stations.gateway import Credentials
from bot.stations.ocpp.admission import Entrance, Lack, lack_of
from bot.stations.ocpp.arrival import Arrival
from bot.stations.ocpp.central import CentralSystem
from bot.web.tls import TlsError, TlsFiles, good_until, server_context
from tests.stations.certificates import Authority, Pair, lock
from tests.stations.conftest import QUICK, START, Site, StandingClock
from tests.stations.memory_journal import MemoryJournal
from tests.stations.test_connections import basic

SECRET = "0123456789abcdef"
STATIONS = {
    "open": (None, 0),
    "guarded": (SECRET, 0),
    "one": (SECRET, 1),
    "two": (SECRET, 2),
    "three": (None, 3),
    "careless": (None, 1),
}
LOCAL = Entrance(proxies=(ip_network("127.0.0.0/8"), ip_network("::1/128")))
ELSEWHERE = Entrance(proxies=(ip_network("192.0.2.0/24"),))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Pair:
    return authority.server()


def files(server: Pair, authority: Authority | None) -> TlsFiles:
    ca = "" if authority is None else str(authority.root.certificate)
    return TlsFiles(str(server.certificate), str(server.key), ca)


@dataclass
class Door:
    """A central system with a port in the clear and one with TLS."""

    journal: MemoryJournal
    client: aiohttp.ClientSession
    ports: dict[str, int]
    authority: Authority

    async def status(
        self,
        station: str,
        *,
        password: str | None = None,
        scheme: str = "ws",
        pair: Pair | None = None,
        headers: dict[str, str] | None = None,
    ) -> int:
        """101 where the station is let in, else the status of the refusal."""
        url = URL(f"{scheme}://127.0.0.1:{self.ports[scheme]}/ocpp/{station}", encoded=True)
        shown = basic(station, password.encode()) if password is not None else {}
        context = ssl.create_default_context(cafile=str(self.authority.root.certificate))
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        try:
            socket = await self.client.ws_connect(
                url, protocols=("ocpp1.6",), headers=shown | (headers or {}), ssl=context
            )
        except aiohttp.WSServerHandshakeError as refusal:
            return refusal.status
        await socket.close()
        return 101


async def open_door(
    server: Pair, authority: Authority, entrance: Entrance | None = None
) -> AsyncIterator[Door]:
    journal = MemoryJournal({name: password for name, (password, _) in STATIONS.items()})
    journal.profiles = {name: profile for name, (_, profile) in STATIONS.items()}
    central = CentralSystem(journal, StandingClock(), QUICK, entrance)
    app = web.Application()
    central.add_routes(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    context = server_context(files(server, authority))
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    ports = dict(zip(("ws", "wss"), (address[1] for address in runner.addresses), strict=True))
    client = aiohttp.ClientSession()
    yield Door(journal, client, ports, authority)
    await client.close()
    await runner.cleanup()


@pytest.fixture
async def door(server: Pair, authority: Authority) -> AsyncIterator[Door]:
    async for each in open_door(server, authority):
        yield each


@pytest.fixture
async def proxied(server: Pair, authority: Authority) -> AsyncIterator[Door]:
    """Everybody comes from a proxy that is believed."""
    async for each in open_door(server, authority, LOCAL):
        yield each


@pytest.fixture
async def distrustful(server: Pair, authority: Authority) -> AsyncIterator[Door]:
    """There is a proxy that is believed, and nobody comes from it."""
    async for each in open_door(server, authority, ELSEWHERE):
        yield each


@pytest.mark.parametrize(
    ("station", "scheme", "password", "status"),
    [
        ("open", "ws", None, 101),
        ("open", "wss", None, 101),
        ("guarded", "ws", None, 401),
        ("guarded", "ws", SECRET, 101),
        ("one", "ws", SECRET, 101),
        ("one", "wss", SECRET, 101),
        ("one", "ws", None, 401),
        ("one", "wss", "wrong", 401),
        ("two", "wss", SECRET, 101),
        ("two", "ws", SECRET, 403),
        ("two", "ws", "wrong", 403),
        ("two", "wss", None, 401),
        ("two", "wss", "wrong", 401),
        ("three", "ws", None, 403),
        ("three", "wss", None, 403),
        ("three", "wss", SECRET, 403),
        ("careless", "ws", None, 401),
        ("careless", "ws", "", 401),
        ("careless", "wss", "anything", 401),
    ],
)
async def test_a_station_is_let_in_only_at_its_profile_or_above(
    door: Door, station: str, scheme: str, password: str | None, status: int
) -> None:
    assert await door.status(station, scheme=scheme, password=password) == status


@pytest.mark.parametrize("station", ["open", "guarded", "one", "two", "three", "careless"])
async def test_a_fitting_certificate_opens_every_profile_without_a_password(
    door: Door, authority: Authority, station: str
) -> None:
    pair = authority.issue(f"/CN={station}")
    assert await door.status(station, scheme="wss", pair=pair) == 101


@pytest.mark.parametrize(
    ("station", "subject", "extensions"),
    [
        ("open", "/CN=two", ()),
        ("guarded", "/CN=Guarded", ()),
        ("three", "/CN=threefold", ()),
        ("three", "/CN=three ", ()),
        ("three", "/O=three", ()),
        ("three", "/CN=other", ("subjectAltName=DNS:three",)),
        ("three", "/CN=three/CN=other", ()),
        ("three", "/CN=other/CN=three", ()),
    ],
    ids=[
        "another station",
        "other letters",
        "longer",
        "a blank behind",
        "no name",
        "alternative name",
        "two",
        "two turned",
    ],
)
async def test_a_certificate_that_does_not_fit_keeps_out_whatever_else_is_shown(
    door: Door, authority: Authority, station: str, subject: str, extensions: tuple[str, ...]
) -> None:
    pair = authority.issue(subject, *extensions)
    assert await door.status(station, scheme="wss", pair=pair, password=SECRET) == 403


@pytest.mark.parametrize(
    "subject", ["/C=AT/O=Operator/OU=Stations/CN=three", "/CN=three/O=Operator", "/CN=three+serialNumber=17"]
)
async def test_the_name_may_stand_among_others_in_the_subject(
    door: Door, authority: Authority, subject: str
) -> None:
    assert await door.status("three", scheme="wss", pair=authority.issue(subject)) == 101


async def test_a_certificate_of_another_authority_ends_the_handshake(door: Door, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "Stranger").issue("/CN=three")
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        await door.status("three", scheme="wss", pair=stranger)


async def test_a_certificate_that_ran_out_ends_the_handshake(door: Door, authority: Authority) -> None:
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        await door.status("three", scheme="wss", pair=authority.issue("/CN=three", days=-1))


async def test_tls_before_1_2_is_not_spoken(door: Door, authority: Authority) -> None:
    old = ssl.create_default_context(cafile=str(authority.root.certificate))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    url = f"wss://127.0.0.1:{door.ports['wss']}/ocpp/open"
    with pytest.raises(aiohttp.ClientConnectorError):
        await door.client.ws_connect(url, ssl=old)


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"])
async def test_a_station_of_tls_1_2_is_served(door: Door, authority: Authority, cipher: str) -> None:
    context = ssl.create_default_context(cafile=str(authority.root.certificate))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(cipher)
    url = f"wss://127.0.0.1:{door.ports['wss']}/ocpp/open"
    socket = await door.client.ws_connect(url, protocols=("ocpp1.6",), ssl=context)
    assert socket.protocol == "ocpp1.6"
    await socket.close()


PROTO, NAME = "X-Forwarded-Proto", "X-Client-Cert-CN"


@pytest.mark.parametrize(
    ("station", "headers", "status"),
    [
        ("two", {PROTO: "https"}, 101),
        ("two", {PROTO: "WSS"}, 101),
        ("two", {PROTO: "https, https"}, 101),
        ("two", {PROTO: "https, http"}, 403),
        ("two", {PROTO: "http"}, 403),
        ("two", {PROTO: ""}, 403),
        ("two", {}, 403),
        ("three", {PROTO: "https", NAME: "three"}, 101),
        ("three", {PROTO: "https", NAME: "two"}, 403),
        ("three", {PROTO: "https", NAME: ""}, 403),
        ("three", {PROTO: "http", NAME: "three"}, 403),
        ("three", {NAME: "three"}, 403),
        ("open", {PROTO: "https", NAME: "two"}, 403),
        ("open", {PROTO: "https", NAME: ""}, 101),
    ],
)
async def test_a_proxy_that_is_believed_tells_of_tls_and_of_the_certificate(
    proxied: Door, station: str, headers: dict[str, str], status: int
) -> None:
    assert await proxied.status(station, password=SECRET, headers=headers) == status


async def test_behind_a_proxy_its_own_tls_says_nothing_of_the_station(
    proxied: Door, authority: Authority
) -> None:
    assert await proxied.status("two", scheme="wss", password=SECRET) == 403
    pair = authority.issue("/CN=three")
    assert await proxied.status("three", scheme="wss", pair=pair) == 403


async def test_a_name_that_a_station_smuggles_in_beside_the_proxys_opens_nothing(proxied: Door) -> None:
    url = URL(f"ws://127.0.0.1:{proxied.ports['ws']}/ocpp/three")
    for names in (["three", "other"], ["other", "three"], ["", "three"]):
        headers = [(PROTO, "https"), *((NAME, name) for name in names)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await proxied.client.ws_connect(url, protocols=("ocpp1.6",), headers=headers)
        assert refusal.value.status == 403


async def test_a_header_from_anywhere_else_is_worth_nothing(distrustful: Door) -> None:
    headers = {PROTO: "https", NAME: "three"}
    assert await distrustful.status("two", password=SECRET, headers=headers) == 403
    assert await distrustful.status("three", headers=headers) == 403
    assert await distrustful.status("open", headers={NAME: "somebody"}) == 101


@pytest.mark.parametrize(
    ("lack", "known"),
    [
        (Lack.PASSWORD, Credentials(SECRET)),
        (Lack.PROFILE, Credentials(SECRET, 2)),
        (Lack.CERTIFICATE, Credentials(None, 3)),
    ],
)
def test_each_lack_has_a_word(lack: Lack, known: Credentials) -> None:
    assert lack_of("S1", known, Arrival(None, secure=False, certificate=None, address="")) is lack


async def test_a_known_station_that_is_refused_has_it_in_its_history_once_an_hour(site: Site) -> None:
    async def knock() -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await site.connect("locked")

    for _ in range(3):
        await knock()
    assert site.journal.of("locked", Noted) == [Noted("locked", START, "refused", "password")]
    site.clock.pass_time(minutes=59)
    await knock()
    assert len(site.journal.of("locked", Noted)) == 1
    site.clock.pass_time(minutes=1)
    await knock()
    assert [note.received_at for note in site.journal.of("locked", Noted)] == [
        START,
        START + timedelta(hours=1),
    ]


def test_the_end_of_the_certificate_is_known(authority: Authority, server: Pair) -> None:
    left = good_until(files(server, authority)) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_a_certificate_that_ran_out_cannot_be_shown(authority: Authority) -> None:
    with pytest.raises(TlsError, match=r"OCPP_TLS_CERT .*expired"):
        good_until(files(authority.server(days=-1), authority))


def test_a_file_that_cannot_be_used_is_named(authority: Authority, server: Pair, tmp_path: Path) -> None:
    other, empty = authority.issue("/CN=x"), tmp_path / "empty.pem"
    empty.write_text("")
    crt, key = str(server.certificate), str(server.key)
    wrong = {
        TlsFiles("/nowhere.pem", key): r"OCPP_TLS_CERT cannot be read: No such file",
        TlsFiles(crt, "/nowhere.key"): r"OCPP_TLS_KEY cannot be read: No such file",
        TlsFiles(crt, str(other.key)): r"OCPP_TLS_KEY does not fit OCPP_TLS_CERT",
        TlsFiles(crt, key, str(empty)): r"OCPP_TLS_CLIENT_CA holds no certificate",
    }
    for each, reason in wrong.items():
        with pytest.raises(TlsError, match=reason):
            server_context(each)


def test_a_key_with_a_passphrase_is_refused_instead_of_asking_for_it(server: Pair, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    lock(server.key, locked)
    with pytest.raises(TlsError, match="OCPP_TLS_KEY"):
        server_context(TlsFiles(str(server.certificate), str(locked)))
