"""What the statuses of OCPI mean here."""

from collections.abc import Mapping

from bot.domain.ocpi import EvseLink, Peer
from bot.domain.status import ConnectorStatus, EvseStatus

LOST = "lost"
"""In a peer's own map: the back end has no connection to the station."""

_USUAL: Mapping[str, ConnectorStatus | None] = {
    EvseStatus.AVAILABLE: ConnectorStatus.AVAILABLE,
    EvseStatus.BLOCKED: ConnectorStatus.PREPARING,
    EvseStatus.CHARGING: ConnectorStatus.CHARGING,
    EvseStatus.INOPERATIVE: ConnectorStatus.UNAVAILABLE,
    EvseStatus.OUTOFORDER: ConnectorStatus.FAULTED,
    EvseStatus.PLANNED: ConnectorStatus.UNAVAILABLE,
    EvseStatus.REMOVED: ConnectorStatus.UNAVAILABLE,
    EvseStatus.RESERVED: ConnectorStatus.RESERVED,
    # "No status information available (also used when offline)", says OCPI.
    EvseStatus.UNKNOWN: None,
}


def meaning(peer: Peer, status: str) -> ConnectorStatus | None:
    """Our word for a status of OCPI; None where the back end has lost the station.

    A status that OCPI 2.2.1 does not know is UNKNOWN: the station can be reached, and says what we do not understand.
    """
    own = peer.statuses.get(status)
    if own == LOST:
        return None
    if own is not None:
        return ConnectorStatus(own)
    return _USUAL.get(status, ConnectorStatus.UNKNOWN)


def is_known(status: str) -> bool:
    """Whether OCPI 2.2.1 has this status."""
    return status in _USUAL


def is_lost(peer: Peer, link: EvseLink) -> bool:
    """Whether the back end cannot reach the EVSE at present, or has it no more."""
    return link.removed_at is not None or meaning(peer, link.status) is None


def read_map(pairs: Mapping[str, str]) -> dict[str, str]:
    """A peer's own map, as `{"BLOCKED": "Unavailable", "INOPERATIVE": "lost"}`; ValueError says what is no word."""
    ours = {each.value.casefold(): each.value for each in ConnectorStatus} | {LOST: LOST}
    wrong = sorted({value for value in pairs.values() if value.casefold() not in ours})
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: must be one of {', '.join(ours.values())}")
    return {status.upper(): ours[value.casefold()] for status, value in pairs.items()}
