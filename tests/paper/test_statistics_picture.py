"""The picture of statistics: as wide as a phone shows well, never too long, and whole whatever the numbers are."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from PIL import Image

from bot.domain.period import Period
from bot.domain.rating import BEST
from bot.domain.statistics import CaseRecord, Solver, Statistics, statistics
from bot.paper import canvas, statistics_png
from bot.paper.statistics_bars import scale
from bot.paper.statistics_style import BACKGROUND, COLOURS, LEFT, RIGHT
from bot.views.statistics import heading
from tests.paper.scene import TEXTS

VIENNA = "Europe/Vienna"
NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))
MONTH = Period(date(2026, 10, 24), date(2026, 11, 22))
TODAY = Period(date(2026, 11, 22), date(2026, 11, 22))
SYMPTOMS = ("will_not_start", "stopped", "cable_stuck", "payment", "slow", "other")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3


def some(count: int, period: Period, verdicts: tuple[str, ...] = ("internal_error",)) -> Statistics:
    begin, end = period.bounds(VIENNA)
    step = (end - begin) / max(count, 1)
    records = [
        CaseRecord(
            number,
            begin + step * number,
            open=number % 9 == 0,
            symptom=SYMPTOMS[number % 6],
            verdict=verdicts[number % len(verdicts)],
            resolved_at=None
            if number % 4 == 0
            else begin + step * number + timedelta(days=number % 3, minutes=7),
            asked_at=begin + step * number if number % 2 else None,
            answered_at=begin + step * number + timedelta(seconds=40) if number % 2 else None,
            taken=number % 3 == 0,
            answer_promised=True,
            solution_promised=True,
            rating=number % BEST + 1,
        )
        for number in range(count)
    ]
    return statistics(records, (), period, VIENNA)


def drawn(found: Statistics, whose: str = "Stadtwerke Graz", language: str = "en") -> Image.Image:
    t = TEXTS.to(language)
    return Image.open(
        io.BytesIO(statistics_png.statistics_png(found, heading(whose, found, NOW, VIENNA, t), t))
    )


@pytest.mark.parametrize(
    ("count", "period", "language"),
    [(0, WEEK, "de"), (1, TODAY, "en"), (5000, MONTH, "de"), (5000, WEEK, "en")],
    ids=["nothing", "one", "much", "much in a week"],
)
def test_it_is_whole_whatever_the_numbers_are(count: int, period: Period, language: str) -> None:
    image = drawn(some(count, period, (LONG, "internal_error")), LONG, language)
    assert image.width == 1200
    # Chats make the longer side 1280 pixels; below half a phone's width nothing can be read.
    assert image.height <= 1200 * 2.3
    pixels = image.convert("RGB")
    edge = tuple(int(BACKGROUND[at : at + 2], 16) for at in (1, 3, 5))
    margins = [(0, int(LEFT * 2) - 1), (int(RIGHT * 2) + 1, 1200)]
    for first, last in margins:
        strip = pixels.crop((first, 0, last, image.height))
        assert strip.getcolors() == [(strip.width * strip.height, edge)], "nothing reaches into the margin"


def test_the_bars_have_the_colours_of_who_solved_the_cases() -> None:
    begin, _ = WEEK.bounds(VIENNA)
    record = CaseRecord(1, begin, False, "slow", resolved_at=begin + timedelta(minutes=3))

    def colours(*records: CaseRecord) -> set[Solver]:
        image = drawn(statistics(records, (), WEEK, VIENNA)).convert("RGB")
        known = {tuple(int(c[at : at + 2], 16) for at in (1, 3, 5)): who for who, c in COLOURS.items()}
        # Where the bars and their legend are.
        found = image.crop((60, 560, 1140, 1100)).getcolors(1_000_000) or []
        return {known[colour] for _, colour in found if colour in known}

    by_agent = replace(record, id=2, asked_at=begin, taken=True)
    assert colours(record) == {Solver.BOT}
    assert colours(record, by_agent, replace(record, id=3, open=True, resolved_at=None)) == {
        Solver.BOT,
        Solver.AGENT,
        Solver.OPEN,
    }


def test_no_text_is_wider_than_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, float]] = []
    plain: Callable[..., float] = canvas.Canvas.text

    def watched(
        self: canvas.Canvas, said: str, x: float, y: float, ink: canvas.Ink, align: str = "left"
    ) -> float:
        wide = plain(self, said, x, y, ink, align)
        start = x - {"left": 0, "middle": wide / 2, "right": wide}[align]
        told.append((start, start + wide))
        return wide

    monkeypatch.setattr(canvas.Canvas, "text", watched)
    for language in TEXTS.languages():
        drawn(some(5000, MONTH, (LONG,)), LONG, language)
    assert told and min(start for start, _ in told) >= LEFT and max(end for _, end in told) <= RIGHT


@pytest.mark.parametrize(
    ("most", "top"), [(1, 1), (3, 3), (7, 8), (9, 10), (11, 20), (260, 300), (5000, 5000)]
)
def test_a_scale_ends_at_a_round_number(most: int, top: int) -> None:
    assert scale(most) == top
