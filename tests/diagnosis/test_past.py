"""The past as words: flapping, the same fault again, the last session's end, updates, the site."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.diagnosis import past as limits
from bot.diagnosis.past import Course, LastStop, Past, Site, course, last_stop, site, updating
from bot.domain.status import ConnectorState, ConnectorStatus

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
FREE, BROKEN = ConnectorStatus.AVAILABLE, ConnectorStatus.FAULTED


def intervals(*told: tuple[float, ConnectorStatus], error: str = "InternalError") -> Past:
    """Statuses by how many minutes ago they began, the oldest first."""
    states = [
        ConnectorState(1, status, error if status is BROKEN else "NoError", NOW - ago * MINUTE, NOW)
        for ago, status in told
    ]
    return Past(tuple(reversed(states)))


def test_nothing_kept_is_steady() -> None:
    assert course(Past(), NOW) is Course.STEADY


def test_three_recoveries_within_an_hour_are_flapping() -> None:
    told = [(50, BROKEN), (45, FREE), (40, BROKEN), (35, FREE), (30, BROKEN), (25, FREE)]
    assert course(intervals(*told), NOW) is Course.FLAPPING
    assert course(intervals(*told[2:]), NOW) is Course.STEADY


def test_recoveries_of_longer_ago_do_not_count() -> None:
    told = [(70, BROKEN), (65, FREE), (40, BROKEN), (35, FREE), (30, BROKEN), (25, FREE)]
    assert course(intervals(*told), NOW) is Course.STEADY


def test_the_recovery_counts_where_the_fault_before_it_began_earlier() -> None:
    told = [(70, BROKEN), (55, FREE), (40, BROKEN), (35, FREE), (30, BROKEN), (25, FREE)]
    assert course(intervals(*told), NOW) is Course.FLAPPING


def test_the_same_fault_after_a_recovery_is_a_fault_again() -> None:
    assert course(intervals((90, BROKEN), (60, FREE), (5, BROKEN)), NOW) is Course.FAULT_AGAIN


def test_a_fault_that_was_never_gone_is_not_again() -> None:
    down = ConnectorStatus.UNAVAILABLE
    assert course(intervals((90, BROKEN), (60, down), (5, BROKEN)), NOW) is Course.STEADY


def test_another_fault_is_not_the_same_again() -> None:
    before = intervals((90, BROKEN), (60, FREE), error="GroundFailure").intervals
    assert course(Past((*intervals((5, BROKEN)).intervals, *before)), NOW) is Course.STEADY


@pytest.mark.parametrize(
    ("reason", "meant"),
    [
        ("EmergencyStop", LastStop.EMERGENCY_STOP),
        ("GroundFault", LastStop.EMERGENCY_STOP),
        ("PowerLoss", LastStop.POWER_LOSS),
        ("DeAuthorized", LastStop.CARD_REFUSED),
        ("EVDisconnected", LastStop.VEHICLE),
        ("StoppedByEV", LastStop.VEHICLE),
        ("SoftReset", LastStop.RESTART),
        ("Reboot", LastStop.RESTART),
        ("Local", LastStop.USUAL),
        ("a vendor's word", LastStop.USUAL),
    ],
)
def test_the_reason_of_the_last_stop_has_a_meaning(reason: str, meant: LastStop) -> None:
    assert last_stop(Past(last_stop=(reason, NOW - MINUTE)), NOW) is meant


def test_a_stop_of_long_ago_explains_nothing() -> None:
    at = NOW - limits.STOP_MATTERS_FOR
    assert last_stop(Past(last_stop=("PowerLoss", at)), NOW) is LastStop.POWER_LOSS
    assert last_stop(Past(last_stop=("PowerLoss", at - SECOND)), NOW) is LastStop.NONE


def test_an_update_is_over_when_the_station_says_so_or_says_nothing_for_long() -> None:
    began = NOW - limits.UPDATE_TAKES
    assert updating(Past(firmware=("Installing", began)), NOW)
    assert not updating(Past(firmware=("Installing", began - SECOND)), NOW)
    assert not updating(Past(firmware=("Installed", NOW)), NOW)
    assert not updating(Past(), NOW)


@pytest.mark.parametrize(
    ("neighbours", "meant"),
    [
        ((), Site.ALONE),
        ((True, True), Site.CONNECTED),
        ((True, False), Site.SOME_AWAY),
        ((False,), Site.SOME_AWAY),
        ((False, False), Site.ALL_AWAY),
    ],
)
def test_the_site_is_away_where_several_others_and_all_of_them_are(
    neighbours: tuple[bool, ...], meant: Site
) -> None:
    assert site(Past(neighbours=neighbours)) is meant
