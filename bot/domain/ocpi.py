"""What is kept of back ends that speak OCPI: peers with their tokens, and which of their EVSEs is which of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

JsonObject = dict[str, object]
"""A JSON object as a peer sent it. Its shape is the sender's claim: it is read with care, never by trust."""


@dataclass(frozen=True, slots=True)
class Party:
    """One role of a platform: who it is in OCPI. `role` is OCPI's word, `CPO` or `EMSP`."""

    role: str
    country_code: str
    party_id: str
    name: str = ""

    def is_same(self, country_code: str, party_id: str) -> bool:
        """Whether these name this party; identifiers of OCPI know no case."""
        return (self.country_code.casefold(), self.party_id.casefold()) == (
            country_code.casefold(),
            party_id.casefold(),
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a module of the other side is; `role` is SENDER or RECEIVER."""

    identifier: str
    role: str
    url: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A back end, how far the registration with it is, and how it is spoken with.

    `our_token` is what the peer shows us, `next_token` one that it may show as well while tokens change hands, and
    `their_token` is what we show. `us` is the party that we are to this peer. A peer is registered once it has given
    us a token of our own, at `registered_at`. `statuses` says of a status of OCPI which of ours it means; what it
    does not name keeps its usual meaning.
    """

    id: str
    operator_id: str
    versions_url: str
    us: Party
    our_token: str | None = None
    next_token: str | None = None
    their_token: str | None = None
    parties: tuple[Party, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    raw_token: bool = False
    statuses: Mapping[str, str] = field(default_factory=dict)
    registered_at: datetime | None = None

    @property
    def registered(self) -> bool:
        """Whether modules other than versions and credentials may be used, both ways."""
        return self.registered_at is not None

    @property
    def name(self) -> str:
        """What the other side calls itself; its id where it gave no name."""
        return next((party.name for party in self.parties if party.name), self.id)

    def url_of(self, identifier: str, role: str | None) -> str | None:
        """Where a module of the other side is, without a slash at its end; None where it has none."""
        for endpoint in self.endpoints:
            # Older peers name no roles: theirs is the only one that makes sense.
            if endpoint.identifier == identifier and (role in {None, endpoint.role} or not endpoint.role):
                return endpoint.url.rstrip("/")
        return None


@dataclass(frozen=True, slots=True)
class PeerState:
    """How the work with a peer stands. Errors are one line each; `synced_until` is where the next delta begins."""

    contact_at: datetime | None = None
    error: str | None = None
    error_at: datetime | None = None
    synced_until: datetime | None = None
    crawled_at: datetime | None = None
    """When all locations were read the last time."""
    bad_objects: int = 0
    """How many objects of the last pull could not be read."""


@dataclass(frozen=True, slots=True)
class OcpiConnector:
    """A connector of the peer's EVSE. `standard` and `format` are OCPI's words."""

    id: str
    standard: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class EvseLink:
    """An EVSE of a peer. `station_id` and `connector` are ours; None where it is none of our EVSEs.

    `status` is OCPI's word as told, `last_updated` the peer's own time of it, `heard_at` our clock's.
    `created` says that our station was made from this EVSE and lives by it.
    """

    peer_id: str
    location_id: str
    evse_uid: str
    evse_id: str | None
    station_id: str | None
    connector: int | None
    status: str
    last_updated: datetime
    heard_at: datetime
    connectors: tuple[OcpiConnector, ...] = ()
    capabilities: frozenset[str] = frozenset()
    removed_at: datetime | None = None
    created: bool = False


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A location, an EVSE or a session as a peer told it, with the peer's own time of it."""

    id: str
    data: JsonObject
    last_updated: datetime


def key_of(identifier: str) -> str:
    """The form by which identifiers of OCPI are compared: case-insensitively."""
    return identifier.casefold()
