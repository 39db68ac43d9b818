"""Commands in OCPI's words: sent to a peer, answered at once, and once more when the station has done it or not."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ocpi import EvseLink, JsonObject, Peer
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.stations.ocpi.client import Answer, Call, Failure, PeerClient, Trouble, is_http, under
from bot.stations.ocpi.wire import VERSION, Unusable, number_or_none, object_of, text_or_none, wire_time

START, STOP, UNLOCK = "START_SESSION", "STOP_SESSION", "UNLOCK_CONNECTOR"
NAMES = {
    RemoteCommand.START_SESSION: START,
    RemoteCommand.STOP_SESSION: STOP,
    RemoteCommand.UNLOCK: UNLOCK,
}
"""All that OCPI can have a station do."""

_RESPONSES = {"NOT_SUPPORTED": CommandAnswer.NOT_SUPPORTED, "ACCEPTED": CommandAnswer.ACCEPTED}
_RESULTS = {
    "ACCEPTED": CommandAnswer.ACCEPTED,
    "NOT_SUPPORTED": CommandAnswer.NOT_SUPPORTED,
    # The peer waited for its station, and does not know whether it heard.
    "TIMEOUT": CommandAnswer.NO_ANSWER,
}
_FAILURES = {
    Trouble.AWAY: CommandAnswer.OFFLINE,
    Trouble.SILENT: CommandAnswer.NO_ANSWER,
    Trouble.BROKEN: CommandAnswer.NO_ANSWER,
    Trouble.UNSUPPORTED: CommandAnswer.NOT_SUPPORTED,
    Trouble.MISSING: CommandAnswer.NOT_SUPPORTED,
    Trouble.REFUSED: CommandAnswer.REJECTED,
    Trouble.REJECTED: CommandAnswer.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """`answer` is how long a peer has for its first answer, `result` the most that its station has after that."""

    answer: timedelta = timedelta(seconds=10)
    result: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command for one EVSE. `session` is the peer's name of the session to stop."""

    peer: Peer
    link: EvseLink
    order: RemoteOrder
    session: str | None = None
    connector_id: str | None = None
    """Of the running session, where there is one and it names it."""


class Commands:
    """Sends commands and takes their results, which come by requests of the peer."""

    def __init__(self, client: PeerClient, base_url: str, patience: Patience) -> None:
        self._client = client
        self._base_url = base_url
        self._patience = patience
        self._waiting: dict[str, tuple[str, asyncio.Future[CommandAnswer]]] = {}

    async def send(self, asked: Asked, now: datetime) -> CommandAnswer:
        """Sends a command and waits for its result; NO_ANSWER where that does not come in time.

        ValueError for a START_SESSION without an id tag: a mistake of the caller.
        """
        name, url = NAMES[asked.order.command], asked.peer.url_of("commands", "RECEIVER")
        if url is None or not is_http(self._base_url):
            return CommandAnswer.NOT_SUPPORTED
        key = secrets.token_urlsafe(24)
        body = _body(asked, now)
        if body is None:
            return CommandAnswer.REJECTED
        body["response_url"] = under(self._base_url, VERSION, "commands", name, key)
        # The result may be here before the answer is.
        result: asyncio.Future[CommandAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[key] = (asked.peer.id, result)
        try:
            call = Call("POST", under(url, name), body, within=self._patience.answer)
            answer = await self._client.call(asked.peer, call)
            if isinstance(answer, Failure):
                return _FAILURES[answer.trouble]
            first, patience = _response(answer)
            if first is not CommandAnswer.ACCEPTED:
                return first
            async with asyncio.timeout(min(patience, self._patience.result).total_seconds()):
                return await result
        except TimeoutError:
            return CommandAnswer.NO_ANSWER
        finally:
            del self._waiting[key]

    def take_result(self, peer: Peer, key: str, body: object) -> bool:
        """Takes the result of a command; False where this peer owes none under that key. Unusable as it says."""
        read = object_of(body, "result")
        owner, result = self._waiting.get(key, ("", None))
        if result is None or owner != peer.id:
            return False
        if not result.done():
            word = (text_or_none(read, "result") or "").upper()
            result.set_result(_RESULTS.get(word, CommandAnswer.REJECTED))
        return True


def _response(answer: Answer) -> tuple[CommandAnswer, timedelta]:
    """The first answer, and how long the result may take; some peers leave the time out, or all of it."""
    try:
        read = object_of(answer.data, "data")
    except Unusable:
        return CommandAnswer.REJECTED, timedelta()
    word = (text_or_none(read, "result") or "").upper()
    seconds = number_or_none(read.get("timeout"))
    patience = timedelta(seconds=min(seconds, 3600)) if seconds and seconds > 0 else timedelta.max
    return _RESPONSES.get(word, CommandAnswer.REJECTED), patience


def _body(asked: Asked, now: datetime) -> JsonObject | None:
    """The command without its response URL; None where it names a session or a connector that there is not."""
    link, order = asked.link, asked.order
    where: JsonObject = {"location_id": link.location_id, "evse_uid": link.evse_uid}
    match order.command:
        case RemoteCommand.STOP_SESSION:
            return None if asked.session is None else {"session_id": asked.session}
        case RemoteCommand.UNLOCK:
            connector = asked.connector_id or _unlockable(link)
            return None if connector is None else where | {"connector_id": connector}
        case _:
            if order.id_tag is None:
                raise ValueError("START_SESSION needs an id tag")
            body = where | {"token": _token(asked.peer, order.id_tag, now)}
            if "START_SESSION_CONNECTOR_REQUIRED" in link.capabilities and link.connectors:
                body["connector_id"] = link.connectors[0].id
            return body


def _unlockable(link: EvseLink) -> str | None:
    """A cable that is fixed to the station cannot be locked in: a socket is meant before it."""
    sockets = [each for each in link.connectors if each.format.upper() == "SOCKET"]
    found = sockets or list(link.connectors)
    return found[0].id if found else None


def _token(peer: Peer, id_tag: str, now: datetime) -> JsonObject:
    """A token that is used once and never kept by the peer."""
    us = peer.us
    return {
        "country_code": us.country_code,
        "party_id": us.party_id,
        "uid": id_tag,
        "type": "AD_HOC_USER",
        "contract_id": f"{us.country_code}-{us.party_id}-{id_tag}",
        "issuer": us.name,
        "valid": True,
        "whitelist": "NEVER",
        "last_updated": wire_time(now),
    }
