"""How stations reach the service: over a port of their own with TLS, and through which proxies."""

import ssl

from aiohttp import web

from bot.settings import AssumedVersion, Settings, SettingsError
from bot.stations.ocpp.admission import Entrance
from bot.web.tls import TlsError, TlsFiles, server_context


def entrance_of(settings: Settings) -> Entrance:
    """Which proxies are believed, and what is assumed of stations that offer no subprotocol."""
    assumed = settings.ocpp_assumed_version
    protocol = None if assumed is AssumedVersion.NONE else f"ocpp{assumed.value}"
    return Entrance(settings.trusted_proxies, protocol)


def tls_files(settings: Settings) -> TlsFiles:
    """Where the certificates of the TLS port are."""
    return TlsFiles(settings.ocpp_tls_cert, settings.ocpp_tls_key, settings.ocpp_tls_client_ca)


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """What the TLS port needs; None where there is none, SettingsError where a file cannot be used."""
    if settings.ocpp_tls_port is None:
        return None
    try:
        return server_context(tls_files(settings))
    except TlsError as error:
        raise SettingsError(str(error)) from error


async def listen_securely(settings: Settings, runner: web.AppRunner, tls: ssl.SSLContext | None) -> None:
    """Opens the TLS port beside the one in the clear, where there is one; SettingsError where it is taken."""
    if tls is None or settings.ocpp_tls_port is None:
        return
    try:
        site = web.TCPSite(runner, settings.http_host, settings.ocpp_tls_port, ssl_context=tls)
        await site.start()
    except OSError as error:
        where = f"{settings.http_host}:{settings.ocpp_tls_port}"
        raise SettingsError(f"OCPP_TLS_PORT: cannot listen on {where}: {error.strerror}") from error
