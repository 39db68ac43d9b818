"""What a bot can learn about chats and their members."""

from .access import known_chat, writable_chat
from .errors import bad_request
from .groups import leave
from .model import Body, Member
from .params import Params
from .state import Bot, State


def get_chat(state: State, bot: Bot, params: Params) -> Body:
    chat = writable_chat(state, bot, params) if not _private(params) else known_chat(state, bot, params)
    gifts = {
        "unlimited_gifts": True,
        "limited_gifts": True,
        "unique_gifts": True,
        "premium_subscription": True,
    }
    body: Body = {
        **chat.json,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts | {"gifts_from_channels": True},
    }
    if chat.pinned:
        body["pinned_message"] = chat.messages[chat.pinned[-1]].body
    return body


def _private(params: Params) -> bool:
    return (params.integer("chat_id") or 0) > 0


def get_chat_member(state: State, bot: Bot, params: Params) -> Body:
    chat = writable_chat(state, bot, params)
    user_id = params.integer("user_id") or 0
    account = state.users.get(user_id) or state.bots_by_id.get(user_id)
    if account is None:
        raise bad_request("member not found")
    if chat.kind == "private":
        return Member(account.json).view()
    return (chat.members.get(user_id) or Member(account.json, "left")).view()


def get_chat_administrators(state: State, bot: Bot, params: Params) -> list[Body]:
    """Creator and administrators, without other bots."""
    chat = writable_chat(state, bot, params)
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    leading = ("creator", "administrator")
    return [
        member.view()
        for number, member in chat.members.items()
        if member.status in leading and (number == bot.id or number not in state.bots_by_id)
    ]


def get_chat_member_count(state: State, bot: Bot, params: Params) -> int:
    chat = writable_chat(state, bot, params)
    return 2 if chat.kind == "private" else sum(member.inside for member in chat.members.values())


def leave_chat(state: State, bot: Bot, params: Params) -> bool:
    chat = writable_chat(state, bot, params)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    leave(state, chat, bot, bot.json, kicked=False)
    return True


METHODS = {
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "getchatadministrators": get_chat_administrators,
    "getchatmembercount": get_chat_member_count,
    "leavechat": leave_chat,
}
