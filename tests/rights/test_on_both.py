"""Some cells on the databases that the service runs on, where each transaction is one of its own."""

import pytest

from bot.domain.rights import Right, Scope
from storage.database import open_database
from tests.rights.cells import Cell, load
from tests.rights.conftest import fill
from tests.rights.firms import GRAZ, LINZ, OF_LINZ, OF_SOUTH, UNKNOWN, Things
from tests.rights.playing import Shown, do, prepared, typed
from tests.rights.stage import EVERYTHING, Overtaken, Who, World, enter, everything

CHOSEN = {
    "page rl.yes {request}",
    "page gr.sw {group} users.groups 1",
    "page pp.off {person} yes",
    "page se.of {station} {parent}",
    "page tc.drop l {location}",
    "form se.way {station} Through the gate",
    "page iv.drop {invitation}",
    "page sv.go off seal",
}
CELLS = [each for each in load().cells if str(each) in CHOSEN]


async def nothing_changes(world: World, cell: Cell, who: Who, things: Things) -> Shown:
    """What somebody is shown who has come to it when they might still everything."""
    await world.change(EVERYTHING)
    step = (await prepared(world, cell, things)).filled(things)
    await world.change(who)
    before = await world.database.read(everything)
    shown = await do(world, step)
    assert await world.database.read(everything) == before, str(cell)
    return shown


@pytest.mark.parametrize("cell", CELLS, ids=str)
async def test_some_cells_hold_on_the_databases_of_the_service(database_url: str, cell: Cell) -> None:
    database = open_database(database_url)
    things = await database.write(lambda uow: fill(uow, alone=False))
    world = World(database, await database.write(lambda uow: enter(uow, EVERYTHING)))
    ours = things[GRAZ]
    assert cell.right is not None

    lacking = await nothing_changes(world, cell, Who(frozenset(Right) - {cell.right}), ours)
    assert lacking.missing == {cell.right}

    elsewhere = await nothing_changes(world, cell, Who(cell.rights, Scope.ENTITY, "graz-north"), ours)
    assert OF_SOUTH.search(elsewhere.without(typed(cell, ours))) is None

    answers = []
    for others in (things[LINZ], UNKNOWN):
        await world.change(EVERYTHING)
        before = await database.read(everything)
        step = (await prepared(world, cell, ours)).filled(others)
        answers.append((await do(world, step)).without(typed(cell, others)))
        assert await database.read(everything) == before
    assert answers[0] == answers[1]
    assert OF_LINZ.search(answers[0]) is None

    await world.change(Who(cell.rights))
    step = (await prepared(world, cell, ours)).filled(ours)
    before = await database.read(everything)
    usual, world.admin = world.admin, Overtaken(database)
    await do(world, step)
    world.admin = usual
    await world.change(Who(cell.rights))
    assert await database.read(everything) == before

    shown = await do(world, step)
    assert not shown.refusals
    assert await database.read(everything) != before
    await database.close()


def test_all_of_the_chosen_cells_are_there() -> None:
    assert set(map(str, CELLS)) == CHOSEN
