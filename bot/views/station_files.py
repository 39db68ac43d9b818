"""Stations as a file: getting it, sending one in, and what it would change."""

from babel.numbers import get_decimal_symbol

from bot.operations.station_csv import COLUMNS, STATION
from bot.operations.station_import import Imported, Outdated, Preview
from bot.operations.station_plan_lines import Difference, Kind, Mistake
from bot.views import fit
from bot.views.callbacks import Go
from bot.views.fit import cut
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.screen import Button, Screen, row
from bot.views.stations import LIST

MENU = Go("sf.menu")
_LINES = 3000
"""In UTF-16 units: what the lines of a preview may take."""
_VALUE = 60
_LONG_VALUE = 200
_FIELDS = 6
"""Of one line of the file; more are counted."""


def menu(t: Translate, *, may_import: bool) -> Screen:
    """What there is to do with files."""
    buttons = [Button(t("files.export"), Go("sf.export"))]
    if may_import:
        buttons.append(Button(t("files.import"), Go("sf.import")))
    return Screen(
        t("files.head"),
        (
            tuple(buttons),
            row(Button(t("files.columns"), Go("sf.columns"))),
            (Button(t("sheet.to_list"), LIST), *home(t)),
        ),
    )


def described(t: Translate) -> Screen:
    """The columns of the file."""
    lines = [t("files.column", name=each, says=t(f"csv_column.{each}")) for each in COLUMNS]
    return Screen("\n".join([t("files.columns_head"), "", *lines]), (_back(t),))


def decimal_sign(t: Translate) -> str:
    """What parts whole from fraction where this language is spoken, so that spreadsheets read numbers as numbers."""
    return get_decimal_symbol(t.language)


def handed(t: Translate) -> Screen:
    """Under the file."""
    return Screen(t("files.exported"), (_back(t),))


def ask(t: Translate) -> Screen:
    """The file is asked for."""
    return Screen(t("files.ask", column=STATION), (_back(t),))


def preview(found: Preview, t: Translate, *, outdated: bool = False) -> Screen:
    """What a file would change; or what is wrong with it, and then it cannot be applied."""
    if found.mistakes:
        return _mistakes(found, t)
    parts = [t("files.moved")] if outdated else []
    parts.append(t("files.counts", lines=found.lines, **{kind.value: found.counts[kind] for kind in Kind}))
    if found.ignored:
        parts.append(t("files.ignored", columns=", ".join(found.ignored)))
    if found.new_stations:
        parts.append(t("files.no_password", count=found.new_stations))
    if not found.changes_something:
        return Screen("\n\n".join([*parts, t("files.nothing")]), (_again(t), _back(t)))
    shown = [_difference(each, t) for each in found.differences]
    parts.append(fit.lines(shown, _LINES, lambda left: t("files.more", count=left)))
    apply = Button(t("files.apply"), Go("sf.apply", (found.fingerprint,)))
    return Screen(
        "\n\n".join(parts),
        (
            row(apply),
            row(Button(t("files.other"), Go("sf.import")), Button(t("files.discard"), Go("sf.drop"))),
        ),
    )


def applied(outcome: Imported | Outdated, t: Translate) -> Screen:
    """What became of it."""
    match outcome:
        case Outdated(found):
            return preview(found, t, outdated=True)
        case Imported(counts):
            text = t("files.applied", new=counts[Kind.NEW], changed=counts[Kind.CHANGED])
            return Screen(text, (row(Button(t("sheet.to_list"), LIST)), _back(t)))


def discarded(t: Translate) -> Screen:
    """It is forgotten."""
    return Screen(t("files.discarded"), (_back(t),))


def _mistakes(found: Preview, t: Translate) -> Screen:
    shown = [_mistake(each, t) for each in found.mistakes]
    text = fit.lines(shown, _LINES, lambda left: t("files.more_mistakes", count=left))
    head = t("files.wrong", count=len(found.mistakes), lines=found.lines)
    return Screen(f"{head}\n\n{text}\n\n{t('files.send_again')}", (_back(t),))


def _mistake(each: Mistake, t: Translate) -> str:
    key = each.key if each.key.startswith("refusal.") else f"csv_error.{each.key}"
    values = {name: cut(value, _LONG_VALUE) for name, value in each.values.items()}
    # The sentence is ready for HTML, so that it is not made a value, which would be escaped again.
    return f"{t('files.mistake', line=each.line)} {t(key, **values)}"


def _difference(each: Difference, t: Translate) -> str:
    head = t(f"files.line_{each.kind.value}", line=each.line, subject=cut(each.subject, _VALUE))
    shown = [_field(*field, t) for field in each.fields[:_FIELDS]]
    if len(each.fields) > _FIELDS:
        shown.append(t("files.more_fields", count=len(each.fields) - _FIELDS))
    return "\n".join([head, *shown])


def _field(name: str, before: object, after: object, t: Translate) -> str:
    label = _label(name, t)
    if before is None:
        return t("files.field_new", name=label, after=_value(after))
    return t("files.field", name=label, before=_value(before), after=_value(after))


def _label(name: str, t: Translate) -> str:
    connector = name.removeprefix("connector ")
    return t("sheet.connector", number=connector) if connector != name else t.word(name, "csv_field")


def _value(value: object) -> str:
    return "–" if value is None or value == "" else cut(str(value), _VALUE)


def _again(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("files.other"), Go("sf.import")))


def _back(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("files.back"), MENU))
