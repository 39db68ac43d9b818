"""How the work with a back end stands, for a terminal."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.capability import Capability
from bot.domain.ocpi import EvseLink, Peer, PeerState
from bot.stations.ocpi.gateway import able

_NAMED = 10
_CAN = {
    Capability.STATUS: "tell statuses",
    Capability.TRIGGER: "be asked for one status",
    Capability.START_SESSION: "start and stop sessions",
    Capability.UNLOCK: "unlock",
}
_NEVER = "no fault codes, no reset, no change of availability, no configuration, no logs"


def report(peer: Peer, state: PeerState, links: Sequence[EvseLink]) -> list[str]:
    """How the work with a peer stands, in lines for a terminal."""
    party = next((f" {each.country_code}*{each.party_id}" for each in peer.parties), "")
    error = f"{state.error} ({_time(state.error_at)})" if state.error else "none"
    lines = {
        "operator": peer.operator_id,
        "registered": _time(peer.registered_at),
        "last contact": _time(state.contact_at),
        "synced until": f"{_time(state.synced_until)}; all of it read {_time(state.crawled_at)}",
        **_counts(links),
        "unreadable": f"{state.bad_objects} objects in the last pull",
        "last error": error,
        "can": _can(peer, links),
        "cannot": _NEVER,
    }
    if peer.statuses:
        lines["statuses"] = ", ".join(f"{word}={meaning}" for word, meaning in peer.statuses.items())
    return [f"{peer.id}: {peer.name}{party}", *(f"  {name:<14}{told}" for name, told in lines.items())]


def _counts(links: Sequence[EvseLink]) -> Mapping[str, str]:
    there = [each for each in links if each.removed_at is None]
    linked = [each for each in there if each.station_id is not None]
    nameless = [each.evse_uid for each in there if each.evse_id is None and each.station_id is None]
    others = [each.evse_uid for each in there if each.evse_id is not None and each.station_id is None]
    made = sum(each.created for each in linked)
    return {
        "locations": str(len({each.location_id for each in there})),
        "EVSEs": f"{len(there)}, of which {len(linked)} linked, {made} of them as new stations",
        "without id": _named(nameless),
        "not linked": _named(others),
        "removed": str(len(links) - len(there)),
    }


def _named(uids: Sequence[str]) -> str:
    if not uids:
        return "0"
    more = ", …" if len(uids) > _NAMED else ""
    return f"{len(uids)}: {', '.join(uids[:_NAMED])}{more}"


def _can(peer: Peer, links: Sequence[EvseLink]) -> str:
    if not peer.registered:
        return "nothing before it is registered"
    there = [each for each in links if each.removed_at is None]
    counts = {name: sum(name in able(peer, each) for each in there) for name in _CAN}
    return (
        ", ".join(
            word if counts[name] == len(there) else f"{word} ({counts[name]} of {len(there)} EVSEs)"
            for name, word in _CAN.items()
            if counts[name]
        )
        or "nothing yet"
    )


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
