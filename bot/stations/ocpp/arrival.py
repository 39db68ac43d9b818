"""What a station shows when it asks to be let in, directly or through a proxy that is believed."""

import ssl
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import hdrs, web

from bot.stations.ocpp.handshake import offered_protocols

Network = IPv4Network | IPv6Network

FORWARDED_PROTO = "X-Forwarded-Proto"
CERTIFICATE_NAME = "X-Client-Cert-CN"
_FORWARDED_FOR = "X-Forwarded-For"
_ENCRYPTED = frozenset({"https", "wss"})
_LONGEST = 200
"""Characters that are kept of what a stranger writes."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One attempt. `secure` says that the station itself speaks TLS, with us or with a proxy of ours.

    `certificate` is the common name in the certificate that was verified: None where none was shown, empty where
    there is not exactly one name in it.
    """

    authorization: str | None
    secure: bool
    certificate: str | None
    address: str
    protocols: tuple[str, ...] = ()
    agent: str = ""


def arrival_of(request: web.Request, proxies: tuple[Network, ...]) -> Arrival:
    """What the request shows. Headers on what a proxy saw count only where the peer is one of `proxies`."""
    peer = _peer(request)
    proxied = peer is not None and any(peer in network for network in proxies)
    address = str(peer or "")
    if proxied:
        address = _last(request.headers.getall(_FORWARDED_FOR, [])) or address
    tls = request.transport.get_extra_info("ssl_object") if request.transport else None
    return Arrival(
        authorization=request.headers.get(hdrs.AUTHORIZATION),
        secure=_forwarded_securely(request) if proxied else tls is not None,
        certificate=_forwarded_certificate(request) if proxied else _certificate(tls),
        address=_tame(address),
        protocols=offered_protocols(_tame(request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, ""))),
        agent=_tame(request.headers.get(hdrs.USER_AGENT, "")),
    )


def _peer(request: web.Request) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(request.remote or "")
    except ValueError:
        return None
    # A port that serves both families sees IPv4 peers in the clothes of IPv6.
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _forwarded_securely(request: web.Request) -> bool:
    # A header that the station brought along stands beside the proxy's own: all of them have to agree.
    values = request.headers.getall(FORWARDED_PROTO, [])
    words = [word.strip().casefold() for value in values for word in value.split(",")]
    return bool(words) and set(words) <= _ENCRYPTED


def _forwarded_certificate(request: web.Request) -> str | None:
    values = request.headers.getall(CERTIFICATE_NAME, [])
    names = [name for value in values if (name := value.strip())]
    if not names:
        return None
    return names[0] if len(values) == 1 else ""


def _certificate(tls: ssl.SSLObject | None) -> str | None:
    """The name in the peer's certificate; TLS has verified it by the time that there is a request."""
    shown = tls.getpeercert() if tls is not None else None
    if not shown:
        return None
    subject = shown.get("subject", ())
    pairs = [pair for part in subject if isinstance(part, tuple) for pair in part]
    names = [str(pair[1]) for pair in pairs if pair[0] == "commonName"]
    return names[0] if len(names) == 1 else ""


def _last(values: list[str]) -> str:
    """The end of a list of addresses: what the nearest proxy itself saw."""
    return values[-1].rpartition(",")[2].strip() if values else ""


def _tame(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST]
