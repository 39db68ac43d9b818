"""What an admin is shown of those who repair stations."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.operator import Contact, Operator
from bot.operations.technicians import Assigned, Invited, Joined, Known
from bot.views.callbacks import Go, short
from bot.views.data_sheet import to_sheet
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.paging import cut
from bot.views.screen import Button, Keyboard, Screen, columns, row
from storage.repositories.invitations import Invitation

MOST_SHOWN = 12
MOST_KNOWN = 10


def show(assigned: Assigned, t: Translate) -> Screen:
    """Who repairs a station, or the stations of a location."""
    chosen = assigned.chosen
    if chosen is not None:
        head = t("technicians.of_station", station=chosen.id, location=assigned.location.name)
        return Screen(f"{head}\n\n{_who(chosen.technician, t)}", _buttons(assigned, t))
    lines = [t("technicians.of_location", location=assigned.location.name, count=len(assigned.stations))]
    for station in assigned.stations[:MOST_SHOWN]:
        name = t("technicians.nobody") if station.technician is None else station.technician.name
        lines.append(t("technicians.line", station=station.id, name=name))
    if len(assigned.stations) > MOST_SHOWN:
        lines.append(t("technicians.more", count=len(assigned.stations) - MOST_SHOWN))
    return Screen("\n".join(lines), (*_buttons(assigned, t), home(t)))


def page(assigned: Assigned, t: Translate, *, sheets: bool) -> Screen:
    """The same as a page of its own; `sheets` says whether the person may open data sheets."""
    screen, station = show(assigned, t), assigned.chosen
    if station is None:
        return screen
    sheet = [Button(t("station_edit.to_sheet"), to_sheet(station.id, "technician"))] if sheets else []
    return replace(screen, keyboard=(*screen.keyboard, row(*sheet, *home(t))))


def ask(assigned: Assigned, t: Translate) -> Screen:
    """What to write."""
    count, where = len(assigned.touched), _where(assigned)
    head = (
        t("technicians.known", where=where)
        if count == 1
        else t("technicians.ask_all", where=where, count=count)
    )
    return Screen(f"{head}\n{t('technicians.ask_how')}", (_back(assigned, t),))


def known(assigned: Assigned, contacts: Sequence[Known], t: Translate) -> Screen:
    """Those who repair other stations, to be chosen by a tap."""
    key = _key(assigned)
    buttons = [
        Button(
            cut(", ".join(filter(None, (each.contact.name, each.contact.phone)))),
            Go("tc.take", (*key, short(each.key))),
        )
        for each in contacts[:MOST_KNOWN]
    ]
    text = "technicians.known" if contacts else "technicians.none_known"
    return Screen(t(text, where=_where(assigned)), (*columns(buttons, 1), _back(assigned, t)))


def invited(assigned: Assigned, found: Invited, link: str, t: Translate) -> Screen:
    """The link, to be passed on."""
    text = t("technicians.invited", name=found.name, link=link, days=found.expires_after.days)
    return Screen(text, (_back(assigned, t),))


def offered(operator: Operator, invitation: Invitation, secret: str, t: Translate) -> Screen:
    """What a technician who has followed the link is asked."""
    stations = invitation.data.get("stations", "").split("\n")
    text = t("technicians.offer", operator=operator.name, name=invitation.data["name"], count=len(stations))
    return Screen(text, (row(Button(t("technicians.join"), Go("tc.join", (secret,)))),))


def joined(outcome: Joined, t: Translate) -> Screen:
    """Jobs arrive here from now on."""
    return Screen(
        t("technicians.joined", operator=outcome.operator.name, stations=_named(outcome.stations, t))
    )


def _named(stations: Sequence[str], t: Translate) -> str:
    shown = ", ".join(stations[:MOST_SHOWN])
    more = len(stations) - MOST_SHOWN
    return shown if more <= 0 else f"{shown} {t('technicians.more', count=more)}"


def _who(contact: Contact | None, t: Translate) -> str:
    if contact is None:
        return t("technicians.nobody_yet")
    lines = [f"👷 <b>{t('technicians.name', name=contact.name)}</b>"]
    if contact.phone:
        lines.append(t("technicians.phone", phone=contact.phone))
    if contact.email:
        lines.append(t("technicians.email", email=contact.email))
    lines.append(t("technicians.on_telegram" if contact.telegram_id else "technicians.not_on_telegram"))
    return "\n".join(lines)


def _buttons(assigned: Assigned, t: Translate) -> Keyboard:
    key = _key(assigned)
    somebody = any(each.technician is not None for each in assigned.touched)
    rows = [
        row(
            Button(t("technicians.set"), Go("tc.set", key)),
            Button(t("technicians.choose"), Go("tc.known", key)),
        )
    ]
    if somebody:
        rows.append(
            row(
                Button(t("technicians.invite"), Go("tc.invite", key)),
                Button(t("technicians.drop"), Go("tc.drop", key)),
            )
        )
    if assigned.chosen is not None and len(assigned.stations) > 1:
        whole = ("l", short(assigned.location.id))
        rows.append(row(Button(t("technicians.whole", count=len(assigned.stations)), Go("tc.show", whole))))
    return tuple(rows)


def _key(assigned: Assigned) -> tuple[str, str]:
    if assigned.chosen is not None:
        return "s", short(assigned.chosen.id)
    return "l", short(assigned.location.id)


def _where(assigned: Assigned) -> str:
    return assigned.location.name if assigned.chosen is None else assigned.chosen.id


def _back(assigned: Assigned, t: Translate) -> tuple[Button, ...]:
    return row(Button(t("technicians.back"), Go("tc.show", _key(assigned))))
