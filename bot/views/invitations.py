"""What is shown of invitations: to the admin who makes one, and to whoever follows its link."""

from urllib.parse import quote

from bot.domain.rights import Entity
from bot.operations.invitations import Choices, Invited, OpenInvitations
from bot.operations.joining import Declined, Joined, Offer
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.menu import HOME
from bot.views.paging import cut, joined, label, part, turning, where
from bot.views.people import company_buttons, company_name
from bot.views.screen import Button, Screen, columns, row

NAME = 60
OPEN_PAGE = 5


def groups(found: Choices, t: Translate, page: int = 0) -> Screen:
    """Asks into which group."""
    shown, page, pages = part(found.groups, page)
    buttons = [Button(cut(each.name), Go("iv.group", (short(each.name),))) for each in shown]
    text = joined(t("invitation.which_group" if buttons else "invitation.no_group"), where(page, pages, t))
    turned = turning(page, pages, lambda turn: Go("iv.new", (str(turn),)), t)
    return Screen(text, (*columns(buttons, 1), *turned, _people(t)))


def companies(found: Choices, group: str, t: Translate, page: int = 0) -> Screen:
    """Asks into which company."""
    buttons, page, pages = company_buttons(
        found.companies, found.operator.name, lambda name: Go("iv.to", (short(group), name)), page
    )
    turned = turning(page, pages, lambda turn: Go("iv.group", (short(group), str(turn))), t)
    text = joined(t("invitation.which_company", group=cut(group, NAME)), where(page, pages, t))
    return Screen(text, (*buttons, *turned, row(Button(t("invitation.back"), Go("iv.new")))))


def asks_name(group: str, company: Entity | None, operator: str, t: Translate) -> Screen:
    """Asks who it is for."""
    where_to = operator if company is None else company.name
    skip = Button(t("invitation.no_name"), Go("iv.make", (short(group), company_name(company))))
    return Screen(
        t("invitation.asks_name", group=cut(group, NAME), company=cut(where_to, NAME)),
        (row(skip), row(Button(t("invitation.leave"), Go("iv.new")))),
    )


def made(invited: Invited, link: str, t: Translate) -> Screen:
    """The link is there: what it gives, until when, and how it gets to the person."""
    name = invited.invitation.data.get("name") or t("invitation.whoever")
    text = t(
        "invitation.made",
        name=cut(name, NAME),
        group=cut(invited.invitation.data["group"], NAME),
        company=cut(_company(invited), NAME),
        until=t.clock(invited.invitation.expires_at, invited.operator.time_zone),
    )
    words = label(t, "invitation.share_words", operator=invited.operator.name)
    share = f"https://t.me/share/url?url={quote(link, safe='')}&text={quote(words, safe='')}"
    return Screen(
        text,
        (
            row(Button(t("invitation.share"), url=share)),
            row(Button(t("invitation.another"), Go("iv.new")), Button(t("invitation.list"), Go("iv.list"))),
            _people(t),
        ),
    )


def to_forward(invited: Invited, link: str, t: Translate) -> Screen:
    """The message that the admin forwards as it is."""
    name = invited.invitation.data.get("name")
    hello = t("invitation.hello_name", name=cut(name, NAME)) if name else t("invitation.hello")
    until = t.clock(invited.invitation.expires_at, invited.operator.time_zone)
    return Screen(
        joined(
            hello,
            t(
                "invitation.forward",
                operator=cut(invited.operator.name, NAME),
                group=cut(invited.invitation.data["group"], NAME),
                company=cut(_company(invited), NAME),
            ),
            t("invitation.forward_link", link=link),
            t("invitation.forward_until", until=until),
        )
    )


def still_open(
    found: OpenInvitations, inviters: dict[int, str], zone: str, operator: str, t: Translate, page: int = 0
) -> Screen:
    """Links that can still be used, each with its way back."""
    shown, page, pages = part(found.invitations, page, OPEN_PAGE)
    lines = []
    for number, (each, company) in enumerate(shown, start=1):
        name = each.data.get("name") or t("invitation.whoever")
        values: dict[str, str | int] = {
            "number": number,
            "name": cut(name, NAME),
            "group": cut(each.data["group"], NAME),
            "company": cut(operator if company is None else company.name, NAME),
            "by": cut(inviters.get(each.invited_by or 0) or t("invitation.by_service"), NAME),
            "until": t.clock(each.expires_at, zone),
        }
        lines.append(t("invitation.line", **values))
    buttons = [
        Button(t("invitation.withdraw", number=number), Go("iv.drop", (str(each.id),)))
        for number, (each, _) in enumerate(shown, start=1)
    ]
    text = joined(
        t("invitation.open_head"), *lines, "" if lines else t("invitation.none"), where(page, pages, t)
    )
    turned = turning(page, pages, lambda turn: Go("iv.list", (str(turn),)), t)
    return Screen(
        text, (*columns(buttons, 2), *turned, row(Button(t("person.invite"), Go("iv.new"))), _people(t))
    )


def offer(offered: Offer, secret: str, t: Translate) -> Screen:
    """Who invites, to what; accept or decline."""
    company = offered.operator.name if offered.company is None else offered.company.name
    inviter = t("invitation.by_service") if offered.inviter is None else offered.inviter
    text = t(
        "invitation.offer",
        operator=cut(offered.operator.name, NAME),
        inviter=cut(inviter, NAME),
        group=cut(offered.group, NAME),
        company=cut(company, NAME),
        until=t.clock(offered.expires_at, offered.operator.time_zone),
        name=cut(offered.name, NAME),
    )
    accept = Button(t("invitation.accept"), Go("iv.yes", (secret,)))
    return Screen(text, (row(accept), row(Button(t("invitation.decline"), Go("iv.no", (secret,))))))


def answered(outcome: Joined | Declined, t: Translate) -> Screen:
    """What came of it."""
    match outcome:
        case Joined(operator, group, _, name):
            text = t(
                "invitation.joined",
                operator=cut(operator.name, NAME),
                group=cut(group, NAME),
                name=cut(name, NAME),
            )
            return Screen(text, (row(Button(t("invitation.to_menu"), HOME)),))
        case Declined(operator):
            return Screen(t("invitation.declined", operator=cut(operator.name, NAME)))


def _company(invited: Invited) -> str:
    return invited.operator.name if invited.company is None else invited.company.name


def _people(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("person.back"), Go("pp.list")))
