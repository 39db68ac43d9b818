"""Nothing stands outside the table of rights: what is new in the admins' chat needs a cell before it may be there."""

from pathlib import Path

import pytest

from bot.admin.data_sheet import TABS
from bot.admin.entrance import SECTIONS, Admin
from bot.domain.rights import Right
from tests.rights import paper
from tests.rights.cells import Kind, load

TABLE = load()
ADMIN = Admin()


@pytest.mark.parametrize(
    ("kind", "registered"),
    [
        (Kind.COMMAND, ADMIN.commands),
        (Kind.PAGE, ADMIN.pages),
        (Kind.FORM, ADMIN.forms),
        (Kind.GUEST, ADMIN.open_pages),
        (Kind.WELCOME, frozenset(purpose.value for each in SECTIONS for purpose in each.welcomes)),
    ],
    ids=lambda value: value if isinstance(value, Kind) else "",
)
def test_every_name_that_is_registered_has_a_cell_and_every_cell_names_one(
    kind: Kind, registered: frozenset[str]
) -> None:
    assert TABLE.names(kind) == registered


def test_every_tab_of_the_data_sheet_has_a_cell_with_its_right() -> None:
    cells = {each.step.arguments[1]: each.right for each in TABLE.cells if each.step.name == "st.sheet"}
    assert cells == {tab.key: tab.right for tab in TABS}


def test_every_cell_is_told_apart_from_every_other() -> None:
    names = list(map(str, TABLE.cells))
    assert sorted(set(names)) == sorted(names)


def test_every_door_of_the_menu_needs_a_right_by_which_its_page_opens() -> None:
    doors = [door for section in SECTIONS for door in section.doors]
    assert doors
    for door in doors:
        cells = [
            each for each in TABLE.cells if each.step.kind is Kind.PAGE and each.step.name == door.go.page
        ]
        assert {each.right for each in cells} == door.rights, door.key


def test_every_right_opens_something() -> None:
    found = {each.right for each in TABLE.cells} | TABLE.elsewhere.keys()
    assert found >= set(Right)


def test_what_needs_no_right_is_named_here_so_that_nobody_adds_to_it_unseen() -> None:
    found = {each.step.name for each in TABLE.cells if each.right is None}
    assert found == {"menu", "op.choose", "right.ask", "iv.yes", "iv.no", "tc.join", "staff", "technician"}


def test_the_document_is_current() -> None:
    assert Path("docs/rights.md").read_text(encoding="utf-8") == paper.paper(TABLE)
