"""Telegram's sending limits, enforced when asked."""

import math
from collections import deque
from dataclasses import dataclass, field

from .errors import too_many_requests
from .params import Params
from .state import Bot, State


@dataclass(slots=True)
class Limits:
    """Sliding windows per bot: `overall` messages a second, `per_chat` a second, `per_group` a minute.

    Calls that send count; edits, answers and reads do not. A refused call counts for nothing.
    """

    overall: int = 30
    per_chat: int = 1
    per_group: int = 20
    _sent: dict[tuple[int, int], deque[float]] = field(default_factory=dict)

    def check(self, state: State, bot: Bot, method: str, params: Params) -> None:
        """Counts the call; raises 429 with retry_after when a window is full."""
        if not method.startswith(("send", "copy", "forward")) or method == "sendchataction":
            return
        now = state.clock().timestamp()
        chat = params.integer("chat_id") or 0
        weight = _weight(method, params)
        windows = [(self._window(bot.id, 0), self.overall, 1.0)]
        if chat < 0:
            windows.append((self._window(bot.id, chat), self.per_group, 60.0))
        else:
            windows.append((self._window(bot.id, chat), self.per_chat, 1.0))
        for window, limit, period in windows:
            while window and window[0] <= now - period:
                window.popleft()
            if len(window) + weight > max(limit, weight):
                raise too_many_requests(max(math.ceil(window[0] + period - now), 1))
        for window, _, _ in windows:
            window.extend([now] * weight)

    def _window(self, bot: int, chat: int) -> deque[float]:
        return self._sent.setdefault((bot, chat), deque())


def _weight(method: str, params: Params) -> int:
    if method == "sendmediagroup":
        return len(params.objects("media") or ()) or 1
    if method in ("copymessages", "forwardmessages"):
        return len(params.structure("message_ids") or ()) or 1
    return 1
