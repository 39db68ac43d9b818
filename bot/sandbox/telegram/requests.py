"""Reading a Bot API request: JSON, form, multipart or query string -> Params."""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import BodyPartReader, MultipartReader, web

from .errors import TOO_LARGE, bad_request
from .files import MAX_UPLOAD
from .params import Params, Upload

_MAX_BODY = MAX_UPLOAD + 1024 * 1024


async def read_params(request: web.Request) -> Params:
    """All parameters of a call; those of the query string yield to those of the body.

    The body is read from the stream, so that the size limit is Telegram's and not that of the application in
    which these routes are mounted.
    """
    values: dict[str, Any] = dict(request.query) if request.query_string else {}  # Any: JSON values.
    kind = request.content_type
    if kind == "multipart/form-data":
        return await _read_multipart(request, values)
    if request.can_read_body:
        body = await request.content.read()
        if kind == "application/json":
            values |= _object(body)
        else:
            values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return Params(values, {})


def _object(body: bytes) -> dict[str, Any]:  # Any: JSON values.
    try:
        read = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(read, dict):
        raise bad_request("object expected")
    return read


async def _read_multipart(request: web.Request, values: dict[str, Any]) -> Params:  # Any: JSON values.
    files: dict[str, Upload] = {}
    total = 0
    async for part in MultipartReader(request.headers, request.content):
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read())
        total += len(content)
        if total > _MAX_BODY:
            raise TOO_LARGE
        if part.filename is None:
            values[part.name] = content.decode()
        else:
            files[part.name] = Upload(part.filename, content, part.headers.get("Content-Type", ""))
    return Params(values, files)
