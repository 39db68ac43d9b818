"""`/technician <station or location>` and the tab of the data sheet: who repairs what."""

from bot.admin.forms import written
from bot.admin.tabs import Tab
from bot.admin.visit import Section, Visit
from bot.domain.contact_details import read_contact
from bot.domain.operator import Station
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import invitations, technicians
from bot.operations.acting import Acting
from bot.operations.technicians import Assigned
from bot.telegram.incoming import Words
from bot.telegram.reply import Reply
from bot.views import technicians as view
from bot.views.callbacks import short
from bot.views.screen import Screen
from storage.repositories.desks import Form
from storage.repositories.invitations import Invitation, Purpose
from storage.uow import UnitOfWork

_FORM = "tc"


async def _tab(visit: Visit, station: Station) -> Screen:
    return view.show(await technicians.show(visit.acting, f"station {station.id}"), visit.t)


async def _command(visit: Visit, argument: str) -> None:
    if not argument:
        raise Refusal("technician.which")
    await _shown(visit, await technicians.find(visit.acting, argument))


async def _show(visit: Visit, arguments: tuple[str, ...]) -> None:
    await _shown(visit, await technicians.show(visit.acting, await _subject(visit, arguments)))


async def _set(visit: Visit, arguments: tuple[str, ...]) -> None:
    subject = await _subject(visit, arguments)
    assigned = await technicians.show(visit.acting, subject)
    await visit.ask(Form(_FORM, subject), view.ask(assigned, visit.t))


async def _said(visit: Visit, form: Form, words: Words) -> None:
    contact = read_contact(written(words))
    await _shown(visit, await technicians.assign(visit.closing(), form.subject, contact))


async def _known(visit: Visit, arguments: tuple[str, ...]) -> None:
    assigned = await technicians.show(visit.acting, await _subject(visit, arguments))
    await visit.show(view.known(assigned, await technicians.known(visit.acting), visit.t))


async def _take(visit: Visit, arguments: tuple[str, ...]) -> None:
    *where, shortened = arguments
    subject = await _subject(visit, tuple(where))
    key = next((e.key for e in await technicians.known(visit.acting) if short(e.key) == shortened), None)
    if key is None:
        raise Refusal("button.old")
    await _shown(visit, await technicians.choose(visit.acting, subject, key))


async def _drop(visit: Visit, arguments: tuple[str, ...]) -> None:
    subject = await _subject(visit, arguments)
    await _shown(visit, await technicians.assign(visit.acting, subject, None))


async def _invite(visit: Visit, arguments: tuple[str, ...]) -> None:
    subject = await _subject(visit, arguments)
    accounts = visit.reply.turn.services.accounts
    if accounts.link(accounts.of(visit.operator.id)) is None:
        raise Refusal("sticker.no_bot")
    assigned = await technicians.show(visit.acting, subject)
    found = await technicians.invite(visit.acting, subject)
    link = accounts.link(accounts.of(visit.operator.id), f"--{found.secret}") or ""
    await visit.show(view.invited(assigned, found, link, visit.t))


async def _welcome(reply: Reply, secret: str, invitation: Invitation) -> None:
    operator = await reply.turn.services.database.read(lambda uow: uow.operators.get(invitation.operator_id))
    if operator is None:
        raise Refusal("invitation.unknown")
    await reply.show(view.offered(operator, invitation, secret, reply.t))


async def _join(reply: Reply, arguments: tuple[str, ...]) -> None:
    turn, services = reply.turn, reply.turn.services
    secret = "".join(arguments)
    invitation = await invitations.followed(services.database, secret, turn.now())
    if not turn.sees(invitation.operator_id):
        raise Refusal("invitation.unknown")
    acting = Acting(services.database, turn.person, invitation.operator_id, turn.update_id, turn.now())
    await reply.show(view.joined(await technicians.join(acting, secret), reply.t))


async def _shown(visit: Visit, assigned: Assigned) -> None:
    sheets = bool(visit.who.reach(Right.STATION_LIST))
    await visit.show(view.page(assigned, visit.t, sheets=sheets))


async def _subject(visit: Visit, arguments: tuple[str, ...]) -> str:
    """What the buttons name in few characters, as the use cases name it."""
    kind, shortened = (*arguments, "", "")[:2]
    operator_id = visit.acting.operator_id

    def names(uow: UnitOfWork) -> list[str]:
        if kind == "s":
            return [each.id for each in uow.operators.stations(operator_id)]
        return [each.id for each in uow.operators.locations(operator_id)]

    found = await visit.acting.database.read(names)
    name = next((each for each in found if short(each) == shortened), None)
    if name is None:
        raise Refusal("station.gone")
    return f"{'station' if kind == 's' else 'location'} {name}"


TAB = Tab("technician", Right.TECHNICIAN, _tab)
SECTION = Section(
    commands={"technician": _command},
    taps={
        "tc.show": _show,
        "tc.set": _set,
        "tc.known": _known,
        "tc.take": _take,
        "tc.drop": _drop,
        "tc.invite": _invite,
    },
    forms={_FORM: _said},
    guests={"tc.join": _join},
    welcomes={Purpose.TECHNICIAN: _welcome},
)
