"""Bots of operators: their channels, the numbers of their updates, and what may be spoken of at each."""

import itertools

import pytest

from bot.domain.account import MOST_UPDATES, SHARED, Account, Accounts, only_operator, same_number
from bot.domain.people import Address, telegram

GRAZ, LINZ = Account("stadtwerke-graz"), Account("linz-ag")


def test_a_channel_names_its_bot_and_is_read_back() -> None:
    assert [each.channel for each in (SHARED, GRAZ)] == ["telegram", "telegram.stadtwerke-graz"]
    for account in (SHARED, GRAZ, LINZ):
        assert Account.on(account.channel) == account
        address = account.address(-100, 7)
        assert Address.parse(str(address)) == address
    assert SHARED.address(501) == telegram(501)


@pytest.mark.parametrize("channel", ["", "web", "telegram.", ".linz-ag", "telegramlinz-ag", "mail.linz-ag"])
def test_what_is_no_channel_of_a_bot_is_refused(channel: str) -> None:
    with pytest.raises(ValueError, match="no bot"):
        Account.on(channel)


def test_the_updates_of_the_shared_bot_keep_their_numbers_and_those_of_others_are_apart() -> None:
    assert SHARED.key(100_000_001) == 100_000_001
    keys = {account.key(7) for account in (SHARED, GRAZ, LINZ)}
    assert len(keys) == 3
    assert max(Account(f"operator-{n}").key(MOST_UPDATES - 1) for n in range(2000)) < 2**63


def test_the_number_of_a_bot_is_the_same_for_ever() -> None:
    # Were it to change, updates that wait in a database would be handled once more.
    assert (SHARED.number, GRAZ.number, LINZ.number) == (0, 603_577, 675_238)


@pytest.mark.parametrize("number", [-1, MOST_UPDATES])
def test_a_number_that_no_update_has_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="no number"):
        GRAZ.key(number)


def test_two_operators_that_fall_on_one_number_are_found() -> None:
    first: dict[int, str] = {}
    for number in itertools.count():
        name = f"operator-{number}"
        other = first.setdefault(Account(name).number, name)
        if other != name:
            break
    assert same_number([*sorted(first.values())[:20], other, name]) == (other, name)
    assert same_number(["stadtwerke-graz", "linz-ag"]) is None


def test_an_operator_without_a_bot_of_its_own_speaks_by_the_shared_one() -> None:
    accounts = Accounts(frozenset({"linz-ag"}))
    assert accounts.all() == (SHARED, LINZ)
    assert (accounts.of("linz-ag"), accounts.of("stadtwerke-graz")) == (LINZ, SHARED)
    assert Accounts(frozenset({"linz-ag"}), shared=False).all() == (LINZ,)


def test_a_driver_is_led_from_the_shared_bot_to_an_operators_own_and_from_nowhere_else() -> None:
    accounts = Accounts(frozenset({"linz-ag"}))
    assert accounts.leads_to("telegram", "linz-ag") == LINZ
    assert accounts.leads_to("telegram", "stadtwerke-graz") is None
    assert accounts.leads_to(LINZ.channel, "linz-ag") is None
    assert accounts.leads_to("web", "linz-ag") is None


def test_a_link_is_there_once_the_bots_name_is_known() -> None:
    accounts = Accounts(frozenset({"linz-ag"}))
    assert accounts.link(LINZ, "AT_LIN_E1") is None
    accounts.usernames[LINZ] = "linz_bot"
    assert accounts.link(LINZ) == "https://t.me/linz_bot"
    assert accounts.link(LINZ, "AT_LIN_E1") == "https://t.me/linz_bot?start=AT_LIN_E1"


def test_at_an_own_bot_only_its_operator_may_be_spoken_of() -> None:
    assert only_operator(LINZ.channel) == "linz-ag"
    assert only_operator("telegram") is None
    assert only_operator("web") is None
