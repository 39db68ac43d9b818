"""A raw station of OCPP 2.0.1; the schemas of the `ocpp` package hold what is said in both directions."""

from ocpp.messages import Call, CallResult, _validate_payload

from tests.stations.conftest import Site
from tests.stations.raw_station import Json, RawStation

VERSION = "2.0.1"
AT = "2026-03-01T12:00:00Z"


def fits_as_call(action: str, payload: object) -> None:
    """Raises where the schema of a request does not allow it."""
    _validate_payload(Call("1", action, payload), VERSION)


def fits_as_answer(action: str, payload: object) -> None:
    """Raises where the schema of a response does not allow it."""
    result = CallResult("1", payload)
    result.action = action
    _validate_payload(result, VERSION)


class Station201:
    """Says only what the schemas allow, and accepts only what they allow."""

    def __init__(self, raw: RawStation) -> None:
        self.raw = raw
        self._events = 0

    async def tell(self, action: str, /, **payload: object) -> Json:
        """A request that must be accepted; the payload of the answer."""
        fits_as_call(action, payload)
        frame = await self.raw.request(action, payload)
        assert frame[0] == 3, frame
        answer = frame[2]
        assert isinstance(answer, dict)
        fits_as_answer(action, answer)
        return answer

    async def status(self, evse: int, status: str, connector: int = 1) -> None:
        """A StatusNotification."""
        await self.tell(
            "StatusNotification", timestamp=AT, connectorStatus=status, evseId=evse, connectorId=connector
        )

    async def boot(self, reason: str = "PowerUp") -> None:
        """A BootNotification."""
        names = {"vendorName": "ACME", "model": "Fast 50"}
        await self.tell("BootNotification", reason=reason, chargingStation=names)

    async def event(self, *events: Json) -> None:
        """A NotifyEvent."""
        await self.tell("NotifyEvent", generatedAt=AT, seqNo=0, eventData=list(events))

    async def transaction(  # Each is a field of the message.
        self,
        kind: str,
        reference: str = "T-1",
        *,
        evse: int | None = 1,
        state: str | None = None,
        number: int = 0,
        at: str = AT,
        reason: str | None = None,
        **more: object,
    ) -> Json:
        """A TransactionEvent; the answer."""
        info: Json = {"transactionId": reference}
        info |= {"chargingState": state} if state else {}
        info |= {"stoppedReason": reason} if reason else {}
        payload: Json = {
            "eventType": kind,
            "timestamp": at,
            "triggerReason": "ChargingStateChanged",
            "seqNo": number,
            "transactionInfo": info,
            **more,
        }
        payload |= {"evse": {"id": evse, "connectorId": 1}} if evse is not None else {}
        return await self.tell("TransactionEvent", **payload)


def event(  # Each is a field of the message.
    component: str,
    variable: str,
    value: str = "true",
    *,
    evse: int | None = 1,
    connector: int | None = None,
    trigger: str = "Alerting",
    code: str | None = None,
    info: str | None = None,
    cleared: bool | None = None,
    **more: object,
) -> Json:
    """One entry of a NotifyEvent."""
    place: Json = {"name": component}
    if evse is not None:
        place["evse"] = {"id": evse} | ({} if connector is None else {"connectorId": connector})
    optional = {"techCode": code, "techInfo": info, "cleared": cleared}
    return {
        "eventId": 1,
        "timestamp": AT,
        "trigger": trigger,
        "actualValue": value,
        "component": place,
        "eventNotificationType": "HardWiredNotification",
        "variable": {"name": variable},
        **{name: each for name, each in optional.items() if each is not None},
        **more,
    }


async def connect(site: Site, protocol: str = "ocpp2.0.1") -> Station201:
    """S1, connected and ready."""
    station = Station201(await site.connect(protocols=(protocol,)))
    await station.tell("Heartbeat")
    return station
