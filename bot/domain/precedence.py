"""Several sources may speak of one station: which of them is believed.

1. A station that is connected to us is believed itself, whatever a back end says of it: what it says is first hand,
   and its fault codes come with it.
2. Otherwise the source that heard the connector last is believed; a back end may still be connected to a station
   that has left us, and may have lost one that has not.
3. Where neither ever heard it, the station's own link is what we tell of.

Sessions of other connectors are believed from either source: a session that one of them does not know must still
keep the station from being restarted.
"""

from dataclasses import replace

from bot.domain.status import Link, StationSnapshot

_CONNECTED = frozenset({Link.ONLINE, Link.SILENT})


def believed(station: StationSnapshot, back_end: StationSnapshot | None, connector: int) -> StationSnapshot:
    """The snapshot that counts, seen from `connector`; `station` is what the station itself told."""
    if back_end is None:
        return station
    chosen, other = (back_end, station) if _back_end_wins(station, back_end) else (station, back_end)
    known = {session.connector for session in chosen.transactions}
    beside = tuple(session for session in other.transactions if session.connector not in known | {connector})
    return replace(chosen, transactions=chosen.transactions + beside)


def _back_end_wins(station: StationSnapshot, back_end: StationSnapshot) -> bool:
    if station.link in _CONNECTED or back_end.link is Link.NEVER:
        return False
    if station.link is Link.NEVER or station.connector is None:
        return True
    # A back end that could not be asked still tells more than a link that has gone, if it heard later.
    return back_end.connector is not None and back_end.connector.received_at > station.connector.received_at
