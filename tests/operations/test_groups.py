"""Groups and rights: nobody grants what they do not have, and somebody who can grant always remains."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.domain.operator import Group
from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight, Right, Scope
from bot.operations import companies, groups, people
from bot.operations.acting import Acting
from bot.operations.apply import apply
from bot.operations.export import export
from bot.operations.operator_file import OperatorFileError, read_operator_file
from storage.database import Database
from storage.uow import UnitOfWork
from tests.operations.office import EVERYTHING, MANAGING, Office
from tests.storage.town import OPERATOR


@pytest.fixture
async def office(database: Database) -> Office:
    return await Office(database).found()


async def refused(key: str, doing: Awaitable[object]) -> None:
    with pytest.raises(Refusal) as caught:
        await doing
    assert caught.value.key == key


async def test_a_right_is_switched_on_and_off_and_both_are_noted(office: Office) -> None:
    for on in (True, False):
        await groups.switch(await office.by("ada"), "Viewers", Right.BILLING, on=on)
        group = await office.group("Viewers")
        assert group is not None and (Right.BILLING in group.rights) is on
    off, first = await office.acts()
    assert (first.act, first.subject, first.person_id) == ("group.rights", "Viewers", office.ids["ada"])
    assert (first.before, first.after) == ({"finance.billing": False}, {"finance.billing": True})
    assert (off.before, off.after) == ({"finance.billing": True}, {"finance.billing": False})


async def test_a_switch_that_is_set_already_changes_nothing(office: Office) -> None:
    await groups.switch(await office.by("ada"), "Viewers", Right.STATION_LIST, on=True)
    assert await office.acts() == []


async def test_a_new_group_gives_nothing_and_its_name_is_checked(office: Office) -> None:
    assert await groups.create(await office.by("ada"), "  Night   shift ") == "Night shift"
    assert await office.group("Night shift") == Group("Night shift", Scope.INSTANCE, frozenset())
    await refused("group.taken", groups.create(await office.by("ada"), "NIGHT SHIFT"))
    await refused("group.name", groups.create(await office.by("ada"), "   "))
    await refused("group.name", groups.create(await office.by("ada"), "x" * 41))


async def test_a_group_that_is_renamed_keeps_its_members(office: Office) -> None:
    assert await groups.rename(await office.by("ada"), "Hotline", "Support") == "Support"
    assert (await office.colleague("anna")).groups == ("Support",)
    await refused("group.taken", groups.rename(await office.by("ada"), "Viewers", "support"))
    await refused("group.gone", groups.rename(await office.by("ada"), "Hotline", "X"))


async def test_only_an_empty_group_is_deleted(office: Office) -> None:
    await refused("group.not_empty", groups.drop(await office.by("ada"), "Hotline"))
    await groups.drop(await office.by("ada"), "Empty")
    assert await office.group("Empty") is None
    await people.deactivate(await office.by("ada"), office.ids["anna"])
    await groups.drop(await office.by("ada"), "Hotline")
    assert (await office.colleague("anna")).groups == ()


async def test_whoever_lacks_the_right_to_groups_sees_and_changes_none(office: Office) -> None:
    for doing in (
        groups.show(await office.by("anna")),
        groups.create(await office.by("anna"), "X"),
        groups.switch(await office.by("anna"), "Empty", Right.BILLING, on=True),
        groups.rescope(await office.by("anna"), "Empty", Scope.INSTANCE),
        groups.rename(await office.by("anna"), "Empty", "X"),
        groups.drop(await office.by("anna"), "Empty"),
    ):
        with pytest.raises(MissingRight) as caught:
            await doing
        assert caught.value.right is Right.GROUPS_MANAGE


async def test_nobody_switches_on_what_they_do_not_have(office: Office) -> None:
    with pytest.raises(MissingRight) as caught:
        await groups.switch(await office.by("bea"), "Empty", Right.BILLING, on=True)
    assert caught.value.right is Right.BILLING
    group = await office.group("Empty")
    assert group is not None and group.rights == frozenset()


async def test_nobody_switches_on_what_they_have_only_nearer(office: Office) -> None:
    """Bea may see stations of Linz and below; a member of the group is in Wels."""
    await groups.switch(await office.by("ada"), "Viewers", Right.STATION_LIST, on=False)
    await refused(
        "group.beyond", groups.switch(await office.by("bea"), "Viewers", Right.STATION_LIST, on=True)
    )


async def test_nobody_changes_a_group_that_reaches_farther_than_they_do(office: Office) -> None:
    for doing in (
        groups.switch(await office.by("bea"), "Administrators", Right.BILLING, on=False),
        groups.switch(await office.by("bea"), "Hotline", Right.REMOTE_ACTIONS, on=False),
        groups.rename(await office.by("bea"), "Viewers", "Mine"),
        groups.drop(await office.by("bea"), "Hotline"),
        groups.rescope(await office.by("bea"), "Administrators", Scope.ENTITY),
    ):
        await refused("group.beyond", doing)


async def test_nobody_widens_a_scope_beyond_their_own(office: Office) -> None:
    await refused("right.reach", groups.rescope(await office.by("bea"), "Branch", Scope.INSTANCE))
    await refused("right.reach", groups.rescope(await office.by("bea"), "Empty", Scope.INSTANCE))
    await groups.rescope(await office.by("bea"), "Empty", Scope.ENTITY_AND_BELOW)
    group = await office.group("Empty")
    assert group is not None and group.scope is Scope.ENTITY_AND_BELOW


async def test_a_scope_is_not_widened_with_rights_that_one_lacks(office: Office) -> None:
    """Ada without the right to costs may not spread it, whoever holds it."""
    await groups.switch(await office.by("ada"), "Viewers", Right.BILLING, on=True)
    await groups.switch(await office.by("ada"), "Administrators", Right.BILLING, on=False, sure=True)
    with pytest.raises(MissingRight):
        await groups.rescope(await office.by("ada"), "Viewers", Scope.INSTANCE)


async def test_whoever_manages_a_part_sees_the_groups_of_that_part_and_no_other_names(office: Office) -> None:
    found = {each.group.name: each for each in (await groups.show(await office.by("bea"))).groups}
    assert set(found) == {"Branch", "Empty", "Viewers"}
    assert found["Branch"].members == ("B****",)
    assert (found["Viewers"].members, found["Viewers"].more) == (("N****",), 1)
    assert {name for name, each in found.items() if each.manages} == {"Branch", "Empty"}
    assert found["Empty"].grants == MANAGING | {Right.AUDIT, Right.STATION_LIST}
    everything = (await groups.show(await office.by("ada"))).groups
    assert {each.group.name for each in everything} > set(found)
    assert all(each.manages and each.grants == EVERYTHING for each in everything)


LOSING: dict[str, Callable[[Acting, Office], Awaitable[object]]] = {
    "switch": lambda by, _: groups.switch(by, "Administrators", Right.GROUPS_MANAGE, on=False, sure=True),
    "scope": lambda by, _: groups.rescope(by, "Administrators", Scope.ENTITY),
    "leaving": lambda by, o: people.regroup(by, o.ids["ada"], "Administrators", member=False),
    "moving": lambda by, o: people.move(by, o.ids["ada"], "linz"),
    "deactivating": lambda by, o: people.deactivate(by, o.ids["ada"]),
}


@pytest.mark.parametrize("way", [way for way in LOSING if way != "moving"])
async def test_the_last_who_can_grant_rights_cannot_lose_that(office: Office, way: str) -> None:
    await refused("right.last_manager", LOSING[way](await office.by("ada"), office))
    group = await office.group("Administrators")
    assert group == Group("Administrators", Scope.INSTANCE, EVERYTHING)
    ada = await office.colleague("ada")
    assert (ada.groups, ada.deactivated_at, ada.entity_id) == (("Administrators",), None, None)
    assert await office.acts() == []


async def test_the_last_who_can_grant_rights_cannot_be_moved_away_from_it(office: Office) -> None:
    """A group that reaches a company with those below reaches all only for those who belong to the operator."""
    await groups.rescope(await office.by("ada"), "Administrators", Scope.ENTITY_AND_BELOW)
    await refused("right.last_manager", LOSING["moving"](await office.by("ada"), office))


@pytest.mark.parametrize("way", LOSING)
async def test_with_a_second_one_the_first_may_go(office: Office, way: str) -> None:
    await groups.create(await office.by("ada"), "Second")
    for right in Right:
        await groups.switch(await office.by("ada"), "Second", right, on=True)
    await people.regroup(await office.by("ada"), office.ids["anna"], "Second", member=True)
    await LOSING[way](await office.by("ada"), office)


async def test_a_deactivated_manager_counts_for_nothing(office: Office) -> None:
    await people.regroup(await office.by("ada"), office.ids["anna"], "Administrators", member=True)
    await people.deactivate(await office.by("ada"), office.ids["anna"])
    await refused("right.last_manager", people.deactivate(await office.by("ada"), office.ids["ada"]))


async def test_two_who_demote_each_other_in_the_same_instant_do_not_both_succeed(office: Office) -> None:
    await people.regroup(await office.by("ada"), office.ids["anna"], "Administrators", member=True)
    for _ in range(5):
        one, other = await office.by("ada"), await office.by("anna")
        outcomes = await asyncio.gather(
            people.regroup(one, office.ids["anna"], "Administrators", member=False),
            people.regroup(other, office.ids["ada"], "Administrators", member=False),
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in outcomes) == ["MissingRight", "NoneType"]
        left = "ada" if "Administrators" in (await office.colleague("ada")).groups else "anna"
        lost = {"ada": "anna", "anna": "ada"}[left]
        await people.regroup(await office.by(left), office.ids[lost], "Administrators", member=True)


async def test_two_who_leave_in_the_same_instant_do_not_both_succeed(office: Office) -> None:
    await people.regroup(await office.by("ada"), office.ids["anna"], "Administrators", member=True)
    outcomes = await asyncio.gather(
        people.deactivate(await office.by("ada"), office.ids["ada"]),
        people.deactivate(await office.by("anna"), office.ids["anna"]),
        return_exceptions=True,
    )
    assert sorted(str(each) for each in outcomes) == ["None", "right.last_manager"]


async def test_whoever_was_demoted_meanwhile_has_lost_it_though_they_waited(office: Office) -> None:
    """The right is read after the wait for the other, and not before."""
    await people.regroup(await office.by("ada"), office.ids["anna"], "Administrators", member=True)
    demoting, waiting = await office.by("ada"), await office.by("anna")
    outcomes = await asyncio.gather(
        people.regroup(demoting, office.ids["anna"], "Administrators", member=False),
        groups.create(waiting, "Hers"),
        return_exceptions=True,
    )
    made = await office.group("Hers") is not None
    assert outcomes[0] is None
    assert made is (outcomes[1] == "Hers")
    if not made:
        assert isinstance(outcomes[1], MissingRight)


async def test_a_company_that_moves_takes_nobody_farther_than_the_mover_reaches(office: Office) -> None:
    """Bea gains Wels by its move below Linz; Ada may do that as she holds all that Bea gains."""
    await groups.switch(await office.by("ada"), "Branch", Right.BILLING, on=True)
    await groups.switch(await office.by("ada"), "Administrators", Right.BILLING, on=False, sure=True)
    with pytest.raises(MissingRight) as caught:
        await companies.move(await office.by("ada"), "wels", "linz")
    assert caught.value.right is Right.BILLING


async def test_another_operators_groups_are_none(office: Office) -> None:
    def build(uow: UnitOfWork) -> None:
        uow.staff.put_group("other", Group("Theirs", Scope.INSTANCE, EVERYTHING))

    await office.database.write(build)
    seen = (await groups.show(await office.by("ada"))).groups
    assert "Theirs" not in {each.group.name for each in seen}
    await refused("group.gone", groups.drop(await office.by("ada"), "Theirs"))
    await refused("staff.none", groups.show(await office.by("ada", operator_id="other")))
    assert OPERATOR.id != "other"


async def test_no_file_takes_the_last_manager_away_either(office: Office) -> None:
    text = await export(office.database, OPERATOR.id)
    assert '"users.groups"' in text
    weaker = "\n".join(line for line in text.splitlines() if '"users.groups"' not in line)
    with pytest.raises(OperatorFileError, match="nobody would be left"):
        await apply(office.database, read_operator_file(weaker))
    group = await office.group("Administrators")
    assert group is not None and Right.GROUPS_MANAGE in group.rights


async def test_whoever_would_lose_a_right_themselves_is_asked_first(office: Office) -> None:
    losing = await groups.switch(await office.by("ada"), "Administrators", Right.BILLING, on=False)
    assert losing == groups.Losing(Right.BILLING, last=True)
    assert await groups.switch(
        await office.by("ada"), "Administrators", Right.PERSONAL_DATA, on=False
    ) == groups.Losing(Right.PERSONAL_DATA, last=False)
    group = await office.group("Administrators")
    assert group is not None and group.rights == EVERYTHING
    assert await office.acts() == []
    sure = await office.by("ada")
    assert await groups.switch(sure, "Administrators", Right.BILLING, on=False, sure=True) is None
    group = await office.group("Administrators")
    assert group is not None and group.rights == EVERYTHING - {Right.BILLING}


async def test_the_last_manager_is_refused_before_being_asked(office: Office) -> None:
    await refused(
        "right.last_manager",
        groups.switch(await office.by("ada"), "Administrators", Right.GROUPS_MANAGE, on=False),
    )
