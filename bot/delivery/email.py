"""E-mail over SMTP: text, and HTML beside it, with an identity by which a repetition is known."""

import hashlib
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.domain.clock import utc_now
from bot.telegram.errors import Undelivered
from bot.views.notices import Mail

SECONDS = 20.0
_PERMANENT = range(500, 600)


class Mailer(Protocol):
    """Sends e-mail."""

    async def send(self, recipient: str, mail: Mail, identity: str) -> str | None:
        """None when the server took it, else why it never will; Undelivered to be tried again."""
        ...


class NoMailer:
    """No SMTP server is set: nobody gets e-mail, and the row says so."""

    async def send(self, recipient: str, mail: Mail, identity: str) -> str | None:
        """Always why it was not sent."""
        return "SMTP_URL is not set"


class SmtpMailer:
    """A server given as `smtp://user:password@host:port?from=address`, or `smtps://…` for TLS from the start.

    STARTTLS is used where the server offers it.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("expected smtp://host:port or smtps://host:port")
        self._parts = parts
        query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
        self._sender = unquote(query.get("from", f"support@{parts.hostname}"))

    async def send(self, recipient: str, mail: Mail, identity: str) -> str | None:
        """See `Mailer.send`."""
        parts = self._parts
        try:
            await aiosmtplib.send(
                self._message(recipient, mail, identity),
                hostname=parts.hostname,
                port=parts.port,
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                use_tls=parts.scheme == "smtps",
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _for_good(error.recipients[0].code)
        except aiosmtplib.SMTPResponseException as error:
            return _for_good(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Undelivered(type(error).__name__) from error
        return None

    def _message(self, recipient: str, mail: Mail, identity: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"] = format_datetime(utc_now())
        # Nobody's out-of-office notice is wanted as an answer (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        digest = hashlib.sha256(identity.encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{digest}@{self._sender.rpartition('@')[2]}>"
        message.set_content(mail.body)
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html")
        return message


def _for_good(code: int) -> str:
    """Why a server never takes a mail; Undelivered where it only puts it off (RFC 5321, section 4.2.1)."""
    if code not in _PERMANENT:
        raise Undelivered(f"SMTP {code}")
    return f"refused: {code}"
