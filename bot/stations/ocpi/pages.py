"""Reading a list that comes in pages, also from peers whose pages do not fit together.

OCPI 2.2.1, section 4.1.4: the `Link` header leads to the next page. Where it is broken, offset and `X-Total-Count` do.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.stations.ocpi.client import Answer, Failure, Trouble
from bot.stations.ocpi.wire import objects_of, wire_time

LIMIT = 50
MOST_PAGES = 5_000
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel\s*=\s*"?next\b', re.IGNORECASE)

Get = Callable[[str], Awaitable[Answer | Failure]]


@dataclass(frozen=True, slots=True)
class Window:
    """Which objects: those that changed from `date_from` on (inclusive) and before `date_to` (exclusive)."""

    date_from: datetime | None = None
    date_to: datetime | None = None

    def parameters(self) -> dict[str, str]:
        """As a query."""
        named = (("date_from", self.date_from), ("date_to", self.date_to))
        return {name: wire_time(at) for name, at in named if at is not None}


@dataclass(slots=True)
class _Crawl:
    """How far the reading is."""

    url: str
    window: Window
    offset: int = 0
    total: int | None = None
    visited: set[str] = field(default_factory=set)

    def address(self, offset: int) -> str:
        """The page that begins there."""
        parameters = self.window.parameters() | {"offset": str(offset), "limit": str(LIMIT)}
        return f"{self.url}?{urlencode(parameters)}"


async def pages(get: Get, url: str, window: Window) -> AsyncIterator[Sequence[object] | Failure]:
    """The objects page by page; a Failure is the last. An object can come twice, and none is passed over.

    A list that ends without a Failure was read to its end.
    """
    crawl = _Crawl(url, window)
    address = crawl.address(0)
    for _ in range(MOST_PAGES):
        answer = await get(address)
        if isinstance(answer, Failure):
            yield answer
            return
        objects = objects_of(answer.data)
        yield objects
        following = _following(crawl, answer.headers, len(objects))
        if following is None:
            return
        address = following
    yield Failure(Trouble.BROKEN, f"the list did not end after {MOST_PAGES} pages")


def _following(crawl: _Crawl, headers: Mapping[str, str], count: int) -> str | None:
    """The next address; None where the list is at its end."""
    before, crawl.total = crawl.total, _number(headers.get("X-Total-Count"))
    fallen = before - crawl.total if before is not None and crawl.total is not None else 0
    if fallen > 0 and crawl.offset > 0:
        # Objects left the list meanwhile, so others moved to pages that have been read already.
        crawl.offset = max(0, crawl.offset - fallen)
        crawl.visited.clear()
        return crawl.address(crawl.offset)
    crawl.offset += count
    link = _NEXT.search(headers.get("Link", ""))
    if link is not None and _leads_on(crawl, link[1], count):
        crawl.visited.add(link[1])
        return link[1]
    if crawl.total is not None:
        more = crawl.offset < crawl.total
    else:
        # Without a link and a count, only a page that is not full is sure to be the last.
        limit = min(LIMIT, _number(headers.get("X-Limit")) or LIMIT)
        more = link is not None or count >= limit
    return crawl.address(crawl.offset) if more and count > 0 else None


def _leads_on(crawl: _Crawl, link: str, count: int) -> bool:
    """Whether a link goes to the page of the same list that comes next.

    Some peers count its offset by the limit that they were asked for, and not by the page that they gave.
    """
    wanted, found = urlsplit(crawl.url), urlsplit(link)
    same = (wanted.scheme, wanted.netloc) == (found.scheme, found.netloc)
    offset = _number(dict(parse_qsl(found.query)).get("offset"))
    next_one = link not in crawl.visited if offset is None or count == 0 else offset == crawl.offset
    return same and wanted.path.rstrip("/") == found.path.rstrip("/") and next_one


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
