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
from storage.tables.agents import canned_answers, merged_lines
from storage.tables.back_ends import ocpi_evses, ocpi_locations, ocpi_peers, ocpi_sessions
from storage.tables.base import metadata
from storage.tables.escalation import escalations, policies
from storage.tables.hotline import held_messages, hotline_groups
from storage.tables.jobs import job_photos, jobs, link_secrets, watches
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
from storage.tables.rotations import (
    calendar_imports,
    on_call_plans,
    rotation_layers,
    rotation_overrides,
    shifts,
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
    "calendar_imports",
    "canned_answers",
    "case_events",
    "cases",
    "connector_states",
    "desks",
    "drafts",
    "entities",
    "escalations",
    "evses",
    "groups",
    "held_messages",
    "hotline_groups",
    "inbox",
    "invitations",
    "job_photos",
    "jobs",
    "knocks",
    "ladders",
    "ledger_lines",
    "ledger_months",
    "link_secrets",
    "locations",
    "memberships",
    "merged_lines",
    "message_revisions",
    "messages",
    "metadata",
    "ocpi_evses",
    "ocpi_locations",
    "ocpi_peers",
    "ocpi_sessions",
    "on_call_plans",
    "operators",
    "outbox",
    "people",
    "policies",
    "release_requests",
    "remote_actions",
    "rotation_layers",
    "rotation_overrides",
    "service_changes",
    "shifts",
    "staff",
    "station_imports",
    "station_notes",
    "stations",
    "status_intervals",
    "timers",
    "transactions",
    "watches",
]
