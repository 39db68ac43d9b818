"""Asking for a right that one lacks."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.privacy import name_for
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting
from bot.operations.people import seen
from bot.operations.telling import tell_admin
from storage.repositories.audit import AuditFilter
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

ASKED = "right.asked"
REMEMBERED = timedelta(days=14)
MOST = 200
"""Askings of one right that are looked through, the latest first."""


async def granters(acting: Acting) -> list[Colleague]:
    """Those who can grant rights at the operator, named as the person may read them."""
    return await acting.read(lambda uow, who: [_named(each, who) for each in _able(uow, acting)])


async def ask(acting: Acting, right: Right) -> list[Colleague]:
    """Asks them for a right, each at most once a day; those who were asked, named in the same way."""

    def work(uow: UnitOfWork, who: Authority) -> list[Colleague]:
        able = _able(uow, acting)
        me = uow.staff.get(acting.operator_id, acting.person.id)
        name = acting.person.name if me is None else me.name
        readers = uow.staff.authorities(acting.operator_id)
        day = acting.now.date().isoformat()
        for each in able:
            key = f"right:{right.value}:{acting.person.id}:{each.person_id}:{day}"
            shown = name_for(readers[each.person_id], name, who.entity_id)
            params = {"name": shown, "right": right.value, "go_show": "gr.list"}
            tell_admin(uow, acting, each, "right_wanted", key, params)
        acting.note(uow, ASKED, right.value, None, None)
        return [_named(each, who) for each in able if each.telegram_id is not None]

    return await acting.commit(work)


def _able(uow: UnitOfWork, acting: Acting) -> list[Colleague]:
    return uow.staff.who_may(acting.operator_id, Right.GROUPS_MANAGE)


def _named(person: Colleague, who: Authority) -> Colleague:
    """A masked name alone finds nobody, so the groups stand beside it."""
    shown = seen(person, who)
    return shown if shown == person else replace(shown, name=f"{shown.name} ({', '.join(person.groups)})")


def tell_granted(uow: UnitOfWork, acting: Acting, group: str, right: Right) -> None:
    """Tells those of a group who asked for a right within the last two weeks that they have it now."""
    since = acting.now - REMEMBERED
    wanted = AuditFilter(act=ASKED, subject=right.value, since=since)
    asked = {act.person_id: act.id for act in uow.audit.list(acting.operator_id, wanted, most=MOST)}
    for each in uow.staff.all(acting.operator_id):
        number = asked.get(each.person_id)
        if number is not None and group in each.groups and each.deactivated_at is None:
            params = {"right": right.value, "group": group, "go_show": "menu"}
            tell_admin(uow, acting, each, "right_granted", f"granted:{number}", params)
