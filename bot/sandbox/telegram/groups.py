"""Groups, their members and their topics: what changes them, whoever asks."""

from .model import ADMIN_RIGHTS, Body, Chat, Member, Topic, User
from .posting import bots_in, post, queue, remove
from .state import Bot, Place, State

ICON_COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)
ALL_RIGHTS = frozenset(ADMIN_RIGHTS)


def found_group(state: State, owner: User, title: str, *, supergroup: bool, forum: bool) -> Chat:
    """A new group with its creator in it. Basic groups have no topics; a supergroup's id begins with -100."""
    number = 5_000_000 + next(state.numbers)
    chat_id = -1_000_000_000_000 - number if supergroup else -number
    kind = "supergroup" if supergroup else "group"
    json: Body = {"id": chat_id, "type": kind, "title": title}
    if forum:
        json["is_forum"] = True
    chat = Chat(chat_id, "supergroup" if supergroup else "group", json, forum=forum)
    chat.members[owner.id] = Member(owner.json, "creator")
    state.groups[chat_id] = chat
    state.note("chat", chat, chat.json)
    return chat


def set_member(state: State, chat: Chat, account: User | Bot, by: Body, standing: Member) -> None:
    """Changes one account's standing and tells the bots, as `by` (a User object) did it."""
    old = chat.members.get(account.id) or Member(account.json, "left")
    chat.members[account.id] = standing
    payload = {
        "chat": chat.json,
        "from": by,
        "date": state.now(),
        "old_chat_member": old.view(),
        "new_chat_member": standing.view(),
    }
    state.note("member", chat, payload)
    if isinstance(account, Bot):
        queue(state, account, "my_chat_member", chat.id, payload)
    for bot in bots_in(state, chat):
        if bot is not account and chat.members[bot.id].status == "administrator":
            queue(state, bot, "chat_member", chat.id, payload)


def enter(state: State, chat: Chat, account: User | Bot, by: Body) -> None:
    """An account joins or is added; the group shows it."""
    set_member(state, chat, account, by, Member(account.json, "member"))
    post(state, chat, by, {"new_chat_members": [account.json]})


def leave(state: State, chat: Chat, account: User | Bot, by: Body, *, kicked: bool) -> None:
    """An account leaves or is removed; the group shows it to those who stay."""
    set_member(state, chat, account, by, Member(account.json, "kicked" if kicked else "left"))
    post(state, chat, by, {"left_chat_member": account.json})


def open_topic(state: State, chat: Chat, by: Body, name: str, icon: tuple[int, str] = (0, "")) -> Topic:
    """A new topic; its id is the number of the note that announces it. `icon` is colour and custom emoji."""
    color, emoji = icon
    shown = color or ICON_COLORS[len(chat.topics) % len(ICON_COLORS)]
    topic = Topic(chat.last_id + 1, name, by["id"], shown, emoji or None)
    chat.topics[topic.id] = topic
    created: Body = {"name": name, "icon_color": topic.icon_color}
    if emoji:
        created["icon_custom_emoji_id"] = emoji
    post(state, chat, by, {"forum_topic_created": created}, place=Place(topic))
    note_topic(state, chat, topic)
    return topic


def close_topic(state: State, chat: Chat, by: Body, topic: Topic, *, closed: bool) -> None:
    """Closes or reopens; the topic shows it."""
    topic.closed = closed
    field = "forum_topic_closed" if closed else "forum_topic_reopened"
    post(state, chat, by, {field: {}}, place=Place(topic))
    note_topic(state, chat, topic)


def edit_topic(state: State, chat: Chat, by: Body, topic: Topic, changed: Body) -> None:
    """Renames a topic or changes its icon; `changed` holds `name` and/or `icon_custom_emoji_id`."""
    topic.name = changed.get("name", topic.name)
    topic.icon_custom_emoji_id = changed.get("icon_custom_emoji_id", topic.icon_custom_emoji_id)
    post(state, chat, by, {"forum_topic_edited": changed}, place=Place(topic))
    note_topic(state, chat, topic)


def delete_topic(state: State, chat: Chat, topic: Topic, refusal: str = "message thread not found") -> None:
    """Deletes a topic with all its messages. Bots are told nothing; they learn it from the next refusal."""
    topic.deleted = True
    topic.refusal = refusal
    for number in [message.id for message in chat.messages_in(topic.id)]:
        remove(state, chat, number)
    note_topic(state, chat, topic)


def note_topic(state: State, chat: Chat, topic: Topic) -> None:
    state.note("topic", chat, topic_view(topic))


def topic_view(topic: Topic) -> Body:
    """The topic for a page: message_thread_id, name, icon_color, closed, deleted."""
    return {
        "message_thread_id": topic.id,
        "name": topic.name,
        "icon_color": topic.icon_color,
        "icon_custom_emoji_id": topic.icon_custom_emoji_id,
        "closed": topic.closed,
        "deleted": topic.deleted,
    }


def migrate(state: State, chat: Chat, by: Body, *, forum: bool) -> Chat:
    """A basic group becomes a supergroup under a new id; both chats show a service note."""
    owner = next(state.users[n] for n, member in chat.members.items() if member.status == "creator")
    new = found_group(state, owner, chat.title, supergroup=True, forum=forum)
    new.members = dict(chat.members)
    chat.migrated_to = new.id
    post(state, chat, by, {"migrate_to_chat_id": new.id})
    post(state, new, by, {"migrate_from_chat_id": chat.id})
    return new


def pin(state: State, chat: Chat, by: Body, number: int) -> None:
    """Pins a message; the chat shows it."""
    message = chat.messages[number]
    if number not in chat.pinned:
        chat.pinned.append(number)
    topic = chat.topics.get(message.thread or 0)
    post(state, chat, by, {"pinned_message": message.body}, place=Place(topic))
