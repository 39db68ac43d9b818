"""The unit of work: the repositories over one transaction."""

from functools import cached_property

from sqlalchemy import Connection

from storage.repositories.actions import Actions
from storage.repositories.answers import Answers
from storage.repositories.audit import Audit
from storage.repositories.caseload import Caseload
from storage.repositories.cases import Cases
from storage.repositories.desks import Desks
from storage.repositories.drafts import Drafts
from storage.repositories.escalations import Escalations
from storage.repositories.fixes import Fixes
from storage.repositories.health import Health
from storage.repositories.held import Held
from storage.repositories.history import History
from storage.repositories.hotlines import Hotlines
from storage.repositories.imports import Imports
from storage.repositories.inbox import Inbox
from storage.repositories.invitations import Invitations
from storage.repositories.jobs import Jobs
from storage.repositories.knocks import Knocks
from storage.repositories.ladders import Ladders
from storage.repositories.lookback import Lookback
from storage.repositories.messages import Messages
from storage.repositories.ocpi import Ocpi
from storage.repositories.operators import Operators
from storage.repositories.outbox import Outbox
from storage.repositories.people import People
from storage.repositories.rotations import Rotations
from storage.repositories.service import Service
from storage.repositories.shifts import Shifts
from storage.repositories.staff import Staff
from storage.repositories.station_list import StationList
from storage.repositories.station_log import StationLog
from storage.repositories.station_sheet import StationSheet
from storage.repositories.statistics import StatisticsData
from storage.repositories.timers import Timers
from storage.repositories.watches import Watches


class UnitOfWork:
    """What one transaction may read and change. It is valid only while its transaction runs."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def used(self, repository: str) -> bool:
        """Whether this transaction touched the repository of that name: a worker may have something to do."""
        return repository in self.__dict__

    @cached_property
    def people(self) -> People:
        """Everybody the product talks with."""
        return People(self.connection)

    @cached_property
    def staff(self) -> Staff:
        """The staff of operators, and their rights."""
        return Staff(self.connection)

    @cached_property
    def rotations(self) -> Rotations:
        """Who is planned to be on call."""
        return Rotations(self.connection)

    @cached_property
    def shifts(self) -> Shifts:
        """Which agents are on duty by their own word."""
        return Shifts(self.connection)

    @cached_property
    def audit(self) -> Audit:
        """What admins did."""
        return Audit(self.connection)

    @cached_property
    def service(self) -> Service:
        """When the service of stations went on and off, and what was charged."""
        return Service(self.connection)

    @cached_property
    def imports(self) -> Imports:
        """Files that wait for their confirmation."""
        return Imports(self.connection)

    @cached_property
    def desks(self) -> Desks:
        """Where admins stand in their menus."""
        return Desks(self.connection)

    @cached_property
    def invitations(self) -> Invitations:
        """One-time links for people who are to join."""
        return Invitations(self.connection)

    @cached_property
    def operators(self) -> Operators:
        """Operators with their locations, stations and EVSEs."""
        return Operators(self.connection)

    @cached_property
    def hotlines(self) -> Hotlines:
        """The groups of agents."""
        return Hotlines(self.connection)

    @cached_property
    def held(self) -> Held:
        """Messages that wait for their case."""
        return Held(self.connection)

    @cached_property
    def drafts(self) -> Drafts:
        """Reports that are not filed yet."""
        return Drafts(self.connection)

    @cached_property
    def cases(self) -> Cases:
        """Cases and their events."""
        return Cases(self.connection)

    @cached_property
    def caseload(self) -> Caseload:
        """Cases as agents look for them."""
        return Caseload(self.connection)

    @cached_property
    def answers(self) -> Answers:
        """Answers that agents have ready."""
        return Answers(self.connection)

    @cached_property
    def messages(self) -> Messages:
        """What people said in a case, and where its copies are."""
        return Messages(self.connection)

    @cached_property
    def actions(self) -> Actions:
        """Remote actions."""
        return Actions(self.connection)

    @cached_property
    def ladders(self) -> Ladders:
        """Recovery ladders."""
        return Ladders(self.connection)

    @cached_property
    def jobs(self) -> Jobs:
        """Jobs of technicians."""
        return Jobs(self.connection)

    @cached_property
    def watches(self) -> Watches:
        """Who wants to hear when an EVSE works again."""
        return Watches(self.connection)

    @cached_property
    def escalations(self) -> Escalations:
        """Policies of escalation, and what of them runs."""
        return Escalations(self.connection)

    @cached_property
    def fixes(self) -> Fixes:
        """What came of remote actions."""
        return Fixes(self.connection)

    @cached_property
    def statistics(self) -> StatisticsData:
        """What statistics are made of."""
        return StatisticsData(self.connection)

    @cached_property
    def station_list(self) -> StationList:
        """The stations of an operator, searched and filtered."""
        return StationList(self.connection)

    @cached_property
    def station_sheet(self) -> StationSheet:
        """What a station's data sheet tells."""
        return StationSheet(self.connection)

    @cached_property
    def station_log(self) -> StationLog:
        """What stations told."""
        return StationLog(self.connection)

    @cached_property
    def health(self) -> Health:
        """How much waits, and for how long."""
        return Health(self.connection)

    @cached_property
    def history(self) -> History:
        """What stations told long ago, and may be forgotten."""
        return History(self.connection)

    @cached_property
    def knocks(self) -> Knocks:
        """Stations that nobody knows and that asked to be let in."""
        return Knocks(self.connection)

    @cached_property
    def ocpi(self) -> Ocpi:
        """Back ends that speak OCPI."""
        return Ocpi(self.connection)

    @cached_property
    def lookback(self) -> Lookback:
        """What a diagnosis needs of the last day."""
        return Lookback(self.connection)

    @cached_property
    def inbox(self) -> Inbox:
        """Updates as they came in."""
        return Inbox(self.connection)

    @cached_property
    def outbox(self) -> Outbox:
        """What others must learn."""
        return Outbox(self.connection)

    @cached_property
    def timers(self) -> Timers:
        """Deadlines."""
        return Timers(self.connection)
