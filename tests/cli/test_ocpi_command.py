"""`python -m bot ocpi`: what an operator's people see of the work with a back end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.__main__ import _parser
from bot.domain.ocpi import Party, Peer
from bot.sandbox.stations.cpo import SimulatedCpo
from bot.sandbox.stations.cpo_wire import Quirk, evse, location
from bot.settings import SettingsError, load_settings
from bot.stations.ocpi.tokens import header_of
from storage.database import Database
from tests.cli.conftest import Run
from tests.cli.foreign import ForeignServer, serve
from tests.ports import free_port
from tests.stations.ocpi.scene import build, until


@dataclass
class Terminal:
    """Somebody at a terminal, with a back end that wants to be registered with."""

    capsys: pytest.CaptureFixture[str]
    cpo: SimulatedCpo
    database: Database
    port: int

    async def types(self, *words: str) -> tuple[int, str, str]:
        """Runs a command; its exit code, and what it writes on standard output and on standard error."""
        parsed = _parser().parse_args(["ocpi", *words])
        try:
            code: int = await parsed.command(parsed, load_settings())
        except SettingsError as error:
            return 2, "", str(error)
        told = self.capsys.readouterr()
        return code, told.out, told.err

    async def registers(self, *more: str) -> tuple[int, str, str]:
        url = ("--url", self.cpo.versions_url)
        return await self.types("register", "--operator", "graz", *url, "--token", "token-a", *more)

    async def peers(self) -> list[Peer]:
        return await self.database.read(lambda uow: uow.ocpi.peers())


@pytest.fixture
async def terminal(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], filled: Database
) -> AsyncIterator[Terminal]:
    await filled.write(build)
    port = free_port()
    environment.setenv("HTTP_HOST", "127.0.0.1")
    environment.setenv("HTTP_PORT", str(port))
    environment.setenv("PUBLIC_URL", f"http://127.0.0.1:{port}")
    numbers = {"U1": "AT*SWG*ES1*1", "U2": "AT*SWG*E77", "U3": None, "U4": "AT*LAG*EL1*1"}
    cpo = SimulatedCpo(locations=[location("LOC1", *(evse(uid, number) for uid, number in numbers.items()))])
    await cpo.start()
    yield Terminal(capsys, cpo, filled, port)
    await cpo.stop()


async def test_a_registration_serves_the_peer_by_itself_and_reads_everything(terminal: Terminal) -> None:
    code, told, wrong = await terminal.registers()
    assert (code, wrong) == (0, "")
    assert "graz: registered with Simulated back end" in told
    assert "read everything: 1 locations, 4 EVSEs, 4 new" in told
    (peer,) = await terminal.peers()
    assert (peer.id, peer.us, peer.registered) == ("graz", Party("EMSP", "AT", "SUP", "EVSE support"), True)


async def test_the_status_tells_what_is_linked_and_what_the_back_end_can_and_cannot_do(
    terminal: Terminal,
) -> None:
    assert (await terminal.types("status"))[1] == "No back end is registered.\n"
    await terminal.registers()
    code, told, wrong = await terminal.types("status")
    assert (code, wrong) == (0, "")
    lines = {line[2:16].strip(): line[16:] for line in told.splitlines() if line.startswith("  ")}
    assert told.splitlines()[0] == "graz: Simulated back end AT*SWG"
    assert lines["EVSEs"] == "4, of which 2 linked, 1 of them as new stations"
    assert lines["without id"] == "1: U3"
    assert lines["not linked"] == "1: U4"
    assert lines["removed"] == "0"
    assert lines["last error"] == "none"
    assert lines["can"] == "tell statuses, be asked for one status, start and stop sessions, unlock"
    assert lines["cannot"].startswith("no fault codes, no reset")
    assert "never" not in lines["registered"] + lines["last contact"] + lines["synced until"]


async def test_the_status_tells_the_last_error_and_what_only_some_evses_can_do(terminal: Terminal) -> None:
    terminal.cpo.evse("U1")["capabilities"] = []
    await terminal.registers()
    terminal.cpo.quirks.add(Quirk.BROKEN)
    code, _, wrong = await terminal.types("sync")
    assert code == 1
    assert "HTTP 502" in wrong
    told = (await terminal.types("status"))[1]
    assert "HTTP 502" in told
    assert "unlock (3 of 4 EVSEs)" in told


async def test_a_sync_tells_what_it_read(terminal: Terminal) -> None:
    await terminal.registers()
    await terminal.cpo.set_status("U1", "CHARGING", push=False)
    assert "read what changed" in (await terminal.types("sync"))[1]
    terminal.cpo.locations.clear()
    code, told, _ = await terminal.types("sync", "graz", "--full")
    assert (code, "4 removed" in told) == (0, True)


async def test_tokens_are_exchanged(terminal: Terminal) -> None:
    await terminal.registers()
    (before,) = await terminal.peers()
    code, told, _ = await terminal.types("rotate", "graz")
    assert (code, told.splitlines()[-1]) == (0, "graz: both tokens are new")
    (after,) = await terminal.peers()
    assert before.our_token != after.our_token
    assert (await terminal.types("sync"))[0] == 0


async def test_a_registration_is_ended(terminal: Terminal) -> None:
    await terminal.registers()
    code, told, _ = await terminal.types("delete", "graz")
    assert (code, "graz: ended" in told) == (0, True)
    assert terminal.cpo.client is None
    assert await terminal.peers() == []


async def test_an_end_that_the_back_end_does_not_hear_must_be_forced(terminal: Terminal) -> None:
    await terminal.registers()
    await terminal.cpo.stop()
    code, _, wrong = await terminal.types("delete", "graz")
    assert (code, "--force" in wrong, len(await terminal.peers())) == (1, True, 1)
    assert (await terminal.types("delete", "graz", "--force"))[0] == 0
    assert await terminal.peers() == []


async def test_a_status_may_be_given_another_meaning(terminal: Terminal) -> None:
    await terminal.registers()
    assert (await terminal.types("map", "graz", "BLOCKED=asleep"))[0] == 2
    code, told, _ = await terminal.types("map", "graz", "blocked=Unavailable", "INOPERATIVE=lost")
    assert (code, "BLOCKED means Unavailable" in told) == (0, True)
    assert dict((await terminal.peers())[0].statuses) == {"BLOCKED": "Unavailable", "INOPERATIVE": "lost"}
    assert "statuses" in (await terminal.types("status"))[1]


async def test_an_invitation_lets_a_back_end_register_here(terminal: Terminal) -> None:
    code, told, _ = await terminal.types("invite", "--operator", "graz", "--peer", "other")
    assert code == 0
    lines = told.splitlines()
    assert lines[0] == f"versions: http://127.0.0.1:{terminal.port}/ocpi/versions"
    token = lines[1].removeprefix("token A:").strip()
    (peer,) = await terminal.peers()
    assert (peer.id, peer.next_token, peer.registered) == ("other", token, False)


MISTAKES = [
    (
        ("--operator", "nobody", "--url", "http://x", "--token", "t"),
        "no operator 'nobody'; there are: graz, linz",
    ),
    (("--operator", "graz", "--url", "x", "--token", "t"), "--url x"),
    (("--operator", "graz", "--url", "http://x", "--token", " "), "--token is empty"),
    (("--operator", "graz", "--url", "http://x", "--token", "t", "--peer", "A B"), "--peer A B"),
    (("--operator", "graz", "--url", "http://x", "--token", "t", "--party", "SUP"), "--party SUP"),
]


@pytest.mark.parametrize(("words", "named"), MISTAKES)
async def test_a_mistake_is_told_in_one_line_and_nothing_is_kept(
    terminal: Terminal, words: tuple[str, ...], named: str
) -> None:
    code, told, wrong = await terminal.types("register", *words)
    assert (code, told) == (2, "")
    assert len(wrong.splitlines()) == 1
    assert named in wrong
    assert await terminal.peers() == []


async def test_a_registration_needs_an_address_at_which_we_are_reached(
    terminal: Terminal, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("PUBLIC_URL")
    code, _, wrong = await terminal.registers()
    assert (code, "PUBLIC_URL is not set" in wrong) == (2, True)


async def test_a_port_that_something_else_has_is_told(
    terminal: Terminal, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("HTTP_PORT", str(terminal.cpo.port))
    code, _, wrong = await terminal.registers()
    assert (code, "HTTP_PORT" in wrong) == (2, True)
    assert await terminal.peers() == []


async def test_a_refused_token_and_a_missing_peer_are_told(terminal: Terminal) -> None:
    terminal.cpo.token_a = "another"
    code, _, wrong = await terminal.registers()
    assert code == 1
    assert "does not take the token" in wrong
    code, _, wrong = await terminal.types("rotate", "graz")
    assert (code, wrong) == (2, "there is no peer 'graz'; there are: none\n")
    assert (await terminal.types("sync"))[0] == 2


async def test_a_second_registration_under_one_name_is_refused(terminal: Terminal) -> None:
    await terminal.registers()
    code, _, wrong = await terminal.registers()
    assert (code, "registered already" in wrong) == (2, True)


async def test_a_back_end_that_wants_its_tokens_raw_gets_them_raw(terminal: Terminal) -> None:
    terminal.cpo.quirks.add(Quirk.RAW_TOKEN)
    assert (await terminal.registers())[0] == 1
    assert (await terminal.registers("--raw-token"))[0] == 0


async def test_beside_a_running_service_the_peer_is_served_by_that_which_then_reads_it(
    terminal: Terminal, run: Run
) -> None:
    async with serve(ForeignServer()) as telegram:
        public = f"http://127.0.0.1:{terminal.port}"
        settings = {"HTTP_PORT": str(terminal.port), "PUBLIC_URL": public, "TELEGRAM_API_URL": telegram.url}
        service = await run(settings)
        await telegram.until(lambda: telegram.of("getUpdates"))
        code, told, wrong = await terminal.registers()
        assert (code, wrong) == (0, "")
        assert "the service that is running reads its locations now" in told

        async def read() -> bool:
            states = await terminal.database.read(lambda uow: uow.ocpi.states())
            return states["graz"].synced_until is not None

        await until(read, 15)
        assert await terminal.cpo.set_status("U1", "OUTOFORDER") == 1000
        (peer,) = await terminal.peers()
        assert terminal.cpo.client is not None
        assert header_of(peer.our_token or "", raw=False) == header_of(
            terminal.cpo.client.is_shown, raw=False
        )
        assert (await service.terminate(10))[0] == 0
