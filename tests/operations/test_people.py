"""People of an operator: moved, changed, deactivated and never deleted, and seen only as far as one may."""

from collections.abc import Awaitable

import pytest

from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight, Right
from bot.operations import asking, groups, people
from bot.operations.people import Field
from storage.database import Database
from tests.operations.office import Office


@pytest.fixture
async def office(database: Database) -> Office:
    return await Office(database).found()


async def refused(key: str, doing: Awaitable[object]) -> None:
    with pytest.raises(Refusal) as caught:
        await doing
    assert caught.value.key == key


async def test_people_are_listed_by_name_and_found_by_what_can_be_read(office: Office) -> None:
    everybody = await people.show(await office.by("ada"))
    names = [each.person.name for each in everybody.people]
    assert names == ["Ada Admin", "Anna Agent", "Bea Branch", "Nora Nord", "Walter Wels"]
    for words, expected in (
        ("WELS", ["Walter Wels"]),
        ("nora@example", ["Nora Nord"]),
        ("linz nord", ["Nora Nord"]),
        ("viewers gmbh", ["Walter Wels"]),
        ("nobody", []),
    ):
        found = await people.show(await office.by("ada"), words)
        assert [each.person.name for each in found.people] == expected


async def test_without_the_right_to_personal_data_all_but_oneself_is_masked(office: Office) -> None:
    found = await people.show(await office.by("bea"))
    assert [(p.person.name, p.person.email, p.person.phone) for p in found.people] == [
        ("Bea Branch", "bea@example.org", "+43 660 123456"),
        ("N****", "n****@****.org", "+43 *** **56"),
    ]
    seen = await people.one(await office.by("bea"), office.ids["nora"])
    assert (seen.person.name, seen.person.email, seen.person.phone, seen.personal) == (
        "N****",
        "n****@****.org",
        "+43 *** **56",
        False,
    )


async def test_a_masked_name_cannot_be_guessed_by_searching(office: Office) -> None:
    assert (await people.show(await office.by("bea"), "Nora")).people == ()
    assert (await people.show(await office.by("bea"), "nora@")).people == ()
    assert len((await people.show(await office.by("bea"), "N****")).people) == 1


async def test_personal_data_that_one_may_not_see_one_may_not_overwrite_either(office: Office) -> None:
    with pytest.raises(MissingRight) as caught:
        await people.edit(await office.by("bea"), office.ids["nora"], Field.NAME, "X")
    assert caught.value.right is Right.PERSONAL_DATA
    await people.edit(await office.by("bea"), office.ids["bea"], Field.NAME, "Bea B.")
    assert (await office.colleague("bea")).name == "Bea B."


async def test_whoever_manages_a_part_knows_only_those_of_that_part(office: Office) -> None:
    for doing in (
        people.one(await office.by("bea"), office.ids["walter"]),
        people.one(await office.by("bea"), office.ids["ada"]),
        people.one(await office.by("ada"), office.ids["tom"]),
        people.one(await office.by("ada"), 10**9),
        people.deactivate(await office.by("bea"), office.ids["ada"]),
        people.regroup(await office.by("bea"), office.ids["walter"], "Branch", member=True),
        people.move(await office.by("bea"), office.ids["walter"], "linz"),
        people.edit(await office.by("bea"), office.ids["walter"], Field.PHONE, ""),
        people.reactivate(await office.by("bea"), office.ids["walter"]),
    ):
        await refused("person.unknown", doing)


async def test_without_the_right_to_people_there_are_none(office: Office) -> None:
    for doing in (
        people.show(await office.by("anna")),
        people.one(await office.by("anna"), office.ids["nora"]),
        people.deactivate(await office.by("anna"), office.ids["nora"]),
        people.edit(await office.by("anna"), office.ids["anna"], Field.NAME, "X"),
        people.move(await office.by("anna"), office.ids["anna"], "linz"),
        people.regroup(await office.by("anna"), office.ids["anna"], "Administrators", member=True),
    ):
        with pytest.raises(MissingRight) as caught:
            await doing
        assert caught.value.right is Right.USERS_MANAGE


async def test_a_person_is_put_into_groups_and_taken_out_of_them(office: Office) -> None:
    await people.regroup(await office.by("ada"), office.ids["nora"], "Hotline", member=True)
    assert (await office.colleague("nora")).groups == ("Hotline", "Viewers")
    await people.regroup(await office.by("ada"), office.ids["nora"], "Viewers", member=False)
    assert (await office.colleague("nora")).groups == ("Hotline",)
    out, into = await office.acts()
    assert (into.act, into.subject) == ("person.changed", f"person:{office.ids['nora']}")
    assert (into.before, into.after) == ({"groups": ["Viewers"]}, {"groups": ["Hotline", "Viewers"]})
    assert out.after == {"groups": ["Hotline"]}
    await refused(
        "group.gone", people.regroup(await office.by("ada"), office.ids["nora"], "None", member=True)
    )


async def test_nobody_puts_people_into_a_group_that_gives_what_they_lack(office: Office) -> None:
    """Not even themselves."""
    for name in ("nora", "bea"):
        with pytest.raises(MissingRight):
            await people.regroup(await office.by("bea"), office.ids[name], "Administrators", member=True)
    await people.regroup(await office.by("bea"), office.ids["nora"], "Branch", member=True)
    seen = await people.one(await office.by("bea"), office.ids["nora"])
    able = {group.name for group, able in seen.groups if able}
    assert able == {"Branch", "Empty", "Viewers"}


async def test_nobody_moves_people_where_they_would_gain_what_the_mover_lacks(office: Office) -> None:
    """Nora would see costs in Linz, which Bea does not."""
    await groups.switch(await office.by("ada"), "Viewers", Right.BILLING, on=True)
    with pytest.raises(MissingRight) as caught:
        await people.move(await office.by("bea"), office.ids["nora"], "linz")
    assert caught.value.right is Right.BILLING
    await refused("right.reach", people.move(await office.by("bea"), office.ids["nora"], "wels"))
    await people.move(await office.by("ada"), office.ids["nora"], "linz")
    assert (await office.colleague("nora")).entity_id == "linz"
    await refused("company.gone", people.move(await office.by("ada"), office.ids["nora"], "graz"))


@pytest.mark.parametrize(
    ("field", "words", "kept"),
    [
        (Field.NAME, "  Nora   N. ", "Nora N."),
        (Field.EMAIL, "nora.nord@example.org", "nora.nord@example.org"),
        (Field.EMAIL, "", None),
        (Field.PHONE, "+43 (316) 55-77", "+43 (316) 55-77"),
        (Field.PHONE, "", None),
    ],
)
async def test_what_is_written_is_kept(office: Office, field: Field, words: str, kept: str | None) -> None:
    await people.edit(await office.by("ada"), office.ids["nora"], field, words)
    assert getattr(await office.colleague("nora"), field.value) == kept
    (act,) = await office.acts()
    assert act.after == {"person" if field is Field.NAME else field.value: kept}


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (Field.NAME, " "),
        (Field.NAME, "x" * 81),
        (Field.EMAIL, "nora"),
        (Field.EMAIL, "nora@example"),
        (Field.EMAIL, "a b@example.org"),
        (Field.PHONE, "call me"),
        (Field.PHONE, "12"),
    ],
)
async def test_what_cannot_be_right_is_refused(office: Office, field: Field, words: str) -> None:
    before = await office.colleague("nora")
    await refused(
        f"person.{field.value}", people.edit(await office.by("ada"), office.ids["nora"], field, words)
    )
    assert await office.colleague("nora") == before


async def test_a_deactivated_person_may_nothing_and_stays_known(office: Office) -> None:
    acting = await office.by("bea")
    await people.deactivate(await office.by("ada"), office.ids["bea"])
    await refused("staff.none", people.show(acting))
    seen = await people.show(await office.by("ada"), inactive=True)
    assert [each.person.name for each in seen.people] == ["Bea Branch"]
    assert (await people.show(await office.by("ada"))).others == 1
    await refused(
        "person.inactive", people.regroup(await office.by("ada"), office.ids["bea"], "Hotline", member=True)
    )
    await people.reactivate(await office.by("ada"), office.ids["bea"])
    assert (await people.show(await office.by("bea"))).people
    assert [act.act for act in await office.acts()] == ["person.reactivated", "person.deactivated"]


async def test_nobody_is_reactivated_with_more_than_the_reactivator_has(office: Office) -> None:
    await people.regroup(await office.by("ada"), office.ids["nora"], "Hotline", member=True)
    await people.deactivate(await office.by("bea"), office.ids["nora"])
    with pytest.raises(MissingRight):
        await people.reactivate(await office.by("bea"), office.ids["nora"])
    assert (await office.colleague("nora")).deactivated_at is not None


async def test_the_latest_acts_are_shown_only_to_whoever_may_read_the_log(office: Office) -> None:
    await people.edit(await office.by("ada"), office.ids["ada"], Field.PHONE, "+43 1 2345")
    assert [act.act for act in (await people.one(await office.by("ada"), office.ids["ada"])).acts]
    await groups.switch(await office.by("ada"), "Administrators", Right.AUDIT, on=False, sure=True)
    assert (await people.one(await office.by("ada"), office.ids["ada"])).acts == ()


async def test_who_can_grant_a_right_is_told_by_group_where_names_may_not_be_seen(office: Office) -> None:
    able = await asking.granters(await office.by("bea"))
    assert [each.name for each in able] == ["A**** (Administrators)"]
    await asking.ask(await office.by("bea"), Right.BILLING)
    (told,) = await office.told()
    assert (told["name"], told["right"]) == ("Bea Branch", "finance.billing")
    assert [each.name for each in await asking.granters(await office.by("anna"))] == ["Ada Admin"]
