"""The statement of a month, as it lies on the manager's desk."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.billing import Line, LineReason, Month, Statement
from bot.paper.drawing import Box, Page, Words
from bot.paper.statement_pdf import statement_pages, statement_pdf
from bot.paper.typeset import ELLIPSIS
from tests.paper.scene import TEXTS
from tests.paper.test_sticker_files import text_of
from tests.paper.test_sticker_layout import box_of, inside, overlap

DE, EN = TEXTS.to("de"), TEXTS.to("en")
ZONE = "Europe/Vienna"
PRICE = Decimal("9.90")
REASONS = tuple(LineReason)
MARGINS = Box(18, 15, 174, 275)


def line(number: int, location: str = "Graz Hbf") -> Line:
    # Half past eleven at night in London is the next day in Vienna.
    since = datetime(2026, 11, 1 + number % 28, 23, 30, tzinfo=UTC)
    return Line(f"GRAZ-{number:04}", location, PRICE, PRICE, REASONS[number % 3], since)


def statement(count: int) -> Statement:
    found = tuple(line(number) for number in range(count))
    return Statement("graz", "Stadtwerke Graz", Month(2026, 11), "EUR", found, PRICE * count, closed=True)


def pages_of(made: bytes) -> list[str]:
    return [text_of(made, page) for page in range(len(pypdfium2.PdfDocument(made)))]


def test_a_statement_says_whose_it_is_what_for_and_how_much() -> None:
    (page,) = pages_of(statement_pdf(statement(3), ZONE, EN))
    assert "Statement" in page
    assert "Stadtwerke Graz" in page
    assert "November 2026" in page
    assert "Closed" in page
    assert "GRAZ-0000 Graz Hbf activated 2 Nov €9.90 €9.90" in page
    assert "GRAZ-0001 Graz Hbf active all month €9.90 €9.90" in page
    assert "GRAZ-0002 Graz Hbf activated again 4 Nov €9.90 €9.90" in page
    assert "Total €29.70" in page
    assert "Page 1 of 1" in page


def test_a_statement_speaks_the_operators_language() -> None:
    (page,) = pages_of(statement_pdf(replace(statement(1), total=Decimal("1234.5")), ZONE, DE))
    assert "GRAZ-0000 Graz Hbf aktiviert 2. Nov. 9,90 €" in page
    assert "Summe 1.234,50 €" in page
    assert "Seite 1 von 1" in page


def test_the_currency_is_the_operators() -> None:
    (page,) = pages_of(statement_pdf(replace(statement(1), currency="CHF"), ZONE, DE))
    assert "9,90 CHF" in page
    assert "€" not in page


def test_a_month_that_is_not_closed_says_that_it_may_change() -> None:
    (page,) = pages_of(statement_pdf(replace(statement(1), closed=False), ZONE, DE))
    assert DE("paper.statement_open") in page
    assert DE("paper.statement_closed") not in page


def test_a_month_without_charges_says_so() -> None:
    (page,) = pages_of(statement_pdf(statement(0), ZONE, EN))
    assert EN("paper.statement_none") in page
    assert "Total €0.00" in page


def test_five_hundred_lines_flow_over_pages_each_once_with_the_head_on_each() -> None:
    pages = pages_of(statement_pdf(statement(500), ZONE, DE))
    assert len(pages) > 10
    for number, page in enumerate(pages, start=1):
        assert "Station Standort Betriebsführung Preis Betrag" in page
        assert f"Seite {number} von {len(pages)}" in page
    everything = " ".join(pages)
    assert [everything.count(f"GRAZ-{number:04}") for number in range(500)] == [1] * 500
    assert ["Summe" in page for page in pages] == [False] * (len(pages) - 1) + [True]
    assert "4.950,00 €" in pages[-1]


@pytest.mark.parametrize("count", range(22, 75))
def test_the_sum_never_stands_on_a_page_without_a_line(count: int) -> None:
    for page in statement_pages(statement(count), ZONE, EN):
        assert any(isinstance(mark, Words) and mark.text.startswith("GRAZ-") for mark in page.marks)
        check(page)


def test_names_are_abridged_and_amounts_are_not() -> None:
    long = Line(
        "S" * 90, "W" * 200, Decimal("12345678.90"), Decimal("12345678.90"), REASONS[2], line(0).since
    )
    made = replace(statement(2), lines=(long, line(1)), operator_name="Ω" * 300, total=Decimal("12345688.80"))
    (drawn,) = statement_pages(made, ZONE, DE)
    check(drawn)
    (page,) = pages_of(statement_pdf(made, ZONE, DE))
    assert page.count("12.345.678,90 €") == 2
    assert "12.345.688,80 €" in page
    assert page.count(ELLIPSIS) >= 3


def check(page: Page) -> None:
    boxes = [box_of(mark) for mark in page.marks if isinstance(mark, Words)]
    assert [box for box in boxes if not inside(box, MARGINS)] == []
    assert [pair for pair in combinations(boxes, 2) if overlap(*pair)] == []


money = st.decimals(Decimal(0), Decimal(10**7), places=2)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    lines = draw(
        st.lists(
            st.builds(
                Line,
                st.text(min_size=1, max_size=60),
                st.text(max_size=120),
                money,
                money,
                st.sampled_from(REASONS),
                st.integers(1, 10**9 * 2).map(lambda second: datetime.fromtimestamp(second, UTC)),
            ),
            max_size=40,
        )
    )
    name, currency = draw(st.text(max_size=200)), draw(st.sampled_from(["EUR", "CHF", "HUF", "JPY", "XTS"]))
    total = sum((each.amount for each in lines), Decimal(0))
    return Statement("x", name, Month(2026, 2), currency, tuple(lines), total, draw(st.booleans()))


@settings(max_examples=40, deadline=None)
@given(statements(), st.sampled_from([DE, EN]).map(lambda t: t.language))
def test_nothing_on_a_statement_overlaps_or_runs_over_the_edge(made: Statement, language: str) -> None:
    for page in statement_pages(made, ZONE, TEXTS.to(language)):
        check(page)


def test_the_same_statement_gives_the_same_bytes() -> None:
    assert statement_pdf(statement(40), ZONE, DE) == statement_pdf(statement(40), ZONE, DE)
