"""`/invite`: one-time links for people who are to join, and what happens when somebody follows one."""

from bot.admin.forms import argument, leave, named, number, said
from bot.admin.visit import Section, Visit
from bot.domain.operator import Group
from bot.domain.refusal import Refusal
from bot.domain.rights import Entity
from bot.domain.start_payload import INVITATION
from bot.operations import invitations, joining, people
from bot.operations.acting import Acting
from bot.operations.invitations import Choices
from bot.telegram.incoming import Words
from bot.telegram.reply import Reply
from bot.views import invitations as view
from bot.views.i18n import Translate
from bot.views.people import company_name
from storage.repositories.desks import Form
from storage.repositories.invitations import Invitation, Purpose

NAME = "invitation.name"


async def _command(visit: Visit, _argument: str) -> None:
    await _new(visit, ())


async def _new(visit: Visit, arguments: tuple[str, ...]) -> None:
    await leave(visit)
    found = await invitations.choices(visit.acting)
    await visit.show(view.groups(found, visit.t, number(arguments)))


async def _group(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await invitations.choices(visit.acting)
    group = _chosen_group(found, arguments)
    if len(found.companies) > 1:
        return await visit.show(view.companies(found, group.name, visit.t, number(arguments, 1)))
    await _ask(visit, found, group, found.companies[0])


async def _to(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await invitations.choices(visit.acting)
    await _ask(visit, found, _chosen_group(found, arguments), _chosen_company(found, arguments))


async def _ask(visit: Visit, found: Choices, group: Group, company: Entity | None) -> None:
    form = Form(NAME, group.name, values={"entity": "" if company is None else company.id})
    await visit.ask(form, view.asks_name(group.name, company, found.operator.name, visit.t))


async def _named(visit: Visit, form: Form, words: Words) -> None:
    await _make(visit, form.subject, form.values.get("entity") or None, said(words))


async def _unnamed(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await invitations.choices(visit.acting)
    company = _chosen_company(found, arguments)
    await _make(visit, _chosen_group(found, arguments).name, None if company is None else company.id, "")


async def _make(visit: Visit, group: str, entity_id: str | None, hint: str) -> None:
    accounts = visit.reply.turn.services.accounts
    account = accounts.of(visit.operator.id)
    if accounts.link(account) is None:
        raise Refusal("invitation.no_link")
    invited = await invitations.invite(visit.closing(), group, entity_id, hint)
    link = accounts.link(account, INVITATION + invited.secret) or ""
    await visit.show(view.made(invited, link, visit.t))
    # It is a message of its own, so that it can be passed on as it is.
    await visit.reply.context.sender.send(
        visit.reply.turn.conversation, view.to_forward(invited, link, visit.t)
    )


async def _list(visit: Visit, arguments: tuple[str, ...]) -> None:
    await leave(visit)
    found = await invitations.still_open(visit.acting)
    seen = (await people.show(visit.acting)).people
    inviters = {each.person.person_id: each.person.name for each in seen}
    zone, operator = visit.operator.time_zone, visit.operator.name
    await visit.show(view.still_open(found, inviters, zone, operator, visit.t, number(arguments)))


async def _drop(visit: Visit, arguments: tuple[str, ...]) -> None:
    await invitations.withdraw(visit.acting, number(arguments))
    await _list(visit, ())


def _chosen_group(found: Choices, arguments: tuple[str, ...]) -> Group:
    return named(((each.name, each) for each in found.groups), argument(arguments, 0), "group.gone")


def _chosen_company(found: Choices, arguments: tuple[str, ...]) -> Entity | None:
    for each in found.companies:
        if company_name(each) == argument(arguments, 1):
            return each
    raise Refusal("company.gone")


async def _welcome(reply: Reply, secret: str, invitation: Invitation) -> None:
    offered = await joining.offer(_acting(reply, invitation.operator_id), secret)
    await reply.show(view.offer(offered, secret, _texts(reply, offered.operator.language)))


async def _accept(reply: Reply, arguments: tuple[str, ...]) -> None:
    acting = await _following(reply, argument(arguments, 0))
    joined = await joining.accept(acting, argument(arguments, 0))
    await reply.show(view.answered(joined, _texts(reply, joined.operator.language)))


async def _decline(reply: Reply, arguments: tuple[str, ...]) -> None:
    acting = await _following(reply, argument(arguments, 0))
    declined = await joining.decline(acting, argument(arguments, 0))
    await reply.show(view.answered(declined, _texts(reply, declined.operator.language)))


async def _following(reply: Reply, secret: str) -> Acting:
    turn = reply.turn
    found = await invitations.followed(turn.services.database, secret, turn.now())
    if found.purpose is not Purpose.STAFF or not turn.sees(found.operator_id):
        raise Refusal("invitation.unknown")
    return _acting(reply, found.operator_id)


def _acting(reply: Reply, operator_id: str) -> Acting:
    turn = reply.turn
    services = turn.services
    return Acting(
        services.database, turn.person, operator_id, turn.update_id, turn.now(), services.wake.outbox.set
    )


def _texts(reply: Reply, otherwise: str) -> Translate:
    return reply.context.texts.to(reply.turn.person.language, otherwise)


SECTION = Section(
    commands={"invite": _command},
    taps={
        "iv.new": _new,
        "iv.group": _group,
        "iv.to": _to,
        "iv.make": _unnamed,
        "iv.list": _list,
        "iv.drop": _drop,
    },
    forms={NAME: _named},
    guests={"iv.yes": _accept, "iv.no": _decline},
    welcomes={Purpose.STAFF: _welcome},
)
