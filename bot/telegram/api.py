"""One call of the Bot API with plain values: what is sent in masses needs no objects of a library.

It shares its connections with python-telegram-bot's request class, which does all that is seldom.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
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


@dataclass(frozen=True, slots=True)
class File:
    """A file that a call carries, as the parameter `field`."""

    field: str
    name: str
    content: bytes
    mime: str


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
        return await self._posted(method, body, self._request.timeout(wait), _JSON)

    async def upload(self, method: str, params: Mapping[str, object], file: File) -> Json:
        """The same for a call that carries a file."""
        form = _form(params, file)
        return await self._posted(method, form, self._request.upload_timeout(len(file.content)), {})

    async def _posted(
        self,
        method: str,
        body: bytes | aiohttp.FormData,
        patience: aiohttp.ClientTimeout,
        headers: Mapping[str, str],
    ) -> Json:
        try:
            async with self._request.session.post(
                f"{self._base_url}/{method}", data=body, headers=headers, timeout=patience
            ) as response:
                status, payload = response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            # The message of an aiohttp error may hold the URL, and the URL holds the token.
            raise ApiSilent(type(error).__name__) from None
        return _result(status, payload)


_JSON = {"Content-Type": "application/json"}
_SERVER_ERRORS = 500


def _form(params: Mapping[str, object], file: File) -> aiohttp.FormData:
    """A body that can be sent once, so that each try needs one of its own."""
    # Telegram shows a file's name as it is sent, so that a quoted one would be read with its %20 and %C3.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in params.items():
        if value is not None:
            form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
    form.add_field(file.field, file.content, filename=file.name, content_type=file.mime)
    return form


def _result(status: int, payload: bytes) -> Json:
    try:
        answer = orjson.loads(payload)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            # A proxy on the way says so in its own words, and would say it again.
            raise ApiRefused(status, "Request Entity Too Large", {})
        raise ApiSilent(f"HTTP {status}")
    if answer.get("ok"):
        return answer.get("result")
    code = int(answer.get("error_code", status))
    if code >= _SERVER_ERRORS:
        raise ApiSilent(f"HTTP {code}")
    raise ApiRefused(code, str(answer.get("description", "")), answer.get("parameters") or {})
