"""Stations as a table: one line for each charging point, as spreadsheets write and read it.

The columns are documented in docs/stations-csv.md.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.operator import Contact, Location, Station
from bot.domain.refusal import Refusal

STATION = "station_id"
LOCATION_COLUMNS = (
    "location_id", "location_name", "address", "postal_code", "city", "country", "latitude", "longitude",
)  # fmt: skip
STATION_COLUMNS = ("company", "directions", "pending_after_minutes", "offline_after_minutes")
EVSE_COLUMNS = ("connector", "evse_id", "type", "power_kw")
FOR_READING = ("service", "technician_name", "technician_phone", "technician_email")
"""They are written for whoever reads the file; a file that is taken in changes nothing of them."""
COLUMNS = (STATION, *LOCATION_COLUMNS, *STATION_COLUMNS, *EVSE_COLUMNS, *FOR_READING)

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
_DELIMITERS = (";", ",", "\t")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NEGATIVE = re.compile(r"-\d+(?:[.,]\d+)?")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table. `number` is that in the file, counted from 1, as spreadsheets do; values are stripped."""

    number: int
    values: Mapping[str, str]

    def get(self, column: str) -> str:
        """The value of a column; empty where the file has none."""
        return self.values.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read."""

    columns: frozenset[str]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the lines of one station."""

    station: Station
    location: Location
    technician: Contact | None


def write(stations: Iterable[Written], decimal_sign: str) -> bytes:
    """The file, in UTF-8 with a byte order mark and with semicolons, which Excel opens by a double click.

    `decimal_sign` is that of the reader's language. No cell can be taken for a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in stations:
        for values in _lines(each, decimal_sign):
            writer.writerow([neutral(values.get(column, "")) for column in COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, UTF-16 with one, or what Excel writes on Windows.

    Refusal for a file that is too large, or that is no text.
    """
    if len(content) > MOST_BYTES:
        raise Refusal("csv.too_large", most=str(MOST_BYTES // 1024 // 1024))
    try:
        text = content.decode("utf-16" if content.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Refusal("csv.no_text")
    return text


def read(text: str) -> Table:
    """The lines of a table; Refusal where it is none, or has columns that nobody knows."""
    rows = _rows(text.removeprefix("\ufeff"))
    _, header = next(rows, (0, []))
    columns = [_cleaned(each).casefold() for each in header]
    if STATION not in columns:
        raise Refusal("csv.no_header", column=STATION)
    unknown = sorted({each for each in columns if each and each not in COLUMNS})
    if unknown:
        raise Refusal("csv.unknown_columns", names=", ".join(unknown)[:200])
    twice = sorted({each for each in columns if each and columns.count(each) > 1})
    if twice:
        raise Refusal("csv.column_twice", names=", ".join(twice))
    lines = tuple(_line(number, columns, cells) for number, cells in rows if any(map(_cleaned, cells)))
    if not lines:
        raise Refusal("csv.empty")
    if len(lines) > MOST_LINES:
        raise Refusal("csv.too_long", most=str(MOST_LINES))
    return Table(frozenset(filter(None, columns)), lines)


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula; `read` takes the apostrophe off again."""
    if text.startswith("'") or (text.startswith(_FORMULA) and not _NEGATIVE.fullmatch(text)):
        return f"'{text}"
    return text


def number(value: float, decimal_sign: str = ".") -> str:
    """A number as a cell, in full precision and without a fraction that is zero."""
    return str(value).removesuffix(".0").replace(".", decimal_sign)


def _lines(each: Written, decimal_sign: str) -> Iterator[dict[str, str]]:
    station, location = each.station, each.location
    technician = each.technician or Contact("")
    common = {
        STATION: station.id,
        "location_id": location.id,
        "location_name": location.name,
        "address": location.address,
        "postal_code": location.postal_code,
        "city": location.city,
        "country": location.country,
        "latitude": number(location.latitude, decimal_sign),
        "longitude": number(location.longitude, decimal_sign),
        "company": station.entity_id or "",
        "directions": station.directions or "",
        "pending_after_minutes": str(station.pending_after_minutes or ""),
        "offline_after_minutes": str(station.offline_after_minutes or ""),
        "service": "on" if station.service_active else "off",
        "technician_name": technician.name,
        "technician_phone": technician.phone or "",
        "technician_email": technician.email or "",
    }
    for evse in station.evses:
        yield common | {
            "connector": str(evse.connector),
            "evse_id": evse.evse_id,
            "type": evse.type,
            "power_kw": number(evse.power_kw, decimal_sign),
        }
    if not station.evses:
        yield common


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records with the numbers of the lines on which they begin."""
    named = _SEP_LINE.match(text)
    skipped = 0 if named is None else 1
    body = text if named is None else text[named.end() :]
    first = body.lstrip("\r\n").partition("\n")[0]
    delimiter = named[1] if named is not None else max(_DELIMITERS, key=first.count)
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Refusal("csv.broken", line=str(begins + skipped)) from None
        if any(cells):
            yield begins + skipped, cells
        begins = reader.line_num + 1


def _line(number_: int, columns: list[str], cells: list[str]) -> Line:
    if any(map(_cleaned, cells[len(columns) :])):
        raise Refusal("csv.broken", line=str(number_))
    # A line that ends early has empty cells at its end.
    filled = [*cells, *[""] * (len(columns) - len(cells))]
    values = zip(columns, map(_cleaned, filled), strict=False)
    return Line(number_, {column: value for column, value in values if column})


def _cleaned(cell: str) -> str:
    """The value of a cell without what spreadsheets put around it."""
    value = cell.replace("\u00a0", " ").strip()
    as_text = _AS_TEXT.fullmatch(value)
    if as_text is not None:
        return as_text[1].replace('""', '"').strip()
    return value[1:] if value.startswith("'") else value
