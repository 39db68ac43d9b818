"""E-mail, sent to a real SMTP server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.delivery.email import SmtpMailer
from bot.domain.clock import utc_now
from bot.telegram.errors import Undelivered
from bot.views.notices import Mail
from tests.delivery.mail_server import MailServer
from tests.ports import free_port

MAIL = Mail("Job #1: Graz Hauptbahnhof", "🔧 The station says: fault.\nPlease go there.")


class Post:
    """Takes mail in; addresses at nobody.example are refused, those at busy.example put off."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.raw: list[bytes] = []

    async def handle_RCPT(  # noqa: N802  # The library finds it by this name.
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.endswith("nobody.example"):
            return "550 no such mailbox"
        if address.endswith("busy.example"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # The library finds it by this name.
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.received.append(parsed)
        self.raw.append(content)
        return "250 OK"


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def mailer(post: Post) -> Iterator[SmtpMailer]:
    controller = MailServer(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield SmtpMailer(f"smtp://127.0.0.1:{controller.port}?from=support@example.org")
    controller.stop()


async def test_a_mail_arrives_as_it_was_meant(mailer: SmtpMailer, post: Post) -> None:
    assert await mailer.send("tom@example.org", MAIL, "job:1") is None
    (mail,) = post.received
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "support@example.org",
        "tom@example.org",
        MAIL.subject,
    )
    assert mail.get_content().splitlines() == MAIL.body.splitlines()


async def test_a_mail_with_html_arrives_in_both_forms(mailer: SmtpMailer, post: Post) -> None:
    html = f"<!doctype html><p>Größe &amp; Säule 🔧</p><p>{'long ' * 400}</p>"
    assert await mailer.send("tom@example.org", replace(MAIL, html=html), "job:1") is None
    (mail,) = post.received
    assert mail.get_content_type() == "multipart/alternative"
    text, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and rich is not None
    assert str(text.get_content()).splitlines() == MAIL.body.splitlines()
    assert str(rich.get_content()).strip() == html
    assert max(map(len, post.raw[0].split(b"\r\n"))) <= 998, "RFC 5321 knows no longer lines"


async def test_a_mail_is_dated_and_asks_for_no_automatic_answer(mailer: SmtpMailer, post: Post) -> None:
    await mailer.send("tom@example.org", replace(MAIL, subject="One\r\nBcc: all@example.org"), "job:1")
    (mail,) = post.received
    assert abs(mail["Date"].datetime - utc_now()) < timedelta(minutes=1)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["Subject"], mail["Bcc"]) == ("One Bcc: all@example.org", None)


async def test_a_mail_that_is_sent_again_is_known_by_its_identity(mailer: SmtpMailer, post: Post) -> None:
    for identity in ("job:1", "job:1", "job:2"):
        await mailer.send("tom@example.org", MAIL, identity)
    first, again, other = (mail["Message-ID"] for mail in post.received)
    assert first == again
    assert first != other


async def test_an_address_that_does_not_exist_is_given_up(mailer: SmtpMailer, post: Post) -> None:
    assert await mailer.send("tom@nobody.example", MAIL, "job:1") == "refused: 550"
    assert post.received == []


async def test_a_busy_or_absent_server_delays_and_never_loses(mailer: SmtpMailer) -> None:
    with pytest.raises(Undelivered):
        await mailer.send("tom@busy.example", MAIL, "job:1")
    with pytest.raises(Undelivered):
        await SmtpMailer(f"smtp://127.0.0.1:{free_port()}").send("tom@example.org", MAIL, "job:1")
