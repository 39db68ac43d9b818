"""What others must learn of a case: rows for the outbox, in the transaction that changes the case."""

from bot.cases.services import Services
from bot.domain.case import Case
from bot.domain.operator import Contact
from bot.domain.outgoing import Outgoing, OutgoingKind, Param, Priority
from bot.domain.people import Address
from storage.uow import UnitOfWork


def lane(case: Case) -> str:
    """The lane of everything that goes into the case's topic."""
    return f"case:{case.id}"


def has_topic(uow: UnitOfWork, case: Case) -> bool:
    """Whether the hotline knows of the case; its topic may still be on its way."""
    return case.topic is not None or any(event.kind == "escalated" for event in uow.cases.events(case.id))


def tell_topic(
    uow: UnitOfWork,
    services: Services,
    case: Case,
    notice: str,
    once: str,
    priority: Priority = Priority.DRIVER,
    **params: Param,
) -> None:
    """A line into the case's topic; `once` tells repetitions of the same notice apart."""
    outgoing = Outgoing(
        OutgoingKind.TOPIC_NOTICE,
        lane(case),
        lane(case),
        f"topic:{case.id}:{notice}:{once}",
        case.id,
        {"notice": notice, **params},
        priority,
    )
    uow.outbox.put(outgoing, services.now())


def redraw_card(uow: UnitOfWork, services: Services, case: Case) -> None:
    """Has the card of the case drawn anew."""
    outgoing = Outgoing(
        OutgoingKind.CARD,
        lane(case),
        lane(case),
        f"card:{case.id}:{case.version}:{services.now().timestamp()}",
        case.id,
        priority=Priority.COSMETIC,
    )
    uow.outbox.put(outgoing, services.now())


def close_topic(uow: UnitOfWork, services: Services, case: Case) -> None:
    """Has the topic of an ended case closed; it can still be read."""
    key = f"close_topic:{case.id}:{case.version}"
    outgoing = Outgoing(
        OutgoingKind.CLOSE_TOPIC, lane(case), lane(case), key, case.id, priority=Priority.COSMETIC
    )
    uow.outbox.put(outgoing, services.now())


def copy_to_topic(uow: UnitOfWork, services: Services, case: Case, source: Address, message: int) -> None:
    """Has a driver's message copied into the topic of the case; each message once."""
    _copy(uow, services, case, lane(case), (source, message))


def copy_to_driver(uow: UnitOfWork, services: Services, case: Case, source: Address, message: int) -> None:
    """Has an agent's message copied to the driver; each message once."""
    _copy(uow, services, case, str(case.conversation), (source, message))


def _copy(
    uow: UnitOfWork, services: Services, case: Case, recipient: str, message: tuple[Address, int]
) -> None:
    source, number = message
    to_topic = recipient == lane(case)
    outgoing = Outgoing(
        OutgoingKind.RELAY_TO_TOPIC if to_topic else OutgoingKind.RELAY_TO_DRIVER,
        recipient,
        recipient,
        f"copy:{source}:{number}",
        case.id,
        {"source": str(source), "message": number},
        Priority.DRIVER if to_topic else Priority.AGENT,
    )
    uow.outbox.put(outgoing, services.now())


def tell_driver(
    uow: UnitOfWork, services: Services, case: Case, notice: str, once: str, **params: Param
) -> None:
    """A message to the driver, with the buttons of where the case stands when it is sent."""
    outgoing = Outgoing(
        OutgoingKind.DRIVER_NOTICE,
        str(case.conversation),
        str(case.conversation),
        f"driver:{case.id}:{notice}:{once}",
        case.id,
        {"notice": notice, **params},
        Priority.AGENT,
    )
    uow.outbox.put(outgoing, services.now())


def show_driver(uow: UnitOfWork, services: Services, case: Case, once: str) -> None:
    """Has the message that shows the driver how the ladder goes drawn anew; it rings no phone."""
    outgoing = Outgoing(
        OutgoingKind.DRIVER_LIVE,
        str(case.conversation),
        str(case.conversation),
        f"live:{case.id}:{once}",
        case.id,
    )
    uow.outbox.put(outgoing, services.now())


def open_topic(uow: UnitOfWork, services: Services, case: Case) -> None:
    """Has the case's topic opened in the hotline's group, unless it has one."""
    operator = uow.operators.get(case.operator_id)
    if case.topic is not None or operator is None or operator.hotline_chat is None:
        return
    uow.outbox.put(
        Outgoing(
            OutgoingKind.OPEN_TOPIC,
            lane(case),
            f"telegram:{operator.hotline_chat}",
            f"open_topic:{case.id}",
            case.id,
            priority=Priority.ESCALATION,
        ),
        services.now(),
    )


def tell_staff(
    uow: UnitOfWork, services: Services, case: Case, contact: Contact, notice: str, once: str
) -> None:
    """A message to a technician or manager: by chat and by e-mail, whichever is known."""
    params: dict[str, Param] = {"notice": notice, "name": contact.name, "telegram": contact.telegram_id}
    who = contact.telegram_id or contact.email or contact.name
    for kind, recipient in _ways_to(contact):
        key = f"staff:{case.id}:{notice}:{who}:{kind.value}:{once}"
        outgoing = Outgoing(kind, recipient, recipient, key, case.id, params, Priority.ESCALATION)
        uow.outbox.put(outgoing, services.now())


def _ways_to(contact: Contact) -> list[tuple[OutgoingKind, str]]:
    ways: list[tuple[OutgoingKind, str]] = []
    if contact.telegram_id is not None:
        ways.append((OutgoingKind.STAFF_NOTICE, f"telegram:{contact.telegram_id}"))
    if contact.email is not None:
        ways.append((OutgoingKind.EMAIL, f"mailto:{contact.email}"))
    return ways
