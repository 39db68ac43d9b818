"""What a simulated station has to tell its central system, before a version of OCPP gives it words."""

from dataclasses import dataclass

from bot.sandbox.stations.connector import Report, Session, SimulatedConnector
from bot.sandbox.stations.modes import BootReason, Telling, UploadState


@dataclass(frozen=True, slots=True)
class Boot:
    """The station introduces itself."""

    reason: BootReason = BootReason.POWER_UP


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Tell:
    """What a connector says of itself."""

    report: Report
    why: Telling = Telling.CHANGED


@dataclass(frozen=True, slots=True)
class Begin:
    """A session began."""

    session: Session


@dataclass(frozen=True, slots=True)
class End:
    """A session ended, after the Begin of the same session."""

    session: Session


@dataclass(frozen=True, slots=True)
class Sample:
    """What a meter shows."""

    connector: SimulatedConnector
    why: Telling = Telling.CHANGED


@dataclass(frozen=True, slots=True)
class Show:
    """A card was shown."""

    id_tag: str


@dataclass(frozen=True, slots=True)
class Upload:
    """How far the upload of a log came."""

    state: UploadState
    request_id: int | None


@dataclass(frozen=True, slots=True)
class Disclose:
    """The whole configuration."""

    request_id: int


Post = Boot | Heartbeat | Tell | Begin | End | Sample | Show | Upload | Disclose
