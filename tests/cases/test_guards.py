"""Guards that only matter where a back end speaks for the station."""

from datetime import timedelta

import pytest

from bot.cases.remote import guards
from bot.cases.services import Services
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.capability import Capability, Source
from bot.domain.case import CaseState
from bot.domain.refusal import Refusal
from bot.domain.remote_action import Initiator, RemoteCommand
from bot.domain.status import ConnectorStatus
from storage.database import Database
from tests.stations.simulated_gateway import SimulatedGateway
from tests.storage import town
from tests.storage.town import NOW

STATION = "GRAZ-01"
BY_OCPI = frozenset({Capability.START_SESSION, Capability.STOP_SESSION, Capability.UNLOCK})


async def try_start(database: Database, status: ConnectorStatus) -> None:
    await database.write(town.build)
    case = await database.write(lambda uow: town.new_case(uow, state=CaseState.WITH_AGENT))
    gateway = SimulatedGateway(Source.OCPI, NOW, BY_OCPI)
    gateway.tell(STATION, 1, status, None)
    services = Services(database, gateway, load_rulebook(), lambda: NOW)
    seen = await gateway.snapshot(STATION, 1, fresh_within=None, deadline=timedelta(seconds=1))
    asked = (RemoteCommand.START_SESSION, Initiator.AGENT)
    await database.read(lambda uow: guards.check(uow, services, case, seen, asked))


async def test_no_session_is_started_where_nobody_can_say_why_it_is_out_of_order(database: Database) -> None:
    with pytest.raises(Refusal) as refused:
        await try_start(database, ConnectorStatus.FAULTED)
    assert refused.value.key == "recovery.not_possible"


async def test_a_session_is_started_where_the_back_end_says_that_all_is_well(database: Database) -> None:
    await try_start(database, ConnectorStatus.AVAILABLE)
