"""`apply`, `export` and `migrate`; what `python -m bot` alone says; `run` on an empty database."""

import asyncio
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.__main__ import main
from storage.database import open_database
from storage.migrations import revision
from storage.uow import UnitOfWork
from tests.acceptance.conftest import OPERATOR
from tests.cli.conftest import ROOT, Run
from tests.cli.foreign import ForeignServer, serve


@dataclass
class Console:
    """Somebody at a terminal, with an operator's file."""

    capsys: pytest.CaptureFixture[str]
    url: str
    file: Path

    def types(self, *arguments: str) -> tuple[int, str, str]:
        """Runs a command; its exit code, and what it writes on standard output and on standard error."""
        code = main(arguments)
        told = self.capsys.readouterr()
        return code, told.out, told.err

    def writes(self, *changes: tuple[str, str]) -> None:
        """The operator's file, with changes."""
        text = OPERATOR.read_text()
        for before, after in changes:
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        self.file.write_text(text)

    def apply(self, *flags: str) -> tuple[int, str, str]:
        return self.types("apply", str(self.file), *flags)

    def operators(self) -> list[str]:
        """The names of the operators that are kept."""
        return asyncio.run(self._read())

    async def _read(self) -> list[str]:
        def names(uow: UnitOfWork) -> list[str]:
            return [operator.name for operator in uow.operators.all()]

        database = open_database(self.url)
        try:
            return await database.read(names)
        finally:
            await database.close()


@pytest.fixture
def console(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_url: str, tmp_path: Path
) -> Console:
    console = Console(capsys, sqlite_url, tmp_path / "operator.toml")
    console.writes()
    return console


def test_alone_it_shows_its_commands(console: Console) -> None:
    code, told, wrong = console.types()
    assert code == 2
    assert told == ""
    for command in ("run", "sandbox", "apply", "export", "migrate", "doctor"):
        assert f"\n    {command} " in wrong, command


def test_an_unknown_command_is_told_with_the_known_ones(console: Console) -> None:
    with pytest.raises(SystemExit) as ended:
        console.types("aply")
    assert ended.value.code == 2
    wrong = console.capsys.readouterr().err
    assert "'aply'" in wrong
    assert "apply" in wrong


def test_a_dry_run_says_what_would_change_and_changes_nothing(console: Console) -> None:
    code, told, wrong = console.apply("--dry-run")
    assert (code, wrong) == (0, "")
    assert "station GRAZ-01: new" in told.splitlines()
    assert "operator stadtwerke-graz: new" in told.splitlines()
    assert told.splitlines()[-1] == "10 entries would change."
    assert console.operators() == []


def test_a_file_is_taken_over_and_taken_over_again_without_a_change(console: Console) -> None:
    code, told, _ = console.apply()
    assert (code, told.splitlines()[-1]) == (0, "10 entries changed.")
    assert console.operators() == ["Stadtwerke Graz"]
    assert console.apply() == (0, "0 entries changed.\n", "")


def test_what_changed_in_the_file_is_shown_by_its_fields(console: Console) -> None:
    console.apply()
    console.writes(('name = "Stadtwerke Graz"', 'name = "Graz Energy"'), ("power_kw = 22", "power_kw = 11"))
    expected = ["operator stadtwerke-graz: changes name", "station GRAZ-01: changes evses"]
    assert console.apply("--dry-run") == (0, "\n".join([*expected, "2 entries would change."]) + "\n", "")
    assert console.operators() == ["Stadtwerke Graz"]
    assert console.apply() == (0, "\n".join([*expected, "2 entries changed."]) + "\n", "")
    assert console.operators() == ["Graz Energy"]


MISTAKES: list[tuple[str, tuple[str, str], Sequence[str]]] = [
    ("a line that is no TOML", ('country = "AT"', 'country = "AT'), ["at line "]),
    ("a key that does not exist", ("power_kw = 22", "power = 22"), ["station[1](GRAZ-01).evse[2]", "power"]),
    (
        "a value of the wrong kind",
        ("latitude = 47.0725", 'latitude = "x"'),
        ["location[1](graz-hbf).latitude"],
    ),
    ("a missing key", ('party_id = "SWG"\n', ""), ["operator.party_id", "required"]),
    ("a wrong EVSE ID", ("AT*SWG*E0001*2", "nonsense"), ["evse[2]", "evse_id", "is not an EVSE ID"]),
    ("a wrong time zone", ("Europe/Vienna", "Europe/Graz"), ["operator.time_zone", "Europe/Vienna"]),
    ("an ID that stands twice", ("AT*SWG*E0001*2", "AT*SWG*E0001*1"), ["station.evse.evse_id", "twice"]),
    (
        "a location that is not there",
        ('id = "graz-hbf"', 'id = "graz"'),
        ["station(GRAZ-01).location", "station(GRAZ-02).location", "'graz-hbf'"],
    ),
    ("a group that is not there", ('["Hotline"]', '["Nobody"]'), ["person(Anna Agent).groups", "'Nobody'"]),
]


@pytest.mark.parametrize(
    ("change", "named"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES]
)
def test_a_mistake_is_told_with_file_and_key_and_nothing_is_applied(
    console: Console, change: tuple[str, str], named: Sequence[str]
) -> None:
    console.writes(change, ('name = "Stadtwerke Graz"', 'name = "Graz Energy"'))
    code, told, wrong = console.apply()
    assert (code, told) == (2, "")
    assert all(line.startswith(f"{console.file}: ") for line in wrong.splitlines()), wrong
    for each in named:
        assert each in wrong
    assert console.types("migrate")[0] == 0
    assert console.operators() == []


def test_every_mistake_is_told_at_once(console: Console) -> None:
    console.writes(("latitude = 47.0725", "latitude = 100"), ("power_kw = 22", "power_kw = 0"))
    code, _, wrong = console.apply()
    assert code == 2
    assert [line.removeprefix(f"{console.file}: ").partition(":")[0] for line in wrong.splitlines()] == [
        "location[1](graz-hbf).latitude",
        "station[1](GRAZ-01).evse[2](AT*SWG*E0001*2).power_kw",
    ]


def test_a_station_of_another_operator_is_not_taken_away(console: Console) -> None:
    console.apply()
    console.writes(('id = "stadtwerke-graz"', 'id = "other"'), ('name = "Stadtwerke Graz"', 'name = "Other"'))
    code, _, wrong = console.apply()
    assert code == 2
    assert f"{console.file}: station(GRAZ-01): belongs to another operator" in wrong.splitlines()
    assert console.operators() == ["Stadtwerke Graz"]


def test_a_file_that_is_not_there_or_no_text_is_named(console: Console, tmp_path: Path) -> None:
    code, _, wrong = console.types("apply", "nowhere.toml")
    assert code == 2
    assert wrong.startswith("nowhere.toml: ")
    console.file.write_bytes(b"\xff\xfe")
    code, _, wrong = console.apply()
    assert code == 2
    assert wrong.startswith(f"{console.file}: ")
    assert len(wrong.splitlines()) == 1


def test_what_is_exported_is_what_was_applied_and_can_be_applied_again(console: Console) -> None:
    console.apply()
    code, exported, wrong = console.types("export")
    assert (code, wrong) == (0, "")
    assert in_order(tomllib.loads(exported)) == in_order(tomllib.loads(OPERATOR.read_text()))
    console.file.write_text(exported)
    assert console.apply() == (0, "0 entries changed.\n", "")
    assert console.types("export", "stadtwerke-graz") == (0, exported, "")


def in_order(value: object) -> object:
    """The same content is equal, whatever the order of its tables, lists and keys."""
    if isinstance(value, dict):
        return {key: in_order(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted((in_order(each) for each in value), key=repr)
    return value


def test_of_several_operators_export_asks_which_one(console: Console) -> None:
    console.apply()
    text = OPERATOR.read_text()
    console.file.write_text(text[: text.index("[[group]]")].replace("stadtwerke-graz", "second"))
    assert console.apply()[0] == 0
    for arguments in (["export"], ["export", "third"]):
        code, told, wrong = console.types(*arguments)
        assert (code, told) == (2, "")
        assert wrong.splitlines() == ["Say which operator; there are: second, stadtwerke-graz"]
    assert 'id = "second"' in console.types("export", "second")[1]


def test_export_from_an_empty_database_says_what_to_do(console: Console) -> None:
    code, told, wrong = console.types("export")
    assert (code, told) == (2, "")
    assert wrong.splitlines() == ["The database is empty or old; run: python -m bot migrate"]


def test_migrate_brings_an_empty_database_up_and_does_nothing_the_second_time(console: Console) -> None:
    newest = max((ROOT / "storage" / "migrations" / "versions").glob("*.py")).name[:4]
    assert console.types("migrate") == (0, f"The database is at revision {newest}; it was at None.\n", "")
    assert console.types("migrate") == (0, f"The database is at revision {newest} already.\n", "")


@pytest.mark.parametrize("command", [["migrate"], ["export"], ["apply", str(OPERATOR)]])
def test_a_database_that_does_not_answer_is_named_in_one_line(
    console: Console, environment: pytest.MonkeyPatch, command: list[str]
) -> None:
    environment.setenv("DATABASE_URL", "postgresql+asyncpg://bot@127.0.0.1:1/bot")
    code, told, wrong = console.types(*command)
    assert (code, told) == (2, "")
    (line,) = wrong.splitlines()
    assert "DATABASE_URL: the database does not answer" in line


async def test_run_migrates_an_empty_database_by_itself(run: Run, sqlite_url: str) -> None:
    async with serve(ForeignServer()) as server:
        process = await run({"TELEGRAM_API_URL": server.url})
        await server.until(lambda: server.of("getUpdates"))
        assert (await process.terminate())[0] == 0
    database = open_database(sqlite_url)
    try:
        now, newest = await revision(database)
        assert now == newest
        assert await database.read(lambda uow: uow.operators.all()) == []
    finally:
        await database.close()
