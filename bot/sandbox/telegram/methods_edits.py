"""Changing, deleting and pinning what was sent."""

from .access import markup_of, message_of, rights, writable_chat
from .errors import bad_request
from .groups import pin
from .methods_media import media_of
from .methods_messages import caption_content, text_content
from .model import Body, Chat, Message
from .params import Params
from .posting import is_service, remove, revise
from .state import Bot, State

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a"
    " current content and reply markup of the message"
)
_MEDIA = ("photo", "video", "voice", "document", "audio", "animation")
_MAX_MESSAGES = 100
_DELETABLE_FOR = 48 * 3600
"""Seconds during which a bot can delete a message."""


def edit_message_text(state: State, bot: Bot, params: Params) -> Body:
    chat, message = _editable(state, bot, params)
    content = text_content(params)
    if "text" not in message.body:
        raise bad_request("there is no text in the message to edit")
    return _change(state, chat, message, params, {"entities": None, **content})


def edit_message_caption(state: State, bot: Bot, params: Params) -> Body:
    chat, message = _editable(state, bot, params)
    content = caption_content(params)
    if not any(field in message.body for field in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _change(state, chat, message, params, {"caption": None, "caption_entities": None, **content})


def edit_message_media(state: State, bot: Bot, params: Params) -> Body:
    """Puts another file into a message; what it had of text or file goes."""
    chat, message = _editable(state, bot, params)
    item = params.structure("media")
    if not isinstance(item, dict) or item.get("type") not in _MEDIA:
        raise bad_request("can't parse InputMedia")
    own = Params(item, params.files)
    kind = str(item["type"])
    gone = dict.fromkeys(("text", "entities", "caption", "caption_entities", *_MEDIA))
    media = media_of(state, kind, own.text("media"), own)
    return _change(state, chat, message, params, {**gone, **media, **caption_content(own)})


def edit_message_reply_markup(state: State, bot: Bot, params: Params) -> Body:
    chat, message = _editable(state, bot, params)
    return _change(state, chat, message, params, {})


def _editable(state: State, bot: Bot, params: Params) -> tuple[Chat, Message]:
    chat = writable_chat(state, bot, params)
    message = message_of(chat, params, "message to edit")
    # A message that carries a reply keyboard cannot be edited, nor can one of somebody else.
    if message.sender != bot.id or is_service(message.body) or message.keyboard is not None:
        raise bad_request("message can't be edited")
    return chat, message


def _change(state: State, chat: Chat, message: Message, params: Params, content: Body) -> Body:
    inline, other = markup_of(chat, params)
    if other is not None:
        raise bad_request("inline keyboard expected")
    changed = {**content, "reply_markup": inline}
    if all(message.body.get(key) == value for key, value in changed.items()):
        raise bad_request(_NOT_MODIFIED)
    revise(state, chat, message, changed)
    return message.body


def delete_message(state: State, bot: Bot, params: Params) -> bool:
    chat = writable_chat(state, bot, params)
    message = message_of(chat, params, "message to delete")
    if not _deletable(state, bot, chat, message):
        raise bad_request("message can't be deleted for everyone")
    remove(state, chat, message.id)
    return True


def _deletable(state: State, bot: Bot, chat: Chat, message: Message) -> bool:
    if chat.kind != "private" and rights(chat, bot).may("can_delete_messages"):
        return "forum_topic_created" not in message.body
    fresh = state.now() - int(message.body["date"]) < _DELETABLE_FOR
    return fresh and (message.sender == bot.id or chat.kind == "private")


def delete_messages(state: State, bot: Bot, params: Params) -> bool:
    """Deletes what can be found and deleted, and says nothing of the rest."""
    chat = writable_chat(state, bot, params)
    numbers = params.integers("message_ids")
    if not 1 <= len(numbers) <= _MAX_MESSAGES:
        raise bad_request("too many message identifiers specified")
    for number in numbers:
        message = chat.messages.get(number)
        if message is not None and _deletable(state, bot, chat, message):
            remove(state, chat, number)
    return True


def pin_chat_message(state: State, bot: Bot, params: Params) -> bool:
    chat = _pinnable(state, bot, params)
    message = message_of(chat, params, "message to pin")
    pin(state, chat, bot.json, message.id)
    return True


def unpin_chat_message(state: State, bot: Bot, params: Params) -> bool:
    """Unpins the named message, or without a name the newest pinned one."""
    chat = _pinnable(state, bot, params)
    number = params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    return True


def unpin_all_chat_messages(state: State, bot: Bot, params: Params) -> bool:
    _pinnable(state, bot, params).pinned.clear()
    return True


def _pinnable(state: State, bot: Bot, params: Params) -> Chat:
    chat = writable_chat(state, bot, params)
    if chat.kind != "private" and not rights(chat, bot).may("can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


METHODS = {
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagemedia": edit_message_media,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "pinchatmessage": pin_chat_message,
    "unpinchatmessage": unpin_chat_message,
    "unpinallchatmessages": unpin_all_chat_messages,
}
