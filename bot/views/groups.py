"""What an admin is shown of groups and their rights."""

from bot.domain.rights import CATALOGUE, Area, Right, Scope
from bot.operations.groups import Groups, GroupSeen, Losing
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.paging import cut, joined, label, part, turning, where
from bot.views.screen import Button, Keyboard, Screen, columns, row

NAME = 60
MEMBERS_SHOWN = 12


def listed(found: Groups, t: Translate, page: int = 0) -> Screen:
    """All groups, a page at a time."""
    shown, page, pages = part(found.groups, page)
    lines = [t("group.line", name=cut(each.group.name, NAME), **_counts(each, t)) for each in shown]
    buttons = [Button(cut(each.group.name), _go("show", each)) for each in shown]
    return Screen(
        joined(t("group.head"), "\n".join(lines), where(page, pages, t)),
        (
            *columns(buttons, 2),
            *turning(page, pages, lambda number: Go("gr.list", (str(number),)), t),
            row(Button(t("group.new"), Go("gr.new"))),
            home(t),
        ),
    )


def show(seen: GroupSeen, t: Translate) -> Screen:
    """One group: how far it reaches, who is in it, what it may."""
    group = seen.group
    members = ", ".join(cut(each, NAME) for each in seen.members[:MEMBERS_SHOWN])
    more = len(seen.members) - MEMBERS_SHOWN + seen.more if len(seen.members) > MEMBERS_SHOWN else seen.more
    if more:
        members = f"{members} {t('group.more', count=more)}".strip()
    rights = [t(f"right.{right.value}") for right in Right if right in group.rights]
    text = joined(
        t("group.title", name=cut(group.name, NAME)),
        t("group.reaches", scope=t(f"scope.{group.scope.value}")),
        t("group.members", members=members) if members else t("group.nobody"),
        t("group.rights", rights="; ".join(rights)) if rights else t("group.no_rights"),
        "" if seen.manages else t("group.not_yours"),
    )
    return Screen(text, (*_group_buttons(seen, t), _back(t)))


def _group_buttons(seen: GroupSeen, t: Translate) -> Keyboard:
    rights = Button(t("group.to_rights"), _go("rights", seen))
    if not seen.manages:
        return (row(rights),)
    empty = not seen.members and not seen.more
    drop = [Button(t("group.to_drop"), _go("drop", seen))] if empty else []
    return (
        row(rights, Button(t("group.to_scope"), _go("scope", seen))),
        row(Button(t("group.to_name"), _go("name", seen)), *drop),
    )


def rights(seen: GroupSeen, area: Area, t: Translate) -> Screen:
    """The rights of one part of the catalogue, each with its switch, and the tabs of the other parts."""
    lines = [_right(right, seen, t) for right in CATALOGUE[area]]
    head = t("group.rights_head", name=cut(seen.group.name, NAME), area=t(f"area.{area.value}"))
    switches = [
        row(Button(cut(_switch(right, seen, t), LONG_LABEL), _toggle(right, seen)))
        for right in CATALOGUE[area]
        if seen.manages
    ]
    tabs = [
        Button(
            t("group.tab_here" if each is area else "group.tab", area=t(f"area.{each.value}")),
            _go("rights", seen, each.value),
        )
        for each in Area
    ]
    note = "" if seen.manages else t("group.not_yours")
    legend = t("group.locked") if any(_locked(right, seen) for right in CATALOGUE[area]) else ""
    back = row(Button(label(t, "group.back_to", name=cut(seen.group.name, 24)), _go("show", seen)))
    return Screen(joined(head, *lines, note or legend), (*switches, *columns(tabs, 2), back))


LONG_LABEL = 48


def losing(seen: GroupSeen, what: Losing, t: Translate) -> Screen:
    """Asks whether it is meant that the person loses a right themselves."""
    right = t(f"right.{what.right.value}")
    key = "group.losing_last" if what.last else "group.losing"
    yes = Go("gr.sw", (short(seen.group.name), what.right.value, "0", "yes"))
    back = _go("rights", seen, what.right.area.value)
    return Screen(
        t(key, right=right, name=cut(seen.group.name, NAME)),
        (row(Button(t("group.losing_yes"), yes)), row(Button(t("group.losing_no"), back))),
    )


def _right(right: Right, seen: GroupSeen, t: Translate) -> str:
    state = t("group.on" if right in seen.group.rights else "group.off")
    return t("group.right", state=state, name=t(f"right.{right.value}"), says=t(f"right_says.{right.value}"))


def _switch(right: Right, seen: GroupSeen, t: Translate) -> str:
    key = "locked_switch" if _locked(right, seen) else "on" if right in seen.group.rights else "off"
    return f"{t(f'group.{key}')} · {t(f'right.{right.value}')}"


def _locked(right: Right, seen: GroupSeen) -> bool:
    """Whether it is off, and the person could not switch it on."""
    return right not in seen.group.rights and right not in seen.grants


def _toggle(right: Right, seen: GroupSeen) -> Go:
    wanted = "0" if right in seen.group.rights else "1"
    return Go("gr.sw", (short(seen.group.name), right.value, wanted))


def scope(seen: GroupSeen, t: Translate) -> Screen:
    """How far the group may reach."""
    lines = [t(f"scope_says.{each.value}", scope=t(f"scope.{each.value}")) for each in Scope]
    buttons = [
        Button(
            t("group.chosen" if each is seen.group.scope else "group.choose", what=t(f"scope.{each.value}")),
            _go("scope", seen, each.value),
        )
        for each in Scope
    ]
    head = t("group.scope_head", name=cut(seen.group.name, NAME))
    back = row(Button(label(t, "group.back_to", name=cut(seen.group.name, 24)), _go("show", seen)))
    return Screen(joined(head, *lines), (*columns(buttons, 1), back))


def dropping(seen: GroupSeen, t: Translate) -> Screen:
    """Asks whether that is meant."""
    return Screen(
        t("group.drop_head", name=cut(seen.group.name, NAME)),
        (
            row(Button(t("group.drop_yes"), _go("drop", seen, "yes"))),
            row(Button(t("group.keep"), _go("show", seen))),
        ),
    )


def dropped(t: Translate) -> Screen:
    """It is gone."""
    return Screen(t("group.dropped"), (_back(t),))


def asks_name(seen: GroupSeen | None, t: Translate) -> Screen:
    """Asks what a group shall be called, a new one where `seen` is None."""
    if seen is None:
        return Screen(t("group.asks_name"), (row(Button(t("group.leave"), Go("gr.list"))),))
    text = t("group.asks_new_name", name=cut(seen.group.name, NAME))
    return Screen(text, (row(Button(t("group.leave"), _go("show", seen))),))


def _counts(seen: GroupSeen, t: Translate) -> dict[str, str | int]:
    return {
        "people": len(seen.members) + seen.more,
        "rights": len(seen.group.rights),
        "scope": t(f"scope.{seen.group.scope.value}"),
    }


def _go(page: str, seen: GroupSeen, *more: str) -> Go:
    return Go(f"gr.{page}", (short(seen.group.name), *more))


def _back(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("group.back"), Go("gr.list")))
