"""What a use case leads to: values that a view shows. No text and no chat in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.case import Case
from bot.domain.job import Job
from bot.domain.ladder import Ladder, StepName
from bot.domain.operator import Operator, Place
from bot.domain.remote_action import RemoteAction, RemoteCommand
from bot.domain.status import StationSnapshot


@dataclass(frozen=True, slots=True)
class AskedForStation:
    """The driver has to name the station: EVSE ID or photo."""


@dataclass(frozen=True, slots=True)
class UnreadablePhoto:
    """No QR code could be read in the photo."""


@dataclass(frozen=True, slots=True)
class UnknownEvse:
    """No EVSE of that ID. `said` is what the driver gave; `nearest` are known IDs that resemble it."""

    said: str
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeedsEvse:
    """The station has several EVSEs, or an ID without separators fits several; the driver is asked which."""

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class ServiceNotActive:
    """The operator does not have this service for the station; its own contact is all that can be told."""

    place: Place


@dataclass(frozen=True, slots=True)
class InOwnChat:
    """The operator has a bot of its own for its drivers; `link` opens it at this EVSE, None while it is not known."""

    place: Place
    link: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """The EVSE as it stands, to be read back, with the question what is wrong there."""

    place: Place
    snapshot: StationSnapshot


@dataclass(frozen=True, slots=True)
class Checking:
    """Progress while the driver waits: the station is being asked."""

    place: Place


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, for its driver. The screen is a function of this.

    `offers` are the remote actions that may be offered now, `action` is the latest one.
    """

    case: Case
    operator: Operator
    place: Place | None
    action: RemoteAction | None = None
    agent: str | None = None
    offers: tuple[RemoteCommand, ...] = ()
    noted: bool = False
    """The driver's words were just added to the report."""
    ladder: Ladder | None = None
    """The latest ladder of the case, ended or not."""
    climbed: tuple[RemoteAction, ...] = ()
    """The actions of that ladder, in order."""
    ladder_offer: tuple[StepName, ...] = ()
    """The steps of the ladder that may be offered now."""
    asked_to_try: bool = False
    """The site was away, the station is back, and the driver was asked whether it works."""
    watched: bool | None = None
    """Whether the driver hears when the EVSE works again; None where that is not offered."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """The words are on their way to the other side."""

    case: Case


@dataclass(frozen=True, slots=True)
class NumberNoted:
    """The number at which the driver will be called."""

    case: Case
    phone: str


@dataclass(frozen=True, slots=True)
class NumberDeclined:
    """The driver does not want to be called."""

    case: Case


@dataclass(frozen=True, slots=True)
class NumberOfOther:
    """The driver has shared somebody else's number, and is asked whether that is the one to call."""

    case: Case
    phone: str


@dataclass(frozen=True, slots=True)
class Option:
    """One of several cases of a driver, with its place where that is known."""

    case: Case
    place: Place | None


@dataclass(frozen=True, slots=True)
class WhichCase:
    """Which of these is meant? The first is taken where nobody says so `within` that time; the words wait as long."""

    options: tuple[Option, ...]
    within: timedelta


@dataclass(frozen=True, slots=True)
class Waits:
    """The words wait behind others, of which the driver has been asked which case they are for."""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """All that waited is in the case that was chosen."""

    option: Option


@dataclass(frozen=True, slots=True)
class SameOrOther:
    """The words came after the end of this case, which only the bot had; it may be the same trouble again."""

    option: Option


@dataclass(frozen=True, slots=True)
class Welcome:
    """Somebody has said thanks."""


@dataclass(frozen=True, slots=True)
class WhichToLeave:
    """`/cancel` with several open cases, of which the driver has to choose one."""

    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Rated:
    """Thanks for the rating; where it is low, the question what was missing, until that has an answer."""

    case: Case
    noted: bool = False
    """The driver's words were just kept beside the rating."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The driver ended the report, or there was none where `something` is False."""

    something: bool
    broken: Place | None = None
    """The place of the report that was ended, where it is still out of order."""


@dataclass(frozen=True, slots=True)
class ConfirmLeave:
    """`/cancel` while a person is on the case, which is asked about first."""

    case: Case


@dataclass(frozen=True, slots=True)
class NoHotline:
    """A person was asked for, and no operator is known to ask; `danger` where the warning is due all the same."""

    danger: bool


@dataclass(frozen=True, slots=True)
class JobStands:
    """Where a technician's job stands."""

    job: Job
    case: Case
    status_now: str | None = None
    """The station's word where it contradicts a repair."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Whether the person hears when the EVSE works again: `until` then, None where they do not want to any more.

    `standing` is their own case of that EVSE, where there is one.
    """

    place: Place
    until: datetime | None
    standing: Standing | None


DriverOutcome = (
    AskedForStation
    | UnreadablePhoto
    | UnknownEvse
    | NeedsEvse
    | ServiceNotActive
    | InOwnChat
    | Found
    | Checking
    | Standing
    | Relayed
    | Rated
    | Cancelled
    | ConfirmLeave
    | NoHotline
    | WhichCase
    | Waits
    | PassedOn
    | SameOrOther
    | Welcome
    | WhichToLeave
    | NumberNoted
    | NumberDeclined
    | NumberOfOther
    | Watching
)
