"""A station while it is connected: it is heard, asked and commanded over one link."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.domain.capability import NEEDED, NEEDED_BY_ERRAND, TOLD_BY, Capability, Source
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import Link as Reach
from bot.domain.status import StationSnapshot, Transaction
from bot.stations.ocpp.commands import answer_of_error
from bot.stations.ocpp.dialect import MakeDialect, Wording
from bot.stations.ocpp.intake import Intake, Surroundings
from bot.stations.ocpp.link import CallFailedError, Link, NotSentError, RefusedError
from bot.stations.ocpp.memory import StationMemory
from bot.stations.ocpp.milestone import Milestone
from bot.stations.ocpp.wire import Wire

log = structlog.get_logger()
_DOES = frozenset(Capability) - TOLD_BY[Source.OCPP]
_TAKEN = frozenset({CommandAnswer.ACCEPTED, CommandAnswer.SCHEDULED})
_SILENCE = frozenset({None, CommandAnswer.NO_ANSWER, CommandAnswer.OFFLINE})


@dataclass(slots=True)
class _Question:
    """A TriggerMessage under way, shared by all who wait for the same connector.

    `told` is done when a status of the connector arrived, `answer` is what the station said to the request.
    """

    told: asyncio.Future[None]
    answer: CommandAnswer | None = None


class ConnectedStation:
    """One connection of a station, from its arrival to its departure."""

    def __init__(
        self,
        station_id: str,
        wire: Wire,
        make_dialect: MakeDialect,
        surroundings: Surroundings,
    ) -> None:
        self._id = station_id
        self._make_dialect = make_dialect
        self._surroundings = surroundings
        self.link = Link(wire, station_id, surroundings.limits)
        self._intake: Intake | None = None
        self._questions: dict[int, tuple[_Question, asyncio.Task[None]]] = {}
        self._unsupported: set[Capability] = set()
        self._replaced = False
        self.ready = Milestone()
        """Set when the station can be asked, and at the latest when it left."""
        self.left = Milestone()
        """Set when nothing of this connection will reach the journal any more."""
        self.closed = Milestone()
        """Set when the socket is closed, too."""

    @property
    def station_id(self) -> str:
        """The OCPP identity."""
        return self._id

    @property
    def online(self) -> bool:
        """Whether the station can be asked now."""
        return self._intake is not None and self.link.open

    def leave(self, *, replaced: bool) -> None:
        """Ends the connection; `replaced` says that a newer one of the same station takes over."""
        self._replaced = replaced
        self.link.stop()

    async def serve(self, predecessor: "ConnectedStation | None") -> None:
        """Runs the connection to its end, beginning when the predecessor's messages are all kept."""
        try:
            if predecessor is not None:
                predecessor.leave(replaced=True)
                await predecessor.left.wait()
            await self._attend()
        finally:
            self.ready.set()
            self.left.set()
            try:
                await self.link.close()
            finally:
                self.closed.set()

    async def _attend(self) -> None:
        known = await self._surroundings.journal.known(self._id)
        memory = StationMemory(self._id, known)
        intake = Intake(memory, self._make_dialect(memory), self._surroundings, self._on_status)
        await intake.connected()
        self._intake = intake
        self.ready.set()
        try:
            await self.link.run(intake)
        finally:
            for _, pursuit in self._questions.values():
                pursuit.cancel()
            if not self._replaced:
                await intake.disconnected()

    @property
    def _attending(self) -> Intake:
        if self._intake is None:
            raise RuntimeError("the station is not ready")
        return self._intake

    def capabilities(self) -> frozenset[Capability]:
        """All but what the station declared unknown to it on this connection, and what its vendor's `quirks` forbid."""
        if not self.online:
            return frozenset()
        return TOLD_BY[Source.OCPP] | (_DOES - self._unsupported - self._forbidden())

    def _forbidden(self) -> frozenset[Capability]:
        return self._surroundings.quirks.forbidden(*self._attending.memory.names)

    async def snapshot(self, connector: int, fresh_within: timedelta | None, until: float) -> StationSnapshot:
        """What is known; a connector not heard within `fresh_within` is asked, with None it never is.

        `until` is the loop's time.
        """
        memory, clock = self._attending.memory, self._surroundings.clock
        known = fresh_within is None or memory.is_fresh(connector, clock(), fresh_within)
        if known or Capability.TRIGGER in self._forbidden():
            return memory.snapshot(connector, clock(), Reach.ONLINE)
        reach = await self._ask(connector, until)
        return memory.snapshot(connector, clock(), reach, asked=True)

    async def command(self, order: RemoteOrder) -> CommandAnswer:
        """Sends one command; never raises for what the station does or does not do."""
        if NEEDED[order.command] in self._forbidden():
            return CommandAnswer.NOT_SUPPORTED
        session = self._session_of(order)
        if order.command is RemoteCommand.STOP_SESSION and session is None and order.transaction_id is None:
            return CommandAnswer.REJECTED
        answer = CommandAnswer.REJECTED
        for wording in self._attending.dialect.wordings(order, session):
            answer = await self._say(order, wording)
            if answer not in _TAKEN:
                break
        if answer is CommandAnswer.NOT_SUPPORTED:
            self._unsupported.add(NEEDED[order.command])
        log.info(
            "station_commanded",
            station=self._id,
            command=order.command.value,
            connector=order.connector,
            answer=answer.value,
        )
        return answer

    async def run(self, errand: Errand) -> ErrandAnswer:
        """Runs one errand; never raises for what the station does or does not do."""
        if NEEDED_BY_ERRAND[type(errand)] in self._forbidden():
            return ErrandAnswer(CommandAnswer.NOT_SUPPORTED)
        try:
            done = await self._attending.dialect.run(errand, self.link.call)
        except CallFailedError as failed:
            done = ErrandAnswer(_answer_of_failure(failed))
        log.info("station_errand", station=self._id, errand=type(errand).__name__, answer=done.answer.value)
        return done

    async def _say(self, order: RemoteOrder, wording: Wording) -> CommandAnswer:
        try:
            payload = await self.link.call(wording.action, wording.payload)
        except CallFailedError as failed:
            return _answer_of_failure(failed)
        return self._attending.dialect.answer_of(order, payload)

    def _session_of(self, order: RemoteOrder) -> Transaction | None:
        """The session that an order names, or the one that runs on its connector."""
        session = self._attending.memory.transactions.get(order.connector)
        named = order.transaction_id
        return session if session is not None and named in {None, session.id} else None

    async def _ask(self, connector: int, until: float) -> Reach:
        question, pursuit = self._question(connector)
        left = until - asyncio.get_running_loop().time()
        await asyncio.wait(
            {question.told, pursuit}, timeout=max(left, 0), return_when=asyncio.FIRST_COMPLETED
        )
        if question.told.done():
            return Reach.ONLINE
        if not self.link.open:
            return Reach.OFFLINE
        # A station that answered the request is not silent, even where the status itself did not follow.
        return Reach.SILENT if question.answer in _SILENCE else Reach.ONLINE

    def _question(self, connector: int) -> tuple[_Question, asyncio.Task[None]]:
        """The question under way for the connector, or a new one."""
        asked = self._questions.get(connector)
        if asked is None or asked[0].told.done():
            question = _Question(asyncio.get_running_loop().create_future())
            asked = question, asyncio.create_task(self._pursue(connector, question))
            self._questions[connector] = asked
        return asked

    async def _pursue(self, connector: int, question: _Question) -> None:
        """Sends the request; where it is accepted, the status may take as long to come as an answer."""
        try:
            order = RemoteOrder(self._id, connector, RemoteCommand.REFRESH_STATUS)
            question.answer = await self.command(order)
            if question.answer is CommandAnswer.ACCEPTED:
                await asyncio.wait({question.told}, timeout=self._surroundings.limits.calling)
        finally:
            asked = self._questions.get(connector)
            if asked is not None and asked[0] is question:
                del self._questions[connector]

    def _on_status(self, connector: int) -> None:
        asked = self._questions.get(connector)
        if asked is not None and not asked[0].told.done():
            asked[0].told.set_result(None)


def _answer_of_failure(failed: CallFailedError) -> CommandAnswer:
    match failed:
        case NotSentError():
            return CommandAnswer.OFFLINE
        case RefusedError(code=code):
            return answer_of_error(code)
        case _:
            return CommandAnswer.NO_ANSWER
