"""A right that is missing: what it is, who can grant it, and asking them by one tap."""

from bot.admin.visit import Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import asking
from bot.views import menu as view
from bot.views.screen import Screen


async def show(visit: Visit, right: Right) -> None:
    """Says what is missing."""
    granters = await asking.granters(visit.acting)
    names = [each.name for each in granters]
    can_ask = any(each.telegram_id is not None for each in granters)
    await visit.show(view.missing(right, names, visit.t, can_ask=can_ask))


async def _ask(visit: Visit, arguments: tuple[str, ...]) -> None:
    try:
        right = Right("".join(arguments))
    except ValueError:
        raise Refusal("button.old") from None
    asked = await asking.ask(visit.acting, right)
    text = visit.t("missing.asked", names=", ".join(each.name for each in asked))
    await visit.show(Screen(text, (view.home(visit.t),)))


SECTION = Section(taps={"right.ask": _ask})
