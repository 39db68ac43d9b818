"""The station of most tests of the ladder."""

import pytest

from storage.database import Database
from tests.cases.climber import Climber


@pytest.fixture
async def climber(database: Database) -> Climber:
    """A station whose first connector is faulted without a word why, and Lena's case of it."""
    made = Climber(database)
    made.connectors[1].fault = "NoError"
    await made.prepare()
    await made.judged()
    return made
