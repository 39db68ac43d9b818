"""The world as JSON, for a page that has just opened."""

from itertools import islice

from .groups import topic_view
from .model import Body, Chat
from .people import profile
from .world import World


def world_view(world: World, messages: int) -> Body:
    """`number` is that of the last change, from which the event stream goes on without a gap."""
    return {
        "number": world.journal.number,
        "time": world.now(),
        "bots": [bot.me() for bot in world.bots_by_id.values()],
        "people": [profile(person.user) for person in world.people.values()],
        "chats": [chat_view(c, messages) for c in (*world.privates.values(), *world.groups.values())],
    }


def chat_view(chat: Chat, messages: int) -> Body:
    """One chat with its newest `messages`, oldest first."""
    newest = list(islice(reversed(chat.messages.values()), messages))
    return {
        "id": chat.id,
        "type": chat.kind,
        "title": chat.title,
        "bot": chat.bot_id,
        "started": chat.started,
        "blocked": chat.blocked,
        "forum": chat.forum,
        "migrated_to": chat.migrated_to,
        "members": [member.view() for member in chat.members.values()],
        "topics": [topic_view(topic) for topic in chat.topics.values()],
        "pinned": chat.pinned,
        "keyboard": chat.keyboard,
        "messages": [message.view() for message in reversed(newest)],
    }
