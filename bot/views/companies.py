"""What an admin is shown of the operator's companies."""

from bot.domain.rights import EntityTree
from bot.operations.companies import Companies, CompanySeen
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.paging import cut, joined, part, turning, where
from bot.views.people import ROOT
from bot.views.screen import Button, Screen, columns, row

NAME = 60
DEEPEST = 6
"""Levels that a list still shows as steps."""


def listed(found: Companies, t: Translate, page: int = 0) -> Screen:
    """The tree, a page at a time."""
    shown, page, pages = part(found.companies, page)
    lines = [_line(each, t) for each in shown]
    buttons = [Button(cut(each.entity.name), _go("show", each)) for each in shown]
    text = joined(
        t(
            "company.head",
            operator=cut(found.operator, NAME),
            people=found.people,
            stations=found.stations,
        ),
        "\n".join(lines) or t("company.none"),
        where(page, pages, t),
    )
    turned = turning(page, pages, lambda turn: Go("co.list", (str(turn),)), t)
    new = row(Button(t("company.new"), Go("co.new", (ROOT,))))
    return Screen(text, (*columns(buttons, 2), *turned, new, home(t)))


def _line(each: CompanySeen, t: Translate) -> str:
    indent = "   " * min(each.depth, DEEPEST)
    return indent + t(
        "company.line", name=cut(each.entity.name, NAME), people=each.people, stations=each.stations
    )


def show(seen: CompanySeen, found: Companies, t: Translate) -> Screen:
    """One company."""
    above = next(
        (e.entity.name for e in found.companies if e.entity.id == seen.entity.parent), found.operator
    )
    text = joined(
        t("company.title", name=cut(seen.entity.name, NAME)),
        t(
            "company.belongs",
            above=cut(above, NAME),
            people=seen.people,
            stations=seen.stations,
            below=seen.below,
        ),
        "" if seen.empty else t("company.why_kept"),
    )
    drop = [Button(t("company.to_drop"), _go("drop", seen))] if seen.empty else []
    return Screen(
        text,
        (
            row(
                Button(t("company.to_name"), _go("name", seen)),
                Button(t("company.to_move"), _go("move", seen)),
            ),
            row(Button(t("company.new_below"), Go("co.new", (short(seen.entity.id),))), *drop),
            row(Button(t("company.back"), Go("co.list"))),
        ),
    )


def moving(seen: CompanySeen, found: Companies, t: Translate, page: int = 0) -> Screen:
    """Asks below which other company, of those that are not below itself."""
    tree = EntityTree(tuple(each.entity for each in found.companies))
    beneath = tree.below(seen.entity.id)
    others = [each.entity for each in found.companies if each.entity.id not in beneath]
    choices: list[tuple[str, str]] = [(ROOT, found.operator)]
    choices += [(short(each.id), each.name) for each in others]
    shown, page, pages = part(choices, page)
    buttons = [Button(cut(name), _go("under", seen, key)) for key, name in shown]
    return Screen(
        joined(t("company.move_head", name=cut(seen.entity.name, NAME)), where(page, pages, t)),
        (
            *columns(buttons, 1),
            *turning(page, pages, lambda turn: _go("move", seen, str(turn)), t),
            row(Button(t("company.leave"), _go("show", seen))),
        ),
    )


def dropping(seen: CompanySeen, t: Translate) -> Screen:
    """Asks whether that is meant."""
    return Screen(
        t("company.drop_head", name=cut(seen.entity.name, NAME)),
        (
            row(Button(t("company.drop_yes"), _go("drop", seen, "yes"))),
            row(Button(t("company.leave"), _go("show", seen))),
        ),
    )


def asks_name(above: str, t: Translate) -> Screen:
    """Asks what the new company is called."""
    return Screen(
        t("company.asks_name", above=cut(above, NAME)), (row(Button(t("company.leave"), Go("co.list"))),)
    )


def asks_new_name(seen: CompanySeen, t: Translate) -> Screen:
    """Asks what it shall be called from now on."""
    text = t("company.asks_new_name", name=cut(seen.entity.name, NAME))
    return Screen(text, (row(Button(t("company.leave"), _go("show", seen))),))


def _go(page: str, seen: CompanySeen, *more: str) -> Go:
    return Go(f"co.{page}", (short(seen.entity.id), *more))
