"""Registering with a peer, changing the tokens, and ending it; as the side that begins and as the one that answers.

While a handshake runs, the peer calls our versions with the token that it is being given: that token is kept before the
peer hears of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.clock import Clock
from bot.domain.ocpi import Endpoint, JsonObject, Party, Peer
from bot.stations.ocpi.client import Answer, Call, Failure, PeerClient, Trouble, is_http
from bot.stations.ocpi.store import OcpiStore
from bot.stations.ocpi.tokens import new_token
from bot.stations.ocpi.wire import (
    VERSION,
    StatusCode,
    Unusable,
    object_of,
    objects_of,
    text_of,
    text_or_none,
)

# A peer may have taken the new token although we did not hear its answer.
_UNSURE = frozenset({Trouble.SILENT, Trouble.BROKEN})


@dataclass(frozen=True, slots=True)
class Other:
    """What the credentials of the other side say."""

    token: str
    versions_url: str
    parties: tuple[Party, ...]


class Registration:
    """The handshakes, over a store; `base_url` is where our OCPI is served, without a slash at its end."""

    def __init__(self, store: OcpiStore, client: PeerClient, clock: Clock, base_url: str) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._base_url = base_url

    @property
    def versions_url(self) -> str:
        """What a peer is told to call."""
        return f"{self._base_url}/versions"

    async def register(self, peer: Peer, token_a: str) -> Peer | Failure:
        """Registers with a peer by the token that its people gave us; where that fails, all stays as it was."""
        before = next((each for each in await self._store.peers() if each.id == peer.id), None)
        known = replace(peer, their_token=token_a.strip(), next_token=new_token())
        endpoints = await self._endpoints(known)
        if isinstance(endpoints, Failure):
            return endpoints
        known = replace(known, endpoints=endpoints)
        await self._store.keep_peer(known)
        done = await self._exchange(known, "POST")
        if isinstance(done, Failure):
            await (self._store.drop_peer(peer.id) if before is None else self._store.keep_peer(before))
        return done

    async def rotate(self, peer: Peer) -> Peer | Failure:
        """New tokens both ways. Where it fails, the old ones stay, and one that the peer may have is let in, too."""
        endpoints = await self._endpoints(peer)
        if isinstance(endpoints, Failure):
            return endpoints
        known = replace(peer, endpoints=endpoints, next_token=new_token())
        await self._store.keep_peer(known)
        done = await self._exchange(known, "PUT")
        if isinstance(done, Failure) and done.trouble not in _UNSURE:
            await self._store.keep_peer(replace(known, next_token=peer.next_token))
        return done

    async def end(self, peer: Peer) -> Failure | None:
        """Ends the registration at the peer; a peer that knows nothing of it counts as ended. We forget it then."""
        url = peer.url_of("credentials", None)
        if peer.registered and url is not None:
            answer = await self._client.call(peer, Call("DELETE", as_written(peer, url), routed=False))
            gone = {Trouble.UNSUPPORTED, Trouble.REFUSED, Trouble.MISSING}
            if isinstance(answer, Failure) and answer.trouble not in gone:
                return answer
        await self._store.drop_peer(peer.id)
        return None

    def credentials(self, peer: Peer, token: str) -> JsonObject:
        """Ours, with the token that the peer shall show."""
        role: JsonObject = {
            "role": peer.us.role,
            "country_code": peer.us.country_code,
            "party_id": peer.us.party_id,
            "business_details": {"name": peer.us.name},
        }
        return {"token": token, "url": self.versions_url, "roles": [role]}

    async def taken(self, peer: Peer, body: object) -> tuple[JsonObject | None, StatusCode]:
        """A peer registers with us, or changes its tokens: our credentials for it, or why not. Unusable as it says.

        From then on the token by which it came is void.
        """
        other = read_credentials(body)
        known = replace(
            peer,
            their_token=other.token,
            versions_url=other.versions_url,
            parties=other.parties or peer.parties,
        )
        endpoints = await self._endpoints(known)
        if isinstance(endpoints, Failure):
            code = endpoints.status_code
            return None, StatusCode(code) if code in _OURS else StatusCode.CLIENT_API_UNUSABLE
        token = new_token()
        await self._store.keep_peer(
            replace(
                known,
                endpoints=endpoints,
                our_token=token,
                next_token=None,
                registered_at=peer.registered_at or self._clock(),
            )
        )
        return self.credentials(peer, token), StatusCode.OK

    async def released(self, peer: Peer) -> None:
        """The peer has ended the registration: no token is good any longer, either way."""
        await self._store.keep_peer(
            replace(peer, our_token=None, next_token=None, their_token=None, registered_at=None)
        )

    async def _exchange(self, peer: Peer, method: str) -> Peer | Failure:
        """Gives the peer `next_token` and takes the one that it gives; both come into force at once."""
        url = peer.url_of("credentials", None)
        if url is None or peer.next_token is None:
            return Failure(Trouble.BROKEN, "the peer has no credentials module")
        call = Call(method, as_written(peer, url), self.credentials(peer, peer.next_token), routed=False)
        answer = await self._client.call(peer, call)
        if isinstance(answer, Failure):
            return answer
        try:
            other = read_credentials(answer.data)
        except Unusable as error:
            return Failure(Trouble.BROKEN, f"the peer answered, and its credentials have no {error}")
        done = replace(
            peer,
            our_token=peer.next_token,
            next_token=None,
            their_token=other.token,
            parties=other.parties or peer.parties,
            registered_at=self._clock(),
        )
        await self._store.keep_peer(done)
        return done

    async def _endpoints(self, peer: Peer) -> tuple[Endpoint, ...] | Failure:
        """The modules of the peer in our version."""
        versions = await self._client.call(peer, Call("GET", peer.versions_url, routed=False))
        if isinstance(versions, Failure):
            return versions
        offered = {text_or_none(each, "version"): text_or_none(each, "url") for each in _objects(versions)}
        url = offered.get(VERSION)
        if url is None:
            told = ", ".join(sorted(each for each in offered if each)) or "nothing"
            text = f"it offers {told}, and not {VERSION}"
            return Failure(Trouble.BROKEN, text, StatusCode.NO_SUCH_VERSION)
        details = await self._client.call(peer, Call("GET", url, routed=False))
        return details if isinstance(details, Failure) else _read_endpoints(details)


_OURS = frozenset({StatusCode.NO_SUCH_VERSION, StatusCode.NO_ENDPOINTS})


def read_credentials(body: object) -> Other:
    """The other side's credentials; Unusable where token or URL are missing. White space after a token is dropped."""
    read = object_of(body, "credentials")
    url = text_of(read, "url")
    if not is_http(url):
        raise Unusable("url")
    parties = []
    for each in objects_of(read.get("roles")):
        if isinstance(each, dict):
            details = each.get("business_details")
            name = text_or_none(details, "name") if isinstance(details, dict) else None
            country, party = text_or_none(each, "country_code"), text_or_none(each, "party_id")
            role = text_or_none(each, "role") or ""
            parties.append(Party(role.upper(), country or "", party or "", name or ""))
    return Other(text_of(read, "token"), url, tuple(parties))


def _objects(answer: Answer) -> Sequence[JsonObject]:
    return [each for each in objects_of(answer.data) if isinstance(each, dict)]


def _read_endpoints(details: Answer) -> tuple[Endpoint, ...] | Failure:
    try:
        read = object_of(details.data, "data")
    except Unusable:
        read = {}
    found = []
    for each in objects_of(read.get("endpoints")):
        if isinstance(each, dict):
            identifier, url = text_or_none(each, "identifier"), text_or_none(each, "url")
            role = text_or_none(each, "role") or ""
            if identifier and url and is_http(url):
                found.append(Endpoint(identifier.lower(), role.upper(), url))
    if not any(endpoint.identifier == "credentials" for endpoint in found):
        return Failure(Trouble.BROKEN, "it names no credentials module", StatusCode.NO_ENDPOINTS)
    return tuple(found)


def as_written(peer: Peer, url: str) -> str:
    """The URL of a module itself just as the peer wrote it: some answer only with, others only without the slash."""
    return next((each.url for each in peer.endpoints if each.url.rstrip("/") == url), url)
