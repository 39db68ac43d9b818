"""One stage for all scenarios: opening it takes longer than playing one."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.scenarios.stage import Stage, opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("scenarios")
    async with opened(f"sqlite:///{folder}/bot.db") as stage:
        yield stage
