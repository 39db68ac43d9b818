"""The tables, by what they are about. They are private to this package: rows stay here, values leave."""

from storage.tables.back_ends import ocpi_evses, ocpi_locations, ocpi_peers, ocpi_sessions
from storage.tables.base import metadata
from storage.tables.owned import evses, groups, locations, memberships, operators, people, stations
from storage.tables.support import case_events, cases, drafts, ladders, messages, remote_actions
from storage.tables.told import connector_states, knocks, station_notes, status_intervals, transactions
from storage.tables.traffic import inbox, outbox, timers

__all__ = [
    "case_events",
    "cases",
    "connector_states",
    "drafts",
    "evses",
    "groups",
    "inbox",
    "knocks",
    "ladders",
    "locations",
    "memberships",
    "messages",
    "metadata",
    "ocpi_evses",
    "ocpi_locations",
    "ocpi_peers",
    "ocpi_sessions",
    "operators",
    "outbox",
    "people",
    "remote_actions",
    "station_notes",
    "stations",
    "status_intervals",
    "timers",
    "transactions",
]
