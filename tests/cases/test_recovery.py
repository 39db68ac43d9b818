"""What counts as tried, as proved, and as forbidden, without a chat around it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cases.drivers import standing
from bot.cases.remote.recovery import status_evidence
from bot.cases.services import Services
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.remote_action import (
    ALLOWED_WHEN_LOCKED_OUT,
    RESETS,
    ActionState,
    Initiator,
    RemoteAction,
    RemoteCommand,
    RemoteOrder,
)
from bot.domain.status import ConnectorStatus
from bot.operations.journal import Journal
from bot.stations.ocpp.central import CentralSystem
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage.town import build, new_case

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def action(command: RemoteCommand, booted: datetime | None = None) -> RemoteAction:
    order = RemoteOrder("GRAZ-01", 1, command)
    return RemoteAction(1, 1, order, Initiator.AGENT, ActionState.ACCEPTED, NOW, NOW, booted, None, None)


@pytest.mark.parametrize("answered", [ActionState.TIMED_OUT, ActionState.FAILED, ActionState.VERIFIED])
@pytest.mark.parametrize("command", sorted(RESETS))
async def test_a_reset_that_was_never_answered_still_counts_against_the_limit(
    database: Database, command: RemoteCommand, answered: ActionState
) -> None:
    services = Services(database, CentralSystem(Journal(database), lambda: NOW), load_rulebook(), lambda: NOW)

    def unanswered(uow: UnitOfWork) -> bool:
        build(uow)
        case = new_case(uow)
        order = RemoteOrder("GRAZ-01", 1, command)
        sent = uow.actions.request(case.id, order, Initiator.AGENT, case.driver_id, NOW - timedelta(hours=1))
        uow.actions.end(sent.id, answered, "no_proof", NOW)
        return standing.tries_left(uow, services, "GRAZ-01", command)

    assert not await database.write(unanswered)


@pytest.mark.parametrize("status", sorted(set(ConnectorStatus) - {ConnectorStatus.AVAILABLE}))
def test_a_cable_that_is_still_held_proves_no_unlocking(status: ConnectorStatus) -> None:
    assert status_evidence(action(RemoteCommand.UNLOCK), status) is None


def test_a_free_connector_proves_the_unlocking() -> None:
    assert status_evidence(action(RemoteCommand.UNLOCK), ConnectorStatus.AVAILABLE) == (
        ActionState.VERIFIED,
        "Available",
    )


@pytest.mark.parametrize("command", sorted(RESETS))
def test_a_status_without_a_boot_proves_no_reset(command: RemoteCommand) -> None:
    assert status_evidence(action(command), ConnectorStatus.AVAILABLE) is None
    assert status_evidence(action(command, booted=NOW), ConnectorStatus.AVAILABLE) is not None


def test_a_locked_out_station_can_only_be_taken_out_of_use() -> None:
    assert set(RemoteCommand) & ALLOWED_WHEN_LOCKED_OUT == {RemoteCommand.MAKE_INOPERATIVE}
