"""The service of a station ends while a technician has a job there: the job is taken back, and they hear why."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.domain.case import CaseState
from bot.domain.job import JobState
from bot.domain.operator import Contact
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, Stage
from tests.acceptance.office import Office, at_work
from tests.acceptance.test_jobs import ByMail, broken, dispatched, job, taps, told

TINA = "tina@example.org"
BOTH_WAYS = Contact("Tom Technician", "+43 660 000000", TINA, 2001)
"""Is reached in Telegram and by e-mail."""
BY_MAIL = Contact("Tina Technician", "+43 660 111111", TINA)
END = "Disable service for this charging station"
DIRECTLY = "please turn to Stadtwerke Graz directly from now on"


@pytest.fixture
async def office(stage: Stage) -> AsyncIterator[Office]:
    stage.settings.public_url = f"http://127.0.0.1:{stage.settings.http_port}"
    async with at_work(stage) as opened:
        yield opened


def repaired_by(uow: UnitOfWork, contact: Contact) -> None:
    """The station has this technician from now on."""
    station = uow.operators.station("GRAZ-01")
    assert station is not None
    ids = {each.evse_id: each.evse_id for each in station.evses}
    uow.operators.put_station(replace(station, technician=contact), ids)


async def asked(office: Office, contact: Contact) -> str:
    """Lena's case is with that technician, who was just asked; the link of the job."""
    await office.stage.database.write(lambda uow: repaired_by(uow, contact))
    await broken(office.stage)
    await dispatched(office.stage)
    mail = await office.mailed(TINA)
    part = mail.get_body(("plain",))
    assert part is not None
    return next(word for word in str(part.get_content()).split() if "/j/" in word)


async def service_ends(office: Office) -> None:
    """An admin ends the service of the station."""
    ada = office.stage.ada
    ada.command("deactivate GRAZ-01")
    ada.press(END, await office.sees(ada, "1 open case goes to your own people", button=END))
    await office.sees(ada, "1 open case has gone to your own people")
    await office.stage.sees(office.stage.lena, "Our hotline no longer looks after this station")
    assert await office.stage.eventually(lambda uow: uow.outbox.waiting() == 0, seconds=15)


async def test_a_technician_who_is_there_hears_whose_job_it_is_now_and_buttons_and_link_end(
    office: Office,
) -> None:
    stage = office.stage
    link = await asked(office, BOTH_WAYS)
    first = await taps(stage, "👍 I take it", "🚗 I am on my way", "📍 I am there")
    shown = await stage.sees(stage.tom, "", button="✅ It is repaired")
    old = shown.button("✅ It is repaired")
    assert old is not None and shown.id == first.id
    before = told(stage, stage.tom, "")
    await service_ends(office)
    assert (await job(stage)).state is JobState.WITHDRAWN
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and (case.state, case.resolution) == (CaseState.CLOSED, "service_ended")
    assert told(stage, stage.tom, DIRECTLY) == 1
    assert told(stage, stage.tom, "") == before + 1, "one message rings, not two"
    over = stage.chat(stage.tom).messages[shown.id]
    assert "no longer yours" in over.text and not over.keyboard
    assert "is settled" not in over.text, "nobody has repaired it"
    assert EVSE_1 not in over.text and "Lena" not in over.text
    assert len(office.post.to(TINA)) == 2
    assert "Job #1, changed" in office.post.to(TINA)[-1]["Subject"]
    stage.tom.press(str(old["callback_data"]), over, stale=True)
    await stage.sees(stage.tom, "This job is over")
    stage.tom.command("jobs")
    await stage.sees(stage.tom, "You have no open job")
    async with aiohttp.ClientSession() as browser:
        page = ByMail(stage, office.post.post, browser)
        status, text = await page.get(link)
        assert status == 404 and "the job is no longer yours" in text and EVSE_1 not in text
        status, text = await page.send(link, version=str((await job(stage)).version), do="fix", cause="other")
        assert status == 404 and "the job is no longer yours" in text
    assert (await job(stage)).state is JobState.WITHDRAWN


async def test_who_has_the_job_hears_it_and_not_who_became_the_stations_technician_since(
    office: Office,
) -> None:
    stage = office.stage
    link = await asked(office, BY_MAIL)
    async with aiohttp.ClientSession() as browser:
        page = ByMail(stage, office.post.post, browser)
        assert (await page.step(link, "accept"))[0] == 200
        other = Contact("Tom Technician", "+43 660 000000", None, stage.tom.id)
        await stage.database.write(lambda uow: repaired_by(uow, other))
        before = told(stage, stage.tom, "")
        await service_ends(office)
        assert (await page.get(link))[0] == 404
    assert told(stage, stage.tom, "") == before, "he never had the job"
    first, second = office.post.to(TINA)
    assert "Job #1, changed" in second["Subject"]
    assert DIRECTLY.removeprefix("please ") in str(second.get_content())
    assert first["Subject"] != second["Subject"]
