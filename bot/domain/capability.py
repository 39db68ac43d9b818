"""What a source of stations can tell and do. A use case asks for these, never for a protocol."""

from enum import StrEnum

from bot.domain.errand import ClearCache, Errand, FetchLog, ReadConfiguration, ReplaceLocalList
from bot.domain.remote_action import RemoteCommand


class Source(StrEnum):
    """Where knowledge of a station comes from."""

    OCPP = "ocpp"
    """The station's own connection: first hand."""
    OCPI = "ocpi"
    """The operator's back end speaks for the station."""


class Capability(StrEnum):
    """One thing that a source can tell, or have a station do."""

    STATUS = "status"
    FAULT_DETAIL = "fault_detail"
    """Error codes beside the status."""
    METER = "meter"
    """Energy and power of a running session."""
    HISTORY = "history"
    """Statuses are kept from now on; no source can tell of the time before it was connected."""
    TRIGGER = "trigger"
    START_SESSION = "start_session"
    STOP_SESSION = "stop_session"
    UNLOCK = "unlock"
    AVAILABILITY = "availability"
    SOFT_RESET = "soft_reset"
    HARD_RESET = "hard_reset"
    CONFIGURATION = "configuration"
    LOGS = "logs"
    AUTHORIZATION_LIST = "authorization_list"
    """The list of cards and the cache of decisions inside the station can be renewed."""


NEEDED: dict[RemoteCommand, Capability] = {
    RemoteCommand.REFRESH_STATUS: Capability.TRIGGER,
    RemoteCommand.START_SESSION: Capability.START_SESSION,
    RemoteCommand.STOP_SESSION: Capability.STOP_SESSION,
    RemoteCommand.UNLOCK: Capability.UNLOCK,
    RemoteCommand.MAKE_OPERATIVE: Capability.AVAILABILITY,
    RemoteCommand.MAKE_INOPERATIVE: Capability.AVAILABILITY,
    RemoteCommand.SOFT_RESET: Capability.SOFT_RESET,
    RemoteCommand.HARD_RESET: Capability.HARD_RESET,
}

NEEDED_BY_ERRAND: dict[type[Errand], Capability] = {
    ReadConfiguration: Capability.CONFIGURATION,
    FetchLog: Capability.LOGS,
    ClearCache: Capability.AUTHORIZATION_LIST,
    ReplaceLocalList: Capability.AUTHORIZATION_LIST,
}

TOLD_BY: dict[Source, frozenset[Capability]] = {
    Source.OCPP: frozenset(
        {Capability.STATUS, Capability.FAULT_DETAIL, Capability.METER, Capability.HISTORY}
    ),
    # OCPI 2.2.1 has nine statuses and no reason for any of them.
    Source.OCPI: frozenset({Capability.STATUS, Capability.HISTORY}),
}
"""What a source can tell, whether or not the station can be reached at present."""
