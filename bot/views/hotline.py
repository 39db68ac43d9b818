"""What an admin is shown of the hotline."""

from collections.abc import Sequence

from bot.domain.operator import StickerLink
from bot.operations.hotline import Hotline, Linked
from bot.views.callbacks import Go
from bot.views.i18n import Texts, Translate
from bot.views.menu import home
from bot.views.screen import Button, Screen, columns, row


def show(found: Hotline, usual: tuple[int, int], texts: Texts, t: Translate) -> Screen:
    """How it is set; `usual` are the minutes that hold where the operator has set none: usual, and in danger."""
    operator = found.operator
    languages = operator.languages or (operator.language,)
    lines = [
        t("hotline.head", operator=operator.name),
        "",
        t("hotline.phone", phone=operator.hotline_phone),
        t("hotline.no_group" if operator.hotline_chat is None else "hotline.group"),
        t("hotline.languages", languages=", ".join(texts.to(code)("language.name") for code in languages)),
        t(
            "hotline.waits",
            minutes=operator.agent_takes_minutes or usual[0],
            danger=operator.agent_takes_danger_minutes or usual[1],
        ),
        t("hotline.no_manager")
        if operator.manager is None
        else t("hotline.manager", name=operator.manager.name),
        t("hotline.link_bot" if operator.sticker_link is StickerLink.BOT else "hotline.link_page"),
    ]
    if operator.hotline_chat is None:
        lines += ["", t("hotline.group_how")]
    buttons = [
        Button(t(f"hotline.set_{name}"), Go(f"hl.{name}"))
        for name in ("phone", "languages", "waits", "manager", "link")
    ]
    if operator.hotline_chat is not None:
        buttons.append(Button(t("hotline.unlink"), Go("hl.unlink")))
    return Screen("\n".join(lines), (*columns(buttons, 2), home(t)))


def unlinking(found: Hotline, t: Translate) -> Screen:
    """What it means that the group is unlinked, to be confirmed."""
    yes = Button(t("hotline.unlink_yes"), Go("hl.unlink", ("yes",)))
    return Screen(t("hotline.unlink_ask", operator=found.operator.name), (row(yes), _back(t)))


def ask(what: str, t: Translate) -> Screen:
    """What to write."""
    return Screen(t(f"hotline.ask_{what}"), (_back(t),))


def languages(chosen: Sequence[str], texts: Texts, t: Translate) -> Screen:
    """The languages that there are, to be tapped in their order."""
    left = [code for code in texts.languages() if code not in chosen]
    buttons = [Button(texts.to(code)("language.name"), Go("hl.languages", (*chosen, code))) for code in left]
    names = ", ".join(texts.to(code)("language.name") for code in chosen) or "–"
    done = row(
        Button(t("hotline.languages_again"), Go("hl.languages")),
        Button(t("hotline.languages_done"), Go("hl.speak", tuple(chosen))),
    )
    text = t("hotline.ask_languages") + "\n\n" + t("hotline.languages", languages=names)
    return Screen(text, (*columns(buttons, 2), *((done,) if chosen else ()), _back(t)))


def linked(outcome: Linked, t: Translate) -> Screen:
    """What stands in the group."""
    key = "hotline.linked" if outcome.new else "hotline.linked_already"
    return Screen(t(key, operator=outcome.operator.name))


def _back(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("hotline.back"), Go("hl.show")))
