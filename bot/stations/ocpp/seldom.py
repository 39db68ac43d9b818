"""Keeping what repeats itself from costing anything each time."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

_MOST_KEYS = 1000


class Seldom:
    """Lets each key through once in a while, and only so many of them all in that time."""

    def __init__(self, every: timedelta, most: int) -> None:
        self._every = every
        self._most = most
        self._last: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._through: deque[datetime] = deque()

    def times(self, key: str, now: datetime) -> int:
        """How many times this one stands for, itself included; 0 where it is not let through."""
        last, missed = self._last.get(key, (None, 0))
        while self._through and now - self._through[0] >= self._every:
            self._through.popleft()
        early = last is not None and now - last < self._every
        if early or len(self._through) >= self._most:
            if last is not None:
                self._last[key] = last, missed + 1
            return 0
        self._last[key] = now, 0
        self._last.move_to_end(key)
        if len(self._last) > _MOST_KEYS:
            self._last.popitem(last=False)
        self._through.append(now)
        return missed + 1
