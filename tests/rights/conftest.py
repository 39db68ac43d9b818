"""The prepared databases: they are filled once, and each test takes back what it did."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.database import open_database
from storage.migrations import migrate
from storage.uow import UnitOfWork
from tests.rights.firms import FIRMS, GRAZ, LINZ, Things, build, knock
from tests.rights.stage import Opened
from tests.rights.undone import Undone


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database of both operators, and one of the first alone, with what there is in them."""

    both: Undone
    alone: Undone
    graz: Things
    linz: Things

    def of(self, *, alone: bool) -> Opened:
        """The one that a cell is played in."""
        return self.alone.opened if alone else self.both.opened


def fill(uow: UnitOfWork, *, alone: bool) -> dict[str, Things]:
    """Enters all there is."""
    knock(uow)
    return build(uow, FIRMS[:1] if alone else FIRMS)


async def _filled(path: Path, *, alone: bool) -> dict[str, Things]:
    database = open_database(f"sqlite:///{path}")
    await migrate(database)
    found = await database.write(lambda uow: fill(uow, alone=alone))
    await database.close()
    return found


@pytest.fixture(scope="session")
def kept() -> Iterator[list[tuple[Prepared, tuple[Undone, ...]]]]:
    """The prepared databases, once there are some."""
    found: list[tuple[Prepared, tuple[Undone, ...]]] = []
    yield found
    for _, databases in found:
        for each in databases:
            each.let_go()


@pytest.fixture
async def files(
    kept: list[tuple[Prepared, tuple[Undone, ...]]], tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    """The prepared files of SQLite."""
    if not kept:
        folder = tmp_path_factory.mktemp("rights")
        await _filled(folder / "alone.db", alone=True)
        things = await _filled(folder / "both.db", alone=False)
        both, alone = Undone(folder / "both.db"), Undone(folder / "alone.db")
        kept.append((Prepared(both, alone, things[GRAZ], things[LINZ]), (both, alone)))
    return kept[0][0]
