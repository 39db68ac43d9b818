"""What a central system can tell a simulated station to do, in the words of no version of OCPP."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reset:
    """`when_idle` puts it off to the end of the last session; `hard` clears more than a soft one."""

    hard: bool
    when_idle: bool = False


@dataclass(frozen=True, slots=True)
class Unlock:
    """Releases a cable; `ends_session` says whether a session that runs ends for it or forbids it."""

    connector: int
    ends_session: bool


@dataclass(frozen=True, slots=True)
class ChangeAvailability:
    """Of one connector, or of all where none is named."""

    operative: bool
    connector: int | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Begins a session; the station chooses the connector where none is named."""

    id_tag: str
    connector: int | None = None
    remote_start_id: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends the session of this number (OCPP 1.6) or of this name (OCPP 2.0.1)."""

    transaction: int | str


@dataclass(frozen=True, slots=True)
class Trigger:
    """Sends a message that is asked for; `message` is its OCPP name."""

    message: str
    connector: int | None = None


@dataclass(frozen=True, slots=True)
class ClearCache:
    """Forgets whom it has let charge lately."""


@dataclass(frozen=True, slots=True)
class SendList:
    """The list of cards: all of it, or (not `full`) what is to be added to it."""

    version: int
    id_tags: frozenset[str] = field(default_factory=frozenset)
    full: bool = True


@dataclass(frozen=True, slots=True)
class UploadLog:
    """Uploads the log to a URL, of the time from `since` on (as OCPP writes it)."""

    location: str
    since: str | None = None
    request_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReportConfiguration:
    """Sends the whole configuration, in messages of its own."""

    request_id: int


Command = (
    Reset
    | Unlock
    | ChangeAvailability
    | Start
    | Stop
    | Trigger
    | ClearCache
    | SendList
    | UploadLog
    | ReportConfiguration
)


@dataclass(frozen=True, slots=True)
class Obeyed:
    """The status word of the answer, and what happens once the answer is out.

    The words are those of OCPP 2.0.1, which are a superset; `file_name` is that of a log which will be uploaded.
    """

    status: str
    then: Callable[[], None] | None = None
    file_name: str | None = None
