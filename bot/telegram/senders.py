"""All bots of the instance as one sender: what is sent leaves by the bot that the address names."""

from collections.abc import Mapping, Sequence

from bot.domain.outgoing import Priority
from bot.domain.people import Address
from bot.telegram.errors import Undelivered
from bot.telegram.sender import Origin, Sender
from bot.views.screen import Attachment, Screen
from storage.repositories.messages import Wording


class Senders:
    """Has what a `Sender` has where an address says which bot is meant; `of` gives the sender for all else.

    An address of a bot that does not run is Undelivered: its token may be missing by mistake, so what waits for it is
    put off and not given up.
    """

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self._senders = senders

    def of(self, address: Address) -> Sender:
        """The sender of the bot that the address names; Undelivered where that bot does not run."""
        sender = self._senders.get(address.channel)
        if sender is None:
            raise Undelivered(f"no token is set for {address.channel}")
        return sender

    async def send(self, to: Address, screen: Screen, priority: Priority = Priority.DRIVER) -> int:
        """See `Sender.send`."""
        return await self.of(to).send(to, screen, priority)

    async def send_document(
        self, to: Address, file: Attachment, caption: Screen, priority: Priority = Priority.DRIVER
    ) -> int:
        """See `Sender.send_document`."""
        return await self.of(to).send_document(to, file, caption, priority)

    async def send_photo(
        self, to: Address, file: Attachment, caption: Screen, priority: Priority = Priority.DRIVER
    ) -> int:
        """See `Sender.send_photo`."""
        return await self.of(to).send_photo(to, file, caption, priority)

    async def edit_photo(self, to: Address, message: int, file: Attachment, caption: Screen) -> None:
        """See `Sender.edit_photo`."""
        await self.of(to).edit_photo(to, message, file, caption)

    async def edit(
        self, to: Address, message: int, screen: Screen, priority: Priority = Priority.DRIVER
    ) -> None:
        """See `Sender.edit`."""
        await self.of(to).edit(to, message, screen, priority)

    async def copy(self, to: Address, origin: Origin, priority: Priority, reply_to: int | None = None) -> int:
        """See `Sender.copy`. ValueError where the origin is another bot's chat, which this one cannot read."""
        _same_bot(to, origin)
        return await self.of(to).copy(to, origin, priority, reply_to)

    async def copy_album(self, to: Address, origin: Origin, priority: Priority) -> list[int]:
        """See `Sender.copy_album`; ValueError as with `copy`."""
        _same_bot(to, origin)
        return await self.of(to).copy_album(to, origin, priority)

    async def send_album(
        self, to: Address, media: Sequence[Mapping[str, object]], priority: Priority, reply_to: int | None
    ) -> list[int]:
        """See `Sender.send_album`."""
        return await self.of(to).send_album(to, media, priority, reply_to)

    async def reword(self, to: Address, message: int, wording: Wording, priority: Priority) -> None:
        """See `Sender.reword`."""
        await self.of(to).reword(to, message, wording, priority)

    async def react(self, to: Address, message: int, emoji: str | None) -> None:
        """See `Sender.react`."""
        await self.of(to).react(to, message, emoji)

    async def open_topic(self, group: Address, name: str) -> Address:
        """Opens a topic in a group; returns its address."""
        return Address(group.channel, group.chat, await self.of(group).open_topic(group.chat, name))

    async def close_topic(self, topic: Address) -> None:
        """See `Sender.close_topic`."""
        await self.of(topic).close_topic(topic)

    async def reopen_topic(self, topic: Address) -> None:
        """See `Sender.reopen_topic`."""
        await self.of(topic).reopen_topic(topic)

    async def rename_topic(self, topic: Address, name: str) -> None:
        """See `Sender.rename_topic`."""
        await self.of(topic).rename_topic(topic, name)

    async def toast(
        self, conversation: Address, callback_id: str, text: str | None = None, *, alert: bool = False
    ) -> None:
        """See `Sender.toast`; the conversation is that of the tap."""
        await self.of(conversation).toast(callback_id, text, alert=alert)

    async def download(self, conversation: Address, file_id: str) -> bytes:
        """See `Sender.download`; the conversation is that in which the file was sent."""
        return await self.of(conversation).download(file_id)


def _same_bot(to: Address, origin: Origin) -> None:
    if origin.chat.channel != to.channel:
        # In its own chat with the same person that number would be quite another message.
        raise ValueError(f"{to.channel} cannot copy from {origin.chat.channel}")
