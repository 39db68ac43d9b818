"""In which ways a simulated station can differ from the next one."""

from enum import StrEnum


class OcppVersion(StrEnum):
    """The versions of OCPP that a simulated station can speak."""

    V16 = "1.6"
    V201 = "2.0.1"

    @property
    def subprotocol(self) -> str:
        """The name of the WebSocket subprotocol."""
        return f"ocpp{self.value}"


class ResetMode(StrEnum):
    """What a Reset leads to."""

    OK = "ok"
    REJECTS = "rejects"
    NEVER_COMES_BACK = "never_comes_back"
    COMES_BACK_FAULTED = "comes_back_faulted"


class BootReason(StrEnum):
    """BootReasonEnumType of OCPP 2.0.1, as far as a simulation needs it; OCPP 1.6 tells none."""

    POWER_UP = "PowerUp"
    REMOTE_RESET = "RemoteReset"
    TRIGGERED = "Triggered"


class Telling(StrEnum):
    """Why a status is told."""

    CHANGED = "changed"
    CONNECTED = "connected"
    """The line is new: the central system may have missed anything."""
    ASKED = "asked"


class UploadState(StrEnum):
    """How far the upload of a log came."""

    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    FAILED = "failed"
