"""What can go wrong when something is sent, in our words."""


class SendError(Exception):
    """The root of what follows."""


class Unreachable(SendError):
    """The person blocked the bot or is gone, or the bot was put out of the group."""


class TopicGone(SendError):
    """Somebody deleted the topic."""


class NotAllowed(SendError):
    """The bot lacks a right in the group: it is no admin any more, or may not write there or into a closed topic."""


class MessageGone(SendError):
    """The message to be edited or copied is not there any more."""


class ChatMoved(SendError):
    """The group became a supergroup."""

    def __init__(self, new_chat: int) -> None:
        super().__init__(str(new_chat))
        self.new_chat = new_chat


class Refused(SendError):
    """Telegram will never take this; trying again is of no use."""


class Undelivered(SendError):
    """Telegram could not be reached or failed for some time; what was sent may have arrived or not."""
