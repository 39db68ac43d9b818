"""What an admin is shown of the hotline."""

from collections.abc import Sequence

from bot.domain.operator import HotlineGroup, StickerLink
from bot.operations.hotline import Hotline, Linked
from bot.views.callbacks import Go, short
from bot.views.i18n import Texts, Translate
from bot.views.menu import home
from bot.views.screen import Button, Screen, columns, row
from storage.repositories.hotlines import Kept

GROUPS_SHOWN = 40
LONGEST_TITLE = 40


def show(found: Hotline, usual: tuple[int, int], texts: Texts, t: Translate) -> Screen:
    """How it is set; `usual` are the minutes that hold where the operator has set none: usual, and in danger."""
    operator = found.operator
    languages = operator.languages or (operator.language,)
    lines = [
        t("hotline.head", operator=operator.name),
        "",
        t("hotline.phone", phone=operator.hotline_phone),
        *(_line(each, texts, t) for each in found.groups),
        *(() if found.groups else (t("hotline.no_group"),)),
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
    lines += ["", t("hotline.group_how" if not found.groups else "hotline.group_more")]
    buttons = [
        Button(t(f"hotline.set_{name}"), Go(f"hl.{name}"))
        for name in ("phone", "languages", "waits", "manager", "link")
    ]
    buttons.append(Button(t("policies.open"), Go("pl.show")))
    groups = [
        Button(
            t("hotline.group_open", group=_title(each.group)), Go("hl.group", (short(str(each.group.chat)),))
        )
        for each in found.groups[:GROUPS_SHOWN]
    ]
    return Screen("\n".join(lines), (*columns(groups, 1), *columns(buttons, 2), home(t)))


def group(kept: Kept, texts: Texts, t: Translate) -> Screen:
    """One group: what its agents speak, how many cases it has, and the way to take it out."""
    chat = short(str(kept.group.chat))
    lines = [_line(kept, texts, t)]
    if kept.shut_at is not None:
        lines.append(t("hotline.group_shut"))
    lines += ["", t("hotline.group_ask")]
    buttons = [
        Button(
            ("✅ " if code in kept.group.languages else "") + texts.to(code)("language.name"),
            Go("hl.group_speaks", (chat, code)),
        )
        for code in texts.languages()
    ]
    out = row(Button(t("hotline.unlink"), Go("hl.unlink", (chat,))))
    return Screen("\n".join(lines), (*columns(buttons, 2), out, _back(t)))


def unlinking(found: Hotline, kept: Kept, t: Translate) -> Screen:
    """What it means that a group is taken out, to be confirmed."""
    yes = Button(t("hotline.unlink_yes"), Go("hl.unlink", (short(str(kept.group.chat)), "yes")))
    last = len(found.groups) == 1
    key = "hotline.unlink_ask_last" if last else "hotline.unlink_ask"
    text = t(key, operator=found.operator.name, group=_title(kept.group), cases=kept.cases)
    return Screen(text, (row(yes), _back(t)))


def _line(kept: Kept, texts: Texts, t: Translate) -> str:
    spoken = ", ".join(texts.to(code)("language.name") for code in kept.group.languages)
    languages = spoken or t("hotline.group_any_language")
    mark = "⚠️" if kept.shut_at is not None else "👥"
    return t("hotline.group", mark=mark, group=_title(kept.group), languages=languages, cases=kept.cases)


def _title(group: HotlineGroup) -> str:
    return (group.title or str(group.chat))[:LONGEST_TITLE]


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
