"""Sessions of OCPP 2.0.1: one message for all that happens to one, in whatever order it arrives."""

from datetime import UTC, datetime

import pytest

from bot.domain.observation import TransactionStarted, TransactionStopped
from bot.domain.status import ConnectorStatus
from tests.stations.conftest import START, Site
from tests.stations.raw_station import Json
from tests.stations.station201 import connect

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = {"idToken": "TAG", "type": "ISO14443"}


def meter(value: float, context: str | None = None, **more: object) -> list[Json]:
    sample: Json = {"value": value, **more}
    sample |= {"context": context} if context else {}
    return [{"timestamp": "2026-03-01T12:00:00Z", "sampledValue": [sample]}]


async def test_a_session_is_known_by_the_name_that_the_station_gives_it(site: Site) -> None:
    station = await connect(site)
    answer = await station.transaction("Started", idToken=TOKEN, meterValue=meter(1500))
    assert answer == {"idTokenInfo": {"status": "Accepted"}}
    assert site.journal.of("S1", TransactionStarted) == [
        TransactionStarted("S1", START, 1, "TAG", 1500, NOON, reference="T-1")
    ]
    answer = await station.transaction(
        "Ended", number=1, reason="EVDisconnected", meterValue=meter(2500, "Transaction.End")
    )
    assert answer == {}
    assert site.journal.of("S1", TransactionStopped) == [
        TransactionStopped("S1", START, None, 2500, "EVDisconnected", NOON, reference="T-1")
    ]
    assert (await site.snapshot()).transactions == ()


async def test_an_event_in_the_middle_begins_a_session_that_was_not_known(site: Site) -> None:
    station = await connect(site)
    await station.transaction("Updated", state="Charging", number=4)
    await station.transaction("Started", number=0, at="2026-03-01T11:59:00Z", state="EVConnected")
    session = (await site.snapshot()).transaction_on(1)
    assert session is not None
    assert session.reference == "T-1"
    assert len(site.journal.of("S1", TransactionStarted)) == 1
    # The late beginning does not undo what came after it.
    assert site.journal.states("S1", 1)[-1].status is ConnectorStatus.CHARGING


async def test_an_end_that_comes_first_is_a_whole_session(site: Site) -> None:
    station = await connect(site)
    samples = meter(100, "Transaction.Begin") + meter(900, "Transaction.End")
    await station.transaction("Ended", number=9, meterValue=samples, reason="Local")
    (started,) = site.journal.of("S1", TransactionStarted)
    (stopped,) = site.journal.of("S1", TransactionStopped)
    assert (started.meter_start_wh, stopped.meter_stop_wh) == (100, 900)
    assert (await site.snapshot()).transactions == ()
    await station.transaction("Started", number=0)
    assert (await site.snapshot()).transactions == ()


@pytest.mark.parametrize("kinds", [("Started",), ("Updated",), ("Ended",), ("Started", "Updated", "Ended")])
async def test_a_queue_told_twice_is_one_session(site: Site, kinds: tuple[str, ...]) -> None:
    station = await connect(site)
    for _ in range(2):
        for number, kind in enumerate(kinds):
            await station.transaction(kind, number=number, offline=True)
    assert len(site.journal.of("S1", TransactionStarted)) == 1
    assert len(site.journal.of("S1", TransactionStopped)) == kinds.count("Ended")
    assert len((await site.snapshot()).transactions) == (0 if "Ended" in kinds else 1)


async def test_an_end_that_could_not_be_kept_is_kept_when_it_comes_again(site: Site) -> None:
    station = await connect(site)
    await station.transaction("Started")
    site.journal.failing = True
    said = {"eventType": "Ended", "transactionInfo": {"transactionId": "T-1"}}
    assert await station.raw.refused("TransactionEvent", said) == "InternalError"
    site.journal.failing = False
    await station.raw.tell("TransactionEvent", **said)
    assert len(site.journal.of("S1", TransactionStopped)) == 1


async def test_a_session_without_an_evse_is_that_of_the_only_one(site: Site) -> None:
    station = await connect(site)
    await station.status(3, "Occupied")
    await station.transaction("Started", evse=None)
    assert [started.connector for started in site.journal.of("S1", TransactionStarted)] == [3]


async def test_a_session_that_runs_nobody_knows_where_is_acknowledged_and_not_kept(site: Site) -> None:
    station = await connect(site)
    await station.status(1, "Available")
    await station.status(2, "Available")
    await station.transaction("Updated", evse=None, state="Charging")
    assert site.journal.of("S1", TransactionStarted) == []


async def test_samples_belong_to_the_session_in_whose_events_they_come(site: Site) -> None:
    station = await connect(site)
    await station.transaction("Started", evse=2)
    await station.transaction(
        "Updated",
        evse=2,
        number=1,
        meterValue=meter(7, measurand="Power.Active.Import", unitOfMeasure={"unit": "kW"}),
    )
    (sample,) = site.journal.metered("S1")
    assert (sample.connector, sample.transaction_id, sample.power_w) == (2, 1, 7000)
    session = (await site.snapshot(2)).transaction_on(2)
    assert session is not None
    assert session.power_w == 7000


async def test_what_was_measured_in_an_ended_session_is_not_the_next_ones(site: Site) -> None:
    station = await connect(site)
    await station.transaction("Started", "OLD", number=0)
    await station.transaction("Ended", "OLD", number=2)
    await station.transaction("Started", "NEW", number=0)
    await station.transaction("Updated", "OLD", number=1, meterValue=meter(999))
    assert site.journal.metered("S1") == []
    session = (await site.snapshot()).transaction_on(1)
    assert session is not None
    assert session.reference == "NEW"


async def test_the_end_of_an_older_session_does_not_end_the_one_that_runs(site: Site) -> None:
    station = await connect(site)
    await station.status(1, "Occupied")
    await station.transaction("Started", "NEW", state="Charging")
    await station.transaction("Ended", "OLD", number=5, offline=True)
    await station.status(1, "Occupied")
    assert ConnectorStatus.FINISHING not in {state.status for state in site.journal.states("S1", 1)}
    await station.transaction("Updated", "NEW", number=1, state="Charging")
    session = (await site.snapshot()).transaction_on(1)
    assert session is not None
    assert session.reference == "NEW"
