"""The quick reading of a status says what the careful one says, or leaves the frame to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.observation import Observation
from bot.domain.status import ConnectorState, ConnectorStatus
from bot.stations.gateway import Kept, KnownStation
from bot.stations.ocpp.dialect16 import Ocpp16
from bot.stations.ocpp.frames import Call, Frame, Malformed, parse
from bot.stations.ocpp.intake import Intake, Surroundings
from bot.stations.ocpp.link import LinkLimits
from bot.stations.ocpp.memory import StationMemory
from bot.stations.ocpp.plain import PlainStatus, plain_status
from bot.stations.ocpp.quirks import load_quirks
from tests.stations.memory_journal import MemoryJournal

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAULTED = ConnectorState(
    1, ConnectorStatus.FAULTED, "GroundFailure", NOW - timedelta(hours=1), NOW, vendor_error_code="E7"
)
STATUS = {
    "connectorId": 1,
    "errorCode": "NoError",
    "status": "Available",
    "timestamp": "2026-11-22T11:59:58Z",
}


class Careful(Ocpp16):
    """Reads every frame with care."""

    def read(self, raw: str | bytes) -> Frame:
        return parse(raw)


def frame(payload: object, message_id: object = "19223201", action: str = "StatusNotification") -> str:
    return orjson.dumps([2, message_id, action, payload]).decode()


class Book(MemoryJournal):
    """Keeps at once what it is told, and says so when it is asked to."""

    def __init__(self) -> None:
        super().__init__({})
        self.waiting: list[Kept] = []

    def keep(self, observations: Sequence[Observation], kept: Kept) -> None:
        self.observations += observations
        self.waiting.append(kept)


def heard(
    dialect: type[Ocpp16], raw: str, known: tuple[ConnectorState, ...]
) -> tuple[list[Observation], list[bytes]]:
    """What is kept of a frame, and what the station is answered."""
    book = Book()
    surroundings = Surroundings(book, lambda: NOW, timedelta(minutes=5), LinkLimits(), load_quirks())
    memory = StationMemory("GRAZ-01", KnownStation(known))
    intake = Intake(memory, dialect(memory), surroundings, lambda _: None)
    answers: list[bytes] = []
    request = intake.read(raw)
    assert isinstance(request, Call | PlainStatus | Malformed)
    if (answer := intake.answer(request, answers.append)) is not None:
        answers.append(answer)
    for kept in book.waiting:
        kept(None)
    return book.observations, answers


TEXTS = st.one_of(st.none(), st.text(max_size=300), st.sampled_from(["", "\x00", "over temperature", "E1"]))
TIMES = st.one_of(
    st.none(),
    st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat().replace("+00:00", "Z")),
    st.sampled_from(
        [
            "2026-11-22T11:59:58+01:00",
            "2026-11-22T11:59:58",
            "2026-11-22 11:59:58Z",
            "2026-11-22T11:59:58.123456100Z",
            "0001-01-01T00:00:00+14:00",
            "2026-02-30T00:00:00Z",
            "gestern",
            "",
            0,
        ]
    ),
)
PAYLOADS = st.fixed_dictionaries(
    {
        "connectorId": st.one_of(st.integers(-1, 300), st.sampled_from([1, "1", 1.0, True, None, 2**40])),
        "errorCode": st.sampled_from(
            ["NoError", "GroundFailure", "OtherError", "noerror", "E42", "", None, 7]
        ),
        "status": st.sampled_from(
            [*(each.value for each in ConnectorStatus), "available", "Occupied", "", None]
        ),
    },
    optional={
        "timestamp": TIMES,
        "info": TEXTS,
        "vendorId": TEXTS,
        "vendorErrorCode": TEXTS,
        "extra": st.integers(-(2**60), 2**60),
    },
)
IDS = st.one_of(st.text(max_size=90), st.sampled_from(["-1", 7, "", '"StatusNotification"']))


@given(PAYLOADS, IDS, st.booleans())
async def test_both_ways_of_reading_keep_and_answer_the_same(
    payload: object, message_id: object, faulted: bool
) -> None:
    raw = frame(payload, message_id)
    known = (FAULTED,) if faulted else ()
    assert heard(Ocpp16, raw, known) == heard(Careful, raw, known)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"info": "door open", "vendorId": "com.acme", "vendorErrorCode": "E7"},
        {"timestamp": "2026-11-22T11:59:58.123Z"},
        {"info": None},
        {"vendorId": "", "vendorErrorCode": "", "timestamp": "2026-11-22T12:59:58+01:00"},
        {"timestamp": "2026-11-22T11:59:58"},
        {"status": "Faulted", "errorCode": "OverCurrentFailure"},
    ],
)
def test_what_is_as_specified_is_read_at_once(more: dict[str, object]) -> None:
    read = plain_status(frame(STATUS | more))
    assert read is not None
    assert read.told.status.value == (STATUS | more)["status"]
    assert read.told.info == more.get("info")
    assert read.told.claimed_at is not None
    assert read.told.claimed_at.replace(microsecond=0) == NOW - timedelta(seconds=2)


@pytest.mark.parametrize(
    "raw",
    [
        frame(STATUS | {"status": "Unknown"}),
        frame(STATUS | {"status": "Occupied"}),
        frame(STATUS | {"connectorId": 256}),
        frame(STATUS | {"errorCode": "E42"}),
        frame(STATUS | {"info": "\x00"}),
        frame(STATUS | {"info": "x" * 51}),
        frame(STATUS | {"timestamp": "0001-01-01T00:00:00+14:00"}),
        frame(STATUS | {"timestamp": "gestern"}),
        frame(STATUS | {"evseId": 1}),
        frame(STATUS, "-1"),
        frame(STATUS, 7),
        frame(STATUS, "x" * 100),
        frame({}, action="Heartbeat"),
        frame(STATUS)[:-1],
        "[" * 100_000 + '"StatusNotification"',
        '[2,"1","StatusNotification",' + "[" * 100_000,
        "",
    ],
)
def test_what_needs_a_closer_look_is_left_to_it(raw: str) -> None:
    assert plain_status(raw) is None


def test_a_binary_frame_is_left_to_the_closer_look() -> None:
    assert plain_status(frame(STATUS).encode()) is None
