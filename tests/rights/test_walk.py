"""Whoever follows every button from the menu on finds only what is theirs, and only what works."""

import pytest

from bot.domain.rights import Right, Scope
from bot.views.screen import Button
from tests.rights.cells import Kind, Step, load
from tests.rights.conftest import Prepared
from tests.rights.firms import OF_LINZ, OF_SOUTH
from tests.rights.stage import EVERYTHING, Who, world
from tests.rights.walking import Path, Walked, walk

TABLE = load()
MENU = Step(Kind.COMMAND, "menu")
LOCK = "🔒"
UNSHOWN = {
    "oc.drop",
    "oc.take",
    "op.choose",
    "pl.always",
    "pl.reset",
    "pp.whole",
    "sf.apply",
    "sf.drop",
    "sh.on",
    "st.why",
    "sv.marked",
}
"""Pages to which one comes by words, or in another situation than that of the walk."""


def commands(who: Who, files: Prepared) -> tuple[Step, ...]:
    """The menu, and the commands that somebody may write."""
    return (
        MENU,
        *(
            each.step.filled(files.graz)
            for each in TABLE.cells
            if each.step.kind is Kind.COMMAND and each.right is not None and not each.alone
            if each.rights <= who.rights
        ),
    )


async def walked(files: Prepared, who: Who, deepest: int) -> Walked:
    async with world(files.both.opened, who) as visited:
        return await walk(files.both, visited, commands(who, files), deepest)


def said(path: Path, button: Button | None) -> str:
    way = " > ".join(map(str, path))
    return f"{way} [{'' if button is None else button.label}]"


def unexplained(found: Walked) -> list[str]:
    """The taps that were answered by a missing right, though nothing on their button had told so."""
    return [
        f"{said(path, found.buttons.get(path))} {sorted(shown.missing)}"
        for path, shown in found.taps.items()
        if shown.missing and not deliberate(path, found)
    ]


def deliberate(path: Path, found: Walked) -> bool:
    """Whether a button asks why or has a lock, or people have just taken the right from themselves.

    Whoever wants to set a group's scope, or to give somebody back what they had, must hold all that this gives, and is
    told what of it they lack.
    """
    button, step = found.buttons.get(path), path[-1]
    locked = button is not None and button.label.startswith(LOCK)
    given_up = step.name in {"gr.sw", "pp.group"} and "0" in step.arguments[2:]
    return step.name in {"st.why", "gr.scope", "pp.on"} or locked or given_up


async def test_an_admin_who_may_everything_never_sees_a_word_of_another_operator(files: Prepared) -> None:
    found = await walked(files, EVERYTHING, 4)
    assert len(found.taps) > 500
    assert sorted({match[0] for match in OF_LINZ.finditer(found.text)}) == []
    assert unexplained(found) == []
    # So that nobody is content with a walk that gets nowhere.
    pages = {each.step.name for each in TABLE.cells if each.step.kind is Kind.PAGE and not each.alone}
    assert pages - found.pages() == UNSHOWN


@pytest.mark.parametrize("right", list(Right))
async def test_a_single_right_shows_no_button_that_it_does_not_open(files: Prepared, right: Right) -> None:
    for more in {frozenset({right}), frozenset({right, Right.STATION_LIST})}:
        found = await walked(files, Who(more), 4)
        assert unexplained(found) == []
        assert OF_LINZ.search(found.text) is None


@pytest.mark.parametrize("right", list(Right))
async def test_a_right_for_one_company_shows_nothing_of_another_one(files: Prepared, right: Right) -> None:
    who = Who(frozenset({right, Right.STATION_LIST}), Scope.ENTITY, "graz-north")
    async with world(files.both.opened, who) as visited:
        found = await walk(files.both, visited, (MENU,), 4)
    assert unexplained(found) == []
    assert sorted({match[0] for match in OF_SOUTH.finditer(found.text)}) == []
