"""Putting messages into chats, changing them, and telling the bots who should know."""

from .model import Body, Chat, Message
from .state import NOWHERE_SPECIAL, Bot, Place, State

_SERVICE = (
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "pinned_message",
    "new_chat_members",
    "left_chat_member",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "group_chat_created",
    "supergroup_chat_created",
)


def is_service(body: Body) -> bool:
    """Whether this is a note of Telegram itself, which nobody can copy or edit."""
    return any(field in body for field in _SERVICE)


def post(
    state: State,
    chat: Chat,
    sender: Body,
    content: Body,
    *,
    place: Place = NOWHERE_SPECIAL,
    keyboard: Body | None = None,
) -> Message:
    """Appends a message of `sender` (a User object) and queues it for the bots that see it."""
    number = chat.next_id()
    body: Body = {"message_id": number, "from": sender, "chat": chat.json, "date": state.now()}
    if place.topic is not None:
        body["message_thread_id"] = place.topic.id
        body["is_topic_message"] = True
    if (replied := _replied(chat, place)) is not None:
        body["reply_to_message"] = {k: v for k, v in replied.body.items() if k != "reply_to_message"}
    body.update(content)
    message = Message(number, sender["id"], body, keyboard)
    chat.messages[number] = message
    if keyboard is not None and not keyboard.get("force_reply"):
        chat.keyboard = None if keyboard.get("remove_keyboard") else keyboard
    if chat.kind == "private" and state.keep_messages and len(chat.messages) > state.keep_messages:
        chat.messages.popitem(last=False)
    note_message(state, "message", chat, message)
    tell(state, chat, "message", message)
    return message


def note_message(state: State, kind: str, chat: Chat, message: Message) -> None:
    """Records a new or changed message for those who watch."""
    extra: Body = {"keyboard": message.keyboard}
    if message.revisions or message.reactions:
        extra = message.view()
    state.note(kind, chat, {**message.body, **extra})


def _replied(chat: Chat, place: Place) -> Message | None:
    if place.reply is not None:
        return place.reply
    # Telegram makes every message of a topic an answer to the note that opened the topic.
    return chat.messages.get(place.topic.id) if place.topic is not None else None


def tell(state: State, chat: Chat, kind: str, message: Message) -> None:
    """Queues the message for each bot that sees it, except, unless it is a service note, its own author."""
    service = is_service(message.body)
    if chat.kind == "private":
        if chat.bot_id is not None and (service or message.sender != chat.bot_id):
            queue(state, state.bots_by_id[chat.bot_id], kind, chat.id, message.body)
        return
    if message.sender in state.bots_by_id and not service:
        return
    for bot in bots_in(state, chat):
        if service or sees(bot, chat, message.body):
            queue(state, bot, kind, chat.id, message.body)


def queue(state: State, bot: Bot, kind: str, lane: int, payload: Body) -> None:
    """Queues one update if the bot wants its kind."""
    if bot.queue.admits(kind):
        state.gate(bot, kind, lane, payload)


def bots_in(state: State, chat: Chat) -> list[Bot]:
    """The bots that are in a group."""
    return [bot for bot in state.bots_by_id.values() if _inside(chat, bot.id)]


def _inside(chat: Chat, account: int) -> bool:
    member = chat.members.get(account)
    return member is not None and member.inside


def sees(bot: Bot, chat: Chat, body: Body) -> bool:
    """Privacy mode: without admin rights a bot sees commands, mentions of it and replies to it."""
    if not bot.privacy or chat.members[bot.id].status == "administrator":
        return True
    replied: Body = body.get("reply_to_message") or {}
    if replied.get("from", {}).get("id") == bot.id and "forum_topic_created" not in replied:
        return True
    text = str(body.get("text") or body.get("caption") or "")
    command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    return (bool(command) and "@" not in command) or f"@{bot.username}".lower() in text.lower()


def revise(state: State, chat: Chat, message: Message, changed: Body) -> None:
    """Replaces parts of a message; a value of None removes the part. The old body is kept as a revision."""
    message.revisions.append(message.body)
    body = {**message.body, **changed, "edit_date": state.now()}
    message.body = {key: value for key, value in body.items() if value is not None}
    note_message(state, "edit", chat, message)
    tell(state, chat, "edited_message", message)


def remove(state: State, chat: Chat, number: int) -> None:
    """Deletes a message. Nobody is told, as with Telegram."""
    message = chat.messages.pop(number)
    if number in chat.pinned:
        chat.pinned.remove(number)
    data = {"message_id": number, "message_thread_id": message.thread}
    state.note("delete", chat, data)
