"""The operator's file that the documentation gives."""

from pathlib import Path

from bot.operations.operator_file import read_operator_file


def test_the_documented_example_is_a_good_file() -> None:
    example = Path(__file__).parents[2] / "docs" / "operator.example.toml"
    file = read_operator_file(example.read_text(encoding="utf-8"))
    assert [station.id for station in file.station] == ["GRAZ-01"]
    assert file.operator.manager is not None
