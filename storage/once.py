"""An update changes things once, however often it is handled."""

from datetime import datetime

from storage.uow import UnitOfWork


class AppliedBefore(Exception):  # It is a fact about the past, not a failure.
    """The change of this update is committed already; what remains is to show where things stand."""


def apply_once(uow: UnitOfWork, update_id: int, now: datetime) -> None:
    """Marks the update as applied in the transaction that makes its change; AppliedBefore where it was."""
    if not uow.inbox.apply(update_id, now):
        raise AppliedBefore
