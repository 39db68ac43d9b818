"""The one word that a list says of a station."""

import pytest

from bot.domain.condition import BY_GRAVITY, CONDITION_OF, Condition, condition
from bot.domain.reachability import Reachability
from bot.domain.status import ConnectorStatus

S = ConnectorStatus


def test_every_status_has_a_condition_with_a_rank() -> None:
    assert set(CONDITION_OF) == set(ConnectorStatus)
    assert set(CONDITION_OF.values()) == set(BY_GRAVITY)


@pytest.mark.parametrize("reachability", [Reachability.ONLINE, Reachability.PENDING])
@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), Condition.UNKNOWN),
        ((S.UNKNOWN,), Condition.UNKNOWN),
        ((S.AVAILABLE, S.UNKNOWN), Condition.OK),
        ((S.AVAILABLE, S.CHARGING), Condition.IN_USE),
        ((S.RESERVED,), Condition.IN_USE),
        ((S.UNAVAILABLE, S.CHARGING), Condition.OUT_OF_USE),
        ((S.AVAILABLE, S.FAULTED, S.UNAVAILABLE), Condition.FAULT),
    ],
)
def test_the_worst_connector_decides(
    reachability: Reachability, statuses: tuple[ConnectorStatus, ...], expected: Condition
) -> None:
    assert condition(reachability, statuses) is expected


@pytest.mark.parametrize("status", list(ConnectorStatus))
def test_what_a_station_said_before_it_fell_silent_is_not_believed(status: ConnectorStatus) -> None:
    assert condition(Reachability.OFFLINE, [status]) is Condition.OFFLINE
    assert condition(Reachability.NO_COMMUNICATION, [status]) is Condition.NEVER
