"""What an agent or a technician must know of a case, in one value."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.cases import filing
from bot.cases.readers import Reader, agents
from bot.cases.remote import errands
from bot.cases.remote.errands import ErrandKind
from bot.cases.services import Services
from bot.domain.capability import NEEDED, Source
from bot.domain.case import HUMAN_STATES, MERGED, OPEN_STATES, Case, CaseState
from bot.domain.escalation import Promised
from bot.domain.job import Job
from bot.domain.ladder import LADDER, Ladder, LadderState, next_for_agent
from bot.domain.operator import Operator, Place
from bot.domain.people import Person
from bot.domain.privacy import masked_contact, masked_name, masked_person
from bot.domain.reachability import Reachability, patience_with, reachability
from bot.domain.remote_action import (
    ACTION_RULES,
    ALLOWED_WHEN_LOCKED_OUT,
    Initiator,
    RemoteAction,
    RemoteCommand,
)
from bot.domain.status import ConnectorState
from storage.repositories.cases import CaseEvent
from storage.repositories.messages import Said
from storage.uow import UnitOfWork

LATEST_STATUSES = 6


@dataclass(frozen=True, slots=True)
class Contact:
    """How a station is in contact with us; `last_heard` is None where it never was.

    `connected` is true of this moment, by its own connection or by its back end's word.
    """

    reachability: Reachability
    last_heard: datetime | None
    protocol: str | None
    connected: bool


@dataclass(frozen=True, slots=True)
class Briefing:
    """Everything on the card. `history` is the connector's latest intervals, the newest first.

    `others` are the other open cases on the same EVSE, `commands` what may be sent to the station now.
    """

    case: Case
    operator: Operator
    driver: Person
    place: Place | None
    agent: str | None
    history: tuple[ConnectorState, ...]
    said: tuple[Said, ...]
    events: tuple[CaseEvent, ...]
    actions: tuple[RemoteAction, ...]
    others: tuple[int, ...]
    commands: tuple[RemoteCommand, ...]
    errands: tuple[ErrandKind, ...]
    contact: Contact | None
    at: datetime
    ladder: Ladder | None = None
    """The latest ladder of the case, ended or not."""
    suggested: RemoteCommand | None = None
    """What the ladder would come to next, which is an agent's decision."""
    merged: tuple[int, ...] = ()
    """The numbers of the cases that were merged into it."""
    job: Job | None = None
    """The latest job of a technician, ended or not."""
    other_technician: bool = False
    """Whether the station has another technician by now than the one who has the job."""
    deadline: Promised | None = None
    """What the driver is promised next."""
    masked: bool = False
    """Whether names are masked, as not everybody who reads it may see them."""


def of_case(uow: UnitOfWork, services: Services, case: Case, reader: Reader = agents) -> Briefing:
    """The briefing of a case as it stands, for who reads it; LookupError where its operator is gone."""
    operator, place = filing.whose(uow, case)
    names = reader(uow, operator.id, None if place is None else place.station.entity_id)
    driver = uow.people.get(case.driver_id)
    agent = None if case.agent_id is None else uow.people.get(case.agent_id).name
    ladder = uow.ladders.latest_of(case.id)
    station, connector = case.station_id, case.connector
    history = [] if station is None else uow.station_log.history(station, connector or 0, LATEST_STATUSES)
    others = [] if case.evse_id is None else uow.cases.open_on(case.evse_id)
    return Briefing(
        case,
        operator,
        driver if names else masked_person(driver),
        place,
        agent if names or agent is None else masked_name(agent),
        tuple(history),
        tuple(uow.messages.of_case(case.id)),
        tuple(uow.cases.events(case.id)),
        tuple(uow.actions.of_case(case.id)),
        tuple(other.id for other in others if other.id != case.id),
        commands(services, case),
        errands.possible(services, case),
        None if place is None else _contact(uow, services, place),
        services.now(),
        ladder,
        None if ladder is None else _suggested(uow, services, case, ladder),
        merged=tuple(each.id for each in uow.caseload.merged_into(case.id) if each.resolution == MERGED),
        masked=not names,
        job=_job(uow, case, masked=not names),
        other_technician=_other_technician(uow, case, place),
        deadline=_deadline(uow, case),
    )


def _deadline(uow: UnitOfWork, case: Case) -> Promised | None:
    run = None if case.state not in HUMAN_STATES else uow.escalations.run(case.id)
    return None if run is None else run.awaited()


def _job(uow: UnitOfWork, case: Case, *, masked: bool) -> Job | None:
    job = uow.jobs.latest_of(case.id)
    return replace(job, contact=masked_contact(job.contact)) if job is not None and masked else job


def _other_technician(uow: UnitOfWork, case: Case, place: Place | None) -> bool:
    job = uow.jobs.open_of(case.id)
    theirs = None if place is None else place.station.technician
    return job is not None and theirs is not None and theirs != job.contact


def _suggested(uow: UnitOfWork, services: Services, case: Case, ladder: Ladder) -> RemoteCommand | None:
    """The mildest step above those that were taken, if it may be taken at all and was not yet."""
    helped = ladder.running or ladder.state in {LadderState.SOLVED, LadderState.LEFT}
    step = None if helped else next_for_agent(ladder.taken)
    if step is None:
        return None
    command = LADDER[step].commands[0]
    tried = any(action.order.command is command for action in uow.actions.of_case(case.id))
    return None if tried or command not in commands(services, case) else command


def _contact(uow: UnitOfWork, services: Services, place: Place) -> Contact:
    last_heard, protocol = uow.station_log.contact(place.station.id)
    there = bool(services.stations.capabilities(place.station.id))
    if protocol == Source.OCPI:
        # A back end has no heartbeat of its stations: it tells what has changed, and which of them it has lost.
        return Contact(Reachability.ONLINE if there else Reachability.OFFLINE, last_heard, protocol, there)
    patience = patience_with(place.station, place.operator)
    return Contact(reachability(last_heard, services.now(), patience), last_heard, protocol, there)


async def read(services: Services, case_id: int, reader: Reader = agents) -> Briefing:
    """The same in a transaction of its own; LookupError where there is no such case."""

    def work(uow: UnitOfWork) -> Briefing:
        case = uow.cases.get(case_id)
        if case is None:
            raise LookupError(f"no case {case_id}")
        return of_case(uow, services, case, reader)

    return await services.database.read(work)


def commands(services: Services, case: Case) -> tuple[RemoteCommand, ...]:
    """What an agent may try: what the station can do, less what a lock-out forbids. The guards look again."""
    if case.station_id is None or case.state not in OPEN_STATES - {CaseState.RECOVERING}:
        return ()
    possible = services.stations.capabilities(case.station_id)
    locked = case.judgement is not None and case.judgement.action_class == "D"
    return tuple(
        command
        for command, rule in ACTION_RULES.items()
        if NEEDED[command] in possible
        and Initiator.AGENT in rule.initiators
        and (not locked or command in ALLOWED_WHEN_LOCKED_OUT)
    )
