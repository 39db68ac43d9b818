"""The post office of the sandbox: takes every e-mail that the bot sends, and lets none out."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.domain.clock import Clock
from bot.sandbox.stations.line import wire_time

_HOST = "127.0.0.1"
_KEPT = 200
_ACCEPTED = "250 OK"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with an e-mail."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One e-mail for one recipient; `html` is None where it has no such part."""

    number: int
    at: str
    recipient: str
    sender: str
    subject: str
    text: str
    html: str | None
    attachments: tuple[Attachment, ...]

    def view(self) -> dict[str, object]:
        """For the page; ready for JSON. The HTML and the files are fetched by their own addresses."""
        files = [
            {"name": each.name, "mime": each.mime, "size": len(each.content)} for each in self.attachments
        ]
        return {
            "number": self.number,
            "at": self.at,
            "recipient": self.recipient,
            "sender": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html is not None,
            "attachments": files,
        }


@dataclass(slots=True)
class PostOffice:
    """An SMTP server on a port of its own, which is known at once. `on_mail` hears of each e-mail."""

    clock: Clock
    on_mail: Callable[[ReceivedMail], None]
    kept: deque[ReceivedMail] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _socket: socket.socket = field(default_factory=lambda: socket.create_server((_HOST, 0)))
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """What SMTP_URL has to be."""
        return f"smtp://{_HOST}:{self._socket.getsockname()[1]}?from=support@example.org"

    async def open(self) -> None:
        """Takes e-mail in from now on."""
        loop = asyncio.get_running_loop()

        def attend() -> SMTP:
            return SMTP(self, hostname="sandbox", enable_SMTPUTF8=True, loop=loop)

        self._server = await loop.create_server(attend, sock=self._socket)

    async def close(self) -> None:
        """Takes none in any more; the port is free again."""
        if self._server is None:
            self._socket.close()
            return
        self._server.close()
        await self._server.wait_closed()

    def find(self, number: int) -> ReceivedMail | None:
        """The e-mail with that number, while it is kept."""
        return next((mail for mail in self.kept if mail.number == number), None)

    async def handle_DATA(  # noqa: N802  # The library finds it by this name.
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """One e-mail came in, for one or for several."""
        content = envelope.content
        parsed = message_from_bytes(
            content if isinstance(content, bytes) else (content or "").encode(),
            _class=EmailMessage,
            policy=policy.default,
        )
        for recipient in envelope.rcpt_tos:
            mail = _read(parsed, next(self._numbers), wire_time(self.clock()), recipient)
            self.kept.append(mail)
            self.on_mail(mail)
        return _ACCEPTED


def _read(message: EmailMessage, number: int, at: str, recipient: str) -> ReceivedMail:
    files = tuple(
        Attachment(part.get_filename() or "file", part.get_content_type(), _bytes(part))
        for part in message.iter_attachments()
    )
    return ReceivedMail(
        number,
        at,
        recipient,
        str(message["From"] or ""),
        str(message["Subject"] or "").strip(),
        _text(message, "plain") or "",
        _text(message, "html"),
        files,
    )


def _text(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else str(part.get_content()).replace("\r\n", "\n")


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    # A message within a message has no bytes of its own.
    return content if isinstance(content, bytes) else part.as_bytes()
