"""A technician's job from the first message to its end: in Telegram, by links, and by both at once."""

import asyncio
import contextlib
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import pytest

from bot.domain.case import CaseState
from bot.domain.job import Job, JobState
from bot.domain.operator import Contact
from bot.domain.people import telegram
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.station import SimulatedStation
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, Stage
from tests.acceptance.talk import picture
from tests.delivery.mail_server import MailServer
from tests.delivery.test_email import Post
from tests.ports import free_port

FAULT = "PowerMeterFailure"
BY_MAIL = Contact("Tina Technician", "+43 660 111111", "tina@example.org")
MANY = 4


async def broken(stage: Stage) -> SimulatedStation:
    """A station with a fault that nobody can mend from afar."""
    station = await stage.station()
    station.fault(1, FAULT)
    assert await stage.eventually(lambda uow: _latest(uow) is ConnectorStatus.FAULTED)
    return station


async def well_again(stage: Stage, station: SimulatedStation) -> None:
    station.clear_fault(1)
    assert await stage.eventually(lambda uow: _latest(uow) is ConnectorStatus.AVAILABLE)


def _latest(uow: UnitOfWork) -> ConnectorStatus:
    return uow.station_log.history("GRAZ-01", 1, 1)[0].status


async def reports(stage: Stage, who: Person) -> None:
    """Somebody reports the EVSE in English and asks for a person."""
    stage.scan(who, EVSE_1)
    who.press("🐢 Too slow", await stage.sees(who, "What is wrong?", button="🐢 Too slow"))
    shown = await stage.sees(who, "meter", button="🙋 Talk to a person")
    who.press("🙋 Talk to a person", shown)
    await stage.sees(who, "A person has been called")


async def dispatched(stage: Stage, who: Person | None = None) -> Message:
    """Somebody has reported the EVSE, and an agent sends the technician; the card."""
    await reports(stage, who or stage.lena)
    card = await stage.topic_shows("waiting for an agent", button="🔧 Technician")
    stage.tap(stage.anna, "🔧 Technician", card)
    await stage.sees(who or stage.lena, "technician has been asked")
    return card


async def taps(stage: Stage, *buttons: str) -> Message:
    """Tom presses one after the other; the last message."""
    shown = None
    for button in buttons:
        shown = await stage.sees(stage.tom, "", button=button)
        stage.tom.press(button, shown)
    assert shown is not None
    return shown


async def works(stage: Stage) -> None:
    """Lena says that it works after all."""
    chat, button = stage.chat(stage.lena), "✅ It works now"
    asked = stage.lena.start()
    now = await stage.world.until_shown(chat, "", button=button, after=asked.id, timeout=8)
    stage.lena.press(button, now)
    await stage.sees(stage.lena, "How was our help?")


async def job(stage: Stage) -> Job:
    found = await stage.database.read(lambda uow: uow.jobs.latest_of(1))
    assert found is not None
    return found


def becomes(stage: Stage, state: JobState) -> asyncio.Task[bool]:
    def reached(uow: UnitOfWork) -> bool:
        found = uow.jobs.latest_of(1)
        return found is not None and found.state is state

    return asyncio.ensure_future(stage.eventually(reached))


async def photo_in_topic(stage: Stage, card: Message) -> None:
    """Waits until a photo stands in the topic of the case."""
    await stage.world.wait_for(
        lambda: next(
            (m for m in stage.hotline.messages.values() if "photo" in m.body and m.thread == card.thread),
            None,
        )
    )


def told(stage: Stage, who: Person, words: str) -> int:
    """How many messages say that to somebody."""
    return sum(words in message.text for message in stage.chat(who).messages.values())


# In Telegram


async def test_a_job_goes_from_the_first_message_to_the_repair_in_one_message(stage: Stage) -> None:
    station = await broken(stage)
    card = await dispatched(stage)
    asked = await stage.sees(stage.tom, "Job #1", button="👍 I take it")
    for part in (EVSE_1, "Europaplatz 4", "openstreetmap.org", "energy meter is not working", "(calibrated)"):
        assert part in str(asked.body), part
    stage.tom.press("👍 I take it", asked)
    await stage.sees(stage.lena, "The technician has taken the job")
    await taps(stage, "🚗 I am on my way", "📍 I am there")
    await stage.topic_shows("Tom Technician is at the station")
    await stage.world.until_shown(stage.hotline, ", arrived ", thread=card.thread, timeout=8)
    quiet = told(stage, stage.lena, "")
    stage.tom.photo(picture(7), "the meter is dead")
    await stage.sees(stage.tom, "Passed on to the hotline, for job #1")
    await photo_in_topic(stage, card)
    assert told(stage, stage.lena, "") == quiet, "what happens on site rings at nobody who waits"
    await well_again(stage, station)
    stage.tom.command("jobs")
    listed = await stage.sees(stage.tom, "Your open jobs")
    assert "on site" in listed.text
    await taps(stage, "✅ It is repaired", "Fault inside the station")
    done = await stage.sees(stage.tom, "The station agrees", button="That is all")
    assert done.id == asked.id, "it is one message that changes with the job"
    await stage.sees(stage.lena, "The station is repaired")
    stage.tom.text("new meter, sealed anew")
    await stage.topic_shows("new meter, sealed anew")
    assert (await job(stage)).note == "new meter, sealed anew"
    stage.tom.press("That is all", done)
    await stage.world.wait_for(lambda: None if stage.chat(stage.tom).messages[done.id].keyboard else done)
    stage.tom.text("good night")
    await stage.sees(stage.tom, "EVSE ID")
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and (case.resolution, case.cause) == ("technician", "station_fault")


async def test_who_cannot_repair_it_says_why_and_the_hotline_has_the_case_again(stage: Stage) -> None:
    await broken(stage)
    await dispatched(stage)
    await taps(stage, "👍 I take it", "🚗 I am on my way", "📍 I am there", "❌ I cannot repair it")
    await taps(stage, "A spare part is missing")
    await stage.sees(stage.tom, "takes it from here")
    await stage.topic_shows("could not repair it: A spare part is missing")
    stage.tom.text("needs the board of rev. C")
    await stage.topic_shows("needs the board of rev. C")
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.state is CaseState.WAITING_AGENT
    assert (await job(stage)).cause == "spare_part"
    assert told(stage, stage.lena, "repaired") == 0


async def test_no_answer_in_time_takes_the_job_back_and_its_buttons_say_so(stage: Stage) -> None:
    await broken(stage)
    await dispatched(stage)
    asked = await stage.sees(stage.tom, "Job #1", button="👍 I take it")
    take = asked.button("👍 I take it")
    assert take is not None
    await stage.stop()
    stage.clock.forward(minutes=16)
    await stage.start()
    await stage.topic_shows("Tom Technician has not answered in time")
    over = await stage.sees(stage.tom, "no longer yours")
    assert over.id == asked.id and not over.keyboard
    assert "Lena" not in over.text
    stage.tom.press(str(take["callback_data"]), over, stale=True)
    await stage.sees(stage.tom, "This job is over")
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.state is CaseState.WAITING_AGENT


async def test_a_case_that_ends_takes_the_job_with_it_and_the_technician_is_told(stage: Stage) -> None:
    await broken(stage)
    await dispatched(stage)
    await taps(stage, "👍 I take it")
    await stage.sees(stage.lena, "has taken the job")
    await works(stage)
    await stage.sees(stage.tom, "The case is settled: this job is no longer yours")
    assert (await job(stage)).state is JobState.WITHDRAWN
    stage.tom.command("jobs")
    await stage.sees(stage.tom, "You have no open job")


async def test_a_repair_that_the_station_contradicts_is_told_and_stays_a_job(
    stage: Stage,
) -> None:
    await broken(stage)
    await dispatched(stage)
    await taps(stage, "👍 I take it", "🚗 I am on my way", "📍 I am there")
    await taps(stage, "✅ It is repaired", "Connector or cable")
    await stage.sees(stage.tom, "The station still says: fault", button="✅ It is repaired")
    await stage.topic_shows("but the station says: fault")
    assert (await job(stage)).state is JobState.ARRIVED
    assert told(stage, stage.lena, "repaired") == 0


async def test_somebody_elses_job_is_nobodys_business(stage: Stage) -> None:
    await broken(stage)
    await dispatched(stage)
    asked = await stage.sees(stage.tom, "Job #1", button="👍 I take it")
    take = asked.button("👍 I take it")
    assert take is not None
    theirs = await stage.sees(stage.lena, "technician has been asked")
    stage.lena._ask(stage.chat(stage.lena), theirs, str(take["callback_data"]))
    await stage.sees(stage.lena, "I do not know this job")
    assert (await job(stage)).state is JobState.ASKED


async def test_a_station_that_gets_another_technician_has_its_job_given_anew(stage: Stage) -> None:
    await broken(stage)
    await dispatched(stage)
    await taps(stage, "👍 I take it")
    nora = stage.world.person(2002, "Nora", "en")
    nora.start()
    other = Contact("Nora Technician", "+43 660 222222", None, nora.id)
    await stage.database.write(lambda uow: _repaired_by(uow, other))
    card = await stage.topic_shows("technician on the way", button="🔄 Refresh")
    stage.tap(stage.anna, "🔄 Refresh", card)
    card = await stage.topic_shows("technician on the way", button="🔧 Technician")
    stage.tap(stage.anna, "🔧 Technician", card)
    await stage.sees(stage.tom, "The hotline has given this job anew")
    await stage.sees(nora, "Job #1", button="👍 I take it")
    assert (await job(stage)).contact == other


# By links


@dataclass
class ByMail:
    """A technician who is reached by e-mail alone, and their browser."""

    stage: Stage
    post: Post
    browser: aiohttp.ClientSession

    async def link(self, mails: int = 1) -> str:
        """The link of the latest mail."""
        assert await self.stage.eventually(lambda _uow: len(self.post.received) >= mails)
        part = self.post.received[-1].get_body(("plain",))
        assert part is not None
        found = re.search(r"http\S+/j/\S+", str(part.get_content()))
        assert found is not None
        return found[0]

    async def get(self, link: str) -> tuple[int, str]:
        async with self.browser.get(link) as answer:
            return answer.status, await answer.text()

    async def send(self, link: str, **fields: str | bytes) -> tuple[int, str]:
        """Sends the form of a page; the answer after it has been followed."""
        form = aiohttp.MultipartWriter("form-data")
        for name, value in fields.items():
            part = form.append(value if isinstance(value, str) else io.BytesIO(value))
            if name == "photo":
                part.set_content_disposition("form-data", name=name, filename="p.jpg")
            else:
                part.set_content_disposition("form-data", name=name)
        async with self.browser.post(link, data=form) as answer:
            return answer.status, await answer.text()

    async def step(self, link: str, does: str, **more: str | bytes) -> tuple[int, str]:
        _, page = await self.get(link)
        found = re.search(r'name="version" value="(\d+)"', page)
        assert found is not None, page
        return await self.send(link, version=found[1], do=does, **more)


@pytest.fixture
async def by_mail(stage: Stage) -> AsyncIterator[ByMail]:
    post, port = Post(), free_port()
    controller = MailServer(post, hostname="127.0.0.1", port=port)
    controller.start()
    await stage.stop()
    stage.settings.smtp_url = f"smtp://127.0.0.1:{port}?from=bot@example.org"
    stage.settings.public_url = f"http://127.0.0.1:{stage.settings.http_port}"
    await stage.start()
    await stage.database.write(lambda uow: _repaired_by(uow, BY_MAIL))
    async with aiohttp.ClientSession() as browser:
        yield ByMail(stage, post, browser)
    controller.stop()


def _repaired_by(uow: UnitOfWork, contact: Contact) -> None:
    station = uow.operators.station("GRAZ-01")
    assert station is not None
    uow.operators.put_station(
        replace(station, technician=contact, directions="Behind the bicycle shed"),
        {each.evse_id: each.evse_id for each in station.evses},
    )


async def test_a_mail_has_everything_and_its_link_does_all_that_the_chat_does(by_mail: ByMail) -> None:
    stage = by_mail.stage
    station = await broken(stage)
    card = await dispatched(stage)
    link = await by_mail.link()
    (mail,) = by_mail.post.received
    html = mail.get_body(("html",))
    text = mail.get_body(("plain",))
    assert html is not None and text is not None
    for part in (
        EVSE_1,
        "Europaplatz 4",
        "Behind the bicycle shed",
        "Energy meter (calibrated)",
        FAULT,
        link,
    ):
        assert part in str(html.get_content()), part
        assert part in str(text.get_content()), part
    for _ in range(2):
        status, page = await by_mail.get(link)
        assert status == 200 and "I take it" in page
    assert (await job(stage)).state is JobState.ASKED, "programs that look at mails open links, too"
    for does, then in (
        ("accept", "when you set off"),
        ("go", "when you are there"),
        ("arrive", "It is repaired"),
    ):
        status, page = await by_mail.step(link, does)
        assert (status, then in page) == (200, True), page
    await stage.sees(stage.lena, "The technician has taken the job")
    status, page = await by_mail.step(link, "fix", cause="station_fault", note="bad luck <b>")
    assert status == 200 and "The station still says: fault" in page
    await stage.topic_shows("but the station says: fault")
    await stage.topic_shows("bad luck <b>")
    await well_again(stage, station)
    status, page = await by_mail.step(link, "fix", cause="station_fault", photo=picture(3))
    assert status == 200 and "The station agrees" in page
    await stage.sees(stage.lena, "The station is repaired")
    await photo_in_topic(stage, card)


async def test_a_step_works_once_and_a_stale_form_shows_where_it_stands(by_mail: ByMail) -> None:
    await broken(by_mail.stage)
    await dispatched(by_mail.stage)
    link = await by_mail.link()
    first = await job(by_mail.stage)
    answers = await asyncio.gather(
        *(by_mail.send(link, version=str(first.version), do="accept") for _ in range(MANY))
    )
    assert sorted(status for status, _ in answers) == [200, *[409] * (MANY - 1)]
    assert all("when you set off" in page for _, page in answers)
    assert (await job(by_mail.stage)).version == first.version + 1
    status, page = await by_mail.send(link, version="1", do="decline")
    assert status == 409 and "This has moved on" in page
    assert (await job(by_mail.stage)).state is JobState.ACCEPTED


async def test_a_link_that_opens_nothing_tells_nothing(by_mail: ByMail) -> None:
    stage = by_mail.stage
    await broken(stage)
    await dispatched(stage)
    link = await by_mail.link()
    head, _, token = link.rpartition("/")
    number, expires, proof = token.split(".")
    forged = [
        f"{number}.{int(expires) + 1}.{proof}",
        f"{int(number) + 1}.{expires}.{proof}",
        f"{number}.{expires}.{proof[:-1]}{'A' if proof[-1] != 'A' else 'B'}",
        f"{number}.{expires}.",
        "x",
        "9" * 70,
        f"{number}.{expires}.ä",
    ]
    for each in forged:
        status, page = await by_mail.get(f"{head}/{each}")
        assert status == 404 and "opens nothing" in page
        assert EVSE_1 not in page and "GRAZ" not in page and "Graz" not in page
        assert (await by_mail.send(f"{head}/{each}", version="1", do="accept"))[0] == 404
    await by_mail.step(link, "accept")
    stage.clock.forward(days=7, minutes=1)
    assert (await by_mail.get(link))[0] == 404
    stage.clock.shift = timedelta()
    assert (await by_mail.get(link))[0] == 200
    await works(stage)
    assert await becomes(stage, JobState.WITHDRAWN)
    status, page = await by_mail.get(link)
    assert status == 404 and EVSE_1 not in page
    assert await stage.eventually(lambda _uow: len(by_mail.post.received) == 2)
    assert "no longer yours" in by_mail.post.received[-1]["Subject"]


async def test_links_that_were_given_out_end_with_their_secret(by_mail: ByMail) -> None:
    await broken(by_mail.stage)
    await dispatched(by_mail.stage)
    link = await by_mail.link()
    assert (await by_mail.get(link))[0] == 200
    await by_mail.stage.database.write(lambda uow: uow.jobs.forget_secret())
    assert (await by_mail.get(link))[0] == 404


async def test_the_pages_are_kept_nowhere_and_load_nothing(by_mail: ByMail) -> None:
    await broken(by_mail.stage)
    await dispatched(by_mail.stage)
    link = await by_mail.link()
    for each in (link, link + "x"):
        async with by_mail.browser.get(each) as answer:
            headers, page = answer.headers, await answer.text()
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"].startswith("noindex")
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "<script" not in page and "src=" not in page
        assert len(page) < 16_000


@pytest.mark.parametrize("content", [b"GIF89a no photo", b"\xff\xd8\xff broken"])
async def test_what_is_no_photo_is_refused_and_the_job_stays(by_mail: ByMail, content: bytes) -> None:
    station = await broken(by_mail.stage)
    await dispatched(by_mail.stage)
    link = await by_mail.link()
    for does in ("accept", "go", "arrive"):
        await by_mail.step(link, does)
    await well_again(by_mail.stage, station)
    status, page = await by_mail.step(link, "fix", cause="other", photo=content)
    assert status == 400 and "could not be read" in page
    status, page = await by_mail.step(link, "fix", cause="nonsense")
    assert status == 400 and "Please choose one" in page
    assert (await job(by_mail.stage)).state is JobState.ARRIVED


async def test_a_photo_that_is_too_large_is_not_even_taken_in(by_mail: ByMail) -> None:
    await broken(by_mail.stage)
    await dispatched(by_mail.stage)
    link = await by_mail.link()
    for does in ("accept", "go", "arrive"):
        await by_mail.step(link, does)
    with contextlib.suppress(aiohttp.ClientError):
        status, _ = await by_mail.step(link, "cannot_fix", cause="other", photo=b"x" * (11 * 1024 * 1024))
        assert status == 413
    assert (await job(by_mail.stage)).state is JobState.ARRIVED


async def test_a_tap_and_a_form_at_once_make_one_step(by_mail: ByMail) -> None:
    stage = by_mail.stage
    both = replace(BY_MAIL, name="Tom Technician", telegram_id=stage.tom.id)
    await stage.database.write(lambda uow: _repaired_by(uow, both))
    await broken(stage)
    await dispatched(stage)
    link = await by_mail.link()
    asked = await stage.sees(stage.tom, "Job #1", button="👎 I cannot")
    stage.tom.press("👎 I cannot", asked)
    await by_mail.send(link, version="1", do="accept")
    assert await stage.eventually(lambda uow: uow.jobs.latest_of(1).version == 2)  # type: ignore[union-attr]
    now = await job(stage)
    assert now.state in {JobState.ACCEPTED, JobState.DECLINED}
    shown = "when you set off" if now.state is JobState.ACCEPTED else "looks for somebody else"
    await stage.sees(stage.tom, shown)
    assert shown in (await by_mail.get(link))[1]


async def test_a_technician_who_blocked_the_bot_has_the_link_all_the_same(by_mail: ByMail) -> None:
    stage = by_mail.stage
    both = replace(BY_MAIL, telegram_id=stage.tom.id)
    await stage.database.write(lambda uow: _repaired_by(uow, both))
    stage.tom.block()
    await broken(stage)
    await dispatched(stage)
    await stage.topic_shows("Tina Technician is not reached in Telegram")
    assert "I take it" in (await by_mail.get(await by_mail.link()))[1]


async def test_a_restart_in_between_changes_nothing(by_mail: ByMail) -> None:
    stage = by_mail.stage
    await broken(stage)
    await dispatched(stage)
    link = await by_mail.link()
    await by_mail.step(link, "accept")
    await stage.stop()
    await stage.start()
    status, page = await by_mail.step(link, "go")
    assert status == 200 and "when you are there" in page


# Everybody hears of it


async def test_everybody_who_reported_it_or_waits_for_it_hears_of_the_repair_once(stage: Stage) -> None:
    station = await broken(stage)
    tina = stage.world.person(503, "Tina", "en")
    stage.scan(tina, EVSE_1)
    found = await stage.sees(tina, "What is wrong?", button="🔔 Tell me when it works")
    tina.press("🔔 Tell me when it works", found)
    await stage.sees(tina, "I tell you when", button="🔕 Do not tell me")
    await dispatched(stage)
    stage.lena.press(
        "🔔 Tell me when it works", await stage.sees(stage.lena, "", button="🔔 Tell me when it works")
    )
    await stage.sees(stage.lena, "I tell you when")
    nina = stage.world.person(504, "Nina", "en")
    await reports(stage, nina)
    await taps(stage, "👍 I take it", "🚗 I am on my way", "📍 I am there")
    await well_again(stage, station)
    await taps(stage, "✅ It is repaired", "Fault inside the station")
    await stage.sees(stage.lena, "The station is repaired")
    await stage.sees(nina, "A technician has repaired the station", button="✅ It works now")
    await stage.sees(tina, "It works again")
    stage.clock.forward(minutes=5)
    await asyncio.sleep(1.2)
    assert told(stage, stage.lena, "It works again") == 0, "she has heard of it as a reporter"
    assert told(stage, tina, "It works again") == 1
    assert told(stage, nina, "repaired the station") == 1
    left = await stage.database.read(lambda uow: uow.watches.stations())
    assert not left


async def test_who_waits_hears_when_the_station_itself_is_well_for_a_while(stage: Stage) -> None:
    station = await broken(stage)
    stage.scan(stage.lena, EVSE_1)
    found = await stage.sees(stage.lena, "What is wrong?", button="🔔 Tell me when it works")
    stage.lena.press("🔔 Tell me when it works", found)
    await stage.sees(stage.lena, "I tell you when")
    await well_again(stage, station)
    station.fault(1, FAULT)
    assert await stage.eventually(lambda uow: _latest(uow) is ConnectorStatus.FAULTED)
    stage.clock.forward(minutes=3)
    await asyncio.sleep(1.2)
    assert told(stage, stage.lena, "It works again") == 0, "it only seemed so"
    await well_again(stage, station)
    await stage.stop()
    app = await stage.start()
    assert await stage.eventually(lambda _uow: bool(app.services.stations.capabilities("GRAZ-01")))
    stage.clock.forward(minutes=3)
    await stage.sees(stage.lena, "It works again")


async def test_a_wish_to_be_told_can_be_taken_back_and_ends_by_itself(stage: Stage) -> None:
    station = await broken(stage)
    for who in (stage.lena, stage.tom):
        stage.scan(who, EVSE_1)
        found = await stage.sees(who, "What is wrong?", button="🔔 Tell me when it works")
        who.press("🔔 Tell me when it works", found)
        await stage.sees(who, "I tell you when", button="🔕 Do not tell me")
    stage.lena.press("🔕 Do not tell me", await stage.sees(stage.lena, "", button="🔕 Do not tell me"))
    await stage.sees(stage.lena, "I do not tell you")
    stage.clock.forward(days=15)
    await well_again(stage, station)
    stage.clock.forward(minutes=3)
    assert await stage.eventually(lambda uow: not uow.watches.stations())
    await asyncio.sleep(0.5)
    assert told(stage, stage.lena, "It works again") == told(stage, stage.tom, "It works again") == 0
    assert await stage.database.read(lambda uow: uow.watches.of(EVSE_1, telegram(stage.lena.id))) is None
