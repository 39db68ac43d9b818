"""The service as an operator runs it, with a TLS port, tried by a tester that others wrote."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.operations.adopting import adopt, knocking
from storage.database import open_database
from tests.ports import free_port
from tests.stations.certificates import Authority, Pair

ROOT = Path(__file__).parents[2]
TESTER = ROOT / ".peers" / "test_ocpp" / "bin" / "test-ocpp"
SECRET = "0123456789abcdef"
STARTS_WITHIN = 30.0
OPERATOR = """
[operator]
id = "graz"
name = "Stadtwerke Graz"
country_code = "AT"
party_id = "SWG"
time_zone = "Europe/Vienna"
language = "en"
currency = "EUR"
price_per_station_month = "9.90"
hotline_phone = "+43 316 000000"

[[location]]
id = "hbf"
name = "Graz Hauptbahnhof"
address = "Europaplatz 4"
postal_code = "8020"
city = "Graz"
country = "AT"
latitude = 47.0725
longitude = 15.4165
"""
STATION = """
[[station]]
id = "{name}"
location = "hbf"
security_profile = {profile}
{password}

[[station.evse]]
evse_id = "AT*SWG*E{number:04}"
connector = 1
type = "Type 2"
power_kw = 22
"""
STATIONS = (("OPEN", 0), ("ONE", 1), ("TWO", 2), ("THREE", 3), ("CP 2/x", 1))


@dataclass(frozen=True)
class Service:
    """The running service; `folder` holds its database."""

    folder: Path
    ports: dict[str, int]
    authority: Authority

    def tries(self, station: str, *arguments: str, scheme: str = "wss") -> tuple[bool, str]:
        """Whether the tester succeeds, and what it prints."""
        trust = ("--ca", str(self.authority.root.certificate)) if scheme == "wss" else ()
        url = f"{scheme}://127.0.0.1:{self.ports[scheme]}/ocpp"
        done = subprocess.run(
            [str(TESTER), url, station, "--timeout", "10", *trust, *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode == 0, done.stdout + done.stderr

    def vendor(self, station: str) -> str | None:
        """What is kept of the station's boot."""
        with contextlib.closing(sqlite3.connect(self.folder / "bot.db")) as database:
            row = database.execute("SELECT vendor FROM stations WHERE id = ?", (station,)).fetchone()
        found: str | None = row[0]
        return found


def _operator_file(folder: Path) -> Path:
    stations = [
        STATION.format(
            name=name,
            profile=profile,
            number=number,
            password=f'password = "{SECRET}"' if profile in {1, 2} else "",
        )
        for number, (name, profile) in enumerate(STATIONS, start=1)
    ]
    path = folder / "operator.toml"
    path.write_text(OPERATOR + "".join(stations))
    return path


def _until_healthy(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health"):
            return
        time.sleep(0.1)
    pytest.fail("the service did not start")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    authority = Authority(folder / "ca")
    shown = authority.server()
    ports = {"ws": free_port(), "wss": free_port()}
    settings = {
        "BOT_TOKEN": "123:abc",
        "TELEGRAM_API_URL": "http://127.0.0.1:1",  # Nothing listens there, and stations are served all the same.
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(ports["ws"]),
        "OCPP_TLS_PORT": str(ports["wss"]),
        "OCPP_TLS_CERT": str(shown.certificate),
        "OCPP_TLS_KEY": str(shown.key),
        "OCPP_TLS_CLIENT_CA": str(authority.root.certificate),
        "PYTHONPATH": str(ROOT),
    }
    environment = os.environ | settings
    bot = [sys.executable, "-m", "bot"]
    subprocess.run([*bot, "apply", _operator_file(folder)], env=environment, cwd=folder, check=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*bot, "run"], env=environment, cwd=folder, stderr=log, stdout=log)
        try:
            _until_healthy(process, ports["ws"])
            yield Service(folder, ports, authority)
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0
    assert b"Traceback" not in (folder / "log").read_bytes()


def cards(pair: Pair) -> tuple[str, ...]:
    """The tester's words for a client's certificate."""
    return ("--cert", str(pair.certificate), "--key", str(pair.key))


def test_profile_0_needs_nothing(service: Service) -> None:
    well, told = service.tries("OPEN", scheme="ws")
    assert well, told
    assert "TLS: none" in told
    assert service.vendor("OPEN") == "TestVendor"


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_profile_1_is_a_password_over_anything(service: Service, scheme: str) -> None:
    well, told = service.tries("ONE", "--password", SECRET, scheme=scheme)
    assert well, told
    for wrong in ((), ("--password", "wrong"), ("--username", "TWO", "--password", SECRET)):
        well, told = service.tries("ONE", *wrong, scheme=scheme)
        assert not well
        assert "HTTP 401" in told


def test_profile_2_is_a_password_over_tls_only(service: Service) -> None:
    well, told = service.tries("TWO", "--password", SECRET)
    assert well, told
    assert "TLS: TLSv1.3" in told
    assert "HTTP 403" in service.tries("TWO", "--password", SECRET, scheme="ws")[1]
    assert "HTTP 401" in service.tries("TWO")[1]


def test_profile_3_is_a_certificate_in_the_stations_name(service: Service) -> None:
    own = service.authority.issue("/O=Stadtwerke Graz/CN=THREE")
    well, told = service.tries("THREE", *cards(own))
    assert well, told
    assert "HTTP 403" in service.tries("THREE", "--password", SECRET)[1]
    assert "HTTP 403" in service.tries("ONE", *cards(own), "--password", SECRET)[1]


def test_a_certificate_of_another_authority_ends_in_the_handshake(service: Service, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "Stranger").issue("/CN=THREE")
    well, told = service.tries("THREE", *cards(stranger))
    assert not well
    assert "did not receive a valid HTTP response" in told or "TLS error" in told
    assert "Connected" not in told


def test_the_tester_refuses_a_certificate_of_ours_that_it_cannot_verify(service: Service) -> None:
    well, told = service.tries("OPEN", "--ca", "/etc/ssl/certs/ca-certificates.crt")
    assert not well
    assert "TLS error" in told


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_station_is_spoken_to_in_its_version(service: Service, version: str) -> None:
    well, told = service.tries("ONE", "--password", SECRET, "--ocpp", version)
    assert well, told
    assert f"Negotiated subprotocol: ocpp{version}" in told
    assert "BootNotification status: Accepted" in told


def test_a_slash_behind_the_identity_does_no_harm(service: Service) -> None:
    well, told = service.tries("ONE", "--password", SECRET, "--trailing-slash")
    assert well, told
    assert "/ocpp/ONE/" in told


def test_an_encoded_identity_is_decoded_once(service: Service) -> None:
    well, told = service.tries("CP%202%2Fx", "--username", "CP 2/x", "--password", SECRET)
    assert well, told
    assert service.vendor("CP 2/x") == "TestVendor"
    assert "HTTP 404" in service.tries("CP%25202%252Fx", "--password", SECRET)[1]


def test_a_station_that_knocks_is_adopted_with_its_password(service: Service) -> None:
    assert "HTTP 404" in service.tries("NEW-1", "--password", "its own secret")[1]

    async def take() -> str:
        database = open_database(f"sqlite+aiosqlite:///{service.folder}/bot.db")
        try:
            (knock,) = [each for each in await knocking(database) if each.station_id == "NEW-1"]
            await adopt(database, "graz", "NEW-1", "hbf")
        finally:
            await database.close()
        return knock.agent

    assert "websockets" in asyncio.run(take())
    well, told = service.tries("NEW-1", "--password", "its own secret")
    assert well, told
    assert "HTTP 401" in service.tries("NEW-1")[1]
    assert "HTTP 401" in service.tries("NEW-1", "--password", "a guess")[1]
    assert "HTTP 403" in service.tries("NEW-1", "--password", "its own secret", scheme="ws")[1]
