"""Copying messages, which leaves no trace of the origin, and forwarding, which shows it."""

from itertools import pairwise

from .access import known_chat, message_of, place_in, writable_chat
from .errors import bad_request
from .methods_messages import caption_content, deliver
from .model import Body, Chat, Message
from .params import Params
from .posting import is_service, post
from .state import Bot, State

_COPIED = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "video",
    "voice",
    "document",
    "audio",
    "animation",
    "sticker",
    "location",
    "contact",
)
_MAX_MESSAGES = 100


def copy_message(state: State, bot: Bot, params: Params) -> Body:
    chat = writable_chat(state, bot, params)
    origin = message_of(known_chat(state, bot, params, "from_chat_id"), params, "message to copy")
    if not _movable(origin):
        raise bad_request("message can't be copied")
    content = _content(origin)
    if "caption" in params.values and "text" not in content:
        content = {k: v for k, v in content.items() if not k.startswith("caption")} | caption_content(params)
    return {"message_id": deliver(state, bot, chat, params, content)["message_id"]}


def copy_messages(state: State, bot: Bot, params: Params) -> list[Body]:
    """Copies what can be copied, keeps albums together and skips the rest silently."""
    chat = writable_chat(state, bot, params)
    place = place_in(bot, chat, params)
    groups: dict[str, str] = {}
    copied = []
    for origin in _origins(state, bot, params):
        content = _content(origin)
        if params.flag("remove_caption"):
            content = {k: v for k, v in content.items() if not k.startswith("caption")}
        if (group := origin.body.get("media_group_id")) is not None:
            number = groups.setdefault(group, str(13_000_000_000_000_000 + next(state.numbers)))
            content["media_group_id"] = number
        copied.append({"message_id": post(state, chat, bot.json, content, place=place).id})
    return copied


def forward_message(state: State, bot: Bot, params: Params) -> Body:
    chat = writable_chat(state, bot, params)
    origin = message_of(known_chat(state, bot, params, "from_chat_id"), params, "message to forward")
    if not _movable(origin):
        raise bad_request("message can't be forwarded")
    return deliver(state, bot, chat, params, _content(origin) | _origin_of(origin))


def forward_messages(state: State, bot: Bot, params: Params) -> list[Body]:
    chat = writable_chat(state, bot, params)
    place = place_in(bot, chat, params)
    return [
        {"message_id": post(state, chat, bot.json, _content(o) | _origin_of(o), place=place).id}
        for o in _origins(state, bot, params)
    ]


def _origins(state: State, bot: Bot, params: Params) -> list[Message]:
    source: Chat = known_chat(state, bot, params, "from_chat_id")
    numbers = params.integers("message_ids")
    if not 1 <= len(numbers) <= _MAX_MESSAGES:
        raise bad_request("there are no message identifiers" if not numbers else "too many messages")
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    found = [source.messages[number] for number in numbers if number in source.messages]
    movable = [message for message in found if _movable(message)]
    if not movable:
        raise bad_request("there are no messages to copy")
    return movable


def _movable(message: Message) -> bool:
    return not is_service(message.body) and not message.body.get("has_protected_content")


def _content(message: Message) -> Body:
    return {key: message.body[key] for key in _COPIED if key in message.body}


def _origin_of(message: Message) -> Body:
    sender = message.body["from"]
    return {"forward_origin": {"type": "user", "sender_user": sender, "date": message.body["date"]}}


METHODS = {
    "copymessage": copy_message,
    "copymessages": copy_messages,
    "forwardmessage": forward_message,
    "forwardmessages": forward_messages,
}
