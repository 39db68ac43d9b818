"""OCPP 1.6J as a dialect."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.status import Transaction
from bot.stations.ocpp import commands, errands16, v16
from bot.stations.ocpp.dialect import CallStation, Context, Handled, Wording
from bot.stations.ocpp.fields import Fields
from bot.stations.ocpp.frames import ErrorCode, Frame, JsonObject, parse
from bot.stations.ocpp.memory import StationMemory
from bot.stations.ocpp.plain import PlainStatus, plain_status


class Ocpp16:
    """Holds nothing of its own: OCPP 1.6 has no state beside the station's memory."""

    subprotocol = "ocpp1.6"

    def __init__(self, memory: StationMemory) -> None:
        self._memory = memory

    def read(self, raw: str | bytes) -> Frame | PlainStatus:
        """See `Dialect.read`."""
        return plain_status(raw) or parse(raw)

    def handle(self, action: str, fields: Fields, context: Context) -> Handled:
        """See `Dialect.handle`."""
        return v16.handle(action, fields, context)

    def error_code(self, code: ErrorCode) -> str:
        """See `Dialect.error_code`."""
        return (ErrorCode.FORMATION if code is ErrorCode.RPC_FRAMEWORK else code).value

    def wordings(self, order: RemoteOrder, session: Transaction | None) -> Sequence[Wording]:
        """See `Dialect.wordings`."""
        if session is not None and order.transaction_id is None:
            order = replace(order, transaction_id=session.id)
        return (commands.wording(order),)

    def answer_of(self, order: RemoteOrder, payload: JsonObject) -> CommandAnswer:
        """See `Dialect.answer_of`."""
        return commands.answer_of(payload)

    async def run(self, errand: Errand, call: CallStation) -> ErrandAnswer:
        """See `Dialect.run`."""
        return await errands16.run(errand, call)
