"""The sandbox's post office: every e-mail is taken in, shown, and robbed of its powers."""

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from urllib.parse import urlsplit

import aiosmtplib
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.domain.clock import utc_now
from bot.sandbox.letters import Letters
from bot.sandbox.mail import PostOffice, ReceivedMail

Client = TestClient[web.Request, web.Application]
HTML = "<h1>Gut</h1><script>alert(1)</script>"
PDF = b"%PDF-1.7 sticker"


@pytest.fixture
def heard() -> list[ReceivedMail]:
    return []


@pytest.fixture
async def office(heard: list[ReceivedMail]) -> AsyncIterator[PostOffice]:
    office = PostOffice(utc_now, heard.append)
    await office.open()
    yield office
    await office.close()


@pytest.fixture
async def client(office: PostOffice) -> AsyncIterator[Client]:
    app = web.Application()
    Letters(office).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        yield client


def letter(*recipients: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "support@example.org"
    message["To"] = ", ".join(recipients)
    message["Subject"] = "Störung behoben: „Graz“ 🔧"
    message.set_content("Alles läuft.\nGruß")
    return message


def formatted() -> EmailMessage:
    message = letter("ada@example.org")
    message.add_alternative(HTML, subtype="html")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="Aufkleber Süd.pdf")
    message.add_attachment("a;b\n", subtype="csv", filename="log.csv")
    return message


async def send(office: PostOffice, message: EmailMessage) -> None:
    parts = urlsplit(office.url)
    await aiosmtplib.send(message, hostname=parts.hostname, port=parts.port, timeout=5)


async def test_a_plain_letter_comes_as_it_was_meant(office: PostOffice, heard: list[ReceivedMail]) -> None:
    await send(office, letter("tom@example.org"))
    (mail,) = heard
    assert (mail.recipient, mail.sender) == ("tom@example.org", "support@example.org")
    assert (mail.subject, mail.text.split()) == ("Störung behoben: „Graz“ 🔧", ["Alles", "läuft.", "Gruß"])
    assert (mail.html, mail.attachments) == (None, ())


async def test_each_recipient_has_a_letter_of_their_own(office: PostOffice) -> None:
    await send(office, letter("tom@example.org", "ada@example.org"))
    assert [mail.recipient for mail in office.kept] == ["tom@example.org", "ada@example.org"]
    assert [mail.number for mail in office.kept] == [1, 2]


async def test_html_and_files_come_beside_the_text(office: PostOffice, client: Client) -> None:
    await send(office, formatted())
    (mail,) = office.kept
    assert mail.text.strip() == "Alles läuft.\nGruß"
    assert mail.view()["attachments"] == [
        {"name": "Aufkleber Süd.pdf", "mime": "application/pdf", "size": len(PDF)},
        # A line of text ends in two characters on its way.
        {"name": "log.csv", "mime": "text/csv", "size": 5},
    ]
    answer = await client.get("/sandbox/mail/1/files/0")
    assert await answer.read() == PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Aufkleber%20S%C3%BCd.pdf"


async def test_the_html_of_a_letter_can_run_nothing_and_reach_nobody(
    office: PostOffice, client: Client
) -> None:
    await send(office, formatted())
    answer = await client.get("/sandbox/mail/1/html")
    policy = answer.headers["Content-Security-Policy"]
    assert (await answer.text()).strip() == HTML
    assert policy.startswith("sandbox") and "default-src 'none'" in policy
    assert "script" not in policy.replace("default-src", "")


@pytest.mark.parametrize("path", ["9/html", "1/html", "1/files/0", "x/html"])
async def test_what_is_not_there_is_not_found(office: PostOffice, client: Client, path: str) -> None:
    await send(office, letter("tom@example.org"))
    assert (await client.get(f"/sandbox/mail/{path}")).status == 404


@pytest.mark.parametrize("opened", [True, False])
async def test_an_office_that_is_closed_takes_nothing_in(*, opened: bool) -> None:
    office = PostOffice(utc_now, lambda _: None)
    port = urlsplit(office.url).port
    if opened:
        await office.open()
    await office.close()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)
