"""Masked names, numbers and addresses: enough to tell people apart, and never more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.operator import Contact
from bot.domain.people import Person
from bot.domain.privacy import (
    contact_for,
    masked_email,
    masked_name,
    masked_person,
    masked_phone,
    name_for,
)
from bot.domain.rights import Authority, Grant, Right, Scope

TOM = Contact("Tom Technician", "+43 660 123456", "tom@example.org", 2001)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Lena Maier", "L****"),
        ("  lena", "l****"),
        ("Özgür", "Ö****"),
        ("", "****"),
        ("<b>", "****"),
        ("😀 x", "****"),
    ],
)
def test_of_a_name_its_first_letter_stays(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+43 660 000000", "+43 *** **00"),
        ("+436601234567", "*** **67"),
        ("0316/12 34 56", "*** **56"),
        ("+1 (212) 555-0199", "+1 *** **99"),
        ("1234", "****"),
        ("+43 1234", "****"),
        ("", "****"),
    ],
)
def test_of_a_number_the_country_and_the_last_two_digits_stay(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("lena@maier.at", "l****@****.at"),
        ("@x.org", "****@****.org"),
        ("lena", "****"),
        ("lena@host", "****"),
    ],
)
def test_of_an_address_its_first_letter_and_its_ending_stay(email: str, masked: str) -> None:
    assert masked_email(email) == masked


@given(st.text(min_size=2, max_size=40))
def test_no_mask_tells_how_long_a_name_is(name: str) -> None:
    assert len(masked_name(name)) in {4, 5}


@given(st.from_regex(r"\+?[0-9][0-9 ()/.-]{3,30}", fullmatch=True))
def test_no_mask_keeps_more_than_five_digits_of_a_number(phone: str) -> None:
    digits = [char for char in phone if char.isdigit()]
    shown = [char for char in masked_phone(phone) if char.isdigit()]
    assert len(shown) <= min(5, max(0, len(digits) - 3))


def test_a_contact_is_shown_in_full_only_to_whoever_may_see_it_there() -> None:
    everywhere = Authority("graz", 1, None, (Grant("A", frozenset({Right.PERSONAL_DATA}), Scope.INSTANCE),))
    here = Authority("graz", 1, None, (Grant("A", frozenset({Right.PERSONAL_DATA}), Scope.ENTITY),))
    nowhere = Authority("graz", 1)
    assert contact_for(everywhere, TOM) == contact_for(here, TOM) == TOM
    masked = Contact("T****", "+43 *** **56", "t****@****.org", None)
    assert contact_for(here, TOM, "linz") == contact_for(nowhere, TOM) == masked
    assert (name_for(here, "Tom", None), name_for(here, "Tom", "linz")) == ("Tom", "T****")


def test_of_a_person_nothing_is_left_by_which_to_reach_them() -> None:
    lena = Person(1, 501, "Lena", "en", "lena", "lena@example.org", "+43 660 1", unreachable=True)
    assert masked_person(lena) == Person(1, 501, "L****", "en", None, None, None, unreachable=True)
