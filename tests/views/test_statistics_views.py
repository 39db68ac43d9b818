"""What stands around the picture of statistics: captions, periods, spans, and the table."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.billing import Month
from bot.domain.case import CaseState, Severity
from bot.domain.period import Period, of_month
from bot.domain.rating import RatingReason
from bot.domain.statistics import CaseRecord, statistics
from bot.operations.statistics import Export
from bot.views.callbacks import Numbers, pack, short, unpack
from bot.views.i18n import load_texts
from bot.views.spans import brief
from bot.views.statistics import caption, days, periods
from bot.views.statistics_csv import COLUMNS, file, handed
from storage.repositories.statistics import CaseLine
from tests.storage.town import OPERATOR

EN, DE = load_texts().to("en"), load_texts().to("de")
ZONE = "Europe/Vienna"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))
RECORD = CaseRecord(
    7, NOW, False, "slow", "internal_error", "AT*SWG*E0001", "agent", NOW + timedelta(minutes=90)
)
LINE = CaseLine(
    replace(RECORD, taken=True, asked_at=NOW, answered_at=NOW + timedelta(seconds=100), rating=2),
    Severity.P2,
    CaseState.CLOSED,
    "B",
    "GRAZ-01",
    "=cmd|' /C calc'!A0",
    None,
    "+49 Anna",
    "@Lena",
    RatingReason.HAD_TO_WAIT,
    None,
)


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (-1, "0 s", "0 s"),
        (59, "59 s", "59 s"),
        (90, "2 min", "2 min"),
        (3599, "1 h", "1 h"),
        (4800, "1 h 20 min", "1 h 20 min"),
        (86400, "1 d", "1 T"),
        (97200, "1 d 3 h", "1 T 3 h"),
    ],
)
def test_a_span_is_told_in_few_characters(seconds: int, english: str, german: str) -> None:
    assert brief(timedelta(seconds=seconds), EN) == english
    assert brief(timedelta(seconds=seconds), DE) == german


def test_a_caption_tells_the_most_important_numbers() -> None:
    one = statistics([LINE.record], (), WEEK, ZONE)
    assert caption("A & B", one, EN).splitlines() == [
        "📊 <b>A &amp; B</b> · Last 7 days, Nov 16\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}22, 2026",
        "1 case, 1 solved",
        "Median: first answer 2 min, until solved 1 h 30 min",
    ]
    none = caption("A", statistics([], (), of_month(Month(2026, 10)), ZONE), DE)
    assert none.splitlines() == ["📊 <b>A</b> · Oktober 2026", "Keine Fälle."]
    assert days(WEEK, DE) == "16.\N{EN DASH}22. Nov. 2026"


def test_periods_lead_to_each_other_and_no_month_of_the_future_is_offered() -> None:
    def labels(period: Period) -> list[str]:
        keyboard = periods(period, Month(2026, 11), lambda token: Numbers(token, "x"), EN)
        return [button.label for line in keyboard for button in line]

    assert labels(WEEK) == ["Today", "• 7 days", "30 days", "November"]
    assert labels(of_month(Month(2026, 11))) == ["Today", "7 days", "30 days", "• November", "‹ October 2026"]
    assert labels(of_month(Month(2026, 10)))[-2:] == ["‹ September 2026", "November 2026 ›"]


def test_a_button_of_agents_is_read_as_it_was_written() -> None:
    button = Numbers("2026-11", short("an operator with a very long name indeed"))
    assert unpack(pack(button)) == button
    assert unpack("t|7") is None


def test_the_table_has_a_line_for_each_case_and_no_formula() -> None:
    export = Export(OPERATOR, WEEK, (LINE,), frozenset({7}), more=False)
    head, line = csv.reader(io.StringIO(file(export, DE).content.decode("utf-8-sig")), delimiter=";")
    assert head == [DE(f"column.{each}") for each in COLUMNS]
    values = dict(zip(COLUMNS, line, strict=True))
    assert values["location"] == "'=cmd|' /C calc'!A0"
    assert (values["agent"], values["driver"]) == ("'+49 Anna", "'@Lena")
    assert (values["opened"], values["solved_at"]) == ("2026-11-20 13:00", "2026-11-20 14:30")
    assert (values["first_answer"], values["resolution"], values["repeat"]) == ("2", "90", "ja")
    assert not any(value.startswith(("=", "+", "-", "@")) for value in line)


def test_a_table_that_leaves_cases_out_says_so() -> None:
    export = Export(OPERATOR, WEEK, (LINE,), frozenset(), more=True)
    assert "there are more" in handed(export, EN).text
    assert "there are more" not in handed(replace(export, more=False), EN).text
