"""What an admin is shown of people."""

from collections.abc import Callable, Sequence

from babel import Locale, UnknownLocaleError

from bot.domain.operator import Group
from bot.domain.rights import Entity
from bot.operations.people import Field, Listed, People, PersonSeen
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.paging import cut, joined, label, part, turning, where
from bot.views.screen import Button, Keyboard, Screen, columns, row

NAME = 60
ROOT = "-"
"""How a button names the operator itself among its companies."""


def listed(found: People, t: Translate, page: int, words: str, *, inactive: bool) -> Screen:
    """The people, a page at a time."""
    shown, page, pages = part(found.people, page)
    lines = [_line(each, found, t) for each in shown]
    buttons = [Button(cut(each.person.name), _show(each.person.person_id)) for each in shown]
    head = t("person.head_inactive" if inactive else "person.head", count=len(found.people))
    looked_for = t("person.looked_for", words=cut(words, NAME)) if words else ""
    nobody = "" if found.people else t("person.nobody")
    kind = "1" if inactive else "0"
    turned = turning(page, pages, lambda number: Go("pp.list", (str(number), kind)), t)
    text = joined(head, looked_for, "\n".join(lines) or nobody, where(page, pages, t))
    return Screen(text, (*columns(buttons, 2), *turned, *_doors(found, words, t, inactive=inactive), home(t)))


def _line(each: Listed, found: People, t: Translate) -> str:
    groups = ", ".join(cut(name, 24) for name in each.person.groups) or t("person.no_group")
    company = "" if each.company is None or not found.companies else f" · {cut(each.company.name, 24)}"
    return t("person.line", name=cut(each.person.name, NAME), where=cut(groups, 80) + company)


def _doors(found: People, words: str, t: Translate, *, inactive: bool) -> Keyboard:
    search = Button(t("person.search"), Go("pp.search"))
    whole = [Button(t("person.whole"), Go("pp.whole"))] if words else []
    rows = [row(search, *whole)]
    if inactive:
        rows.append(row(Button(t("person.to_active"), Go("pp.list", ("0", "0")))))
        return tuple(rows)
    if found.others:
        rows.append(row(Button(t("person.to_inactive", count=found.others), Go("pp.list", ("0", "1")))))
    rows.append(row(Button(t("person.invite"), Go("iv.new")), Button(t("person.invitations"), Go("iv.list"))))
    return tuple(rows)


def show(seen: PersonSeen, operator: str, zone: str, t: Translate) -> Screen:
    """One person."""
    person = seen.person
    title = t("person.title", name=cut(person.name, NAME))
    me = t("person.myself") if seen.myself else ""
    state = (
        ""
        if person.deactivated_at is None
        else t("person.inactive_since", time=t.clock(person.deactivated_at, zone))
    )
    lines = [
        t("person.groups", groups=", ".join(cut(name, 40) for name in person.groups) or "–"),
        t("person.company", company=_company(seen.company, operator)),
        t("person.language", language=_language(person.language, t)),
        t("person.reached", phone=cut(person.phone or "–", NAME), email=cut(person.email or "–", NAME)),
    ]
    masked = "" if seen.personal else t("person.masked")
    return Screen(
        joined(title, me, state, "\n".join(lines), masked, _acts(seen, zone, t)),
        (*_deeds(seen, t), row(Button(t("person.back"), Go("pp.list", ("0", "0" if not state else "1"))))),
    )


def _acts(seen: PersonSeen, zone: str, t: Translate) -> str:
    if not seen.acts:
        return ""
    lines = [t("person.act", time=t.clock(act.at, zone), act=t.word(act.act, "act")) for act in seen.acts]
    return "\n".join([t("person.acts"), *lines])


def _deeds(seen: PersonSeen, t: Translate) -> Keyboard:
    number = str(seen.person.person_id)
    if seen.person.deactivated_at is not None:
        return (row(Button(t("person.reactivate"), Go("pp.on", (number,)))),)
    belongs = [Button(t("person.to_groups"), Go("pp.groups", (number,)))]
    if len(seen.companies) > 1:
        belongs.append(Button(t("person.to_company"), Go("pp.company", (number,))))
    edits = [
        Button(t(f"person.to_{field.value}"), Go("pp.edit", (number, field.value)))
        for field in Field
        if seen.personal
    ]
    return (
        tuple(belongs),
        *((tuple(edits),) if edits else ()),
        row(Button(t("person.deactivate"), Go("pp.off", (number,)))),
    )


def groups(seen: PersonSeen, t: Translate, page: int = 0) -> Screen:
    """Into which groups the person is put, by one tap each."""
    number = str(seen.person.person_id)
    shown, page, pages = part(seen.groups, page)
    buttons = [Button(_group_label(group, able, seen, t), _put(seen, group)) for group, able in shown]
    locked = any(not able and group.name not in seen.person.groups for group, able in seen.groups)
    return Screen(
        joined(
            t("person.groups_head", name=cut(seen.person.name, NAME)),
            t("person.groups_locked") if locked else "",
            where(page, pages, t),
        ),
        (
            *columns(buttons, 1),
            *turning(page, pages, lambda turn: Go("pp.groups", (number, str(turn))), t),
            _back(seen, t),
        ),
    )


def _group_label(group: Group, able: bool, seen: PersonSeen, t: Translate) -> str:  # A pair of a list.
    inside = group.name in seen.person.groups
    key = "in_group" if inside else "not_in_group" if able else "group_locked"
    return label(t, f"person.{key}", name=group.name)


def _put(seen: PersonSeen, group: Group) -> Go:
    wanted = "0" if group.name in seen.person.groups else "1"
    return Go("pp.group", (str(seen.person.person_id), short(group.name), wanted))


def companies(seen: PersonSeen, operator: str, t: Translate, page: int = 0) -> Screen:
    """To which company the person is moved."""
    number = str(seen.person.person_id)
    buttons, page, pages = company_buttons(
        seen.companies, operator, lambda name: Go("pp.move", (number, name)), page
    )
    return Screen(
        joined(
            t(
                "person.company_head",
                name=cut(seen.person.name, NAME),
                company=_company(seen.company, operator),
            ),
            where(page, pages, t),
        ),
        (
            *buttons,
            *turning(page, pages, lambda turn: Go("pp.company", (number, str(turn))), t),
            _back(seen, t),
        ),
    )


def company_buttons(
    choices: Sequence[Entity | None], operator: str, go: Callable[[str], Go], page: int
) -> tuple[Keyboard, int, int]:
    """A page of companies to choose from, the operator itself among them; the page, and how many there are."""
    shown, page, pages = part(choices, page)
    buttons = [Button(cut(_company(each, operator)), go(company_name(each))) for each in shown]
    return columns(buttons, 1), page, pages


def company_name(company: Entity | None) -> str:
    """What a button names a company by."""
    return ROOT if company is None else short(company.id)


def asks(seen: PersonSeen, field: Field, t: Translate) -> Screen:
    """Asks what the name, the address or the number shall be."""
    name = cut(seen.person.name, NAME)
    number = str(seen.person.person_id)
    clear = (
        ()
        if field is Field.NAME
        else (row(Button(t("person.clear"), Go("pp.clear", (number, field.value)))),)
    )
    leave = row(Button(t("person.leave"), _show(seen.person.person_id)))
    return Screen(t(f"person.asks_{field.value}", name=name), (*clear, leave))


def asks_search(t: Translate) -> Screen:
    """Asks what is looked for."""
    return Screen(t("person.asks_search"), (row(Button(t("person.leave"), Go("pp.list"))),))


def deactivating(seen: PersonSeen, t: Translate) -> Screen:
    """Asks whether that is meant."""
    number = str(seen.person.person_id)
    key = "person.off_head_self" if seen.myself else "person.off_head"
    return Screen(
        t(key, name=cut(seen.person.name, NAME)),
        (row(Button(t("person.off_yes"), Go("pp.off", (number, "yes")))), _back(seen, t)),
    )


def gone(t: Translate) -> Screen:
    """The person has deactivated themselves."""
    return Screen(t("person.gone"))


def _company(company: Entity | None, operator: str) -> str:
    return operator if company is None else cut(company.name, NAME)


def _language(code: str | None, t: Translate) -> str:
    try:
        found = Locale.parse(code, sep="-").get_display_name(t.language) if code else None
    except (UnknownLocaleError, ValueError):
        found = code
    return found or "–"


def _show(person_id: int) -> Go:
    return Go("pp.show", (str(person_id),))


def _back(seen: PersonSeen, t: Translate) -> tuple[Button, ...]:
    return row(
        Button(label(t, "person.back_to", name=cut(seen.person.name, 24)), _show(seen.person.person_id))
    )
