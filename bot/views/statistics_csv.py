"""Cases as a table for a spreadsheet: a line for each, without a word of any driver."""

import csv
import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.numbers import get_decimal_symbol

from bot.domain.statistics import solver
from bot.operations.statistics import Export
from bot.views.i18n import Translate
from bot.views.notices import plain
from bot.views.screen import Attachment, Screen
from bot.views.statistics import name
from storage.repositories.statistics import CaseLine

COLUMNS = (
    "number", "opened", "location", "station", "evse", "symptom", "verdict", "class", "severity", "state", "solved_by",
    "cause", "first_answer", "solved_at", "resolution", "answer_late", "solution_late", "repeat", "rating", "missing",
    "agent", "driver",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""


def file(export: Export, t: Translate) -> Attachment:
    """The table as the spreadsheets of the reader's language expect it: separator, times as where the operator is."""
    separator = ";" if get_decimal_symbol(t.language) == "," else ","
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow([t(f"column.{each}") for each in COLUMNS])
    for line in export.lines:
        values = _values(line, export, t)
        writer.writerow([_neutral(values[each]) for each in COLUMNS])
    saved_as = f"{t('statistics.file')}-{export.operator.id}-{_token(export)}.csv"
    return Attachment(saved_as, out.getvalue().encode("utf-8-sig"), "text/csv")


def handed(export: Export, t: Translate) -> Screen:
    """What stands under it."""
    key = "statistics.handed_part" if export.more else "statistics.handed"
    return Screen(t(key, cases=t.number(len(export.lines)), period=name(export.period, t)))


def _token(export: Export) -> str:
    period = export.period
    return str(period.month or f"{period.first}-{period.last}")


def _values(line: CaseLine, export: Export, t: Translate) -> dict[str, str]:
    record, zone = line.record, export.operator.time_zone
    return {
        "number": str(record.id),
        "opened": _time(record.opened_at, zone),
        "location": line.location or "",
        "station": line.station_id or "",
        "evse": record.evse_id or "",
        "symptom": _word(t, record.symptom, "symptom"),
        "verdict": _word(t, record.verdict, "verdict"),
        "class": line.action_class or "",
        "severity": line.severity.value,
        "state": t(f"case_state.{line.state.value}"),
        "solved_by": t(f"solver.{solver(record).value}"),
        "cause": _word(t, line.cause, "job_cause"),
        "first_answer": _minutes(record.asked_at, record.answered_at),
        "solved_at": _time(record.resolved_at, zone),
        "resolution": _minutes(record.opened_at, record.resolved_at),
        "answer_late": _yes(record.answer_late, t),
        "solution_late": _yes(record.solution_late, t),
        "repeat": _yes(record.id in export.repeats, t),
        "rating": "" if record.rating is None else str(record.rating),
        "missing": _word(
            t, None if line.rating_reason is None else line.rating_reason.value, "rating_reason"
        ),
        "agent": line.agent or "",
        "driver": line.driver,
    }


def _word(t: Translate, word: str | None, table: str) -> str:
    """A word of a vocabulary as plain text."""
    return "" if word is None else plain(t.word(word, table))


def _time(moment: datetime | None, zone: str) -> str:
    """A moment as every spreadsheet reads it."""
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _minutes(since: datetime | None, until: datetime | None) -> str:
    if since is None or until is None:
        return ""
    return str(round(max(until - since, timedelta()) / timedelta(minutes=1)))


def _yes(value: bool, t: Translate) -> str:
    return t("statistics.yes") if value else ""


def _neutral(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
