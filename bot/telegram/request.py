"""The HTTP side of the Bot API, on aiohttp: many calls side by side over kept connections."""

from typing import Any

import aiohttp
import orjson
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import JSONDict, ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECTIONS = 256
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
SLOWEST_UPLOAD = 100_000
"""Bytes a second; an upload that is slower than this is taken for one that stands still."""


class AiohttpRequest(BaseRequest):
    """A request class for python-telegram-bot; its default collapses under many calls at once."""

    def __init__(self, read_timeout: float = READ_SECONDS) -> None:
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer where a call says nothing else."""
        return self._read_timeout

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session; RuntimeError before `initialize`."""
        if self._session is None:
            raise RuntimeError("the request object is not initialised")
        return self._session

    def timeout(self, wait: float = 0) -> aiohttp.ClientTimeout:
        """How long a call may take that is answered after `wait` seconds at the latest."""
        return aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=self._read_timeout + wait
        )

    def upload_timeout(self, size: int) -> aiohttp.ClientTimeout:
        """How long a call may take that carries so many bytes: on a phone's uplink it is still sent in time."""
        longest = CONNECT_SECONDS + self._read_timeout + size / SLOWEST_UPLOAD
        return aiohttp.ClientTimeout(
            total=longest, sock_connect=CONNECT_SECONDS, sock_read=self._read_timeout
        )

    async def initialize(self) -> None:
        """Opens the session; it belongs to the running loop."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(connector=connector)

    async def shutdown(self) -> None:
        """Closes all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(  # noqa: PLR0913, PLR0917  # The signature is that of the library.
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call; TimedOut where it may have been applied or not, NetworkError where it failed."""
        timeout = aiohttp.ClientTimeout(
            total=None,
            sock_connect=_seconds(connect_timeout, CONNECT_SECONDS),
            sock_read=_seconds(read_timeout, self._read_timeout),
        )
        try:
            async with self.session.request(method, url, timeout=timeout, **_body(request_data)) as response:
                return response.status, await response.read()
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientError as error:
            # The message of an aiohttp error may hold the URL, and the URL holds the token.
            raise NetworkError(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> JSONDict:
        """The answer as a dictionary; TelegramError where it is none."""
        try:
            parsed: JSONDict = orjson.loads(payload)
        except orjson.JSONDecodeError as error:
            raise TelegramError("Invalid server response") from error
        return parsed


def _seconds(given: ODVInput[float], otherwise: float) -> float | None:
    return otherwise if isinstance(given, DefaultValue) else given


def _body(data: RequestData | None) -> dict[str, Any]:  # Any: they are keyword arguments of aiohttp.
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": orjson.dumps(data.parameters), "headers": {"Content-Type": "application/json"}}
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=mime)
    return {"data": form}
