"""Invitations: one-time links into a group and a company, as good as whoever made them."""

import asyncio
from collections.abc import Awaitable

import pytest

from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight, Right
from bot.operations import companies, groups, invitations, joining, people
from bot.operations.joining import Joined
from storage.database import Database
from storage.uow import UnitOfWork
from tests.operations.office import Office
from tests.storage.town import NOW, OPERATOR


@pytest.fixture
async def office(database: Database) -> Office:
    return await Office(database).found()


async def refused(key: str, doing: Awaitable[object]) -> None:
    with pytest.raises(Refusal) as caught:
        await doing
    assert caught.value.key == key


async def link(office: Office, group: str = "Hotline", entity: str | None = None, by: str = "ada") -> str:
    return (await invitations.invite(await office.by(by), group, entity, " Tom ")).secret


async def test_an_invitation_says_who_invites_to_what(office: Office) -> None:
    secret = await link(office, "Viewers", "linz")
    offer = await joining.offer(await office.by("tom"), secret)
    assert (offer.operator.id, offer.group, offer.inviter) == ("graz", "Viewers", "Ada Admin")
    assert offer.company is not None and offer.company.name == "Linz AG"
    assert offer.name == "Tom Technician"


async def test_whoever_accepts_is_staff_and_the_inviter_hears_of_it(office: Office) -> None:
    joined = await joining.accept(await office.by("tom"), await link(office, "Viewers", "linz"))
    assert joined.name == "Tom Technician"
    tom = await office.colleague("tom")
    assert (tom.groups, tom.entity_id, tom.deactivated_at) == (("Viewers",), "linz", None)
    joined_act, made = await office.acts()
    assert (made.act, made.person_id) == ("invitation.made", office.ids["ada"])
    assert (joined_act.act, joined_act.person_id) == ("person.joined", office.ids["tom"])
    (told,) = await office.told()
    assert (told["notice"], told["name"], told["to"]) == (
        "invitation_accepted",
        "Tom Technician",
        "telegram:1001",
    )


async def test_a_link_works_once(office: Office) -> None:
    secret = await link(office)
    await joining.accept(await office.by("tom"), secret)
    await refused("invitation.used", joining.accept(await office.by("nora"), secret))
    await refused("invitation.used", joining.offer(await office.by("tom"), secret))


async def test_of_two_who_follow_a_link_in_the_same_instant_one_joins(office: Office) -> None:
    secret = await link(office)
    outcomes = await asyncio.gather(
        joining.accept(await office.by("tom"), secret),
        joining.accept(await office.by("nora"), secret),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["Joined", "Refusal"]


async def test_a_link_ends_after_a_week(office: Office) -> None:
    secret = await link(office)
    await joining.offer(await office.by("tom", days=6.9), secret)
    await refused("invitation.expired", joining.accept(await office.by("tom", days=7), secret))


async def test_a_link_that_is_withdrawn_or_made_up_opens_nothing(office: Office) -> None:
    secret = await link(office)
    ((kept, _),) = (await invitations.still_open(await office.by("ada"))).invitations
    assert kept.data["name"] == "Tom"
    await invitations.withdraw(await office.by("ada"), kept.id)
    assert (await invitations.still_open(await office.by("ada"))).invitations == ()
    await refused("invitation.withdrawn", joining.accept(await office.by("tom"), secret))
    await refused("invitation.unknown", joining.accept(await office.by("tom"), secret[:-1]))
    await refused("invitation.unknown", joining.accept(await office.by("tom"), ""))


async def test_nobody_takes_back_invitations_of_companies_that_they_do_not_manage(office: Office) -> None:
    await link(office)
    ((kept, _),) = (await invitations.still_open(await office.by("ada"))).invitations
    assert (await invitations.still_open(await office.by("bea"))).invitations == ()
    await refused("invitation.unknown", invitations.withdraw(await office.by("bea"), kept.id))


async def test_declining_uses_the_link_up_and_tells_the_inviter(office: Office) -> None:
    secret = await link(office)
    await joining.decline(await office.by("tom"), secret)
    await refused("invitation.withdrawn", joining.accept(await office.by("tom"), secret))
    (told,) = await office.told()
    assert told["notice"] == "invitation_declined"
    assert (await office.acts())[0].act == "invitation.declined"


async def test_nobody_invites_into_what_they_cannot_grant(office: Office) -> None:
    with pytest.raises(MissingRight):
        await invitations.invite(await office.by("bea"), "Administrators", "linz")
    await refused("right.reach", invitations.invite(await office.by("bea"), "Viewers", "wels"))
    await refused("group.gone", invitations.invite(await office.by("ada"), "None", None))
    await refused("company.gone", invitations.invite(await office.by("ada"), "Viewers", "none"))
    with pytest.raises(MissingRight) as caught:
        await invitations.choices(await office.by("anna"))
    assert caught.value.right is Right.USERS_MANAGE
    found = await invitations.choices(await office.by("bea"))
    assert [each.name for each in found.groups] == ["Branch", "Empty", "Viewers"]
    assert [each and each.id for each in found.companies] == ["linz", "nord"]


@pytest.mark.parametrize("what", ["demoted", "deactivated", "less", "more", "gone"])
async def test_a_link_is_void_once_its_maker_could_not_grant_it_any_more(office: Office, what: str) -> None:
    secret = await link(office, "Viewers", "linz", by="bea")
    match what:
        case "demoted":
            await people.regroup(await office.by("ada"), office.ids["bea"], "Branch", member=False)
        case "deactivated":
            await people.deactivate(await office.by("ada"), office.ids["bea"])
        case "less":
            await groups.switch(await office.by("ada"), "Branch", Right.STATION_LIST, on=False)
        case "more":
            await groups.switch(await office.by("ada"), "Viewers", Right.BILLING, on=True)
        case _:
            await office.database.write(lambda uow: uow.staff.drop_group(OPERATOR.id, "Viewers"))
    await refused("invitation.void", joining.accept(await office.by("tom"), secret))
    assert await office.database.read(lambda uow: uow.staff.get(OPERATOR.id, office.ids["tom"])) is None
    await refused("invitation.withdrawn", joining.accept(await office.by("tom"), secret))
    assert (await office.acts())[0].act == "invitation.void"


async def test_the_inviter_cannot_use_their_own_link(office: Office) -> None:
    secret = await link(office)
    await refused("invitation.own", joining.accept(await office.by("ada"), secret))
    await refused("invitation.own", joining.offer(await office.by("ada"), secret))


async def test_whoever_is_of_the_staff_already_keeps_company_and_groups(office: Office) -> None:
    await joining.accept(await office.by("nora"), await link(office, "Hotline", "linz"))
    nora = await office.colleague("nora")
    assert (set(nora.groups), nora.entity_id, nora.name) == ({"Viewers", "Hotline"}, "nord", "Nora Nord")


async def test_whoever_was_deactivated_comes_back_with_the_new_group_alone(office: Office) -> None:
    await people.deactivate(await office.by("ada"), office.ids["nora"])
    await joining.accept(await office.by("nora"), await link(office, "Hotline", "linz"))
    nora = await office.colleague("nora")
    assert (nora.groups, nora.entity_id, nora.deactivated_at) == (("Hotline",), "linz", None)


async def test_a_link_follows_its_group_to_another_name_and_keeps_it_from_being_deleted(
    office: Office,
) -> None:
    secret = await link(office, "Empty", "wels")
    await refused("group.invited", groups.drop(await office.by("ada"), "Empty"))
    await refused("company.not_empty", companies.drop(await office.by("ada"), "wels"))
    await groups.rename(await office.by("ada"), "Empty", "Night shift")
    joined = await joining.accept(await office.by("tom"), secret)
    assert joined.group == "Night shift"


async def test_another_operators_link_is_unknown_here(office: Office) -> None:
    secret = await link(office)
    await refused("invitation.unknown", joining.accept(await office.by("tom", operator_id="other"), secret))


async def test_an_inviter_without_personal_data_hears_a_masked_name(office: Office) -> None:
    await joining.accept(await office.by("tom"), await link(office, "Viewers", "linz", by="bea"))
    (told,) = await office.told()
    assert told["name"] == "T****"


async def test_the_first_owner_joins_with_all_rights_though_there_is_nobody_yet(database: Database) -> None:
    office = Office(database)

    def alone(uow: UnitOfWork) -> tuple[str, str]:
        office._found(uow, ())
        for group in uow.staff.groups(OPERATOR.id):
            uow.staff.drop_group(OPERATOR.id, group.name)
        return invitations.owner(uow, OPERATOR.id, NOW)

    secret, group = await database.write(alone)
    assert group == "Administrators"
    joined = await joining.accept(await office.by("tom"), secret)
    assert isinstance(joined, Joined)
    authority = await database.read(lambda uow: uow.staff.authority(OPERATOR.id, office.ids["tom"]))
    assert authority.rights == frozenset(Right) and authority.may(Right.GROUPS_MANAGE)


async def test_an_owners_group_is_never_one_with_fewer_rights(office: Office) -> None:
    def owners(uow: UnitOfWork) -> list[str]:
        return [invitations.owner(uow, OPERATOR.id, NOW)[1] for _ in range(2)]

    assert await office.database.write(owners) == ["Administrators"] * 2
    await groups.switch(await office.by("ada"), "Administrators", Right.BILLING, on=False, sure=True)
    assert await office.database.write(owners) == ["Owners"] * 2
