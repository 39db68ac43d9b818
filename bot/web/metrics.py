"""`/metrics`: what waits and for how long, in the text format of Prometheus."""

import hmac
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import ip_address

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from storage.database import Database
from storage.repositories.health import Numbers

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class _Told(Collector):
    """The numbers as metrics."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family after the other, in a steady order."""
        queues = (
            ("timers", self._numbers.timers),
            ("outbox", self._numbers.outbox),
            ("inbox", self._numbers.inbox),
        )
        waiting = GaugeMetricFamily("support_rows_waiting", "Rows that are not done.", labels=["queue"])
        oldest = GaugeMetricFamily(
            "support_oldest_overdue_seconds",
            "For how long the oldest row that should be done is not.",
            labels=["queue"],
        )
        given_up = GaugeMetricFamily(
            "support_rows_given_up", "Rows that failed so often that nobody tries them.", labels=["queue"]
        )
        for name, queue in queues:
            waiting.add_metric([name], queue.waiting)
            oldest.add_metric([name], queue.oldest)
            if name != "inbox":
                given_up.add_metric([name], queue.given_up)
        cases = GaugeMetricFamily("support_open_cases", "Cases that are open.", labels=["state", "severity"])
        for (state, severity), count in sorted(self._numbers.cases.items()):
            cases.add_metric([state, severity], count)
        yield from (waiting, oldest, given_up, cases)


def add_metrics(app: web.Application, database: Database, now: Callable[[], datetime], token: str) -> None:
    """`/metrics` for whoever shows the token; without one, for this machine alone. All others get 403."""

    async def metrics(request: web.Request) -> web.Response:
        if not _may(request, token):
            return web.Response(status=403)
        numbers = await database.read(lambda uow: uow.health.numbers(now()))
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Told(numbers))
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        )

    app.router.add_get("/metrics", metrics)


def _may(request: web.Request, token: str) -> bool:
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy of this machine everybody seems to be here.
    here = request.remote is not None and ip_address(request.remote).is_loopback
    return here and not any(name in request.headers for name in _FORWARDED)
