"""E-mails to admins: the same in HTML and in plain text, in the language of whoever gets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape

from bot.domain.billing import Month
from bot.domain.operator import Operator
from bot.domain.outgoing import Outgoing
from bot.views.i18n import Translate
from bot.views.notices import Mail, many, plain

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_INK, _SOFT, _LINE, _GROUND, _PAPER = "#1b2430", "#5b6776", "#e3e7ec", "#f2f4f7", "#ffffff"
_ACCENTS = {"service_on": "#11734b", "service_off": "#7a4b12"}
_POINTS = {"service_on": ("sticker", "evse", "technician"), "service_off": ("now", "cases", "again")}
_PARAGRAPH = f"margin:0 0 16px;{_FONT};font-size:16px;line-height:1.5;color:{_INK}"


@dataclass(frozen=True, slots=True)
class _Letter:
    """What a mail says, as texts with the markup of screens. `facts` are pairs of a label and a value."""

    title: str
    lead: str
    facts: Sequence[tuple[str, str]]
    stations_head: str
    stations: Sequence[tuple[str, str]]
    more: str
    points_head: str
    points: Sequence[str]
    ordered: bool
    """Whether the points are steps in their order."""
    note: str
    foot: str


def to_admin(outgoing: Outgoing, operator: Operator, t: Translate) -> Mail:
    """The confirmation that the service of stations went on or off."""
    name = str(outgoing.params["mail"])
    letter = _letter(outgoing, operator, name, t)
    subject = t(f"mail_{name}.subject", stations=_many(outgoing, t), operator=operator.name)
    return Mail(plain(subject), _text(letter), _html(letter, _ACCENTS[name], t))


def _letter(outgoing: Outgoing, operator: Operator, name: str, t: Translate) -> _Letter:
    params = outgoing.params
    at, zone = datetime.fromisoformat(str(params["at"])), str(params["zone"])
    month = t.month(Month.of(at, zone))
    stations = [_station(each) for each in str(params["stations"]).splitlines()]
    more = int(params["many"] or 0) - len(stations)
    keys = [key for key in _POINTS[name] if key != "cases" or int(params.get("cases") or 0)]
    return _Letter(
        t(f"mail_{name}.title"),
        t(f"mail_{name}.lead", stations=_many(outgoing, t), operator=operator.name, day=t.date_of(at, zone)),
        _facts(outgoing, name, month, t),
        t("mail_service.stations"),
        stations,
        t("service.more", count=more) if more > 0 else "",
        t(f"mail_{name}.points"),
        [t(f"mail_{name}.{key}", phone=operator.hotline_phone) for key in keys],
        name == "service_on",
        t(f"mail_{name}.rule", month=month),
        t("mail_service.foot", operator=operator.name),
    )


def _facts(outgoing: Outgoing, name: str, month: str, t: Translate) -> list[tuple[str, str]]:
    params = outgoing.params
    asked, released = str(params["requested_by"]), str(params["released_by"])
    if name == "service_off":
        return [(t("mail_service.ended_by"), escape(released))]
    several = int(params["many"] or 0) > 1
    total = t("mail_service.from", sum=_money(params["sum"], t), month=month)
    facts = [
        (t("mail_service.sum" if several else "mail_service.price_of_one"), total),
        (t("mail_service.released_by"), escape(released)),
    ]
    if several:
        each = t("mail_service.a_month", price=_money(params["price"], t))
        facts.insert(0, (t("mail_service.price"), each))
    return facts if asked == released else [*facts, (t("mail_service.requested_by"), escape(asked))]


def _many(outgoing: Outgoing, t: Translate) -> str:
    return many(int(outgoing.params["many"] or 0), t)


def _money(value: object, t: Translate) -> str:
    amount, _, currency = str(value).partition(" ")
    return t.money(Decimal(amount), currency)


def _station(line: str) -> tuple[str, str]:
    station, _, location = line.partition("\t")
    return escape(station), escape(location)


def _text(letter: _Letter) -> str:
    facts = "\n".join(f"{label}: {value}" for label, value in letter.facts)
    stations = "\n".join(f"- {station}, {location}" for station, location in letter.stations)
    more = f"\n{letter.more}" if letter.more else ""
    points = "\n".join(
        f"{number}. {point}" if letter.ordered else f"- {point}"
        for number, point in enumerate(letter.points, start=1)
    )
    parts = (
        letter.title,
        letter.lead,
        facts,
        f"{letter.stations_head}\n{stations}{more}",
        f"{letter.points_head}\n{points}",
        letter.note,
        f"-- \n{letter.foot}",
    )
    return plain("\n\n".join(part for part in parts if part)) + "\n"


def _html(letter: _Letter, accent: str, t: Translate) -> str:
    """Tables and inline styles only: that is what mail programs agree upon."""
    inside = "".join(
        (
            f'<h1 style="margin:0 0 12px;{_FONT};font-size:22px;line-height:1.3;color:{accent}">{letter.title}</h1>',
            f'<p style="{_PARAGRAPH}">{letter.lead}</p>',
            _table([_fact(label, value) for label, value in letter.facts]),
            _heading(letter.stations_head),
            _table([_row(station, location) for station, location in letter.stations]),
            f'<p style="{_PARAGRAPH};color:{_SOFT}">{letter.more}</p>' if letter.more else "",
            _heading(letter.points_head),
            _list(letter.points, ordered=letter.ordered),
            f'<p style="margin:16px 0 0;padding:12px 16px;border-radius:6px;background:{_GROUND};{_FONT};'
            f'font-size:14px;line-height:1.5;color:{_INK}">{letter.note}</p>',
        )
    )
    foot = f"padding:16px 24px;{_FONT};font-size:13px;line-height:1.5;color:{_SOFT}"
    return (
        f'<!doctype html><html lang="{t.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light">'
        f"<title>{letter.title}</title></head>"
        f'<body style="margin:0;padding:0;background:{_GROUND}">'
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:{_GROUND}">'
        '<tr><td align="center" style="padding:24px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
        f'style="max-width:600px;background:{_PAPER};border-radius:8px;border-top:4px solid {accent}">'
        f'<tr><td style="padding:24px">{inside}</td></tr></table>'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px">'
        f'<tr><td style="{foot}">{letter.foot}</td></tr></table>'
        "</td></tr></table></body></html>"
    )


def _heading(text: str) -> str:
    return f'<h2 style="margin:24px 0 8px;{_FONT};font-size:16px;line-height:1.4;color:{_INK}">{text}</h2>'


def _table(rows: Sequence[str]) -> str:
    style = "border-collapse:collapse;table-layout:fixed"
    return (
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="{style}">'
        f"{''.join(rows)}</table>"
    )


def _fact(label: str, value: str) -> str:
    cell = f"padding:8px 12px 8px 0;border-bottom:1px solid {_LINE};{_FONT};font-size:15px;line-height:1.4"
    return (
        f'<tr><td width="38%" valign="top" style="{cell};color:{_SOFT}">{label}</td>'
        f'<td valign="top" style="{cell};color:{_INK};font-weight:600;word-wrap:break-word">{value}</td></tr>'
    )


def _row(station: str, location: str) -> str:
    cell = f"padding:8px 0;border-bottom:1px solid {_LINE};{_FONT};font-size:15px;line-height:1.4;word-wrap:break-word"
    return (
        f'<tr><td valign="top" style="{cell}"><strong style="color:{_INK}">{station}</strong><br>'
        f'<span style="color:{_SOFT}">{location}</span></td></tr>'
    )


def _list(points: Sequence[str], *, ordered: bool) -> str:
    item = f"margin:0 0 8px;{_FONT};font-size:15px;line-height:1.5;color:{_INK}"
    entries = "".join(f'<li style="{item}">{point}</li>' for point in points)
    kind = "ol" if ordered else "ul"
    return f'<{kind} style="margin:0;padding:0 0 0 22px">{entries}</{kind}>'
