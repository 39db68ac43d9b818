"""People: drivers, agents, technicians, owners of groups."""

from collections.abc import Iterable

from . import groups
from .acting import Acting
from .groups import ALL_RIGHTS
from .model import Chat, Member, Message, Topic, User
from .presence import Impossible
from .state import Bot


class Person(Acting):
    """Everything that a person can do in Telegram; here, what they do with groups."""

    def create_group(self, title: str, *, supergroup: bool = True, topics: bool = False) -> Chat:
        """A group that this person owns. Topics need a supergroup."""
        if topics and not supergroup:
            raise Impossible("a basic group has no topics")
        return groups.found_group(self.state, self.user, title, supergroup=supergroup, forum=topics)

    def add(self, account: "Bot | Person", chat: Chat | int) -> None:
        """Adds a person or a bot to the group."""
        where = self.chat(chat)
        newcomer = account if isinstance(account, Bot) else account.user
        groups.enter(self.state, where, newcomer, self.user.json)

    def remove(self, account: "Bot | Person", chat: Chat | int) -> None:
        """Removes and bans a person or a bot: a removed bot "was kicked"."""
        where = self._led(chat, "can_restrict_members")
        leaver = account if isinstance(account, Bot) else account.user
        groups.leave(self.state, where, leaver, self.user.json, kicked=True)

    def leave(self, chat: Chat | int) -> None:
        groups.leave(self.state, self.chat(chat), self.user, self.user.json, kicked=False)

    def promote(self, account: "Bot | Person", chat: Chat | int, rights: Iterable[str] = ALL_RIGHTS) -> None:
        """Makes an administrator with exactly these rights, such as "can_manage_topics"."""
        where = self._led(chat, "can_promote_members")
        who = account if isinstance(account, Bot) else account.user
        unknown = set(rights) - ALL_RIGHTS
        if unknown:
            raise Impossible(f"there are no rights {sorted(unknown)}")
        held = frozenset(rights) | {"can_manage_chat"}
        groups.set_member(self.state, where, who, self.user.json, Member(who.json, "administrator", held))

    def demote(self, account: "Bot | Person", chat: Chat | int) -> None:
        """Leaves the account as an ordinary member."""
        where = self._led(chat, "can_promote_members")
        who = account if isinstance(account, Bot) else account.user
        groups.set_member(self.state, where, who, self.user.json, Member(who.json))

    def migrate(self, chat: Chat | int, *, topics: bool = False) -> Chat:
        """Turns a basic group into a supergroup, as switching topics on does; returns the new chat."""
        where = self._led(chat, "can_change_info")
        if where.kind != "group" or where.migrated_to is not None:
            raise Impossible("only a basic group can become a supergroup")
        return groups.migrate(self.state, where, self.user.json, forum=topics)

    def create_topic(self, name: str, chat: Chat | int) -> Topic:
        where = self._forum(chat)
        return groups.open_topic(self.state, where, self.user.json, name)

    def rename_topic(self, thread: int, name: str, chat: Chat | int) -> None:
        where = self._forum(chat)
        groups.edit_topic(self.state, where, self.user.json, self.topic(where, thread), {"name": name})

    def close_topic(self, thread: int, chat: Chat | int) -> None:
        where = self._forum(chat)
        groups.close_topic(self.state, where, self.user.json, self.topic(where, thread), closed=True)

    def reopen_topic(self, thread: int, chat: Chat | int) -> None:
        where = self._forum(chat)
        groups.close_topic(self.state, where, self.user.json, self.topic(where, thread), closed=False)

    def delete_topic(self, thread: int, chat: Chat | int, refusal: str = "message thread not found") -> None:
        """Deletes a topic by hand. Bots hear nothing; `refusal` is what their next message gets."""
        where = self._led(self._forum(chat), "can_delete_messages")
        groups.delete_topic(self.state, where, self.topic(where, thread), refusal)

    def pin(self, message: Message | int, chat: Chat | int) -> None:
        where = self.chat(chat)
        groups.pin(self.state, where, self.user.json, self.message(where, message).id)

    def _led(self, chat: Chat | int, right: str) -> Chat:
        where = self.chat(chat)
        if where.kind == "private" or not self.may(where, right):
            raise Impossible(f"this person may not do that: {right} is missing")
        return where

    def _forum(self, chat: Chat | int) -> Chat:
        where = self._led(chat, "can_manage_topics")
        if not where.forum:
            raise Impossible("this group has no topics")
        return where


def profile(user: User) -> dict[str, object]:
    """The person for a page."""
    return {**user.json, "phone_number": user.phone_number, "deactivated": user.deactivated}
