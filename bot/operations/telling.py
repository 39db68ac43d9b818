"""What admins must learn: rows of the outbox, rendered when they are sent, in the language of whoever gets them."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.outgoing import Outgoing, OutgoingKind, Param
from bot.operations.acting import Acting
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork


def tell_admin(
    uow: UnitOfWork, acting: Acting, to: Colleague, notice: str, key: str, params: Mapping[str, Param]
) -> None:
    """A message to one of the staff in their private chat; nothing where they have no Telegram account.

    See `views.notices.to_admin` for how the parameters are shown.
    """
    if to.telegram_id is not None:
        _put(
            uow,
            OutgoingKind.ADMIN_NOTICE,
            f"telegram:{to.telegram_id}",
            key,
            acting.now,
            {**params, "notice": notice, "at": acting.operator_id},
        )


def mail_admin(
    uow: UnitOfWork, acting: Acting, to: Colleague, mail: str, key: str, params: Mapping[str, Param]
) -> None:
    """An e-mail to one of the staff; nothing where no address of theirs is known."""
    if to.email is not None:
        operator: dict[str, Param] = {"mail": mail, "operator": acting.operator_id, "person": to.person_id}
        _put(uow, OutgoingKind.ADMIN_MAIL, f"mailto:{to.email}", key, acting.now, {**params, **operator})


def _put(
    uow: UnitOfWork, kind: OutgoingKind, to: str, key: str, now: datetime, params: Mapping[str, Param]
) -> None:
    uow.outbox.put(Outgoing(kind, to, to, key, params=params), now)
