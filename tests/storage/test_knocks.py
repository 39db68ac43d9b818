"""Stations that knock: joined by identity, bounded in number, none weakened by who merely knows its name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.knock import Knock
from storage.database import Database
from storage.repositories.knocks import MOST
from storage.uow import UnitOfWork
from tests.storage.town import NOW

FIRST = Knock("NEW-1", NOW, NOW, 1, "198.51.100.1", ("ocpp1.6", "ocpp2.0.1"), "ACME/1", "s3cret", 1)


def later(knock: Knock, minutes: int, **changed: object) -> Knock:
    moment = NOW + timedelta(minutes=minutes)
    moved = replace(knock, first_at=moment, last_at=moment)
    return replace(moved, **changed)  # type: ignore[arg-type]  # The fields are named by the tests below.


async def note(database: Database, *knocks: Knock) -> Knock | None:
    def work(uow: UnitOfWork) -> Knock | None:
        for each in knocks:
            uow.knocks.note(each)
        return uow.knocks.get(knocks[-1].station_id)

    return await database.write(work)


async def test_a_knock_comes_back_as_it_was_noted(database: Database) -> None:
    assert await note(database, FIRST) == FIRST
    nameless = Knock("NEW-2", NOW, NOW, 1, "")
    assert await note(database, nameless) == nameless


async def test_the_attempts_of_one_identity_add_up_and_the_last_of_them_tells(database: Database) -> None:
    last = later(FIRST, 5, times=7, address="198.51.100.2", protocols=("ocpp1.6",), agent="ACME/2")
    assert await note(database, FIRST, last) == replace(last, first_at=NOW, times=8)


@pytest.mark.parametrize("shown", [1, 2, 3])
async def test_who_merely_knows_the_name_takes_nothing_away(database: Database, shown: int) -> None:
    own = replace(FIRST, security_profile=shown, password=None if shown == 3 else "s3cret")
    stranger = later(FIRST, 5, address="203.0.113.9", password=None, security_profile=0)
    assert await note(database, own, stranger) == replace(own, last_at=stranger.last_at, times=2)


async def test_a_password_is_worth_less_than_a_certificate_and_the_same_over_tls(database: Database) -> None:
    own = replace(FIRST, security_profile=3, password=None)
    guess = later(FIRST, 5, password="guess", security_profile=2)
    assert await note(database, own, guess) == replace(own, last_at=guess.last_at, times=2)
    over_tls = replace(FIRST, station_id="NEW-2", security_profile=2)
    clear = later(over_tls, 5, security_profile=1)
    kept = await note(database, over_tls, clear)
    assert kept is not None
    assert kept.security_profile == 1


async def test_two_passwords_in_one_name_are_contested_for_good(database: Database) -> None:
    guess = later(FIRST, 5, password="guess")
    kept = await note(database, FIRST, guess)
    assert kept is not None
    assert (kept.contested, kept.password) == (True, "guess")
    again = await note(database, later(FIRST, 6, password="guess"))
    assert again is not None
    assert again.contested


async def test_the_same_password_again_or_none_contests_nothing(database: Database) -> None:
    kept = await note(database, FIRST, later(FIRST, 5), later(FIRST, 6, password=None, security_profile=0))
    assert kept is not None
    assert not kept.contested


async def test_the_latest_come_first_and_the_oldest_give_way(database: Database) -> None:
    many = [replace(later(FIRST, number), station_id=f"X{number}") for number in range(MOST)]
    await note(database, *many)
    # Whoever comes again is not old.
    await note(database, replace(later(FIRST, MOST), station_id="X0"))
    await note(database, replace(later(FIRST, MOST + 1), station_id="NEW"))
    kept = [each.station_id for each in await database.read(lambda uow: uow.knocks.list())]
    assert kept[:3] == ["NEW", "X0", f"X{MOST - 1}"]
    assert len(kept) == MOST
    assert "X1" not in kept


async def test_a_knock_that_is_dropped_is_gone(database: Database) -> None:
    await note(database, FIRST, replace(FIRST, station_id="NEW-2"))

    def drop(uow: UnitOfWork) -> list[str]:
        uow.knocks.drop("NEW-1")
        uow.knocks.drop("NEW-1")
        return [each.station_id for each in uow.knocks.list()]

    assert await database.write(drop) == ["NEW-2"]
