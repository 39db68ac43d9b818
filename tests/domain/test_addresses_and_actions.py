"""Addresses as they are written, and the rules of remote actions."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.diagnosis.vocabulary import OFFERED_TO_DRIVERS
from bot.domain.people import Address, telegram
from bot.domain.remote_action import ACTION_RULES, Initiator, RemoteCommand

CHANNEL = st.text("abcdefghijklmnopqrstuvwxyzäß-", min_size=1, max_size=12)
NUMBER = st.integers(-(2**63), 2**63 - 1)


@given(CHANNEL, NUMBER, st.none() | NUMBER)
def test_an_address_is_read_as_it_was_written(channel: str, chat: int, topic: int | None) -> None:
    address = Address(channel, chat, topic)
    assert Address.parse(str(address)) == address


def test_an_address_is_written_as_documented() -> None:
    assert str(telegram(12345)) == "telegram:12345"
    assert str(telegram(-10012345, 77)) == "telegram:-10012345:77"
    assert str(telegram(5, 0)) != str(telegram(5))


@pytest.mark.parametrize("text", ["", "telegram", "telegram:", "telegram:x", "telegram:1:y", "case:x:1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # Of int() and of unpacking, whichever comes first.
        Address.parse(text)


def test_every_command_has_a_rule() -> None:
    assert set(ACTION_RULES) == set(RemoteCommand)


def test_whatever_may_put_voltage_on_a_connector_is_barred_by_a_lock_out() -> None:
    harmless = {RemoteCommand.REFRESH_STATUS, RemoteCommand.STOP_SESSION, RemoteCommand.MAKE_INOPERATIVE}
    assert {command for command, rule in ACTION_RULES.items() if not rule.energising} == harmless


def test_a_reset_reaches_the_whole_station_and_is_tried_once_in_six_hours() -> None:
    resets = {RemoteCommand.SOFT_RESET, RemoteCommand.HARD_RESET}
    assert {command for command, rule in ACTION_RULES.items() if rule.whole_station} == resets
    for reset in resets:
        assert (ACTION_RULES[reset].tries, ACTION_RULES[reset].per) == (1, timedelta(hours=6))
        assert ACTION_RULES[reset].proof_within >= timedelta(minutes=4)


def test_a_driver_may_start_only_what_a_rule_may_offer_to_drivers() -> None:
    for_drivers = {command for command, rule in ACTION_RULES.items() if Initiator.DRIVER in rule.initiators}
    assert for_drivers == OFFERED_TO_DRIVERS
    assert all(Initiator.AGENT in rule.initiators for rule in ACTION_RULES.values())


def test_only_ending_a_session_needs_one() -> None:
    assert [command for command, rule in ACTION_RULES.items() if rule.needs_session] == [
        RemoteCommand.STOP_SESSION
    ]


def test_every_action_has_tries_and_an_end() -> None:
    for rule in ACTION_RULES.values():
        assert rule.tries >= 1
        assert timedelta(seconds=10) < rule.proof_within < rule.per
