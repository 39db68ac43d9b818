"""Every cell of the table of rights, for those who may and for all kinds of people who may not."""

from dataclasses import replace

import pytest

from bot.domain.rights import Right, Scope
from tests.rights.cells import Cell, Kind, Step, Touches, load
from tests.rights.conftest import Prepared
from tests.rights.firms import GRAZ, LINZ, OF_LINZ, OF_SOUTH, UNKNOWN
from tests.rights.playing import Shown, do, prepared, typed
from tests.rights.stage import EVERYTHING, STRANGER, Overtaken, Rows, Who, World, everything, of_linz, world

TABLE = load()
pytestmark = pytest.mark.asyncio(loop_scope="session")
NORTH, REGION = "graz-north", "graz-region"


def cells(*, staff: bool = True, right: bool = False, changes: bool = False) -> pytest.MarkDecorator:
    """The cells of the table, or those of them that are for staff, need a right, or change something."""
    chosen = [
        each
        for each in TABLE.cells
        if each.for_staff or not staff
        if each.right is not None or not right
        if each.changes or not changes
    ]
    return pytest.mark.parametrize("cell", chosen, ids=str)


async def attempt(files: Prepared, cell: Cell, who: Who, before: Who | None = None) -> tuple[Shown, Rows]:
    """What somebody is shown for a cell, and what has changed by it.

    `before` is who they were when they came to it.
    """
    async with world(files.of(alone=cell.alone), before or who) as visited:
        step = cell.step if who == STRANGER else await prepared(visited, cell, files.graz)
        step = step.filled(files.graz)
        if before is not None:
            await visited.change(who)
        return await _done(visited, step)


async def _done(visited: World, step: Step) -> tuple[Shown, Rows]:
    kept = await visited.database.read(everything)
    shown = await do(visited, step)
    return shown, await visited.database.read(everything) ^ kept


def works(shown: Shown) -> bool:
    return bool(shown.told) and not shown.refusals


@cells(staff=False)
async def test_who_holds_just_the_right_may(files: Prepared, cell: Cell) -> None:
    who = Who(cell.rights) if cell.for_staff else STRANGER
    shown, changed = await attempt(files, cell, who)
    assert works(shown), shown.told
    assert bool(changed) is cell.changes
    assert shown.buttons or not leads_on(cell, shown), shown.told


def leads_on(cell: Cell, shown: Shown) -> bool:
    """Whether what is shown must have a way on or back, which what stands under a file or in a group has not."""
    return cell.right is not None and cell.step.kind is not Kind.GROUP and not shown.files


@cells(right=True)
async def test_who_holds_all_rights_but_one_is_told_which(files: Prepared, cell: Cell) -> None:
    for lacking in sorted(cell.rights):
        who = Who(frozenset(Right) - {lacking})
        shown, changed = await attempt(files, cell, who, before=EVERYTHING)
        assert shown.missing == {lacking}, shown.told
        assert not changed
        assert not shown.files


@cells(right=True)
async def test_a_right_for_another_company_shows_and_changes_nothing_of_this_one(
    files: Prepared, cell: Cell
) -> None:
    who = Who(cell.rights, Scope.ENTITY, NORTH)
    shown, changed = await attempt(files, cell, who, before=EVERYTHING)
    own = cell.touches is Touches.NOTHING and cell.changes
    assert bool(changed) is own
    assert not any(OF_SOUTH.search(repr(row)) for row in changed)
    assert OF_SOUTH.search(shown.without(typed(cell, files.graz))) is None
    if cell.touches is Touches.OPERATOR:
        assert shown.refusals
    if cell.touches is Touches.NOTHING:
        assert works(shown)


@cells(right=True)
async def test_a_right_for_a_company_and_those_below_it_reaches_so_far(files: Prepared, cell: Cell) -> None:
    who = Who(cell.rights, Scope.ENTITY_AND_BELOW, REGION)
    shown, changed = await attempt(files, cell, who)
    if cell.touches is Touches.OPERATOR:
        assert shown.refusals and not changed
    else:
        assert works(shown), shown.told
        assert bool(changed) is cell.changes


@cells()
async def test_what_belongs_to_another_operator_is_answered_as_what_is_nobodys(
    files: Prepared, cell: Cell
) -> None:
    answers, kept = [], []
    for things in (files.linz, UNKNOWN):
        async with world(files.both.opened, EVERYTHING) as visited:
            step = (await prepared(visited, cell, files.graz)).filled(things)
            before = await visited.database.read(everything)
            shown = await do(visited, step)
            after = await visited.database.read(everything)
            assert of_linz(before) == of_linz(after)
            answers.append(shown.without(typed(cell, things)))
            kept.append((before ^ after) if cell.step.placeholders else frozenset())
    assert OF_LINZ.search(answers[0]) is None
    if cell.told_apart:
        assert answers[0] != answers[1]
    else:
        assert answers[0] == answers[1]
        assert kept == [frozenset(), frozenset()]


@cells()
async def test_who_is_of_no_staff_gets_nowhere(files: Prepared, cell: Cell) -> None:
    shown, changed = await attempt(files, cell, STRANGER)
    assert shown.told == ("refusal.staff.none",)
    assert not changed


@cells()
async def test_who_was_deactivated_gets_nowhere(files: Prepared, cell: Cell) -> None:
    who = replace(EVERYTHING, active=False)
    shown, changed = await attempt(files, cell, who, before=EVERYTHING)
    assert shown.told == ("refusal.staff.none",)
    assert not changed


@cells(right=True)
async def test_a_button_or_form_of_somebody_demoted_since_does_nothing(files: Prepared, cell: Cell) -> None:
    ours = files.graz
    async with world(files.of(alone=cell.alone), Who(cell.rights)) as visited:
        step = (await prepared(visited, cell, ours)).filled(ours)
        await do(visited, step)
        await visited.change(Who(frozenset()))
        shown, changed = await _done(visited, step)
    assert shown.missing and shown.missing <= cell.rights, shown.told
    assert not changed
    assert not shown.files


@cells(right=True, changes=True)
async def test_who_is_demoted_while_a_tap_is_handled_changes_nothing(files: Prepared, cell: Cell) -> None:
    ours = files.graz
    async with world(files.of(alone=cell.alone), Who(cell.rights)) as visited:
        step = (await prepared(visited, cell, ours)).filled(ours)
        await visited.change(Who(frozenset()))
        kept = await visited.database.read(everything)
        await visited.change(Who(cell.rights))
        visited.admin = Overtaken(visited.database)
        shown = await do(visited, step)
        assert await visited.database.read(everything) == kept
    assert shown.missing <= cell.rights and shown.refusals


@pytest.mark.parametrize("cell", [each for each in TABLE.cells if not each.for_staff], ids=str)
async def test_an_invitation_of_another_operator_is_unknown_at_an_operators_own_bot(
    files: Prepared, cell: Cell
) -> None:
    answers = []
    for things in (files.linz, UNKNOWN):
        async with world(files.both.opened, STRANGER) as visited:
            visited.conversation = replace(visited.conversation, channel=f"telegram.{GRAZ}")
            shown, changed = await _done(visited, cell.step.filled(things))
            assert not changed
            answers.append(shown.without(typed(cell, things)))
    assert answers[0] == answers[1] == "refusal.invitation.unknown"


@cells()
async def test_at_another_operators_bot_an_admin_is_none_of_the_staff(files: Prepared, cell: Cell) -> None:
    if cell.step.kind is Kind.GROUP:
        return
    ours = files.graz
    async with world(files.both.opened, EVERYTHING) as visited:
        visited.conversation = replace(visited.conversation, channel=f"telegram.{LINZ}")
        shown, changed = await _done(visited, cell.step.filled(ours))
    assert shown.told == ("refusal.staff.none",)
    assert not changed
