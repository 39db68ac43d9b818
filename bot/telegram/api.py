"""One call of the Bot API with plain values: what is sent in masses needs no objects of a library.

It shares its connections with python-telegram-bot's request class, which does all that is seldom.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from bot.telegram.request import AiohttpRequest

Json = Any  # Any: an answer is JSON of many shapes, and only what is used of it is looked at.


class ApiRefused(Exception):
    """Telegram answered, and the answer is no."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, int]) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters


class ApiSilent(Exception):
    """No answer, or one of a broken server: the call may have been applied or not."""


class Api:
    """The Bot API of one bot."""

    def __init__(self, request: AiohttpRequest, base_url: str) -> None:
        self._request = request
        self._base_url = base_url

    async def call(self, method: str, params: Mapping[str, object], *, wait: float = 0) -> Json:
        """The result of a call; ApiRefused or ApiSilent. Parameters that are None are left out.

        `wait` is for how many seconds longer than others this call may be silent.
        """
        body = orjson.dumps({name: value for name, value in params.items() if value is not None})
        try:
            async with self._request.session.post(
                f"{self._base_url}/{method}", data=body, headers=_JSON, timeout=self._request.timeout(wait)
            ) as response:
                status, payload = response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            # The message of an aiohttp error may hold the URL, and the URL holds the token.
            raise ApiSilent(type(error).__name__) from None
        return _result(status, payload)


_JSON = {"Content-Type": "application/json"}
_SERVER_ERRORS = 500


def _result(status: int, payload: bytes) -> Json:
    try:
        answer = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise ApiSilent(f"HTTP {status}") from None
    if not isinstance(answer, dict):
        raise ApiSilent(f"HTTP {status}")
    if answer.get("ok"):
        return answer.get("result")
    code = int(answer.get("error_code", status))
    if code >= _SERVER_ERRORS:
        raise ApiSilent(f"HTTP {code}")
    raise ApiRefused(code, str(answer.get("description", "")), answer.get("parameters") or {})
