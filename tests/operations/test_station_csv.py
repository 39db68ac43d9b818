"""Stations as a table: what spreadsheets make of it, and what they write back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.operator import Contact, Evse, Location, Station
from bot.domain.refusal import Refusal
from bot.operations import station_csv
from bot.operations.station_csv import COLUMNS, Table, Written, decoded, neutral, read, write

PLACE = Location("hbf", 'Graz; "Hbf"', "Europaplatz 4", "8020", "Graz", "AT", 47.0725, -15.4165)
STATION = Station(
    "=GRAZ-01",
    "graz",
    "hbf",
    True,
    (
        Evse("AT*SWG*E0001*1", "=GRAZ-01", 1, "CCS2", 150.0),
        Evse("AT*SWG*E0001*2", "=GRAZ-01", 2, "Type2", 3.7),
    ),
    Contact("@Tom", "+43 660 1"),
    directions="-2nd floor\nrow 'C'",
)
ONE = "station_id;connector;evse_id\n"


def table(content: bytes | str) -> Table:
    return read(decoded(content if isinstance(content, bytes) else content.encode()))


def values(content: bytes | str) -> list[dict[str, str]]:
    return [dict(each.values) for each in table(content).lines]


def refused(content: bytes | str) -> tuple[str, dict[str, str]]:
    with pytest.raises(Refusal) as caught:
        table(content)
    return caught.value.key, dict(caught.value.values)


def test_what_is_written_is_read_back_the_same() -> None:
    written = write([Written(STATION, PLACE, STATION.technician)], ",")
    assert written.startswith(b"\xef\xbb\xbf")
    first, second = values(written)
    assert first["station_id"] == "=GRAZ-01"
    assert first["location_name"] == PLACE.name
    assert first["directions"] == STATION.directions
    assert (first["latitude"], first["longitude"]) == ("47,0725", "-15,4165")
    assert (first["technician_name"], first["technician_phone"]) == ("@Tom", "+43 660 1")
    assert (second["connector"], second["power_kw"], second["service"]) == ("2", "3,7", "on")
    assert table(written).columns == set(COLUMNS)


def test_no_cell_that_is_written_can_be_taken_for_a_formula() -> None:
    text = write([Written(STATION, PLACE, STATION.technician)], ".").decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert "'=GRAZ-01" in cells
    assert "'@Tom" in cells
    assert "'+43 660 1" in cells
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell and cell != "-15.4165"] == []


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip))
def test_any_text_survives_the_way_out_and_back(text: str) -> None:
    written = write([Written(Station("S", "graz", "hbf", False, directions=text or None), PLACE, None)], ".")
    (line,) = values(written)
    back = line["directions"]
    # A spreadsheet's non-breaking spaces and its ="…" are taken for what they mean.
    expected = text.replace("\u00a0", " ").strip()
    assert back == expected or text.startswith('="')


@pytest.mark.parametrize("text", ["=1+1", "+1", "-a", "@x", "\t1", "\r1", "'quoted", "-1;2"])
def test_what_spreadsheets_would_run_is_made_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "-15,4", "-15.4", "1", "AT*SWG*E1"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


@pytest.mark.parametrize(
    "content",
    [
        "station_id;evse_id\nA;B\n",
        "station_id,evse_id\nA,B\n",
        "station_id\tevse_id\nA\tB\n",
        "\ufeffstation_id;evse_id\r\nA;B\r\n",
        "sep=,\r\nstation_id,evse_id\r\nA,B\r\n",
        '"Station_ID"; EVSE_ID \n "A"; \'B \n',
        '\n\nstation_id;evse_id\n\nA;="B"\n\n',
        "evse_id;station_id;\nB;A;\n",
        "station_id;evse_id\nA;\u00a0B\u00a0",
        "station_id;evse_id\nA;B\n;\n;;\n",
    ],
)
def test_all_that_spreadsheets_do_to_a_table_is_understood(content: str) -> None:
    assert values(content) == [{"station_id": "A", "evse_id": "B"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_umlauts_are_read_from_any_encoding_of_excel(encoding: str) -> None:
    assert values("station_id;city\nA;Köflach\n".encode(encoding)) == [{"station_id": "A", "city": "Köflach"}]


def test_lines_are_numbered_as_the_spreadsheet_shows_them() -> None:
    found = table('sep=;\nstation_id;directions\nA;"two\nlines"\n\nB;x\n').lines
    assert [(each.number, each.get("station_id")) for each in found] == [(3, "A"), (6, "B")]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("", "csv.no_header"),
        ("hello", "csv.no_header"),
        ("evse_id\nA\n", "csv.no_header"),
        ("station_id;charger\nA;1\n", "csv.unknown_columns"),
        ("station_id;type;Type\nA;1;2\n", "csv.column_twice"),
        ("station_id;type\n", "csv.empty"),
        ("station_id;type\n;\n", "csv.empty"),
        (ONE + "A;1;B;too;many\n", "csv.broken"),
        (ONE + 'A;"open;B\n', "csv.broken"),
        ("station_id\n" + "A\n" * (station_csv.MOST_LINES + 1), "csv.too_long"),
    ],
)
def test_what_is_no_such_table_is_refused(content: str, key: str) -> None:
    assert refused(content)[0] == key


def test_a_file_that_is_no_text_or_too_large_is_refused() -> None:
    assert refused(b"PK\x03\x04\0\0\0")[0] == "csv.no_text"
    assert refused(b"a" * (station_csv.MOST_BYTES + 1))[0] == "csv.too_large"


def test_refusals_name_the_line_and_the_columns() -> None:
    assert refused(ONE + "A;1;B\nC;1;D;x\n") == ("csv.broken", {"line": "3"})
    assert refused("station_id;pole;charger\nA;1;2\n") == ("csv.unknown_columns", {"names": "charger, pole"})
