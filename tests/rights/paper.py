"""The table of rights for people: `python -m tests.rights.paper > docs/rights.md`."""

import sys
from collections.abc import Iterator

from bot.admin.data_sheet import TABS
from bot.domain.rights import CATALOGUE, Right
from bot.views.i18n import Translate, load_texts
from tests.rights.cells import Cell, Kind, Table, Touches, load

_HEAD = """# Rights

What each right opens. A group of people holds rights; its scope says whether they reach the whole operator, a company,
or a company with those below it. This file is made from the table by which every cell is tested
(`tests/rights/matrix.toml`, `python -m tests.rights.paper > docs/rights.md`). A command, page or form that is not in
that table fails a test.

A command stands as it is written in the chat, a button by the name of its page, a question by the name of its form.
✎ marks what changes something, ● what needs the right for the whole operator, + what needs a further right, which the
last line of a section names.
"""


def paper(table: Table) -> str:
    """The table as Markdown."""
    t = load_texts().to("en")
    lines = [_HEAD]
    for area, rights in CATALOGUE.items():
        lines.append(f"## {t(f'area.{area.value}')}\n")
        for right in rights:
            lines += _right(table, right, t)
    lines.append("## Any of the staff\n")
    lines += _opens(cell for cell in table.cells if cell.right is None and cell.for_staff)
    lines.append("\n## Whoever follows an invitation\n")
    lines += _opens(cell for cell in table.cells if not cell.for_staff)
    return "\n".join(lines).rstrip() + "\n"


def _right(table: Table, right: Right, t: Translate) -> Iterator[str]:
    yield f"### {t(f'right.{right.value}')} (`{right.value}`)\n"
    yield t(f"right_says.{right.value}") + "\n"
    yield from _opens(table.needing(right))
    if right in table.elsewhere:
        yield f"- {table.elsewhere[right]}"
    yield ""


def _opens(cells: Iterator[Cell]) -> Iterator[str]:
    found = list(cells)
    kinds = {
        "Commands": (Kind.COMMAND, Kind.GROUP),
        "Pages": (Kind.PAGE, Kind.GUEST),
        "Forms": (Kind.FORM,),
        "Links": (Kind.WELCOME,),
    }
    tabs = [each.step.arguments[1] for each in found if each.step.name == "st.sheet"]
    if tabs:
        labels = [f"`{tab.key}`" for tab in TABS if tab.key in tabs]
        plus = " +" if any(each.also for each in found if each.step.name == "st.sheet") else ""
        yield f"- Tabs of the data sheet: {', '.join(labels)}{plus}"
    for title, wanted in kinds.items():
        named: dict[str, list[Cell]] = {}
        for cell in found:
            if cell.step.kind in wanted and cell.step.name != "st.sheet":
                named.setdefault(_name(cell), []).append(cell)
        if named:
            yield f"- {title}: " + ", ".join(f"{name}{_marks(group)}" for name, group in named.items())
    also = sorted({right.value for cell in found for right in cell.also})
    if also:
        yield "- + needs " + ", ".join(f"`{each}`" for each in also) + " as well"


def _name(cell: Cell) -> str:
    match cell.step.kind:
        case Kind.COMMAND:
            edits = cell.step.argument.startswith("edit ")
            return f"`/{cell.step.name}{' edit' if edits else ''}`"
        case Kind.GROUP:
            return f"`/{cell.step.name}` in a group"
        case _:
            return f"`{cell.step.name}`"


def _marks(cells: list[Cell]) -> str:
    also = " +" if any(cell.also for cell in cells) else ""
    changes = " ✎" if any(cell.changes for cell in cells) else ""
    whole = " ●" if all(cell.touches is Touches.OPERATOR for cell in cells) else ""
    return changes + whole + also


if __name__ == "__main__":
    sys.stdout.write(paper(load()))
