"""People, their rights, what they said, and what was asked of them."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import StatementError

from bot.domain.capability import Source
from bot.domain.draft import Draft, Step
from bot.domain.observation import Seen
from bot.domain.operator import Group, Member
from bot.domain.people import telegram
from bot.domain.rights import Right, Scope
from storage.database import Database
from storage.repositories.messages import Passed, Said, Wording, number_in
from storage.repositories.people import Identity
from storage.types import Utc
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW


async def test_whoever_is_met_is_entered_and_a_new_name_is_taken_over(database: Database) -> None:
    met = await database.write(
        lambda uow: uow.people.meet([Identity(5, "Lena", None, "de"), Identity(6, "Marco")])
    )
    assert (met[5].name, met[5].language, met[6].name) == ("Lena", "de", "Marco")
    renamed = await database.write(lambda uow: uow.people.meet([Identity(5, "Lena M.", "lena", "en")]))
    assert renamed[5].id == met[5].id
    assert (renamed[5].name, renamed[5].username) == ("Lena M.", "lena")
    assert await database.read(lambda uow: uow.people.by_telegram(5)) == renamed[5]


async def test_a_chosen_language_is_not_overwritten_by_a_guess(database: Database) -> None:
    lena = (await database.write(lambda uow: uow.people.meet([Identity(5, "Lena", None, "en")])))[5]
    await database.write(lambda uow: uow.people.set_language(lena.id, "de"))
    met = await database.write(lambda uow: uow.people.meet([Identity(5, "Lena Neu", None, "en")]))
    assert met[5].language == "de"


async def test_one_person_twice_in_a_batch_is_one_person_with_the_latest_name(database: Database) -> None:
    met = await database.write(lambda uow: uow.people.meet([Identity(5, "Old"), Identity(5, "New")]))
    assert [person.name for person in met.values()] == ["New"]


async def test_whether_somebody_can_be_reached_is_kept(database: Database) -> None:
    lena = (await database.write(lambda uow: uow.people.meet([Identity(5, "Lena")])))[5]
    assert not lena.unreachable
    await database.write(lambda uow: uow.people.set_unreachable(lena.id, unreachable=True))
    assert (await database.read(lambda uow: uow.people.get(lena.id))).unreachable


def staff(uow: UnitOfWork) -> None:
    town.build(uow)
    uow.staff.put_group("graz", Group("Admins", Scope.INSTANCE, frozenset({Right.USERS_MANAGE})))
    uow.staff.put_group("graz", Group("Hotline", Scope.ENTITY, frozenset({Right.REMOTE_ACTIONS})))
    uow.staff.put_member("graz", Member(1, "Ada", "ada@example.org", ("Admins", "Hotline")))
    uow.staff.put_member("graz", Member(2, "Anna", None, ("Hotline",)))


async def rights(database: Database, telegram_id: int, operator: str = "graz") -> set[Right]:
    def read(uow: UnitOfWork) -> set[Right]:
        person = uow.people.by_telegram(telegram_id)
        assert person is not None
        return set(uow.staff.authority(operator, person.id).rights)

    return await database.read(read)


async def test_rights_come_from_all_groups_of_a_person_at_that_operator(database: Database) -> None:
    await database.write(staff)
    assert await rights(database, 1) == {Right.USERS_MANAGE, Right.REMOTE_ACTIONS}
    assert await rights(database, 2) == {Right.REMOTE_ACTIONS}
    assert await rights(database, 1, "another") == set()
    admins = await database.read(lambda uow: uow.staff.who_may("graz", Right.USERS_MANAGE))
    assert [(each.name, each.email, each.telegram_id) for each in admins] == [("Ada", "ada@example.org", 1)]


async def test_who_leaves_a_group_loses_its_rights(database: Database) -> None:
    await database.write(staff)
    await database.write(lambda uow: uow.staff.put_member("graz", Member(1, "Ada", None, ("Hotline",))))
    assert await rights(database, 1) == {Right.REMOTE_ACTIONS}
    members = await database.read(lambda uow: uow.staff.members("graz"))
    assert members == [Member(1, "Ada", None, ("Hotline",)), Member(2, "Anna", None, ("Hotline",))]


async def test_a_groups_rights_can_be_taken_away(database: Database) -> None:
    await database.write(staff)
    await database.write(lambda uow: uow.staff.put_group("graz", Group("Hotline", Scope.ENTITY, frozenset())))
    assert await rights(database, 2) == set()


async def test_a_draft_takes_the_place_of_the_one_before(database: Database) -> None:
    lena = await database.write(town.lena)
    first = Draft(telegram(501), lena.id, Step.WHICH_EVSE, None, ("AT*SWG*E1", "AT*SWG*E2"))
    second = Draft(telegram(501), lena.id, Step.WHAT_IS_WRONG, "AT*SWG*E1")
    await database.write(lambda uow: uow.drafts.put(first, NOW))
    assert await database.read(lambda uow: uow.drafts.get(telegram(501))) == first
    await database.write(lambda uow: uow.drafts.put(second, NOW))
    assert await database.read(lambda uow: uow.drafts.get(telegram(501))) == second
    await database.write(lambda uow: uow.drafts.drop(telegram(501)))
    assert await database.read(lambda uow: uow.drafts.get(telegram(501))) is None


async def test_a_message_told_twice_is_entered_once(database: Database) -> None:
    await database.write(town.build)
    case = await database.write(town.new_case)
    said = Said(case.id, case.driver_id, True, NOW, "text", "It smells <odd>", telegram(501), 12)
    for _ in range(2):
        await database.write(lambda uow: uow.messages.add(said))
    assert await database.read(lambda uow: uow.messages.of_case(case.id)) == [said]
    assert await database.read(lambda uow: uow.messages.case_of(telegram(501), 12)) == case.id
    assert await database.read(lambda uow: uow.messages.case_of(telegram(501), 13)) is None


async def test_each_wording_of_a_message_and_both_its_places_are_found(database: Database) -> None:
    await database.write(town.build)
    case = await database.write(town.new_case)
    bold = ({"type": "bold", "offset": 0, "length": 3},)
    topic = telegram(-100, 7)
    said = Said(case.id, case.driver_id, False, NOW, "photo", "tree", topic, 12, 4, "13", bold, "f", "k")
    later = Wording("three", (), "f2", "k2")

    def work(uow: UnitOfWork) -> Passed:
        uow.messages.add(said)
        uow.messages.copied(topic, 12, telegram(501), 12)
        passed = uow.messages.at(topic, 12)
        assert passed is not None
        uow.messages.revise(passed, NOW, later)
        uow.messages.react(passed, "🔥", back=True)
        return passed

    passed = await database.write(work)
    changed = replace(passed, reaction_back="🔥")
    assert (passed.said, passed.copy, passed.copy_message) == (said, telegram(501), 12)
    assert await database.read(lambda uow: uow.messages.wordings(passed)) == [said.wording, later]
    # What tells of a reaction in a group names no topic.
    for chat, number in ((telegram(-100), 12), (telegram(501), 12)):
        assert await database.read(lambda uow, c=chat, n=number: uow.messages.shown_at(c, n)) == changed  # type: ignore[misc]  # mypy cannot infer a lambda with defaults.
        assert number_in(changed, chat) == number
    assert await database.read(lambda uow: uow.messages.shown_at(telegram(502), 12)) is None
    assert await database.read(lambda uow: uow.messages.album(case.id, topic, "13")) == [changed]


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+asyncpg://"])
def test_a_naive_time_is_refused(url: str) -> None:
    dialect = make_url(url).get_dialect()()
    with pytest.raises(ValueError, match="time zone"):
        Utc().process_bind_param(datetime(2026, 11, 22), dialect)  # noqa: DTZ001  # That is the point.
    assert Utc().process_bind_param(None, dialect) is None


async def test_a_naive_time_does_not_reach_a_table(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises((ValueError, StatementError), match="time zone"):
        await database.write(lambda uow: uow.station_log.keep([Seen("GRAZ-01", naive)], Source.OCPP))


async def test_a_time_of_any_zone_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    await database.write(town.build)
    vienna = NOW.astimezone(timezone(timedelta(hours=1)))
    await database.write(lambda uow: uow.station_log.keep([Seen("GRAZ-01", vienna)], Source.OCPP))
    identity = await database.read(lambda uow: uow.station_log.identity("GRAZ-01"))
    assert identity is not None
    assert identity[0] == NOW
    assert identity[0].utcoffset() == timedelta(0)
