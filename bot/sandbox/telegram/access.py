"""Whether a bot may do what it asks: chats it can reach, topics that are open, rights that it holds."""

from .errors import ApiError, bad_request, forbidden
from .keyboards import Markup, read_markup
from .model import Chat, Member, Message, Topic
from .params import Params
from .state import NOWHERE_SPECIAL, Bot, Place, State

GENERAL_TOPIC = 1


def known_chat(state: State, bot: Bot, params: Params, name: str = "chat_id") -> Chat:
    """The chat that the parameter names, as far as this bot can know it; ApiError otherwise."""
    if not params.has(name):
        raise bad_request(f"{name} is empty")
    chat_id = params.integer(name)
    if chat_id is None:
        raise bad_request("chat not found")
    chat = state.groups.get(chat_id) or state.privates.get((bot.id, chat_id))
    if chat is None:
        if chat_id in state.users:
            raise forbidden("bot can't initiate conversation with a user")
        if chat_id in state.bots_by_id:
            raise forbidden("bots can't send messages to bots")
        raise bad_request("chat not found")
    if chat.kind != "private" and bot.id not in chat.members:
        # Ids of groups that a bot never was in mean nothing to it.
        raise bad_request("chat not found")
    return chat


def writable_chat(state: State, bot: Bot, params: Params, name: str = "chat_id") -> Chat:
    """A chat in which the bot may act now."""
    chat = known_chat(state, bot, params, name)
    refusal = _private_refusal(chat) if chat.kind == "private" else _group_refusal(chat, bot)
    if refusal is not None:
        raise refusal
    return chat


def _private_refusal(chat: Chat) -> ApiError | None:
    if chat.person is not None and chat.person.deactivated:
        return forbidden("user is deactivated")
    if chat.blocked:
        return forbidden("bot was blocked by the user")
    if not chat.started:
        return forbidden("bot can't initiate conversation with a user")
    return None


def _group_refusal(chat: Chat, bot: Bot) -> ApiError | None:
    if chat.migrated_to is not None:
        why = "group chat was upgraded to a supergroup chat"
        return bad_request(why, migrate_to_chat_id=chat.migrated_to)
    status = chat.members[bot.id].status
    if status == "kicked":
        return forbidden(f"bot was kicked from the {chat.kind} chat")
    if status == "left":
        return forbidden(f"bot is not a member of the {chat.kind} chat")
    return None


def place_in(bot: Bot, chat: Chat, params: Params) -> Place:
    """The topic and the answered message that a sending call names; ApiError when either is not there."""
    reply = _reply(chat, params)
    thread = params.integer("message_thread_id")
    if not thread:
        topic = chat.topics.get(reply.thread) if reply is not None and reply.thread else None
        return NOWHERE_SPECIAL if topic is None and reply is None else Place(topic, reply)
    found = chat.topics.get(thread)
    if found is None or found.deleted:
        # The General topic, number 1, is addressed by leaving the parameter out.
        raise bad_request("message thread not found" if found is None else found.refusal)
    if found.closed and found.creator != bot.id and not rights(chat, bot).may("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return Place(found, reply)


def _reply(chat: Chat, params: Params) -> Message | None:
    stated = params.structure("reply_parameters") if params.has("reply_parameters") else None
    if stated is None:
        number = params.integer("reply_to_message_id")
        lenient = params.flag("allow_sending_without_reply")
    else:
        number = int(stated.get("message_id") or 0)
        lenient = bool(stated.get("allow_sending_without_reply"))
    if not number:
        return None
    message = chat.messages.get(number)
    if message is None and not lenient:
        raise bad_request("message to be replied not found")
    return message


def markup_of(chat: Chat, params: Params) -> Markup:
    """The call's reply markup, checked for this chat."""
    if not params.has("reply_markup"):
        return read_markup(None, private=True)
    return read_markup(params.structure("reply_markup"), private=chat.kind == "private")


def message_of(chat: Chat, params: Params, purpose: str, name: str = "message_id") -> Message:
    """The message that the call names; `purpose` words the refusal: "message to edit" and so on."""
    number = params.integer(name)
    if not number:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(number)
    if message is None:
        raise bad_request(f"{purpose} not found")
    return message


def rights(chat: Chat, bot: Bot) -> Member:
    return chat.members.get(bot.id) or Member(bot.json, "left")


def topic_of(chat: Chat, params: Params) -> Topic:
    """The topic that a topic method names; ApiError when it never was or is deleted."""
    topic = chat.topics.get(params.integer("message_thread_id") or 0)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.deleted:
        raise bad_request("TOPIC_DELETED" if topic.refusal == "TOPIC_DELETED" else "TOPIC_ID_INVALID")
    return topic
