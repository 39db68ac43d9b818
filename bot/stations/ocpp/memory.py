"""What is known of one connected station, so that a snapshot costs no query."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from msgspec import Struct, structs

from bot.domain.observation import Booted, Metered, Observation, StatusObserved, TransactionStopped
from bot.domain.status import ConnectorState, ConnectorStatus, Link, StationSnapshot, Transaction
from bot.stations.gateway import KnownStation

_ENDED_SESSIONS = 50
"""How many names of ended sessions are remembered: an offline queue may repeat what was already kept."""


class Reported(Struct, frozen=True, gc=False):
    """A status as a station told it, before it is compared with what was known."""

    connector: int
    status: ConnectorStatus
    error_code: str | None
    claimed_at: datetime | None = None
    vendor_error_code: str | None = None
    vendor_id: str | None = None
    info: str | None = None
    all_faults: ClassVar[bool] = False
    """Whether the codes are all that stands; otherwise a station may have left out one that it told before."""


class WholeReport(Reported, frozen=True, gc=False):
    """A status with all the faults that stand."""

    all_faults: ClassVar[bool] = True


class StationMemory:
    """The last states and open sessions of one station; begins with what the journal holds."""

    __slots__ = (
        "_ended",
        "_firmware",
        "_model",
        "_vendor",
        "connectors",
        "last_seen",
        "station_id",
        "transactions",
    )

    def __init__(self, station_id: str, known: KnownStation) -> None:
        self.station_id = station_id
        self.connectors = {state.connector: state for state in known.connectors}
        self.transactions = {transaction.connector: transaction for transaction in known.transactions}
        self.last_seen = known.last_seen
        self._ended: dict[str, None] = {}
        self._vendor, self._model, self._firmware = known.vendor, known.model, known.firmware

    @property
    def names(self) -> tuple[str | None, str | None, str | None]:
        """The vendor, model and firmware that the station told, now or on an earlier connection."""
        return self._vendor, self._model, self._firmware

    def observe_status(self, reported: Reported, now: datetime) -> StatusObserved:
        """The observation of a status; nothing is kept before `keep`."""
        before = self.connectors.get(reported.connector)
        if before is not None and before.status is ConnectorStatus.FAULTED and not reported.all_faults:
            reported = _with_known_fault(reported, before)
        changed = before is None or _differs(reported, before)
        state = ConnectorState(
            reported.connector,
            reported.status,
            reported.error_code,
            now if before is None or changed else before.since,
            now,
            reported.claimed_at,
            reported.vendor_error_code,
            reported.vendor_id,
            reported.info,
        )
        return StatusObserved(self.station_id, now, state, changed)

    def keep(self, observation: Observation) -> None:
        """Remembers an observation, once the journal has it."""
        match observation:
            case StatusObserved(state=state):
                self.connectors[state.connector] = state
            case Booted(vendor=vendor, model=model, firmware=firmware):
                self._vendor, self._model, self._firmware = vendor, model, firmware
            case TransactionStopped(reference=reference):
                self._remember_end(reference)
                self.transactions = {
                    connector: session
                    for connector, session in self.transactions.items()
                    if not _ends(observation, session)
                }
            case Metered():
                self._keep_meter(observation)
            case _:
                # Links, signs of life and notes are the journal's; sessions begin in `begin`.
                return

    def begin(self, transaction: Transaction) -> None:
        """Remembers a session; the same one told again keeps its beginning and its meter."""
        known = self.transactions.get(transaction.connector)
        if known is None or known.id != transaction.id:
            self.transactions[transaction.connector] = transaction

    def has_ended(self, reference: str) -> bool:
        """Whether the end of the session with that name was kept on this connection."""
        return reference in self._ended

    def _remember_end(self, reference: str | None) -> None:
        if reference is not None:
            self._ended[reference] = None
        if len(self._ended) > _ENDED_SESSIONS:
            del self._ended[next(iter(self._ended))]

    def _keep_meter(self, metered: Metered) -> None:
        known = self.transactions.get(metered.connector)
        if known is None:
            return
        self.transactions[metered.connector] = replace(
            known,
            energy_wh=metered.energy_wh,
            power_w=metered.power_w,
            soc_percent=metered.soc_percent,
            metered_at=metered.received_at,
        )

    def snapshot(self, connector: int, now: datetime, link: Link, *, asked: bool = False) -> StationSnapshot:
        """All of it, seen from one connector; the caller sets the heartbeat interval."""
        beside = sorted(number for number in self.connectors if number not in {0, connector})
        return StationSnapshot(
            station_id=self.station_id,
            taken_at=now,
            link=link,
            last_seen=self.last_seen,
            connector=self.connectors.get(connector),
            station=self.connectors.get(0),
            siblings=tuple(self.connectors[number] for number in beside),
            transactions=tuple(self.transactions.values()),
            asked=asked,
            vendor=self._vendor,
            model=self._model,
            firmware=self._firmware,
        )

    def is_fresh(self, connector: int, now: datetime, fresh_within: timedelta) -> bool:
        """Whether the connector told a status within that time."""
        state = self.connectors.get(connector)
        told = state is not None and state.status is not ConnectorStatus.UNKNOWN
        return state is not None and told and state.age(now) <= fresh_within


def _ends(stopped: TransactionStopped, session: Transaction) -> bool:
    if stopped.transaction_id is not None:
        return session.id == stopped.transaction_id
    return stopped.reference is not None and session.reference == stopped.reference


def _with_known_fault(reported: Reported, before: ConnectorState) -> Reported:
    """Keeps a fault code that a station forgets to repeat: a fault that stands has not lost its cause."""
    if reported.status is not ConnectorStatus.FAULTED or reported.error_code not in {None, "NoError"}:
        return reported
    return structs.replace(
        reported,
        error_code=before.error_code or reported.error_code,
        vendor_error_code=reported.vendor_error_code or before.vendor_error_code,
        vendor_id=reported.vendor_id or before.vendor_id,
        info=reported.info or before.info,
    )


def _differs(reported: Reported, before: ConnectorState) -> bool:
    """Whether an interval begins; `info` is left out, as it may carry a temperature that never stands still."""
    return (
        reported.status is not before.status
        or reported.error_code != before.error_code
        or reported.vendor_error_code != before.vendor_error_code
    )
