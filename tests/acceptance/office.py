"""An operator's office: its admins with their different rights, and a post office that can be out of order."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from tests.acceptance.conftest import OPERATOR, Stage
from tests.delivery.mail_server import MailServer
from tests.delivery.test_email import Post
from tests.ports import free_port

EVSE_4 = "AT*SWG*E0004*1"
PEOPLE = """
[[entity]]
id = "nord"
name = "Nord GmbH"

[[entity]]
id = "sued"
name = "Süd GmbH"

[[group]]
name = "Planning"
scope = "instance"
rights = ["infrastructure.station_list", "infrastructure.operations_tab", "personal.data"]

[[group]]
name = "Purse"
scope = "entity"
rights = ["users.cost_release", "finance.billing", "personal.data"]

[[group]]
name = "Strangers"
scope = "instance"
rights = ["infrastructure.operations_tab"]

[[person]]
telegram_id = 1002
name = "Petra Planner"
email = "petra@example.org"
groups = ["Planning"]

[[person]]
telegram_id = 1003
name = "Nora Nord"
email = "nora@example.org"
groups = ["Purse"]
entity = "nord"

[[person]]
telegram_id = 1004
name = "Sven Süd"
groups = ["Purse"]
entity = "sued"

[[location]]
id = "nord-park"
name = "Parkhaus Nord"
address = "Nordweg 1"
postal_code = "8051"
city = "Graz"
country = "AT"
latitude = 47.1
longitude = 15.4

[[station]]
id = "NORD-01"
location = "nord-park"
entity = "nord"
service_active = false

[[station.evse]]
evse_id = "AT*SWG*E0004*1"
connector = 1
type = "CCS2"
power_kw = 50

[[station]]
id = "NORD-02"
location = "nord-park"
entity = "nord"
service_active = false

[[station]]
id = "SUED-01"
location = "nord-park"
entity = "sued"
service_active = false
"""


@dataclass
class PostOffice:
    """Takes e-mail in on a port of its own, while it is open."""

    port: int
    post: Post = field(default_factory=Post)
    _controller: MailServer | None = None

    def open(self) -> None:
        self._controller = MailServer(self.post, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.post.received if mail["To"] == address]


@dataclass
class Office:
    """The stage with more people, and its post."""

    stage: Stage
    post: PostOffice
    petra: Person
    nora: Person
    sven: Person

    async def sees(self, who: Person, text: str, *, button: str = "", seconds: float = 8) -> Message:
        return await self.stage.sees(who, text, button=button, seconds=seconds)

    async def mailed(self, address: str, seconds: float = 10) -> EmailMessage:
        """The latest e-mail to an address."""
        assert await self.stage.eventually(lambda _uow: bool(self.post.to(address)), seconds)
        return self.post.to(address)[-1]


@contextlib.contextmanager
def post_office() -> Iterator[PostOffice]:
    office = PostOffice(free_port())
    office.open()
    try:
        yield office
    finally:
        office.close()


@contextlib.asynccontextmanager
async def at_work(stage: Stage, text: str = PEOPLE) -> AsyncIterator[Office]:
    """Opens the office: more staff and stations, and e-mail."""
    world = stage.world
    petra = world.person(1002, "Petra", "de")
    nora = world.person(1003, "Nora", "en")
    sven = world.person(1004, "Sven", "en")
    whole = OPERATOR.read_text().replace("-1001234567890", str(stage.hotline.id)) + text
    await stage.stop()
    await apply(stage.database, read_operator_file(whole))
    with post_office() as post:
        stage.settings.smtp_url = f"smtp://127.0.0.1:{post.port}?from=support@example.org"
        await stage.start()
        for each in (stage.ada, petra, nora, sven):
            each.start()
        yield Office(stage, post, petra, nora, sven)


def parts(mail: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of a mail."""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert isinstance(text, EmailMessage) and isinstance(html, EmailMessage)
    return str(text.get_content()), str(html.get_content())
