"""Forum topics as a bot manages them."""

from .access import rights, topic_of, writable_chat
from .errors import bad_request
from .groups import ICON_COLORS, close_topic, delete_topic, edit_topic, open_topic
from .model import Body, Chat
from .params import Params
from .state import Bot, State

_MAX_NAME = 128


def create_forum_topic(state: State, bot: Bot, params: Params) -> Body:
    chat = _forum(state, bot, params)
    if not rights(chat, bot).may("can_manage_topics"):
        raise bad_request("not enough rights to create a topic")
    name = params.text("name").strip()
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    color = params.integer("icon_color") or 0
    if color and color not in ICON_COLORS:
        raise bad_request("invalid icon color specified")
    icon = (color, params.text("icon_custom_emoji_id"))
    topic = open_topic(state, chat, bot.json, name[:_MAX_NAME], icon)
    body: Body = {"message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color}
    if topic.icon_custom_emoji_id:
        body["icon_custom_emoji_id"] = topic.icon_custom_emoji_id
    return body


def edit_forum_topic(state: State, bot: Bot, params: Params) -> bool:
    chat = _managed(state, bot, params)
    topic = topic_of(chat, params)
    changed: Body = {}
    if params.has("name") and params.text("name") != topic.name:
        changed["name"] = params.text("name")[:_MAX_NAME]
    emoji = params.text("icon_custom_emoji_id")
    if "icon_custom_emoji_id" in params.values and emoji != (topic.icon_custom_emoji_id or ""):
        changed["icon_custom_emoji_id"] = emoji
    if not changed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    edit_topic(state, chat, bot.json, topic, changed)
    return True


def close_forum_topic(state: State, bot: Bot, params: Params) -> bool:
    return _set_closed(state, bot, params, closed=True)


def reopen_forum_topic(state: State, bot: Bot, params: Params) -> bool:
    return _set_closed(state, bot, params, closed=False)


def _set_closed(state: State, bot: Bot, params: Params, *, closed: bool) -> bool:
    chat = _managed(state, bot, params)
    topic = topic_of(chat, params)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    close_topic(state, chat, bot.json, topic, closed=closed)
    return True


def delete_forum_topic(state: State, bot: Bot, params: Params) -> bool:
    chat = _forum(state, bot, params)
    if not rights(chat, bot).may("can_delete_messages"):
        raise bad_request("not enough rights to delete a topic")
    delete_topic(state, chat, topic_of(chat, params))
    return True


def unpin_all_forum_topic_messages(state: State, bot: Bot, params: Params) -> bool:
    chat = _forum(state, bot, params)
    if not rights(chat, bot).may("can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    topic = topic_of(chat, params)
    chat.pinned = [number for number in chat.pinned if chat.messages[number].thread != topic.id]
    return True


def get_forum_topic_icon_stickers(state: State, bot: Bot, params: Params) -> list[Body]:
    """No icons are on offer here."""
    return []


def _forum(state: State, bot: Bot, params: Params) -> Chat:
    chat = writable_chat(state, bot, params)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    return chat


def _managed(state: State, bot: Bot, params: Params) -> Chat:
    chat = _forum(state, bot, params)
    standing = rights(chat, bot)
    topic = chat.topics.get(params.integer("message_thread_id") or 0)
    # Whoever opened a topic may manage it without the right to manage all.
    if not standing.may("can_manage_topics") and (topic is None or topic.creator != bot.id):
        raise bad_request("not enough rights to manage topics")
    return chat


METHODS = {
    "createforumtopic": create_forum_topic,
    "editforumtopic": edit_forum_topic,
    "closeforumtopic": close_forum_topic,
    "reopenforumtopic": reopen_forum_topic,
    "deleteforumtopic": delete_forum_topic,
    "unpinallforumtopicmessages": unpin_all_forum_topic_messages,
    "getforumtopiciconstickers": get_forum_topic_icon_stickers,
}
