"""The main menu of an admin, and the choice of an operator."""

from collections.abc import Sequence

from bot.domain.operator import Operator
from bot.domain.rights import Authority, Right
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.screen import Button, Screen, columns, row

HOME = Go("menu")


def show(
    operator: Operator, who: Authority, doors: Sequence[tuple[str, Go]], t: Translate, *, several: bool
) -> Screen:
    """The doors that are open to the person."""
    groups = ", ".join(grant.group for grant in who.grants) or "–"
    buttons = [Button(t(f"menu.{key}"), go) for key, go in doors]
    if several:
        buttons.append(Button(t("menu.operators"), Go("op.choose")))
    key = "menu.head" if doors else "menu.nothing"
    return Screen(t(key, operator=operator.name, groups=groups), columns(buttons, 2))


def operators(choices: Sequence[Operator], t: Translate) -> Screen:
    """For whom the person acts."""
    buttons = [Button(each.name, Go("op.choose", (short(each.id),))) for each in choices]
    return Screen(t("menu.which_operator"), columns(buttons, 1))


def chosen(operator: Operator, t: Translate) -> Screen:
    """The operator for whom the person acts from now on."""
    return Screen(t("menu.chosen", operator=operator.name), (home(t),))


def home(t: Translate) -> tuple[Button, ...]:
    """The row that leads back to the menu."""
    return row(Button(t("menu.home"), HOME))


def missing(right: Right, granters: Sequence[str], t: Translate, *, can_ask: bool) -> Screen:
    """What somebody lacks, where it is granted, and who can grant it; one tap asks them."""
    where = t(f"area.{right.area.value}")
    parts = [t("missing.head", right=t(f"right.{right.value}")), t("missing.how", area=where)]
    parts.append(t("missing.who", names=", ".join(granters)) if granters else t("missing.nobody"))
    ask = (row(Button(t("missing.ask"), Go("right.ask", (right.value,)))),) if can_ask and granters else ()
    return Screen("\n\n".join(parts), (*ask, home(t)))
