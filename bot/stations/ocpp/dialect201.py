"""OCPP 2.0.1 as a dialect; stations of OCPP 2.1 are served with it, too."""

from collections.abc import Sequence

from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.status import Transaction
from bot.stations.ocpp import commands, commands201, v201
from bot.stations.ocpp.dialect import CallStation, Context, Handled, Wording
from bot.stations.ocpp.errands201 import REPORT_WITHIN, Errands
from bot.stations.ocpp.fields import Fields
from bot.stations.ocpp.frames import ErrorCode, Frame, JsonObject, parse
from bot.stations.ocpp.memory import StationMemory

_SPELLINGS = {
    ErrorCode.FORMATION: "FormatViolation",
    ErrorCode.OCCURRENCE_CONSTRAINT: "OccurrenceConstraintViolation",
}
"""OCPP-J 2.0.1, section 4.3, corrects two codes of 1.6."""


class Ocpp201:
    """Holds what the messages of one connection build upon each other: connectors, charging states, faults."""

    def __init__(
        self, memory: StationMemory, *, subprotocol: str = "ocpp2.0.1", report_within: float = REPORT_WITHIN
    ) -> None:
        self.subprotocol = subprotocol
        self._memory = memory
        self._conversation = v201.Conversation(memory)
        self._errands = Errands(self._conversation.reports, report_within)

    def read(self, raw: str | bytes) -> Frame:
        """See `Dialect.read`."""
        return parse(raw)

    def handle(self, action: str, fields: Fields, context: Context) -> Handled:
        """See `Dialect.handle`."""
        return v201.handle(action, fields, context, self._conversation)

    def error_code(self, code: ErrorCode) -> str:
        """See `Dialect.error_code`."""
        return _SPELLINGS.get(code, code.value)

    def wordings(self, order: RemoteOrder, session: Transaction | None) -> Sequence[Wording]:
        """See `Dialect.wordings`."""
        connectors = self._conversation.evses.at(order.connector).connectors
        return commands201.wordings(order, session or self._named(order), connectors)

    def answer_of(self, order: RemoteOrder, payload: JsonObject) -> CommandAnswer:
        """See `Dialect.answer_of`."""
        return commands.answer_of(payload)

    async def run(self, errand: Errand, call: CallStation) -> ErrandAnswer:
        """See `Dialect.run`."""
        return await self._errands.run(errand, call)

    def _named(self, order: RemoteOrder) -> Transaction | None:
        """The session that the order names by our number, on whatever EVSE it runs."""
        sessions = self._memory.transactions.values()
        return next((each for each in sessions if each.id == order.transaction_id), None)
