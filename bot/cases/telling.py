"""What others must learn of a case: rows for the outbox, in the transaction that changes the case."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.agents import groups
from bot.cases.services import Services
from bot.domain.account import Account
from bot.domain.case import Case, CaseState
from bot.domain.operator import Contact
from bot.domain.outgoing import Outgoing, OutgoingKind, Param, Priority
from storage.repositories.messages import Passed, Said
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

_ASKS_FOR_PATIENCE = frozenset({"still_waiting"})
"""It comes by the clock, to all waiting cases of a driver in turn, and begins no talk about any of them."""
ALBUM_GATHERS = timedelta(seconds=1)
"""For how long after a part of an album the next one is waited for."""


def lane(case: Case) -> str:
    """The lane of everything that goes into the case's topic."""
    return f"case:{case.id}"


def case_of_lane(recipient: str) -> int | None:
    """The number of the case into whose topic a row goes; None for a row that goes elsewhere."""
    head, _, number = recipient.partition(":")
    return int(number) if head == "case" else None


def leaves_to_agent(case: Case, notice: str) -> bool:
    """Whether the bot says nothing of this to the driver, as an agent has the case and speaks with them."""
    return case.state is CaseState.WITH_AGENT and notice not in WITH_AGENT_TOO


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


def pass_on(uow: UnitOfWork, services: Services, case: Case, said: Said, into: Case | None = None) -> None:
    """Has a message copied to the other side; each message once, an album as one.

    What a driver says goes into the topic of `into`, where their case goes on in that one.

    The parts of an album come one by one, and nothing says which is the last: it is sent when no part has come for a
    moment. A part that comes even later is copied by itself.
    """
    now = services.now()
    alone = f"copy:{said.source}:{said.source_message}"
    if said.album is None:
        uow.outbox.put(_copy(case, said, alone, into=into), now)
        return
    due = now + ALBUM_GATHERS
    key = f"album:{case.id}:{said.source}:{said.album}"
    if uow.outbox.postpone(key, due) or uow.outbox.put(_copy(case, said, key, said.album, into), now, due):
        return
    uow.outbox.put(_copy(case, said, alone, into=into), now)


def pass_on_edit(
    uow: UnitOfWork, services: Services, case: Case, passed: Passed, once: str, into: Case | None = None
) -> None:
    """Has the copy of a message say what the message says by now."""
    said = passed.said
    copy = _copy(case, said, f"edit:{said.source}:{said.source_message}:{once}", into=into)
    uow.outbox.put(replace(copy, kind=OutgoingKind.RELAY_EDIT), services.now())


def show_reaction(uow: UnitOfWork, services: Services, said: Said, once: str, *, on_copy: bool) -> None:
    """Has a message, or its copy, show how it is reacted to by now, in a lane of its own: no words wait for it."""
    side = "copy" if on_copy else "source"
    where = f"react:{side}:{said.source}:{said.source_message}"
    params: dict[str, Param] = {
        "source": str(said.source),
        "message": said.source_message,
        "on_copy": on_copy,
    }
    outgoing = Outgoing(
        OutgoingKind.REACTION, where, where, f"{where}:{once}", said.case_id, params, Priority.COSMETIC
    )
    uow.outbox.put(outgoing, services.now())


def show_taken(uow: UnitOfWork, services: Services, case: Case) -> None:
    """Somebody has the case: what the driver wrote while nobody had it waits no longer, and shows so."""
    for passed in uow.messages.passed_of(case.id):
        if passed.said.from_driver and passed.copy is not None:
            show_reaction(uow, services, passed.said, f"taken:{case.version}", on_copy=False)


def _copy(case: Case, said: Said, key: str, album: str | None = None, into: Case | None = None) -> Outgoing:
    params: dict[str, Param] = {"source": str(said.source), "message": said.source_message, "album": album}
    recipient = lane(into or case) if said.from_driver else str(case.conversation)
    return Outgoing(
        OutgoingKind.RELAY_TO_TOPIC if said.from_driver else OutgoingKind.RELAY_TO_DRIVER,
        recipient,
        recipient,
        key,
        case.id,
        params,
        Priority.DRIVER if said.from_driver else Priority.AGENT,
    )


WITH_AGENT_TOO = frozenset(
    {"agent_joined", "agent_changed", "technician_asked", "call_asked", "repaired_too"}
)
"""What the bot tells a driver whom an agent has: what the agent asks of it, and that the EVSE was repaired.

The agent, who reads the rest in the topic, tells it.
"""


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
    if notice not in _ASKS_FOR_PATIENCE:
        uow.cases.spoken(case.id, services.now())


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
    """Gives the case to a group of agents and has its topic opened there; one that it has is opened again."""
    with_group = groups.give(uow, services, case)
    if with_group.group_chat is None:
        return
    kind = OutgoingKind.OPEN_TOPIC if with_group.topic is None else OutgoingKind.REOPEN_TOPIC
    key = f"{kind.value}:{case.id}:{case.version}"
    outgoing = Outgoing(kind, lane(case), lane(case), key, case.id, priority=Priority.ESCALATION)
    uow.outbox.put(outgoing, services.now())


def tell_staff(
    uow: UnitOfWork,
    services: Services,
    case: Case,
    contact: Contact,
    notice: str,
    once: str,
    **more: Param,
) -> None:
    """A message to a technician, manager or agent: by chat and by e-mail, whichever is known."""
    params: dict[str, Param] = {"notice": notice, "name": contact.name, "telegram": contact.telegram_id}
    params |= more
    who = contact.telegram_id or contact.email or contact.name
    for kind, recipient in _ways_to(services.accounts.of(case.operator_id), contact):
        key = f"staff:{case.id}:{notice}:{who}:{kind.value}:{once}"
        outgoing = Outgoing(kind, recipient, recipient, key, case.id, params, Priority.ESCALATION)
        uow.outbox.put(outgoing, services.now())


def _ways_to(account: Account, contact: Contact) -> list[tuple[OutgoingKind, str]]:
    ways: list[tuple[OutgoingKind, str]] = []
    if contact.telegram_id is not None:
        ways.append((OutgoingKind.STAFF_NOTICE, str(account.address(contact.telegram_id))))
    if contact.email is not None:
        ways.append((OutgoingKind.EMAIL, f"mailto:{contact.email}"))
    return ways


def mention(agent: Colleague) -> str:
    """An agent as a notice in a topic calls them, in its parameter `mentions`; several stand in lines."""
    return f"{agent.telegram_id}:{agent.name}"


def tell_agent(
    uow: UnitOfWork,
    services: Services,
    case: Case,
    agent: Colleague,
    notice: str,
    once: str,
    **params: Param,
) -> None:
    """A message to an agent in private, with the way to the topic; whoever is not on Telegram is not told."""
    if agent.telegram_id is None:
        return
    to = str(services.accounts.of(case.operator_id).address(agent.telegram_id))
    key = f"agent:{case.id}:{notice}:{agent.telegram_id}:{once}"
    values: dict[str, Param] = {"notice": notice, "telegram": agent.telegram_id, **params}
    outgoing = Outgoing(OutgoingKind.AGENT_NOTICE, to, to, key, case.id, values, Priority.ESCALATION)
    uow.outbox.put(outgoing, services.now())


def rename_topic(uow: UnitOfWork, services: Services, case: Case) -> None:
    """Has the topic of a case called as the case is by now."""
    key = f"rename_topic:{case.id}:{case.version}"
    outgoing = Outgoing(
        OutgoingKind.RENAME_TOPIC, lane(case), lane(case), key, case.id, priority=Priority.COSMETIC
    )
    uow.outbox.put(outgoing, services.now())


def show_action(uow: UnitOfWork, services: Services, case: Case, action: int, state: str) -> None:
    """Has the line in the topic that tells how an agent's remote action goes say how it stands by now."""
    key = f"action:{action}:{state}"
    params: dict[str, Param] = {"action": action}
    outgoing = Outgoing(
        OutgoingKind.TOPIC_ACTION, lane(case), lane(case), key, case.id, params, Priority.AGENT
    )
    uow.outbox.put(outgoing, services.now())


def answer_in_topic(uow: UnitOfWork, services: Services, case: Case, said: Said, agent: str) -> None:
    """Has an answer that was ready told in the topic; once it stands there it goes to the driver."""
    params: dict[str, Param] = {"source": str(said.source), "message": said.source_message, "name": agent}
    key = f"answer:{said.source}:{said.source_message}"
    outgoing = Outgoing(OutgoingKind.ANSWER, lane(case), lane(case), key, case.id, params, Priority.AGENT)
    uow.outbox.put(outgoing, services.now())
