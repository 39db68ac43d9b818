"""The commands that a chat offers by itself: to drivers, to agents in their group, to the staff what each may do."""

from collections.abc import Collection

from bot.domain.rights import Right
from bot.views.i18n import Translate

DRIVERS = ("start", "agent", "cancel", "language", "help")
AGENTS = ("queue", "mine", "history", "why", "answers", "close", "shift", "stats")
"""In the groups of agents."""
JOBS = ("jobs",)
"""For technicians."""
_AGENTS_OWN = frozenset({Right.REMOTE_ACTIONS})
STAFF: tuple[tuple[str, frozenset[Right]], ...] = (
    ("menu", frozenset(Right)),
    ("queue", _AGENTS_OWN),
    ("mine", _AGENTS_OWN),
    ("shift", _AGENTS_OWN),
    ("stats", frozenset({Right.STATISTICS, Right.REMOTE_ACTIONS})),
    ("history", _AGENTS_OWN),
    ("stations", frozenset({Right.STATION_LIST})),
    ("activate", frozenset({Right.OPERATIONS_TAB})),
    ("deactivate", frozenset({Right.OPERATIONS_TAB})),
    ("technician", frozenset({Right.TECHNICIAN})),
    ("stickers", frozenset({Right.STICKERS})),
    ("knocking", frozenset({Right.STATIONS})),
    ("export", frozenset({Right.STATION_LIST})),
    ("import", frozenset({Right.STATIONS})),
    ("hotline", frozenset({Right.HOTLINE})),
    ("oncall", frozenset({Right.HOTLINE})),
    ("policies", frozenset({Right.HOTLINE})),
    ("answers", frozenset({Right.HOTLINE})),
    ("people", frozenset({Right.USERS_MANAGE})),
    ("invite", frozenset({Right.USERS_MANAGE})),
    ("groups", frozenset({Right.GROUPS_MANAGE})),
    ("companies", frozenset({Right.USERS_MANAGE})),
    ("billing", frozenset({Right.BILLING})),
    ("releases", frozenset({Right.COST_RELEASE})),
    ("audit", frozenset({Right.AUDIT})),
)
"""In private, in this order: a command stands there for whoever holds one of its rights."""
NEEDS_MORE = frozenset({"station", "location", "rights"})
"""Commands of the staff that say nothing without a name behind them, and are not offered."""


def for_staff(rights: Collection[Right], *, technician: bool) -> tuple[str, ...]:
    """What is offered in private to one of the staff, or to a technician; the drivers' commands stand at the end."""
    own = tuple(name for name, needs in STAFF if not needs.isdisjoint(rights))
    return (*own, *(JOBS if technician else ()), *DRIVERS)


def described(names: Collection[str], t: Translate) -> list[dict[str, str]]:
    """The list as Telegram wants it."""
    return [{"command": name, "description": t(f"command_list.{name}")} for name in names]
