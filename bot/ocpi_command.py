"""`python -m bot ocpi`: registers with the back ends of operators, reads them, and says how that stands."""

import argparse
import contextlib
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import aiohttp
from aiohttp import web

from bot.app import reach
from bot.domain.capability import Source
from bot.domain.clock import utc_now
from bot.domain.ocpi import Party, Peer, PeerState
from bot.domain.operator import Operator
from bot.ocpi_report import report
from bot.operations.journal import Journal
from bot.operations.ocpi_store import DatabaseOcpiStore
from bot.settings import Settings, SettingsError
from bot.stations.ocpi.client import Failure, Trouble, is_http
from bot.stations.ocpi.gateway import OcpiGateway
from bot.stations.ocpi.statuses import read_map
from bot.stations.ocpi.sync import Pulled
from bot.stations.ocpi.tokens import new_token
from bot.stations.ocpi.wire import Unusable, read_envelope
from bot.web.server import listen
from storage.database import Database
from storage.migrations import revision

WRONG, FAILED = 2, 1
US = "SUP"
"""Our party where none is given; the peers of a platform must each have another."""
NAME = "EVSE support"
_PEER_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_LARGEST = 4096
_PARTY = re.compile(r"([A-Z]{2})\*?([A-Z0-9]{3})")


class Wrong(Exception):
    """An argument cannot be used; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every command works with."""

    settings: Settings
    database: Database
    store: DatabaseOcpiStore
    gateway: OcpiGateway

    async def peer(self, name: str) -> Peer:
        """The peer of that id; Wrong with those there are."""
        peers = await self.store.peers()
        found = next((each for each in peers if each.id == name), None)
        if found is None:
            known = ", ".join(each.id for each in peers) or "none"
            raise Wrong(f"there is no peer {name!r}; there are: {known}")
        return found


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `ocpi` with what it can do."""
    ocpi = commands.add_parser("ocpi", help="connect the back end of an operator by OCPI 2.2.1")
    ocpi.set_defaults(command=run)
    what = ocpi.add_subparsers(dest="what", metavar="WHAT", required=True)
    register = what.add_parser("register", help="register with a back end by the token that its people gave")
    register.add_argument("--url", required=True, help="of its versions")
    register.add_argument("--token", required=True, help="token A")
    register.add_argument("--raw-token", action="store_true", help="show tokens as they are, not as Base64")
    _about(register)
    _about(what.add_parser("invite", help="make a token A by which a back end registers here"))
    sync = what.add_parser("sync", help="read what changed at one back end or at all of them")
    sync.add_argument("peer", nargs="?")
    sync.add_argument(
        "--full", action="store_true", help="read everything; what is not there any more is removed"
    )
    what.add_parser("status", help="how the work with each back end stands")
    rotate = what.add_parser("rotate", help="exchange the tokens of a registration")
    rotate.add_argument("peer")
    mapping = what.add_parser("map", help="say what a back end means by a status")
    mapping.add_argument("peer")
    mapping.add_argument("pairs", nargs="*", metavar="STATUS=MEANING", help="none: the usual meanings")
    delete = what.add_parser("delete", help="end a registration")
    delete.add_argument("peer")
    delete.add_argument("--force", action="store_true", help="also where the back end does not answer")


def _about(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--operator", required=True, help="whose stations they are")
    parser.add_argument("--peer", help="what to call the back end here (default: the operator's id)")
    parser.add_argument(
        "--party", help=f"who we are to it, like AT*{US} (default: the operator's country, {US})"
    )


async def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """Runs one of them; the exit code."""
    database = await reach(settings)
    try:
        await _is_migrated(database)
        store = DatabaseOcpiStore(database)
        journal = Journal(database, Source.OCPI)
        gateway = OcpiGateway(store, journal, utc_now, settings.public_url)
        try:
            return await _COMMANDS[parsed.what](Desk(settings, database, store, gateway), parsed)
        finally:
            await gateway.close()
    except Wrong as error:
        print(error, file=sys.stderr)
        return WRONG
    finally:
        await database.close()


async def _is_migrated(database: Database) -> None:
    now, newest = await revision(database)
    if now != newest:
        raise Wrong("the database is empty or old; run: python -m bot migrate")


async def _register(desk: Desk, parsed: argparse.Namespace) -> int:
    if not is_http(parsed.url):
        raise Wrong(f"--url {parsed.url}: must begin with http:// or https://, and a host")
    if not parsed.token.strip():
        raise Wrong("--token is empty")
    wanted = replace(await _new_peer(desk, parsed), versions_url=parsed.url, raw_token=parsed.raw_token)
    async with _served(desk) as here:
        done = await desk.gateway.registration.register(wanted, parsed.token)
        if isinstance(done, Failure):
            print(_why(done), file=sys.stderr)
            return FAILED
        print(f"{done.id}: registered with {done.name}")
        if not here:
            print("the service that is running reads its locations now")
            return 0
        return _tell_pull(await desk.gateway.sync.pull(done, PeerState(), whole=True))


async def _invite(desk: Desk, parsed: argparse.Namespace) -> int:
    token = new_token()
    wanted = replace(await _new_peer(desk, parsed), next_token=token)
    await desk.store.keep_peer(wanted)
    print(f"versions: {desk.gateway.registration.versions_url}")
    print(f"token A:  {token}")
    print("It is good until the back end has registered; the service must be running then.")
    return 0


async def _sync(desk: Desk, parsed: argparse.Namespace) -> int:
    peers = [await desk.peer(parsed.peer)] if parsed.peer else list(await desk.store.peers())
    registered = [each for each in peers if each.registered]
    if not registered:
        raise Wrong("no back end is registered; run: python -m bot ocpi register")
    states = await desk.store.states()
    codes = [
        _tell_pull(await desk.gateway.sync.pull(peer, states[peer.id], whole=parsed.full))
        for peer in registered
    ]
    return max(codes)


async def _rotate(desk: Desk, parsed: argparse.Namespace) -> int:
    peer = await desk.peer(parsed.peer)
    if not peer.registered:
        raise Wrong(f"{peer.id} is not registered")
    async with _served(desk):
        done = await desk.gateway.registration.rotate(peer)
    if isinstance(done, Failure):
        print(_why(done), file=sys.stderr)
        return FAILED
    print(f"{done.id}: both tokens are new")
    return 0


async def _map(desk: Desk, parsed: argparse.Namespace) -> int:
    peer = await desk.peer(parsed.peer)
    pairs = dict(each.partition("=")[::2] for each in parsed.pairs)
    try:
        statuses = read_map(pairs)
    except ValueError as error:
        raise Wrong(str(error)) from error
    await desk.store.keep_peer(replace(peer, statuses=statuses))
    told = ", ".join(f"{status} means {word}" for status, word in statuses.items())
    print(f"{peer.id}: {told or 'all statuses have their usual meaning'}; of what comes from now on")
    return 0


async def _delete(desk: Desk, parsed: argparse.Namespace) -> int:
    peer = await desk.peer(parsed.peer)
    failure = await desk.gateway.registration.end(peer)
    if failure is not None and not parsed.force:
        print(f"{_why(failure)}; --force forgets it all the same", file=sys.stderr)
        return FAILED
    if failure is not None:
        await desk.store.drop_peer(peer.id)
    print(f"{peer.id}: ended; the stations that were made from it stay")
    return 0


async def _status(desk: Desk, _parsed: argparse.Namespace) -> int:
    peers, states = await desk.store.peers(), await desk.store.states()
    links = await desk.store.links()
    if not peers:
        print("No back end is registered.")
    for peer in peers:
        of_peer = [each for each in links if each.peer_id == peer.id]
        print("\n".join(report(peer, states[peer.id], of_peer)))
    return 0


_COMMANDS = {
    "register": _register,
    "invite": _invite,
    "sync": _sync,
    "status": _status,
    "rotate": _rotate,
    "map": _map,
    "delete": _delete,
}


def _tell_pull(pulled: Pulled) -> int:
    what = "everything" if pulled.whole else "what changed"
    print(
        f"{pulled.peer_id}: read {what}: {pulled.locations} locations, {pulled.evses} EVSEs, "
        f"{pulled.new} new, {pulled.removed} removed, {pulled.bad} unreadable, {pulled.others} of others"
    )
    if pulled.failure is not None:
        print(f"{pulled.peer_id}: not to its end: {_why(pulled.failure)}", file=sys.stderr)
        return FAILED
    return 0


async def _new_peer(desk: Desk, parsed: argparse.Namespace) -> Peer:
    """A peer as the arguments say, not registered yet; Wrong where they cannot be."""
    if not desk.settings.public_url:
        raise SettingsError("PUBLIC_URL is not set: the back end must reach this service under it")
    operators = await desk.database.read(lambda uow: uow.operators.all())
    operator = next((each for each in operators if each.id == parsed.operator), None)
    if operator is None:
        known = ", ".join(each.id for each in operators) or "none"
        raise Wrong(f"there is no operator {parsed.operator!r}; there are: {known}")
    name = parsed.peer or operator.id
    if not _PEER_ID.fullmatch(name):
        raise Wrong(f"--peer {name}: may hold a-z, 0-9, dot, hyphen and underscore, at most 32")
    before = next((each for each in await desk.store.peers() if each.id == name), None)
    if before is not None and before.registered:
        raise Wrong(f"{name} is registered already; `rotate` exchanges the tokens, --peer names another")
    if before is not None and before.operator_id != operator.id:
        raise Wrong(f"{name} is a back end of the operator {before.operator_id}")
    return Peer(
        name, operator.id, "", _us(operator, parsed.party), statuses=before.statuses if before else {}
    )


def _us(operator: Operator, given: str | None) -> Party:
    match = _PARTY.fullmatch((given or f"{operator.country_code}{US}").upper())
    if match is None:
        raise Wrong(f"--party {given}: must be a country and a party, like AT*{US}")
    return Party("EMSP", match[1], match[2], NAME)


@contextlib.asynccontextmanager
async def _served(desk: Desk) -> AsyncIterator[bool]:
    """Our OCPI is served while the block runs: by the service, if it is running (False), else here (True)."""
    settings, app = desk.settings, web.Application()
    desk.gateway.add_routes(app)
    try:
        runner = await listen(app, settings.http_host, settings.http_port)
    except OSError as error:
        if not await _is_running(settings.http_port):
            reason = f"cannot listen on {settings.http_port}, and no service answers there: {error.strerror}"
            raise SettingsError(f"HTTP_HOST, HTTP_PORT: {reason}") from error
        yield False
        return
    try:
        yield True
    finally:
        await runner.cleanup()


async def _is_running(port: int) -> bool:
    """Whether this service answers there: as OCPI asks for, it refuses whoever shows no token."""
    timeout = aiohttp.ClientTimeout(total=5)
    with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError, Unusable):
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://127.0.0.1:{port}/ocpi/versions") as response,
        ):
            return read_envelope(await response.content.read(_LARGEST)).status_code > 0
    return False


def _why(failure: Failure) -> str:
    match failure.trouble:
        case Trouble.REFUSED:
            hint = "the back end does not take the token; is it Base64 that it wants, or --raw-token?"
        case Trouble.UNSUPPORTED:
            hint = "the back end says that this is not possible now; is it registered there already?"
        case Trouble.AWAY | Trouble.SILENT:
            hint = "the back end does not answer"
        case _:
            hint = "the back end could not do it; it must reach PUBLIC_URL/ocpi/versions"
    return f"{hint} ({failure.detail})"
