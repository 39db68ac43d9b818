"""Sending text, places, contacts and signs of life; answering pressed buttons."""

from .access import markup_of, message_of, place_in, writable_chat
from .entities import parse, utf16_length
from .errors import bad_request
from .model import Body, Chat
from .params import Params
from .posting import note_message, post
from .state import Bot, State

MAX_TEXT = 4096
MAX_CAPTION = 1024
"""Both in UTF-16 units, after the markup is parsed."""
_MAX_ANSWER = 200
_EMOJI_LINE = (
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 "
    "🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 "
    "🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
_EMOJI = frozenset(_EMOJI_LINE.split())
"""The emoji that Telegram takes as reactions."""


def formatted(params: Params, field: str = "text", entities: str = "entities") -> tuple[str, list[Body]]:
    """Plain text and entities of a parameter with its parse_mode."""
    given = params.objects(entities) if params.has(entities) else None
    return parse(params.text(field), params.text("parse_mode"), given)


def text_content(params: Params) -> Body:
    """`text` and `entities` of a message; ApiError when empty or too long."""
    text, entities = formatted(params)
    if not text:
        raise bad_request("message text is empty")
    if len(text) > MAX_TEXT // 2 and utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(params: Params) -> Body:
    """`caption` and `caption_entities`, or nothing when there is no caption."""
    if not params.has("caption"):
        return {}
    text, entities = formatted(params, "caption", "caption_entities")
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def deliver(state: State, bot: Bot, chat: Chat, params: Params, content: Body) -> Body:
    """Posts `content` with the place, keyboard and protection that the call asks for."""
    place = place_in(bot, chat, params)
    inline, other = markup_of(chat, params)
    if inline is not None:
        content["reply_markup"] = inline
    if params.has("protect_content") and params.flag("protect_content"):
        content["has_protected_content"] = True
    return post(state, chat, bot.json, content, place=place, keyboard=other).body


def send_message(state: State, bot: Bot, params: Params) -> Body:
    chat = writable_chat(state, bot, params)
    return deliver(state, bot, chat, params, text_content(params))


def send_location(state: State, bot: Bot, params: Params) -> Body:
    chat = writable_chat(state, bot, params)
    latitude, longitude = params.number("latitude"), params.number("longitude")
    if latitude is None or longitude is None or not _on_earth(latitude, longitude):
        raise bad_request("location is invalid")
    return deliver(state, bot, chat, params, {"location": {"latitude": latitude, "longitude": longitude}})


def _on_earth(latitude: float, longitude: float) -> bool:
    poles, antimeridian = 90, 180
    return abs(latitude) <= poles and abs(longitude) <= antimeridian


def send_contact(state: State, bot: Bot, params: Params) -> Body:
    chat = writable_chat(state, bot, params)
    contact: Body = {key: params.text(key) for key in ("phone_number", "first_name")}
    if not all(contact.values()):
        empty = next(key for key, value in contact.items() if not value)
        raise bad_request(f'field "{empty}" must be non-empty')
    if params.has("last_name"):
        contact["last_name"] = params.text("last_name")
    return deliver(state, bot, chat, params, {"contact": contact})


def send_chat_action(state: State, bot: Bot, params: Params) -> bool:
    chat = writable_chat(state, bot, params)
    place = place_in(bot, chat, params)
    if not params.has("action"):
        raise bad_request("wrong parameter action in request")
    thread = place.topic.id if place.topic else None
    state.note("typing", chat, {"action": params.text("action"), "message_thread_id": thread})
    return True


def answer_callback_query(state: State, bot: Bot, params: Params) -> bool:
    """Answers a pressed button once or more, while the query lives."""
    press = state.presses.get(params.text("callback_query_id"))
    if press is None or press.bot != bot.id or state.now() - press.asked_at > state.query_lifetime:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if utf16_length(params.text("text")) > _MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    press.text = params.text("text")
    press.show_alert = params.flag("show_alert")
    press.url = params.text("url")
    press.answered = True
    state.journal.note("answer", press.user, bot.id, press.view())
    return True


def set_message_reaction(state: State, bot: Bot, params: Params) -> bool:
    chat = writable_chat(state, bot, params)
    message = message_of(chat, params, "message to react")
    wanted = params.objects("reaction") or []
    if len(wanted) > 1 or any(r.get("type") != "emoji" or r.get("emoji") not in _EMOJI for r in wanted):
        raise bad_request("REACTION_INVALID")
    message.reactions[bot.id] = wanted
    if not wanted:
        del message.reactions[bot.id]
    note_message(state, "reaction", chat, message)
    return True


def get_user_profile_photos(state: State, bot: Bot, params: Params) -> Body:
    """Nobody here has a picture."""
    if params.integer("user_id") not in state.users:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}


METHODS = {
    "sendmessage": send_message,
    "sendlocation": send_location,
    "sendcontact": send_contact,
    "sendchataction": send_chat_action,
    "answercallbackquery": answer_callback_query,
    "setmessagereaction": set_message_reaction,
    "getuserprofilephotos": get_user_profile_photos,
}
