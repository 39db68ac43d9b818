"""An agent closes a case although the station contradicts the repair that its technician has told."""

from bot.domain.case import Case, CaseState
from bot.domain.cause import Cause
from bot.domain.job import Job, JobState
from bot.sandbox.telegram.model import Message
from storage.uow import UnitOfWork
from tests.acceptance.conftest import Stage
from tests.acceptance.test_agents import drawn, in_topic, tapped
from tests.acceptance.test_jobs import broken, dispatched, taps, told, well_again


async def contradicted(stage: Stage) -> Message:
    """Tom was there and says that it is repaired, while the station goes on to say that it is faulted; the card."""
    card = await dispatched(stage)
    await taps(stage, "👍 I take it", "🚗 I am on my way", "📍 I am there")
    await taps(stage, "✅ It is repaired", "Connector or cable")
    await stage.sees(stage.tom, "The station still says: fault", button="✅ It is repaired")
    return card


def kept(uow: UnitOfWork) -> tuple[Case, Job, list[str]]:
    """The case, its job, and what is noted of the end of both, with what was noted."""
    case, job = uow.cases.get(1), uow.jobs.latest_of(1)
    assert case is not None and job is not None
    kinds = {"repair_contradicted", "repaired", "resolved", "job_withdrawn", "reopened"}
    events = [event for event in uow.cases.events(1) if event.kind in kinds]
    return case, job, [" ".join([each.kind, *each.data.values()]) for each in events]


async def test_an_agent_who_closes_it_all_the_same_sees_what_the_station_says_and_nobody_is_told_a_repair(
    stage: Stage,
) -> None:
    station = await broken(stage)
    card = await contradicted(stage)
    await in_topic(stage, card, "Tom Technician says it is repaired, but the station says: fault")
    await tapped(stage, stage.anna, card, "🔄 Refresh")
    shown = await drawn(stage, card, "technician on the way", button="✅ Resolve")
    assert "Tom Technician: " in shown.text and "arrived " in shown.text
    assert "Faulted" in shown.text, "the card says what the station says"
    await tapped(stage, stage.anna, card, "✅ Resolve", "Connector or cable")
    await drawn(stage, card, "🏁 Connector or cable")
    heard = await stage.sees(stage.lena, "The hotline has closed your report", button="4 ⭐")
    assert heard.button("🔔 Tell me when it works"), "it is out of order still"
    await stage.sees(stage.tom, "The case is settled: this job is no longer yours")
    assert await stage.eventually(lambda uow: uow.outbox.waiting() == 0)
    assert told(stage, stage.lena, "repaired") == 0
    assert told(stage, stage.lena, "closed your report") == 1
    case, job, notes = await stage.database.read(kept)
    assert (case.state, case.resolution, case.cause) == (CaseState.RESOLVED, "agent", Cause.CONNECTOR)
    assert (job.state, job.cause) == (JobState.WITHDRAWN, "settled")
    assert notes == ["repair_contradicted Faulted", "resolved connector", "job_withdrawn 1 settled"]
    stage.lena.press("🔔 Tell me when it works", heard)
    await stage.sees(stage.lena, "I tell you when")
    await well_again(stage, station)
    stage.clock.forward(minutes=3)
    await stage.sees(stage.lena, "It works again")


async def test_a_driver_who_finds_it_broken_has_the_hotline_again_with_all_that_was_said(
    stage: Stage,
) -> None:
    await broken(stage)
    card = await contradicted(stage)
    await tapped(stage, stage.anna, card, "✅ Resolve", "Connector or cable")
    await stage.sees(stage.lena, "The hotline has closed your report")
    stage.lena.text("It is as broken as before")
    await in_topic(stage, card, "It is as broken as before")
    await drawn(stage, card, "waiting for an agent", button="🔧 Technician")
    case, job, notes = await stage.database.read(kept)
    assert (case.state, case.resolution, job.state) == (CaseState.WAITING_AGENT, None, JobState.WITHDRAWN)
    assert [each.partition(" ")[0] for each in notes] == [
        "repair_contradicted",
        "resolved",
        "job_withdrawn",
        "reopened",
    ]
    await tapped(stage, stage.anna, card, "🔧 Technician")
    await stage.sees(stage.tom, "Can you go there?", button="👍 I take it")
    assert (await stage.database.read(kept))[1].id == job.id + 1, "it is a job of its own"
