"""The tree of companies: without circles, and nothing that belongs to one is lost."""

from collections.abc import Awaitable
from dataclasses import replace

import pytest

from bot.domain.refusal import Refusal
from bot.domain.rights import Entity, MissingRight, Right
from bot.operations import companies, invitations, people
from storage.database import Database
from storage.uow import UnitOfWork
from tests.operations.office import Office
from tests.storage import town
from tests.storage.town import OPERATOR


@pytest.fixture
async def office(database: Database) -> Office:
    return await Office(database).found()


async def refused(key: str, doing: Awaitable[object]) -> None:
    with pytest.raises(Refusal) as caught:
        await doing
    assert caught.value.key == key


async def tree(office: Office) -> dict[str, str | None]:
    found = await office.database.read(lambda uow: uow.staff.tree(OPERATOR.id))
    return {each.id: each.parent for each in found.entities}


def one_in_linz(uow: UnitOfWork) -> None:
    uow.operators.put_station(replace(town.station(1), entity_id="linz", evses=()), {})


async def test_the_tree_is_shown_with_what_belongs_to_each(office: Office) -> None:
    await office.database.write(one_in_linz)
    found = await companies.show(await office.by("ada"))
    assert [(e.entity.id, e.depth, e.people, e.stations, e.below) for e in found.companies] == [
        ("linz", 0, 1, 1, 1),
        ("nord", 1, 1, 0, 0),
        ("wels", 0, 1, 0, 0),
    ]
    assert (found.people, found.stations) == (2, 1)


async def test_a_company_is_entered_with_an_id_of_its_own(office: Office) -> None:
    first = await companies.add(await office.by("ada"), "  Straße & Söhne  GmbH ", "linz")
    assert first == Entity("strasse-sohne-gmbh", "Straße & Söhne GmbH", "linz")
    assert (
        await companies.add(await office.by("ada"), "Straße + Söhne GmbH", None)
    ).id == "strasse-sohne-gmbh-2"
    assert (await companies.add(await office.by("ada"), "№ 東京", None)).id != ""
    await refused("company.taken", companies.add(await office.by("ada"), "WELS gmbh", None))
    await refused("company.name", companies.add(await office.by("ada"), "", None))
    await refused("company.gone", companies.add(await office.by("ada"), "X", "none"))


async def test_a_company_is_renamed(office: Office) -> None:
    await companies.rename(await office.by("ada"), "linz", "Linz Energie")
    assert (await companies.show(await office.by("ada"))).companies[0].entity.name == "Linz Energie"
    await refused("company.taken", companies.rename(await office.by("ada"), "linz", "Wels GmbH"))
    (act,) = await office.acts()
    assert (act.subject, act.before, act.after) == (
        "company:linz",
        {"name": "Linz AG"},
        {"name": "Linz Energie"},
    )


async def test_a_company_moves_with_all_below_it_and_never_in_a_circle(office: Office) -> None:
    await companies.move(await office.by("ada"), "linz", "wels")
    assert await tree(office) == {"linz": "wels", "nord": "linz", "wels": None}
    for under in ("linz", "nord", "wels"):
        await refused("company.circle", companies.move(await office.by("ada"), "wels", under))
    await refused("company.gone", companies.move(await office.by("ada"), "wels", "none"))
    await companies.move(await office.by("ada"), "nord", None)
    assert await tree(office) == {"linz": "wels", "nord": None, "wels": None}


async def test_only_a_company_to_which_nothing_belongs_is_deleted(office: Office) -> None:
    for each in ("linz", "nord", "wels"):
        await refused("company.not_empty", companies.drop(await office.by("ada"), each))
    await people.deactivate(await office.by("ada"), office.ids["walter"])
    await refused("company.not_empty", companies.drop(await office.by("ada"), "wels"))
    await people.reactivate(await office.by("ada"), office.ids["walter"])
    await people.move(await office.by("ada"), office.ids["walter"], None)
    await invitations.invite(await office.by("ada"), "Viewers", "wels")
    await refused("company.invited", companies.drop(await office.by("ada"), "wels"))
    ((kept, _),) = (await invitations.still_open(await office.by("ada"))).invitations
    await invitations.withdraw(await office.by("ada"), kept.id)
    await companies.drop(await office.by("ada"), "wels")
    assert "wels" not in await tree(office)
    assert (await office.acts())[0].before == {"name": "Wels GmbH", "parent": None}


async def test_a_company_with_stations_is_not_deleted(office: Office) -> None:
    await office.database.write(one_in_linz)
    await people.move(await office.by("ada"), office.ids["bea"], None)
    await companies.move(await office.by("ada"), "nord", None)
    await refused("company.not_empty", companies.drop(await office.by("ada"), "linz"))


async def test_whoever_manages_but_a_part_changes_no_company(office: Office) -> None:
    for doing in (
        companies.show(await office.by("bea")),
        companies.add(await office.by("bea"), "X", "linz"),
        companies.rename(await office.by("bea"), "nord", "X"),
        companies.move(await office.by("bea"), "nord", None),
        companies.drop(await office.by("bea"), "nord"),
    ):
        await refused("right.reach", doing)
    with pytest.raises(MissingRight) as caught:
        await companies.show(await office.by("anna"))
    assert caught.value.right is Right.USERS_MANAGE
