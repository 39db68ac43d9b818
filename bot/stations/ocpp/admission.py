"""Who is let in: what a station shows is held against what is known of it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog
from aiohttp import hdrs, web

from bot.domain.clock import Clock
from bot.domain.knock import LONGEST_ID, Knock
from bot.domain.observation import Noted
from bot.stations.gateway import Credentials, StationJournal
from bot.stations.ocpp.arrival import Arrival, Network, arrival_of
from bot.stations.ocpp.handshake import SUBPROTOCOL, password_fits, shown_password
from bot.stations.ocpp.seldom import Seldom

log = structlog.get_logger()

_PASSWORD, _TLS, _CERTIFICATE = 1, 2, 3
"""The security profiles of OCPP, by what each one demands beyond the one below."""
_LONGEST_PASSWORD = 256
_CHALLENGE = {hdrs.WWW_AUTHENTICATE: 'Basic realm="OCPP"'}


@dataclass(frozen=True, slots=True)
class Entrance:
    """How stations come in. The headers of `proxies` are believed, on TLS and on certificates.

    `assumed` is the subprotocol of a station that offers none; with None such a station is sent away.
    """

    proxies: tuple[Network, ...] = ()
    assumed: str | None = SUBPROTOCOL


class Lack(StrEnum):
    """What keeps a known station out."""

    PASSWORD = "password"  # noqa: S105  # It is the word for one.
    PROFILE = "profile"
    CERTIFICATE = "certificate"


def lack_of(station_id: str, known: Credentials, arrival: Arrival) -> Lack | None:
    """What is missing for the station to be let in; None where nothing is.

    A certificate that is shown must carry the identity as its common name, and stands in for the password. The
    profiles are those of OCPP 2.0.1, part 2, A00: 1 demands the password, 2 demands it over TLS, 3 the certificate.
    """
    if arrival.certificate is not None:
        return None if _own(station_id, arrival) else Lack.CERTIFICATE
    if known.security_profile >= _CERTIFICATE:
        return Lack.CERTIFICATE
    if known.security_profile >= _TLS and not arrival.secure:
        return Lack.PROFILE
    if not known.password and known.security_profile < _PASSWORD:
        return None
    shown = known.password and password_fits(station_id, known.password, arrival.authorization)
    return None if shown else Lack.PASSWORD


class Admission:
    """Answers those who are not let in, and keeps in mind who they were."""

    def __init__(self, journal: StationJournal, clock: Clock, entrance: Entrance) -> None:
        self._journal = journal
        self._clock = clock
        self._entrance = entrance
        self._knocks = Seldom(timedelta(minutes=1), most=60)
        self._refusals = Seldom(timedelta(hours=1), most=1000)

    async def refusal(self, station_id: str | None, request: web.Request) -> web.Response | None:
        """None where the station may come in.

        404 for who is not known, 401 where a password would help, 403 where only another way of connecting would.
        """
        known = await self._journal.credentials(station_id) if station_id else None
        arrival = arrival_of(request, self._entrance.proxies)
        if station_id is None or known is None:
            log.info("station_refused", station=(station_id or "")[:64], why="unknown")
            # Whoever asks for a page only is no station, but something that searches the network.
            if station_id is not None and request.headers.get(hdrs.UPGRADE, "").casefold() == "websocket":
                await self._knocked(station_id, arrival)
            return web.Response(status=404)
        lack = lack_of(station_id, known, arrival)
        if lack is None:
            return None
        log.info("station_refused", station=station_id, why=lack.value)
        now = self._clock()
        if self._refusals.times(station_id, now):
            await self._journal.record([Noted(station_id, now, "refused", lack.value)])
        if lack is Lack.PASSWORD:
            return web.Response(status=401, headers=_CHALLENGE)
        return web.Response(status=403)

    async def _knocked(self, station_id: str, arrival: Arrival) -> None:
        password = shown_password(station_id, arrival.authorization)
        # What cannot be kept as a whole must not be adopted by half: that would let in who shows nothing.
        foreign = arrival.certificate is not None and not _own(station_id, arrival)
        if foreign or len(station_id) > LONGEST_ID or len(password or "") > _LONGEST_PASSWORD:
            return
        now, profile = self._clock(), _profile(station_id, arrival, password)
        # Who shows less in the same name must not drown who shows more.
        times = self._knocks.times(f"{profile} {station_id}", now)
        if times:
            shown = Knock(
                station_id,
                now,
                now,
                times,
                arrival.address,
                arrival.protocols,
                arrival.agent,
                password,
                profile,
            )
            await self._journal.knocked(shown)


def _own(station_id: str, arrival: Arrival) -> bool:
    return arrival.secure and arrival.certificate == station_id


def _profile(station_id: str, arrival: Arrival, password: str | None) -> int:
    """The highest security profile that the attempt would satisfy, were the station known."""
    if _own(station_id, arrival):
        return _CERTIFICATE
    if password is None:
        return 0
    return _TLS if arrival.secure else _PASSWORD
