"""Calling a peer. No error of the network or of the peer leaves here: it is a `Failure`."""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
import orjson

from bot.domain.ocpi import JsonObject, Party, Peer
from bot.stations.ocpi.tokens import header_of
from bot.stations.ocpi.wire import Envelope, Unusable, read_envelope

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes; a page of locations with all their EVSEs stays far below."""
_CHUNK = 64 * 1024
_DETAIL = 200
_REFUSED = frozenset({401, 403})
_MISSING = 404
_REDIRECTS = frozenset({307, 308})
_UNSUPPORTED = frozenset({405, 501})
_GOOD = range(1000, 2000)
_CLIENT_ERRORS = range(2000, 3000)
_SUCCESS = range(200, 300)
_SERVER_ERRORS = 500


class Trouble(StrEnum):
    """Why a call brought nothing."""

    AWAY = "away"
    """It was never sent: there is no connection to the peer."""
    SILENT = "silent"
    """It was sent, and no answer came in time."""
    REFUSED = "refused"
    """The peer does not take our token."""
    MISSING = "missing"
    """The peer knows no such thing."""
    UNSUPPORTED = "unsupported"
    """The peer does not do this, or not in the present state of registration."""
    REJECTED = "rejected"
    """The peer says that the request is wrong."""
    BROKEN = "broken"
    """The peer failed, or its answer cannot be read."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that brought nothing. `detail` is one line, without any token."""

    trouble: Trouble
    detail: str
    status_code: int | None = None
    """The peer's own code, where it gave one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: HTTP 2xx with a status code of 1000 to 1999."""

    data: object
    envelope: Envelope
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `routed` says that it is of a functional module, which names the parties."""

    method: str
    url: str
    body: JsonObject | None = None
    routed: bool = True
    within: timedelta = timedelta(seconds=20)


class PeerClient:
    """Calls peers over connections of its own, from `open` to `close`."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Closes all connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, peer: Peer, call: Call) -> Answer | Failure:
        """One call with the peer's token; an answer or the reason why there is none, within `call.within`."""
        if peer.their_token is None:
            return Failure(Trouble.REFUSED, "there is no token for this peer")
        if not is_http(call.url):
            return Failure(Trouble.BROKEN, f"the peer gave an address that cannot be called: {call.url[:80]}")
        headers = _headers(peer, peer.their_token, routed=call.routed)
        try:
            async with asyncio.timeout(call.within.total_seconds()):
                return await self._sent(call, headers)
        except aiohttp.ClientConnectorError as error:
            return Failure(Trouble.AWAY, _shortened(f"no connection: {error.strerror or error}"))
        except TimeoutError:
            return Failure(Trouble.SILENT, f"no answer within {call.within.total_seconds():g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Failure(Trouble.SILENT, _shortened(f"{type(error).__name__}: {error}"))

    async def _sent(self, call: Call, headers: Mapping[str, str]) -> Answer | Failure:
        session = self._session
        if session is None:
            # Each call has a deadline of its own.
            session = self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        body = None if call.body is None else orjson.dumps(call.body)
        sending = partial(session.request, call.method, data=body, headers=headers, allow_redirects=False)
        async with sending(call.url) as response:
            target = urljoin(call.url, response.headers.get("Location", ""))
            if response.status not in _REDIRECTS or not _same_host(call.url, target):
                return await _read(response)
        async with sending(target) as response:
            return await _read(response)


def is_http(url: str) -> bool:
    """Whether it is an address that can be called."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def under(url: str, *names: str) -> str:
    """The URL of something below another; names are escaped."""
    return "/".join([url.rstrip("/"), *(quote(name, safe="") for name in names)])


def _headers(peer: Peer, token: str, *, routed: bool) -> dict[str, str]:
    headers = {
        "Authorization": header_of(token, raw=peer.raw_token),
        "X-Request-ID": str(uuid.uuid4()),
        "X-Correlation-ID": str(uuid.uuid4()),
        "Content-Type": "application/json",
    }
    to = _other_side(peer)
    if routed and to is not None:
        headers |= {
            "OCPI-from-country-code": peer.us.country_code,
            "OCPI-from-party-id": peer.us.party_id,
            "OCPI-to-country-code": to.country_code,
            "OCPI-to-party-id": to.party_id,
        }
    return headers


def _other_side(peer: Peer) -> Party | None:
    return next((party for party in peer.parties if party.role.upper() == "CPO"), None)


async def _read(response: aiohttp.ClientResponse) -> Answer | Failure:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            response.close()
            return Failure(Trouble.BROKEN, "the answer is too large")
    try:
        read = read_envelope(bytes(body))
    except Unusable as error:
        read = None
        unreadable = str(error)
    if response.status in _SUCCESS:
        if read is None:
            return Failure(Trouble.BROKEN, f"HTTP {response.status}, and the answer has no {unreadable}")
        if read.status_code in _GOOD:
            return Answer(read.data, read, response.headers)
        trouble = Trouble.REJECTED if read.status_code in _CLIENT_ERRORS else Trouble.BROKEN
        return Failure(trouble, _told(response.status, read), read.status_code)
    code = None if read is None else read.status_code
    return Failure(_trouble_of(response.status), _told(response.status, read), code)


def _trouble_of(status: int) -> Trouble:
    if status in _REFUSED:
        return Trouble.REFUSED
    if status == _MISSING:
        return Trouble.MISSING
    if status in _UNSUPPORTED:
        return Trouble.UNSUPPORTED
    return Trouble.BROKEN if status >= _SERVER_ERRORS else Trouble.REJECTED


def _told(status: int, read: Envelope | None) -> str:
    if read is None:
        return f"HTTP {status}"
    return _shortened(f"HTTP {status}, status code {read.status_code} {read.status_message}".rstrip())


def _shortened(text: str) -> str:
    return " ".join(text.split())[:_DETAIL]


def _same_host(first: str, second: str) -> bool:
    """Whether a token that was meant for one may be shown to the other."""
    return urlsplit(first)[:2] == urlsplit(second)[:2]
