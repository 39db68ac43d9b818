"""A database as nobody has migrated it yet."""

from pathlib import Path

import pytest

from tests.conftest import new_postgres_database


@pytest.fixture
async def empty_database_url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """A database without tables."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/empty.db"
    return await new_postgres_database(request.getfixturevalue("postgres_server"))
