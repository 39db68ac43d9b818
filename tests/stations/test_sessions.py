"""Charging sessions and meter values, as stations tell them."""

from datetime import UTC, datetime

import pytest

from bot.domain.observation import Metered, TransactionStarted, TransactionStopped
from tests.stations.conftest import START, Site


async def test_a_session_has_a_number_and_ends_by_it(site: Site) -> None:
    station = await site.connect()
    answer = await station.tell(
        "StartTransaction", connectorId=1, idTag="TAG", meterStart=1500, timestamp="2026-03-01T11:59:58Z"
    )
    assert answer == {"idTagInfo": {"status": "Accepted"}, "transactionId": 1}
    claimed = datetime(2026, 3, 1, 11, 59, 58, tzinfo=UTC)
    assert site.journal.of("S1", TransactionStarted) == [
        TransactionStarted("S1", START, 1, "TAG", 1500, claimed)
    ]
    await station.tell_status(1, "Charging")
    assert (await site.snapshot()).transaction_on(1) is not None
    await station.tell("StopTransaction", transactionId=1, meterStop=2500, timestamp="x", reason="Local")
    assert site.journal.of("S1", TransactionStopped) == [
        TransactionStopped("S1", START, 1, 2500, "Local", None)
    ]
    assert (await site.snapshot()).transactions == ()


async def test_a_start_told_twice_has_one_number_and_keeps_its_meter(site: Site) -> None:
    station = await site.connect()
    fields = {"connectorId": 1, "idTag": "TAG", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}
    first = await station.tell("StartTransaction", **fields)
    await station.tell_status(1, "Charging")
    await station.tell("MeterValues", connectorId=1, meterValue=[{"sampledValue": [{"value": "700"}]}])
    site.clock.pass_time(seconds=20)
    again = await station.tell("StartTransaction", **fields)
    assert again["transactionId"] == first["transactionId"]
    session = (await site.snapshot()).transaction_on(1)
    assert session is not None
    assert (session.started_at, session.energy_wh) == (START, 700)


async def test_a_session_on_no_connector_is_refused(site: Site) -> None:
    station = await site.connect()
    fields = {"connectorId": 0, "idTag": "TAG", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}
    assert await station.refused("StartTransaction", fields) == "PropertyConstraintViolation"


@pytest.mark.parametrize(
    ("meter_value", "energy", "power", "soc"),
    [
        ([{"sampledValue": [{"value": "1234"}]}], 1234, None, None),
        ({"sampledValue": {"value": "1.5", "unit": "kWh"}}, 1500, None, None),
        (
            [{"sampledValue": [{"value": 11, "measurand": "Power.Active.Import", "unit": "kW"}]}],
            None,
            11000,
            None,
        ),
        (
            [
                {
                    "sampledValue": [
                        {"value": "3000", "measurand": "Power.Active.Import", "phase": "L1"},
                        {"value": "3100", "measurand": "Power.Active.Import", "phase": "L2"},
                        {"value": "2900", "measurand": "Power.Active.Import", "phase": "L3"},
                        {"value": "55", "measurand": "SoC", "unit": "Percent"},
                    ]
                }
            ],
            None,
            9000,
            55,
        ),
        ([{"sampledValue": [{"value": "1"}]}, {"sampledValue": [{"value": "2"}]}], 2, None, None),
        (
            [{"sampledValue": [{"value": "NaN"}, {"value": "7", "measurand": "Voltage"}, {"value": "5"}]}],
            5,
            None,
            None,
        ),
    ],
    ids=["plain", "objects for lists", "kilowatts", "phases", "the last sample", "rubbish among it"],
)
async def test_meter_values_are_read_in_every_shape(
    site: Site, meter_value: object, energy: int | None, power: float | None, soc: float | None
) -> None:
    station = await site.connect()
    await station.tell("MeterValues", connectorId=1, transactionId=9, meterValue=meter_value)
    assert site.journal.metered("S1") == [Metered("S1", START, 1, 9, energy, power, soc)]


@pytest.mark.parametrize("meter_value", [None, "many", [], [{}], [{"sampledValue": [{"value": "1e999"}]}]])
async def test_meter_values_without_a_value_are_acknowledged_and_dropped(
    site: Site, meter_value: object
) -> None:
    station = await site.connect()
    await station.tell("MeterValues", connectorId=1, meterValue=meter_value)
    assert site.journal.metered("S1") == []


async def test_a_sample_without_a_session_number_belongs_to_the_session_of_its_connector(site: Site) -> None:
    station = await site.connect()
    await station.tell(
        "StartTransaction", connectorId=2, idTag="T", meterStart=0, timestamp="2026-03-01T12:00:00Z"
    )
    await station.tell("MeterValues", connectorId=2, meterValue=[{"sampledValue": [{"value": "5"}]}])
    assert site.journal.metered("S1")[0].transaction_id == 1
