"""Errands: what a station can be asked for that neither energises nor needs a proof.

Unlike a remote action, an errand ends with the station's answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.remote_action import CommandAnswer


@dataclass(frozen=True, slots=True)
class ReadConfiguration:
    """The values of some keys, or of all where none is named. OCPP 2.0.1 names one `Component.Variable`."""

    station_id: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchLog:
    """The station uploads its log to a URL, of the time from `since` on where that is given."""

    station_id: str
    upload_url: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClearCache:
    """The station forgets whom it has let charge lately."""

    station_id: str


@dataclass(frozen=True, slots=True)
class ReplaceLocalList:
    """The station's own list of cards is replaced as a whole by `id_tags`, which may be none."""

    station_id: str
    version: int
    id_tags: tuple[str, ...] = ()


Errand = ReadConfiguration | FetchLog | ClearCache | ReplaceLocalList


@dataclass(frozen=True, slots=True)
class ErrandAnswer:
    """What came of an errand. A value is None where the station knows the key and keeps its value to itself."""

    answer: CommandAnswer
    values: Mapping[str, str | None] = field(default_factory=dict)
    unknown_keys: tuple[str, ...] = ()
    file_name: str | None = None
