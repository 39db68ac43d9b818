"""What others must learn: a row that leaves by the outbox, in order within its lane, at least once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

Param = str | int | bool | None


class OutgoingKind(StrEnum):
    """How a row is delivered."""

    OPEN_TOPIC = "open_topic"
    """Opens the topic of a case and puts its card in; recipient: the hotline's group."""
    CARD = "card"
    """Draws the card of a case anew."""
    TOPIC_NOTICE = "topic_notice"
    """A line into the topic of a case."""
    RELAY_TO_TOPIC = "relay_to_topic"
    RELAY_TO_DRIVER = "relay_to_driver"
    RELAY_EDIT = "relay_edit"
    """Has the copy of a message say what the message says by now."""
    REACTION = "reaction"
    """Shows on a message, or on its copy, how it is reacted to by now."""
    DRIVER_NOTICE = "driver_notice"
    """A text to the driver of a case, with the buttons of where the case stands."""
    DRIVER_LIVE = "driver_live"
    """Changes the message that shows a driver how the ladder of their case goes."""
    STAFF_NOTICE = "staff_notice"
    """A text to a technician or manager in a private chat."""
    ADMIN_NOTICE = "admin_notice"
    """A text to an admin in a private chat, about no case."""
    ADMIN_MAIL = "admin_mail"
    """An e-mail to an admin, about no case."""
    JOB = "job"
    """Shows a technician's job in their chat: a message that changes with it."""
    JOB_NOTICE = "job_notice"
    """A message of its own to a technician, about a job."""
    JOB_MAIL = "job_mail"
    """The same by e-mail, or the job itself with everything that is needed for it."""
    JOB_PHOTO = "job_photo"
    """A photo that a technician sent by a link, into the topic of the case."""
    JOB_COPY = "job_copy"
    """What a technician sent into the chat, into the topic of the case."""
    WATCH_NOTICE = "watch_notice"
    """To somebody who waits for an EVSE, about no case of theirs."""
    CLOSE_TOPIC = "close_topic"
    REOPEN_TOPIC = "reopen_topic"
    RETELL = "retell"
    """Tells in the topic of a case, which is in another group now, what was said before."""
    RENAME_TOPIC = "rename_topic"
    """Has the topic of a case called as the case is by now."""
    TOPIC_ACTION = "topic_action"
    """The line that shows in a topic how an agent's remote action goes: sent once, changed from then on."""
    ANSWER = "answer"
    """An answer that was ready: told in the topic, and then passed on to the driver."""
    AGENT_NOTICE = "agent_notice"
    """A text to an agent in a private chat, with the way to the topic of a case."""
    EMAIL = "email"


class Priority(IntEnum):
    """What goes first when a budget is short; lower is earlier."""

    ESCALATION = 0
    AGENT = 1
    DRIVER = 2
    COSMETIC = 3


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent. Rows of one `lane` leave in order; a `dedupe_key` exists once, for good.

    `recipient` is an `Address` as text, `case:<id>` for the topic of a case, or `mailto:` with an address.
    """

    kind: OutgoingKind
    lane: str
    recipient: str
    dedupe_key: str
    case_id: int | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    priority: Priority = Priority.DRIVER


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that a worker has leased. `attempts` counts this one, too."""

    id: int
    outgoing: Outgoing
    attempts: int
