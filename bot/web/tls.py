"""The certificate that we show to stations, and whose certificates of stations we believe."""

import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:AES256-GCM-SHA384:AES128-GCM-SHA256"
"""OCPP 2.0.1, part 2, A00: the last two have no forward secrecy and are there for stations that know nothing else."""


class TlsError(Exception):
    """A file cannot be used; `setting` is the one that names it, the text says why."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(f"{setting} {reason}")
        self.setting = setting
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths of PEM files. `client_ca` may be empty: then stations are not asked for a certificate."""

    certificate: str
    key: str
    client_ca: str = ""


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """What a TLS port needs: TLS 1.2 or newer, and with a client CA a verified certificate of whoever shows one.

    TlsError where a file cannot be read or used.
    """
    for setting, path in _named(files):
        _readable(setting, path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    try:
        # A key with a passphrase would make OpenSSL ask for it on the terminal.
        context.load_cert_chain(files.certificate, files.key, password="")
    except ssl.SSLError as error:
        raise TlsError("OCPP_TLS_KEY", f"does not fit OCPP_TLS_CERT: {error.reason or error}") from error
    if files.client_ca:
        try:
            context.load_verify_locations(files.client_ca)
        except ssl.SSLError as error:
            raise TlsError("OCPP_TLS_CLIENT_CA", f"holds no certificate: {error.reason or error}") from error
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def good_until(files: TlsFiles) -> datetime:
    """When the certificate runs out; TlsError as for `server_context`, and where it has run out already."""
    server = server_context(files)
    server.verify_mode = ssl.CERT_NONE
    # Only a certificate that was verified can be read, so it is trusted here for being itself.
    client = ssl.create_default_context(cafile=files.certificate)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        shown = _shown(client, server)
    except ssl.SSLCertVerificationError as error:
        raise TlsError("OCPP_TLS_CERT", f"cannot be shown to stations: {error.verify_message}") from error
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def _shown(client: ssl.SSLContext, server: ssl.SSLContext) -> Mapping[str, object]:
    """The server's certificate as a client sees it, without a network between them."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    ends = [asking, answering]
    while ends:
        for end in tuple(ends):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
                ends.remove(end)
    return asking.getpeercert() or {}


def _named(files: TlsFiles) -> list[tuple[str, str]]:
    named = [("OCPP_TLS_CERT", files.certificate), ("OCPP_TLS_KEY", files.key)]
    return [*named, ("OCPP_TLS_CLIENT_CA", files.client_ca)] if files.client_ca else named


def _readable(setting: str, path: str) -> None:
    try:
        with Path(path).open("rb"):
            return
    except OSError as error:
        raise TlsError(setting, f"cannot be read: {error.strerror}") from error
