"""Stations that nobody knows: refused, remembered, and cheap however often they come."""

import asyncio
import base64
import re
import string
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from urllib.parse import unquote_to_bytes

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.knock import Knock
from bot.stations.gateway import Credentials
from bot.stations.ocpp.admission import Entrance, lack_of
from bot.stations.ocpp.arrival import Arrival
from bot.stations.ocpp.central import CentralSystem
from bot.stations.ocpp.handshake import shown_password
from bot.stations.ocpp.seldom import Seldom
from tests.stations.conftest import QUICK, START, Site, StandingClock, close_site, open_site
from tests.stations.memory_journal import MemoryJournal
from tests.stations.test_connections import basic


async def knock(site: Site, path: str = "NEW-1", **headers: str) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await site.connect(path, headers=headers)
    return refusal.value.status


async def test_an_unknown_station_is_refused_and_remembered_with_what_it_showed(site: Site) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await site.connect(
            "NEW%201",
            protocols=("ocpp2.0.1", "ocpp1.6"),
            headers={"User-Agent": "ACME/1.2", **basic("NEW 1", b"s3cret")},
        )
    assert refusal.value.status == 404
    assert site.journal.knocks == [
        Knock("NEW 1", START, START, 1, "127.0.0.1", ("ocpp2.0.1", "ocpp1.6"), "ACME/1.2", "s3cret", 1)
    ]


async def test_a_known_station_does_not_knock(site: Site) -> None:
    await site.connect("S1")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await site.connect("locked")
    assert site.journal.knocks == []


async def test_a_station_that_hammers_costs_one_write_a_minute_and_every_attempt_is_counted(
    site: Site,
) -> None:
    for _ in range(7):
        await knock(site)
    assert [each.times for each in site.journal.knocks] == [1]
    site.clock.pass_time(seconds=60)
    await knock(site)
    assert [(each.times, each.last_at - START) for each in site.journal.knocks] == [
        (1, timedelta(0)),
        (7, timedelta(seconds=60)),
    ]


async def test_who_hammers_in_a_name_without_showing_anything_does_not_drown_who_shows_a_password(
    site: Site,
) -> None:
    for _ in range(5):
        await knock(site)
    await knock(site, **basic("NEW-1", b"s3cret"))
    assert [each.password for each in site.journal.knocks] == [None, "s3cret"]


async def test_a_crowd_of_invented_names_costs_sixty_writes_a_minute(site: Site) -> None:
    await asyncio.gather(*(knock(site, f"X{number}") for number in range(80)))
    assert len(site.journal.knocks) == 60
    site.clock.pass_time(seconds=60)
    await knock(site)
    assert site.journal.knocks[-1].station_id == "NEW-1"


@pytest.mark.parametrize("path", ["%00", "A%0AB", "%FF", "%E2%80%8B", "x" * 49], ids=str)
async def test_a_name_that_nobody_could_read_or_keep_is_not_remembered(site: Site, path: str) -> None:
    assert await knock(site, path) == 404
    assert site.journal.knocks == []


async def test_the_longest_name_is_remembered(site: Site) -> None:
    await knock(site, "x" * 48)
    assert [each.station_id for each in site.journal.knocks] == ["x" * 48]


async def test_whoever_only_looks_for_pages_is_no_station(site: Site) -> None:
    async with site.client.get(f"http://127.0.0.1:{site.port}/ocpp/admin.php") as answer:
        assert answer.status == 404
    assert site.journal.knocks == []


@pytest.mark.parametrize(
    ("shown", "kept"), [(b"p\xc3\xa4ss", "päss"), (b"\xff\x00", "ff00"), (b"a\x00b", "610062"), (b"", None)]
)
async def test_a_password_is_kept_as_text_or_as_the_digits_of_its_bytes(
    site: Site, shown: bytes, kept: str | None
) -> None:
    await knock(site, **basic("NEW-1", shown))
    assert [each.password for each in site.journal.knocks] == [kept]


async def test_a_password_shown_in_another_name_is_not_remembered(site: Site) -> None:
    await knock(site, **basic("NEW-2", b"s3cret"))
    assert [(each.password, each.security_profile) for each in site.journal.knocks] == [(None, 0)]


async def test_a_knock_with_a_password_too_long_to_keep_is_not_remembered_without_it(site: Site) -> None:
    await knock(site, **basic("NEW-1", b"x" * 257))
    assert site.journal.knocks == []


async def test_what_a_stranger_writes_is_cut_and_cleaned(site: Site) -> None:
    await knock(site, **{"User-Agent": "a\u200bb" + "x" * 500})
    assert site.journal.knocks[0].agent == "ab" + "x" * 198


@pytest.fixture
async def proxied(clock: StandingClock) -> AsyncIterator[Site]:
    """A central system whose every peer is a proxy that is believed."""
    journal = MemoryJournal({"S1": None})
    entrance = Entrance(proxies=(ip_network("127.0.0.0/8"),))
    opened = await open_site(journal, clock, central=CentralSystem(journal, clock, QUICK, entrance))
    yield opened
    await close_site(opened)


@pytest.mark.parametrize(
    ("headers", "profile"),
    [
        ({}, 0),
        ({"X-Forwarded-Proto": "https"}, 0),
        (basic("NEW-1", b"s"), 1),
        ({"X-Forwarded-Proto": "https", **basic("NEW-1", b"s")}, 2),
        ({"X-Forwarded-Proto": "https", "X-Client-Cert-CN": "NEW-1"}, 3),
    ],
)
async def test_the_profile_that_a_knock_would_satisfy_is_remembered(
    proxied: Site, headers: dict[str, str], profile: int
) -> None:
    await knock(proxied, **headers)
    assert [each.security_profile for each in proxied.journal.knocks] == [profile]


async def test_a_knock_with_the_certificate_of_another_is_not_remembered(proxied: Site) -> None:
    await knock(proxied, **{"X-Forwarded-Proto": "https", "X-Client-Cert-CN": "NEW-2"})
    assert proxied.journal.knocks == []


async def test_behind_a_proxy_the_address_is_what_the_proxy_saw(proxied: Site) -> None:
    await knock(proxied, **{"X-Forwarded-For": "10.9.9.9, 203.0.113.7"})
    assert [each.address for each in proxied.journal.knocks] == ["203.0.113.7"]


async def test_an_address_that_a_stranger_claims_is_not_believed(site: Site) -> None:
    await knock(site, **{"X-Forwarded-For": "203.0.113.7"})
    assert [each.address for each in site.journal.knocks] == ["127.0.0.1"]


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(names, st.binary(min_size=1, max_size=80), st.booleans())
def test_an_adopted_station_is_let_in_with_what_it_showed_and_with_nothing_else(
    name: str, secret: bytes, secure: bool
) -> None:
    header = basic(name, secret)["Authorization"]
    shown = shown_password(name, header)
    assert shown is not None
    known = Credentials(shown, 2 if secure else 1)

    def lack(authorization: str | None, station: str = name) -> object:
        return lack_of(station, known, Arrival(authorization, secure=secure, certificate=None, address=""))

    assert lack(header) is None
    assert lack(None) is not None
    assert lack(basic(name, secret + b"x")["Authorization"]) is not None
    assert lack(basic(name + "x", secret)["Authorization"]) is not None


def test_what_passes_seldom_is_bounded_in_memory() -> None:
    seldom = Seldom(timedelta(minutes=1), most=10**6)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(1500):
        assert seldom.times(str(number), start) == 1
    assert seldom.times("1499", start) == 0
    # The oldest were forgotten to make room.
    assert seldom.times("0", start) == 1


headers = st.one_of(
    st.none(),
    st.text(string.printable.strip(), max_size=60),
    st.builds(lambda raw: "Basic " + base64.b64encode(raw).decode(), st.binary(max_size=60)),
    st.builds(
        lambda raw, junk: "Basic " + base64.b64encode(b"locked:" + raw).decode() + junk,
        st.binary(max_size=20),
        st.sampled_from(["", " ", "=", "%"]),
    ),
    st.sampled_from(
        [
            basic("locked", b"0123abcd")["Authorization"],
            "Basic",
            "Basic ",
            "basic bG9ja2Vk",
            "Bearer x",
            "Basic bG9ja2VkOg==",
        ]
    ),
)
paths = st.one_of(
    st.sampled_from(["S1", "locked", "locked/", "%6Cocked", "x/locked", "locked?S1", "S1?x/locked", "locked#/S1"]),
    st.text(string.ascii_letters + string.digits + "%/-._~!$&'()*+,;=:@?#[]{}|^`\\\"<>", max_size=60),
    st.lists(st.sampled_from(["%", "%2", "%2F", "%00", "%FF", "%C3%A4", "..", ".", "/", "S1", "locked"]), max_size=8)
    .map("".join),
    st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")),
)  # fmt: skip


async def _status(port: int, path: str, authorization: str | None) -> int | None:
    """The status of a handshake as raw bytes; None where the connection was closed without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        f"GET /ocpp/{path} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: ocpp1.6",
        *([f"Authorization: {authorization}"] if authorization is not None else []),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    try:
        async with asyncio.timeout(5):
            first = await reader.readline()
    finally:
        writer.transport.abort()
    return int(first.split()[1]) if first else None


def _fits(path: str, authorization: str | None) -> bool:
    """Whether this may be let in, reckoned another way than the product does."""
    segments = path.partition("?")[0].partition("#")[0].rstrip("/").split("/")
    name = unquote_to_bytes(segments[-1])
    if name != b"locked":
        return name in {b"S1", b"S2", b"CP 2/x", b"A%20B"}
    encoded = re.sub("(?i)^basic ", "", authorization or "").strip()
    keys = (b"0123abcd", bytes.fromhex("0123abcd"))
    return encoded in {base64.b64encode(b"locked:" + key).decode() for key in keys}


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(path=paths, authorization=headers)
async def test_no_path_and_no_header_is_an_error_of_ours_or_lets_a_stranger_in(
    site: Site, path: str, authorization: str | None
) -> None:
    status = await _status(site.port, path, authorization)
    assert status is None or status < 500, (path, authorization)
    if status == 101:
        assert _fits(path, authorization), (path, authorization)


async def test_the_raw_handshake_lets_in_who_fits(site: Site) -> None:
    fitting = basic("locked", b"0123abcd")["Authorization"]
    assert await _status(site.port, "S1", None) == 101
    assert await _status(site.port, "locked", fitting) == 101
    assert await _status(site.port, "locked", None) == 401
    assert await _status(site.port, "nobody", None) == 404
