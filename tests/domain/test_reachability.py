"""Reachability: online, pending, offline, no communication."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.operator import Station
from bot.domain.reachability import Patience, Reachability, patience_with, reachability
from tests.storage.town import OPERATOR

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATION = Station("GRAZ-01", "graz", "hbf", service_active=True)


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        (timedelta(0), Reachability.ONLINE),
        (timedelta(minutes=29, seconds=59), Reachability.ONLINE),
        (timedelta(minutes=30), Reachability.PENDING),
        (timedelta(minutes=59, seconds=59), Reachability.PENDING),
        (timedelta(minutes=60), Reachability.OFFLINE),
        (timedelta(days=400), Reachability.OFFLINE),
    ],
)
def test_a_quiet_station_is_pending_after_half_an_hour_and_offline_after_an_hour(
    quiet: timedelta, expected: Reachability
) -> None:
    assert reachability(NOW - quiet, NOW, Patience()) is expected


def test_a_station_that_never_sent_anything_has_no_communication() -> None:
    assert reachability(None, NOW, Patience()) is Reachability.NO_COMMUNICATION


def test_a_stations_own_times_go_before_its_operators() -> None:
    operator = replace(OPERATOR, pending_after_minutes=10, offline_after_minutes=20)
    assert patience_with(STATION, operator) == Patience(timedelta(minutes=10), timedelta(minutes=20))
    own = replace(STATION, pending_after_minutes=120)
    assert patience_with(own, operator) == Patience(timedelta(minutes=120), timedelta(minutes=120))
