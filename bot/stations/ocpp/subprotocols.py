"""Which versions of OCPP are spoken here, and which of them with a station that offers several."""

from bot.stations.ocpp.dialect import Dialect, MakeDialect
from bot.stations.ocpp.dialect16 import Ocpp16
from bot.stations.ocpp.dialect201 import Ocpp201
from bot.stations.ocpp.handshake import offered_protocols
from bot.stations.ocpp.memory import StationMemory


def _ocpp21(memory: StationMemory) -> Dialect:
    return Ocpp201(memory, subprotocol="ocpp2.1")


DIALECTS: dict[str, MakeDialect] = {"ocpp2.1": _ocpp21, "ocpp2.0.1": Ocpp201, "ocpp1.6": Ocpp16}
"""By subprotocol, the highest version first."""


def spoken_with(header: str | None, assumed: str | None) -> str | None:
    """The highest version that both sides speak; None where there is none.

    `header` is the station's Sec-WebSocket-Protocol, `assumed` counts as the offer of a station that makes none.
    """
    offered = offered_protocols(header) or (assumed,)
    return next((name for name in DIALECTS if name in offered), None)
