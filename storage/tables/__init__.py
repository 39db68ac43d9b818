"""The tables, by what they are about. They are private to this package: rows stay here, values leave."""

from storage.tables.administration import (
    audit_log,
    desks,
    invitations,
    ledger_lines,
    ledger_months,
    release_requests,
    service_changes,
    station_imports,
)
from storage.tables.back_ends import ocpi_evses, ocpi_locations, ocpi_peers, ocpi_sessions
from storage.tables.base import metadata
from storage.tables.owned import (
    entities,
    evses,
    groups,
    locations,
    memberships,
    operators,
    people,
    staff,
    stations,
)
from storage.tables.support import (
    case_events,
    cases,
    drafts,
    ladders,
    message_revisions,
    messages,
    remote_actions,
)
from storage.tables.told import connector_states, knocks, station_notes, status_intervals, transactions
from storage.tables.traffic import inbox, outbox, timers

__all__ = [
    "audit_log",
    "case_events",
    "cases",
    "connector_states",
    "desks",
    "drafts",
    "entities",
    "evses",
    "groups",
    "inbox",
    "invitations",
    "knocks",
    "ladders",
    "ledger_lines",
    "ledger_months",
    "locations",
    "memberships",
    "message_revisions",
    "messages",
    "metadata",
    "ocpi_evses",
    "ocpi_locations",
    "ocpi_peers",
    "ocpi_sessions",
    "operators",
    "outbox",
    "people",
    "release_requests",
    "remote_actions",
    "service_changes",
    "staff",
    "station_imports",
    "station_notes",
    "stations",
    "status_intervals",
    "timers",
    "transactions",
]
