"""The table of Bot API methods and how one is called."""

from collections.abc import Callable

from . import (
    methods_bot,
    methods_chats,
    methods_copies,
    methods_edits,
    methods_media,
    methods_messages,
    methods_topics,
)
from .errors import NOT_FOUND
from .params import Params
from .state import Bot, State

Method = Callable[[State, Bot, Params], object]

METHODS: dict[str, Method] = {
    **methods_bot.METHODS,
    **methods_chats.METHODS,
    **methods_copies.METHODS,
    **methods_edits.METHODS,
    **methods_media.METHODS,
    **methods_messages.METHODS,
    **methods_topics.METHODS,
}
"""Keyed by lower-case name: Telegram does not mind the case. getUpdates waits and lives in `polling`."""


def call(state: State, bot: Bot, method: str, params: Params) -> object:
    """Runs a method (named in lower case) and returns its result; ApiError when Telegram would refuse."""
    function = METHODS.get(method)
    if function is None:
        raise NOT_FOUND
    return function(state, bot, params)
