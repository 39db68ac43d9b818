"""Errands: reading settings, fetching a log, renewing what a station knows of cards; in both versions."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from ocpp.messages import Call, CallResult, _validate_payload

from bot.domain.errand import ClearCache, Errand, ErrandAnswer, FetchLog, ReadConfiguration, ReplaceLocalList
from bot.domain.remote_action import CommandAnswer
from bot.stations.gateway import KnownStation
from bot.stations.ocpp.dialect import Context
from bot.stations.ocpp.dialect201 import Ocpp201
from bot.stations.ocpp.fields import Fields
from bot.stations.ocpp.frames import JsonObject
from bot.stations.ocpp.memory import StationMemory
from bot.stations.ocpp.reports201 import Key, key_of
from tests.stations.conftest import START, Site
from tests.stations.raw_station import Json, RawStation

ACCEPTED = CommandAnswer.ACCEPTED
URL = "ftp://logs.example.org/up"


class Clerk:
    """A station that runs errands; all that it is asked and answers must fit the schemas."""

    def __init__(self, site: Site, raw: RawStation, version: str) -> None:
        self._site = site
        self.raw = raw
        self._version = version

    async def run(self, errand: Errand, *answers: Json) -> tuple[list[tuple[str, Json]], ErrandAnswer]:
        """The calls that the errand became, answered in this order, and what came of it."""
        running = asyncio.create_task(self._site.central.run(errand))
        calls = []
        for answer in answers:
            message_id, action, payload = await self.raw.command()
            _validate_payload(Call("1", action, payload), self._version)
            result = CallResult("1", answer)
            result.action = action
            _validate_payload(result, self._version)
            await self.raw.send([3, message_id, answer])
            calls.append((action, payload))
        return calls, await running


async def clerk(site: Site, version: str) -> Clerk:
    raw = await site.connect(protocols=(f"ocpp{version}",))
    await raw.tell("Heartbeat")
    return Clerk(site, raw, version)


@pytest.fixture
async def old(site: Site) -> Clerk:
    """A station of OCPP 1.6."""
    return await clerk(site, "1.6")


@pytest.fixture
async def new(site: Site) -> Clerk:
    """A station of OCPP 2.0.1."""
    return await clerk(site, "2.0.1")


async def test_named_settings_are_read_from_a_1_6_station(old: Clerk) -> None:
    answer: Json = {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "AuthorizationKey", "readonly": False},
        ],
        "unknownKey": ["Wrong"],
    }
    keys = ("HeartbeatInterval", "AuthorizationKey", "Wrong")
    calls, done = await old.run(ReadConfiguration("S1", keys), answer)
    assert calls == [("GetConfiguration", {"key": list(keys)})]
    assert done == ErrandAnswer(
        ACCEPTED, {"HeartbeatInterval": "300", "AuthorizationKey": None}, unknown_keys=("Wrong",)
    )


async def test_all_settings_are_read_where_none_is_named(old: Clerk) -> None:
    entry = {"key": "A", "readonly": True, "value": "1"}
    calls, done = await old.run(ReadConfiguration("S1"), {"configurationKey": [entry]})
    assert calls == [("GetConfiguration", {})]
    assert done == ErrandAnswer(ACCEPTED, {"A": "1"})


async def test_many_settings_are_asked_for_in_portions(old: Clerk) -> None:
    keys = tuple(f"K{number}" for number in range(23))
    nothing: list[Json] = [{"unknownKey": []}] * 3
    calls, done = await old.run(ReadConfiguration("S1", keys), *nothing)
    assert [payload["key"] for _, payload in calls] == [
        list(keys[:10]),
        list(keys[10:20]),
        list(keys[20:]),
    ]
    assert done.answer is ACCEPTED


async def test_a_log_is_fetched_from_a_1_6_station(old: Clerk) -> None:
    calls, done = await old.run(FetchLog("S1", URL, START), {"fileName": "log.zip"})
    assert calls == [("GetDiagnostics", {"location": URL, "startTime": "2026-03-01T12:00:00.000Z"})]
    assert done == ErrandAnswer(ACCEPTED, file_name="log.zip")


async def test_a_1_6_station_that_names_no_file_has_no_log(old: Clerk) -> None:
    calls, done = await old.run(FetchLog("S1", URL), {})
    assert calls == [("GetDiagnostics", {"location": URL})]
    assert done == ErrandAnswer(CommandAnswer.REJECTED)


async def test_a_log_is_fetched_from_a_2_0_1_station(new: Clerk) -> None:
    calls, done = await new.run(FetchLog("S1", URL, START), {"status": "Accepted", "filename": "log.zip"})
    ((action, payload),) = calls
    assert isinstance(payload.pop("requestId"), int)
    log = {"remoteLocation": URL, "oldestTimestamp": "2026-03-01T12:00:00.000Z"}
    assert (action, payload) == ("GetLog", {"logType": "DiagnosticsLog", "log": log})
    assert done == ErrandAnswer(ACCEPTED, file_name="log.zip")


@pytest.mark.parametrize(
    ("status", "answer"), [("AcceptedCanceled", ACCEPTED), ("Rejected", CommandAnswer.REJECTED)]
)
async def test_a_2_0_1_station_says_whether_it_uploads(
    new: Clerk, status: str, answer: CommandAnswer
) -> None:
    _, done = await new.run(FetchLog("S1", URL), {"status": status})
    assert done.answer is answer


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize(("status", "answer"), [("Accepted", ACCEPTED), ("Rejected", CommandAnswer.REJECTED)])
async def test_the_cache_is_cleared(site: Site, version: str, status: str, answer: CommandAnswer) -> None:
    station = await clerk(site, version)
    calls, done = await station.run(ClearCache("S1"), {"status": status})
    assert (calls, done) == ([("ClearCache", {})], ErrandAnswer(answer))


async def test_the_list_of_cards_of_a_1_6_station_is_replaced(old: Clerk) -> None:
    calls, done = await old.run(ReplaceLocalList("S1", 4, ("A", "B")), {"status": "Accepted"})
    cards = [{"idTag": tag, "idTagInfo": {"status": "Accepted"}} for tag in ("A", "B")]
    payload = {"listVersion": 4, "updateType": "Full", "localAuthorizationList": cards}
    assert calls == [("SendLocalList", payload)]
    assert done.answer is ACCEPTED


async def test_the_list_of_cards_of_a_2_0_1_station_is_replaced(new: Clerk) -> None:
    calls, _ = await new.run(ReplaceLocalList("S1", 4, ("04A1B2C3", "contract")), {"status": "Accepted"})
    tokens = [
        {"idToken": "04A1B2C3", "type": "ISO14443"},
        {"idToken": "contract", "type": "Central"},
    ]
    cards = [{"idToken": token, "idTokenInfo": {"status": "Accepted"}} for token in tokens]
    payload = {"versionNumber": 4, "updateType": "Full", "localAuthorizationList": cards}
    assert calls == [("SendLocalList", payload)]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_list_without_cards_empties_the_stations_own(site: Site, version: str) -> None:
    station = await clerk(site, version)
    calls, done = await station.run(ReplaceLocalList("S1", 5), {"status": "Accepted"})
    assert not calls[0][1].get("localAuthorizationList")
    assert done.answer is ACCEPTED


@pytest.mark.parametrize(
    ("version", "status", "answer"),
    [
        ("1.6", "Failed", CommandAnswer.REJECTED),
        ("1.6", "VersionMismatch", CommandAnswer.REJECTED),
        ("1.6", "NotSupported", CommandAnswer.NOT_SUPPORTED),
        ("2.0.1", "Failed", CommandAnswer.REJECTED),
        ("2.0.1", "VersionMismatch", CommandAnswer.REJECTED),
    ],
)
async def test_a_list_that_is_not_taken_is_no_success(
    site: Site, version: str, status: str, answer: CommandAnswer
) -> None:
    station = await clerk(site, version)
    assert (await station.run(ReplaceLocalList("S1", 4), {"status": status}))[1].answer is answer


def result(component: Json, variable: Json, status: str = "Accepted", value: str | None = None) -> Json:
    told: Json = {"attributeStatus": status, "component": component, "variable": variable}
    return told if value is None else told | {"attributeValue": value}


async def test_named_variables_are_read_from_a_2_0_1_station(new: Clerk) -> None:
    keys = (
        "OCPPCommCtrlr.HeartbeatInterval",
        "OCPPCommCtrlr.MessageAttempts(TransactionEvent)",
        "Connector#1/2.Available",
        "SecurityCtrlr.BasicAuthPassword",
        "No.Such",
        "without a dot",
    )
    answer: Json = {
        "getVariableResult": [
            result({"name": "ocppcommctrlr"}, {"name": "heartbeatinterval"}, value="60"),
            result(
                {"name": "OCPPCommCtrlr"},
                {"name": "MessageAttempts", "instance": "TransactionEvent"},
                value="3",
            ),
            result(
                {"name": "Connector", "evse": {"id": 1, "connectorId": 2}}, {"name": "Available"}, value=""
            ),
            result({"name": "SecurityCtrlr"}, {"name": "BasicAuthPassword"}, "Rejected"),
            result({"name": "No"}, {"name": "Such"}, "UnknownComponent"),
        ]
    }
    calls, done = await new.run(ReadConfiguration("S1", keys), answer)
    ((action, payload),) = calls
    assert action == "GetVariables"
    asked = payload["getVariableData"]
    assert isinstance(asked, list)
    assert asked[1:3] == [
        {
            "component": {"name": "OCPPCommCtrlr"},
            "variable": {"name": "MessageAttempts", "instance": "TransactionEvent"},
        },
        {
            "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 2}},
            "variable": {"name": "Available"},
        },
    ]
    assert done == ErrandAnswer(
        ACCEPTED,
        {keys[0]: "60", keys[1]: "3", keys[2]: "", keys[3]: None},
        unknown_keys=("No.Such", "without a dot"),
    )


async def test_many_variables_are_asked_for_in_portions(new: Clerk) -> None:
    keys = tuple(f"Thing.V{number}" for number in range(11))
    answers: list[Json] = [
        {"getVariableResult": [result({"name": "Thing"}, {"name": name}, value="1")]}
        for name in ("V0", "V10")
    ]
    calls, done = await new.run(ReadConfiguration("S1", keys), *answers)
    assert [len(list(payload["getVariableData"])) for _, payload in calls] == [10, 1]  # type: ignore[call-overload]  # JSON.
    assert done.values == {"Thing.V0": "1", "Thing.V10": "1"}


def part(*entries: Json) -> Json:
    return {"reportData": list(entries)}


def entry(component: Json, variable: Json, *attributes: Json) -> Json:
    return {"component": component, "variable": variable, "variableAttribute": list(attributes)}


async def test_all_variables_are_read_from_a_report_in_parts(site: Site, new: Clerk) -> None:
    running = asyncio.create_task(site.central.run(ReadConfiguration("S1")))
    message_id, action, payload = await new.raw.command()
    _validate_payload(Call("1", action, payload), "2.0.1")
    assert (action, payload["reportBase"]) == ("GetBaseReport", "ConfigurationInventory")
    about = {"requestId": payload["requestId"], "generatedAt": "2026-03-01T12:00:00Z"}
    first = part(
        entry({"name": "A"}, {"name": "X"}, {"type": "Target", "value": "no"}, {"value": "1"}),
        entry({"name": "A"}, {"name": "Key"}, {"value": "secret", "mutability": "WriteOnly"}),
    )
    # Another report that is under way does not end this one, nor does it tell of it.
    stranger = part(entry({"name": "Z"}, {"name": "Z"}, {"value": "z"}))
    last = part(
        entry({"name": "EVSE", "evse": {"id": 1}}, {"name": "Power"}, {"type": "Actual", "value": "22"})
    )
    await new.raw.tell("NotifyReport", **about, seqNo=0, tbc=True, **first)
    await new.raw.send([3, message_id, {"status": "Accepted"}])
    await new.raw.tell("NotifyReport", **{**about, "requestId": 0}, seqNo=0, **stranger)
    await new.raw.tell("NotifyReport", **about, seqNo=1, tbc=False, **last)
    assert await running == ErrandAnswer(ACCEPTED, {"A.X": "1", "A.Key": None, "EVSE#1.Power": "22"})


async def test_a_station_that_cannot_tell_its_settings_is_asked_for_a_summary(new: Clerk) -> None:
    calls, done = await new.run(
        ReadConfiguration("S1"), {"status": "NotSupported"}, {"status": "EmptyResultSet"}
    )
    assert [payload["reportBase"] for _, payload in calls] == ["ConfigurationInventory", "SummaryInventory"]
    assert done == ErrandAnswer(ACCEPTED)


@pytest.mark.parametrize(
    ("statuses", "answer"),
    [
        (("Rejected",), CommandAnswer.REJECTED),
        (("NotSupported", "NotSupported"), CommandAnswer.NOT_SUPPORTED),
    ],
)
async def test_a_report_that_is_refused_is_no_success(
    new: Clerk, statuses: tuple[str, ...], answer: CommandAnswer
) -> None:
    refusals: list[Json] = [{"status": status} for status in statuses]
    _, done = await new.run(ReadConfiguration("S1"), *refusals)
    assert done == ErrandAnswer(answer)


async def test_a_report_that_breaks_off_is_told_as_far_as_it_came() -> None:
    dialect = Ocpp201(StationMemory("S1", KnownStation()), report_within=0.05)
    call = reporting(dialect, part(entry({"name": "A"}, {"name": "X"}, {"value": "1"})))
    done = await dialect.run(ReadConfiguration("S1"), call)
    assert done == ErrandAnswer(CommandAnswer.NO_ANSWER, {"A.X": "1"})


def reporting(dialect: Ocpp201, begun: Json) -> Callable[[str, JsonObject], Awaitable[JsonObject]]:
    """A station that begins a report and never ends it."""

    async def call(_: str, payload: JsonObject) -> JsonObject:
        said = begun | {"requestId": payload["requestId"], "tbc": True}
        context = Context(StationMemory("S1", KnownStation()), START, timedelta(minutes=5))
        dialect.handle("NotifyReport", Fields(said, set()), context)
        return {"status": "Accepted"}

    return call


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize(
    "errand",
    [
        ReadConfiguration("S1"),
        ReadConfiguration("S1", ("A.B",)),
        FetchLog("S1", URL),
        ClearCache("S1"),
        ReplaceLocalList("S1", 1),
    ],
    ids=lambda errand: type(errand).__name__,
)
async def test_an_errand_that_a_station_does_not_know_is_not_supported(
    site: Site, version: str, errand: Errand
) -> None:
    station = await clerk(site, version)
    running = asyncio.create_task(site.central.run(errand))
    message_id, _, _ = await station.raw.command()
    await station.raw.send([4, message_id, "NotImplemented", "", {}])
    assert (await running).answer is CommandAnswer.NOT_SUPPORTED


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_an_answer_that_is_rubbish_ends_the_errand(site: Site, version: str) -> None:
    station = await clerk(site, version)
    rubbish: Json = {
        "configurationKey": [{"key": {"a": 1}}, 5, {"value": []}],
        "unknownKey": [{}, 7],
        "getVariableResult": [{"component": [], "variable": 1, "attributeStatus": {}}, None],
    }
    running = asyncio.create_task(site.central.run(ReadConfiguration("S1", ("A.B",))))
    await station.raw.obey(**rubbish)
    assert (await running).answer is ACCEPTED


@pytest.mark.parametrize(
    "text",
    ["A.B", "A(i).B", "A#1.B", "A#1/2.B", "A(i)#1/2.B(j)", "Ctrlr.Interval(Heartbeat)"],
)
def test_a_key_is_read_as_it_is_written(text: str) -> None:
    key = key_of(text)
    assert key is not None
    assert str(key) == text


@pytest.mark.parametrize("text", ["", "A", ".B", "A.", "A#x.B", f"{'a' * 51}.B"])
def test_what_names_no_variable_is_no_key(text: str) -> None:
    assert key_of(text) is None


def test_a_key_says_all_of_its_place() -> None:
    assert Key("A", "B", "i", "j", 1, 2).wording == {
        "component": {"name": "A", "instance": "i", "evse": {"id": 1, "connectorId": 2}},
        "variable": {"name": "B", "instance": "j"},
    }
