"""The list of locations of the simulated back end, in pages that can be wrong in every way that was seen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox.stations.cpo_wire import Json, Quirk, answer

LARGEST_PAGE = 100


def page(
    request: web.Request, objects: Sequence[Json], url: str, quirks: set[Quirk], largest: int = LARGEST_PAGE
) -> web.Response:
    """One page, by `offset`, `limit`, `date_from` (inclusive) and `date_to` (exclusive)."""
    chosen = [each for each in objects if _within(each, request)]
    offset, asked = int(request.query.get("offset", "0")), int(request.query.get("limit", str(largest)))
    limit = min(asked, largest)
    response = answer(chosen[offset : offset + limit])
    response.headers["X-Limit"] = str(largest)
    if Quirk.NO_COUNT not in quirks:
        response.headers["X-Total-Count"] = str(len(chosen))
    if offset + limit < len(chosen) and Quirk.NO_LINK not in quirks:
        step = asked if Quirk.LINK_BY_ASKED_LIMIT in quirks else limit
        following = offset if Quirk.LINK_LOOPS in quirks else offset + step
        query = urlencode(dict(request.query) | {"offset": str(following), "limit": str(asked)})
        response.headers["Link"] = f'<{_address(url, quirks)}?{query}>; rel="next"'
    return response


def _within(each: Json, request: web.Request) -> bool:
    first, last = request.query.get("date_from"), request.query.get("date_to")
    if first is None and last is None:
        return True
    updated = _time(str(each["last_updated"]))
    return (first is None or _time(first) <= updated) and (last is None or updated < _time(last))


def _time(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _address(url: str, quirks: set[Quirk]) -> str:
    if Quirk.LINK_OTHER_SCHEME in quirks:
        return url.replace("http://", "https://")
    return url.replace("/2.2.1/", "/2.2.1/x/") if Quirk.LINK_OTHER_PATH in quirks else url
