"""What an admin is shown of the audit log, and the file that it is handed out as."""

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.operations.audit import Choices, Entry, Log
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.moments import weekday
from bot.views.paging import cut, joined, label, part, turning
from bot.views.screen import Attachment, Button, Screen, columns, row
from storage.repositories.audit import AuditFilter

NAME = 60
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:\d\d|Z)$")
NOTHING = "–"
LINE = 260
"""Characters of what has changed that a page shows of an act; the file has all of it."""
_WEEKDAYS = frozenset({"weekday", "weekdays"})
"""What holds days of the week, by their numbers."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""


def show(log: Log, wanted: AuditFilter, by: str | None, t: Translate) -> Screen:
    """A page of the log, with what it is filtered by."""
    zone = log.operator.time_zone
    looked_for = _filter(wanted, by, zone, t)
    parts = [_entry(each, zone, t) for each in log.entries]
    turned = turning(log.page, log.page + (2 if log.more else 1), lambda turn: Go("au.list", (str(turn),)), t)
    filters = [
        Button(t(f"audit.by_{name}"), Go(f"au.{name}")) for name in ("person", "act", "subject", "date")
    ]
    clear = (row(Button(t("audit.clear"), Go("au.clear"))),) if looked_for else ()
    return Screen(
        joined(t("audit.head"), looked_for, *parts, "" if parts else t("audit.nothing")),
        (
            *turned,
            *columns(filters, 2),
            *clear,
            row(Button(t("audit.csv"), Go("au.csv"))),
            home(t),
        ),
    )


def _filter(wanted: AuditFilter, by: str | None, zone: str, t: Translate) -> str:
    def day(moment: datetime) -> str:
        return format_date(moment.astimezone(ZoneInfo(zone)), locale=t.language)

    lines = [
        t("audit.only_person", name=cut(by, NAME)) if by else "",
        t("audit.only_act", act=act_word(wanted.act, t)) if wanted.act else "",
        t("audit.only_subject", words=cut(wanted.subject, NAME)) if wanted.subject else "",
        t("audit.only_since", day=day(wanted.since)) if wanted.since else "",
        t("audit.only_until", day=day(wanted.until)) if wanted.until else "",
    ]
    return "\n".join(line for line in lines if line)


def _entry(entry: Entry, zone: str, t: Translate) -> str:
    head = t(
        "audit.entry",
        time=t.clock(entry.at, zone),
        by=cut(entry.by or t("audit.by_service"), NAME),
        act=act_word(entry.act, t),
        subject=cut(_subject(entry, t) or NOTHING, NAME),
    )
    change = cut(_change(entry, zone, t), LINE)
    return f"{head}\n{t('audit.change', change=change)}" if change else head


def _change(entry: Entry, zone: str, t: Translate) -> str:
    """What changed, as one readable line; of what was made or taken away just what it is or was."""
    before, after = entry.before, entry.after
    if before is None or after is None:
        fields = before or after or {}
        told = (
            (name, value) for name, value in fields.items() if value or (value == 0 and value is not False)
        )
        return "; ".join(f"{_field(name, t)}: {_value(name, value, zone, t)}" for name, value in told)
    parts = []
    for name in {**before, **after}:
        if name in before and name in after and before[name] == after[name]:
            continue
        old, new = (_value(name, each.get(name), zone, t) for each in (before, after))
        both = name in before and name in after
        if both or new != NOTHING:
            parts.append(f"{_field(name, t)}: {old} → {new}" if both else f"{_field(name, t)}: {new}")
    return "; ".join(parts)


def act_word(act: str, t: Translate) -> str:
    """An act as people say it."""
    return t.word(act, "act")


def _subject(entry: Entry, t: Translate) -> str:
    kind, colon, rest = entry.subject.partition(":")
    if colon and t.has(f"audit_subject.{kind}"):
        return label(t, f"audit_subject.{kind}", name=rest)
    kind, blank, rest = entry.subject.partition(" ")
    if blank and entry.act == "file.applied" and t.has(f"audit_kind.{kind}"):
        return f"{t(f'audit_kind.{kind}')} {rest.removeprefix('group ')}"
    return t.word(entry.subject, "right", "audit_subject")


def _field(name: str, t: Translate) -> str:
    word, blank, number = name.partition(" ")
    if blank and t.has(f"audit_field.{word}"):
        return f"{t(f'audit_field.{word}')} {number}"
    return t.word(name, "audit_field", "right")


def _value(name: str, value: object, zone: str, t: Translate) -> str:
    match value:
        case None | "" | [] | {}:
            return NOTHING
        case bool():
            words = ("on", "off") if t.has(f"right.{name}") else ("yes", "no")
            return t(f"audit.{words[0] if value else words[1]}")
        case list():
            return ", ".join(_value(name, each, zone, t) for each in value)
        case int() if name in _WEEKDAYS:
            return weekday(value, t, short=True)
        case Mapping():
            inner = ((key, each) for key, each in value.items() if each)
            return ", ".join(f"{_field(key, t)} {_value(key, each, zone, t)}" for key, each in inner)
        case str() if _MOMENT.match(value):
            return t.clock(datetime.fromisoformat(value), zone)
        case str():
            return t.word(value, "right", "audit_value")
        case _:
            return str(value)


def people(found: Choices, t: Translate, page: int = 0) -> Screen:
    """Asks whose acts."""
    shown, page, pages = part(found.people, page)
    buttons = [Button(cut(name), Go("au.person", ("is", str(number)))) for number, name in shown]
    turned = turning(page, pages, lambda turn: Go("au.person", ("page", str(turn))), t)
    return Screen(t("audit.which_person"), (*columns(buttons, 2), *turned, _back(t)))


def acts(found: Choices, t: Translate, page: int = 0) -> Screen:
    """Asks which acts."""
    named = sorted((act_word(each, t), each) for each in found.acts)
    shown, page, pages = part(named, page)
    buttons = [Button(cut(word), Go("au.act", ("is", short(act)))) for word, act in shown]
    turned = turning(page, pages, lambda turn: Go("au.act", ("page", str(turn))), t)
    return Screen(t("audit.which_act"), (*columns(buttons, 1), *turned, _back(t)))


def asks_subject(t: Translate) -> Screen:
    """Asks what it was done to."""
    return Screen(t("audit.asks_subject"), (_back(t),))


def asks_date(t: Translate) -> Screen:
    """Asks since when."""
    spans = [Button(t(f"audit.last_{days}"), Go("au.date", (days,))) for days in ("1", "7", "30", "90")]
    return Screen(t("audit.asks_date"), (*columns(spans, 2), _back(t)))


def file(log: Log, t: Translate) -> Attachment:
    """The log as a table for a spreadsheet, in the operator's time."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow([t(f"audit.column_{name}") for name in ("time", "by", "act", "subject", "before", "after")])
    for entry in log.entries:
        moment = entry.at.astimezone(ZoneInfo(log.operator.time_zone)).isoformat(timespec="seconds")
        by = entry.by or t("audit.by_service")
        cells = [by, act_word(entry.act, t), _subject(entry, t), _json(entry.before), _json(entry.after)]
        rows.writerow([moment, *(_harmless(cell) for cell in cells)])
    # Without the mark some spreadsheets take it for another encoding.
    return Attachment(t("audit.file_name"), text.getvalue().encode("utf-8-sig"), "text/csv")


def handed(log: Log, t: Translate) -> Screen:
    """What the file holds."""
    key = "audit.handed_part" if log.more else "audit.handed"
    return Screen(t(key, count=len(log.entries)))


def _json(fields: Mapping[str, object] | None) -> str:
    return "" if fields is None else json.dumps(fields, ensure_ascii=False, sort_keys=True)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _back(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("audit.back"), Go("au.list")))
