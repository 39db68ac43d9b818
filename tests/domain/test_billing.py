"""What is charged: the four sentences of the terms, and the rule against a naive model over random histories."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.billing import LineReason, Month, SeveralCurrencies, charge, lines, statement
from bot.domain.operator import Operator
from bot.domain.service import Cause, ServiceChange

VIENNA = "Europe/Vienna"
NOVEMBER = Month(2026, 11)
DAY = 86_400
ZONES = (
    "UTC",
    VIENNA,
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/St_Johns",
    "America/Santiago",
    "America/Los_Angeles",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
_numbers = itertools.count(1)


def at(day: int, hour: int = 12, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZoneInfo(VIENNA)).astimezone(UTC)


def change(
    moment: datetime, *, active: bool, price: str = "9.90", cause: Cause = Cause.ADMIN, currency: str = "EUR"
) -> ServiceChange:
    return ServiceChange("GRAZ-01", moment, active, Decimal(price), currency, cause, number=next(_numbers))


def on(moment: datetime, price: str = "9.90") -> ServiceChange:
    return change(moment, active=True, price=price)


def off(moment: datetime) -> ServiceChange:
    return change(moment, active=False)


def amounts(changes: list[ServiceChange], *months: Month) -> list[Decimal | None]:
    """What each month costs; None where it is not charged."""
    found = (charge(changes, month, VIENNA) for month in months)
    return [None if each is None else each.change.price for each in found]


@pytest.mark.parametrize(
    "moment",
    [at(1, 0), at(15), at(30, 23), at(30, 23) + timedelta(minutes=59, seconds=59, microseconds=999999)],
)
def test_the_month_of_activation_is_charged_in_full_whatever_the_day(moment: datetime) -> None:
    (line,) = lines({"GRAZ-01": [on(moment)]}, {"GRAZ-01": "Hbf"}, NOVEMBER, VIENNA)
    assert (line.price, line.amount, line.reason) == (Decimal("9.90"), Decimal("9.90"), LineReason.ACTIVATED)
    assert (line.location, line.since) == ("Hbf", moment)


@pytest.mark.parametrize("moment", [at(1, 0), at(15), at(30, 23)])
def test_the_month_of_deactivation_is_not_charged(moment: datetime) -> None:
    history = [on(at(10, month=9)), off(moment)]
    assert amounts(history, Month(2026, 8), Month(2026, 9), Month(2026, 10), NOVEMBER, Month(2026, 12)) == [
        None,
        Decimal("9.90"),
        Decimal("9.90"),
        None,
        None,
    ]


def test_on_and_off_in_one_month_is_free() -> None:
    assert amounts([on(at(3)), off(at(4))], NOVEMBER, Month(2026, 12)) == [None, None]
    assert amounts([on(at(3)), off(at(4)), on(at(5)), off(at(6))], NOVEMBER) == [None]


def test_off_and_on_again_in_one_month_is_charged_once() -> None:
    history = [on(at(1, month=10)), off(at(3)), on(at(4)), off(at(5)), on(at(6))]
    (line,) = lines({"GRAZ-01": history}, {}, NOVEMBER, VIENNA)
    assert (line.amount, line.reason, line.since) == (Decimal("9.90"), LineReason.ACTIVATED_AGAIN, at(6))


def test_months_are_those_of_the_operators_time_zone() -> None:
    # 00:30 on the first of December in Vienna is still November in UTC, and 31 October in Honolulu is November here.
    moment = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert charge([on(moment)], NOVEMBER, VIENNA) is None
    assert charge([on(moment)], NOVEMBER, "UTC") is not None
    assert charge([on(moment)], Month(2026, 12), VIENNA) is not None
    assert charge([on(moment)], Month(2026, 12), "Pacific/Kiritimati") is not None


def test_to_switch_on_what_is_on_changes_neither_price_nor_reason() -> None:
    found = charge([on(at(3), "9.90"), on(at(20), "12.00")], NOVEMBER, VIENNA)
    assert found is not None
    assert (found.change.price, found.change.at, found.reason) == (
        Decimal("9.90"),
        at(3),
        LineReason.ACTIVATED,
    )


def test_the_price_is_that_of_the_last_activation() -> None:
    history = [on(at(1, month=9), "9.90"), off(at(3)), on(at(4), "12.00")]
    assert amounts(history, Month(2026, 10), NOVEMBER, Month(2026, 12)) == [
        Decimal("9.90"),
        Decimal("12.00"),
        Decimal("12.00"),
    ]


def test_of_two_changes_at_one_moment_the_later_one_holds() -> None:
    first, second = on(at(3)), off(at(3))
    assert charge([first, second], NOVEMBER, VIENNA) is None
    assert charge([second, first], NOVEMBER, VIENNA) is None
    again = on(at(3))
    assert charge([again, first, second], NOVEMBER, VIENNA) is not None


def test_what_was_on_before_its_history_began_was_on_all_the_time() -> None:
    before = change(at(20), active=True, cause=Cause.BEFORE)
    found = charge([before], NOVEMBER, VIENNA)
    assert found is not None and found.reason is LineReason.ALL_MONTH
    again = charge([before, off(at(21)), on(at(22))], NOVEMBER, VIENNA)
    assert again is not None and again.reason is LineReason.ACTIVATED_AGAIN
    assert charge([before], Month(2026, 10), VIENNA) is None


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, list[ServiceChange]]:
    """A zone, and changes around three months, many of them just at an edge."""
    zone = draw(st.sampled_from(ZONES))
    edges = st.sampled_from([month.start(zone) for month in (Month(2026, 10), NOVEMBER, Month(2026, 12))])
    near = st.builds(lambda edge, seconds: edge + timedelta(seconds=seconds), edges, st.integers(-7200, 7200))
    anywhere = st.integers(0, 102 * DAY).map(
        lambda seconds: datetime(2026, 9, 25, tzinfo=UTC) + timedelta(seconds=seconds)
    )
    moments = draw(st.lists(st.one_of(near, anywhere, edges), max_size=8))
    found = [
        change(moment, active=draw(st.booleans()), price=draw(st.sampled_from(["9.90", "12.00", "0"])))
        for moment in moments
    ]
    return zone, found


def naive(changes: list[ServiceChange], month: Month, zone: str) -> tuple[bool, Decimal | None]:
    """Walks through every change there is, and looks at the wall clock at which each happened."""
    running, price = False, None
    for each in sorted(changes, key=lambda c: (c.at, c.number)):
        local = each.at.astimezone(ZoneInfo(zone))
        if (local.year, local.month) > (month.year, month.month):
            break
        if each.active and not running:
            price = each.price
        running = each.active
    return running, price if running else None


@settings(max_examples=400, deadline=None)
@given(histories())
def test_a_month_is_charged_just_where_the_service_is_on_at_its_end(
    drawn: tuple[str, list[ServiceChange]],
) -> None:
    zone, changes = drawn
    for month in (Month(2026, 9), Month(2026, 10), NOVEMBER, Month(2026, 12), Month(2027, 1)):
        due = charge(changes, month, zone)
        assert (due is not None, None if due is None else due.change.price) == naive(changes, month, zone)


@settings(max_examples=200, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_changes_are_given_is_irrelevant(
    drawn: tuple[str, list[ServiceChange]], shuffler: Random
) -> None:
    zone, changes = drawn
    mixed = list(changes)
    shuffler.shuffle(mixed)
    for month in (Month(2026, 10), NOVEMBER, Month(2026, 12)):
        assert charge(mixed, month, zone) == charge(changes, month, zone)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_what_happens_after_a_month_never_changes_it(drawn: tuple[str, list[ServiceChange]]) -> None:
    zone, changes = drawn
    known = [each for each in changes if each.at < NOVEMBER.end(zone)]
    assert charge(changes, NOVEMBER, zone) == charge(known, NOVEMBER, zone)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_the_reason_says_what_happened_in_the_month(drawn: tuple[str, list[ServiceChange]]) -> None:
    zone, changes = drawn
    due = charge(changes, NOVEMBER, zone)
    if due is None:
        return
    start = NOVEMBER.start(zone)
    before, _ = naive([each for each in changes if each.at < start], NOVEMBER, zone)
    match due.reason:
        case LineReason.ALL_MONTH:
            assert due.change.at < start and before
        case LineReason.ACTIVATED:
            assert due.change.at >= start and not before
        case LineReason.ACTIVATED_AGAIN:
            assert due.change.at >= start and before


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(available_timezones())),
    st.integers(0, 17_500 * DAY).map(
        lambda seconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
)
def test_every_moment_lies_in_just_one_month_of_every_zone(zone: str, moment: datetime) -> None:
    month = Month.of(moment, zone)
    assert month.start(zone) <= moment < month.end(zone)
    assert month.end(zone) == month.next().start(zone)
    assert month.next().before() == month


def test_a_clock_that_goes_back_over_the_edge_of_a_month_does_not_go_back_to_the_month_before() -> None:
    # Newfoundland put its clocks back at 00:01 on 1 November 2009, to 23:01 of the day before.
    zone, first = (
        "America/St_Johns",
        datetime(2009, 11, 1, tzinfo=ZoneInfo("America/St_Johns")).astimezone(UTC),
    )
    for minutes in (0, 30, 60, 90):
        assert Month.of(first + timedelta(minutes=minutes), zone) == Month(2009, 11)
    assert Month.of(first - timedelta(microseconds=1), zone) == Month(2009, 10)


@given(st.integers(1, 9998), st.integers(1, 12))
def test_a_month_is_read_as_it_was_written(year: int, month: int) -> None:
    assert Month.parse(str(Month(year, month))) == Month(year, month)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        " 2026-11",
        "2026-11-01",
        "２０２６-11",
        "+226-11",
        "2_26-11",
    ],
)
def test_nothing_else_is_a_month(text: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        Month.parse(text)


def operator(currency: str = "EUR") -> Operator:
    return Operator("graz", "Graz", "AT", "SWG", VIENNA, "de", currency, Decimal("9.90"), "+43 316 0")


def test_a_statement_has_the_lines_of_all_stations_and_their_sum() -> None:
    changes = {"GRAZ-02": [on(at(3), "10.05")], "GRAZ-01": [on(at(3))], "GRAZ-03": [on(at(3)), off(at(9))]}
    found = statement(operator(), changes, {"GRAZ-01": "Hbf"}, NOVEMBER, closed=False)
    assert [(line.station_id, line.location) for line in found.lines] == [("GRAZ-01", "Hbf"), ("GRAZ-02", "")]
    assert (found.total, found.currency, found.closed) == (Decimal("19.95"), "EUR", False)


def test_a_month_without_a_line_costs_nothing_in_the_operators_currency() -> None:
    found = statement(operator("CHF"), {}, {}, NOVEMBER, closed=True)
    assert (found.lines, found.total, found.currency) == ((), Decimal(0), "CHF")


def test_a_charge_stays_in_the_currency_in_which_it_was_released() -> None:
    found = statement(operator("CHF"), {"GRAZ-01": [on(at(3))]}, {}, NOVEMBER, closed=False)
    assert found.currency == "EUR"
    mixed = {"GRAZ-01": [on(at(3))], "GRAZ-02": [change(at(3), active=True, currency="CHF")]}
    with pytest.raises(SeveralCurrencies, match="CHF, EUR"):
        statement(operator(), mixed, {}, NOVEMBER, closed=False)
