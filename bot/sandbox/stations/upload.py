"""Uploading the log of a simulated station over HTTP."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import aiohttp
import orjson

_PATIENCE = aiohttp.ClientTimeout(total=10)
_METHOD_NOT_ALLOWED = 405


def log_text(frames: Sequence[dict[str, object]], since: str | None) -> bytes:
    """One line of JSON for each frame, of the time from `since` on; a `since` that is no time counts for none."""
    earliest = _time(since)
    kept = (
        each for each in frames if earliest is None or datetime.fromisoformat(str(each["at"])) >= earliest
    )
    return b"".join(orjson.dumps(each) + b"\n" for each in kept)


async def upload(location: str, file_name: str, text: bytes) -> bool:
    """Whether the text arrived: by PUT, or by POST where that is what the server wants.

    A location that ends with a slash is a folder, to which the file's name is added.
    """
    url = location + file_name if location.endswith("/") else location
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            status = await _send(session, "PUT", url, text)
            if status == _METHOD_NOT_ALLOWED:
                status = await _send(session, "POST", url, text)
    except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError):
        return False
    return 200 <= status < 300  # noqa: PLR2004  # The range of HTTP's successes.


async def _send(session: aiohttp.ClientSession, method: str, url: str, text: bytes) -> int:
    async with session.request(method, url, data=text) as answer:
        return answer.status


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
