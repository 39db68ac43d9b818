"""The servers that are measured, each a process of its own: `python -m benchmarks.stations_servers KIND PORT [URL]`."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import orjson
import uvloop
from aiohttp import WSMsgType, web
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.enums import Action, RegistrationStatus

from bot import interpreter, logs
from bot.cases import observing
from bot.cases.services import Limits, Services
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.clock import utc_now
from bot.operations.journal import Journal
from bot.stations.ocpp.central import CentralSystem
from bot.web.server import listen
from storage.database import open_database

HOST = "127.0.0.1"


async def echo(request: web.Request) -> web.WebSocketResponse:
    """The bare floor: a frame is read as JSON and answered with an empty CALLRESULT."""
    socket = web.WebSocketResponse(protocols=("ocpp1.6",), compress=False)
    await socket.prepare(request)
    while (message := await socket.receive()).type is WSMsgType.TEXT:
        await socket.send_str(orjson.dumps([3, orjson.loads(message.data)[1], {}]).decode())
    return socket


class _Connection:
    """What the `ocpp` package wants of a WebSocket."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def recv(self) -> str:
        message = await self._socket.receive()
        if message.type is not WSMsgType.TEXT:
            raise ConnectionResetError
        return str(message.data)

    async def send(self, text: str) -> None:
        await self._socket.send_str(text)


def _point(*, skip: bool) -> type[ChargePoint]:
    class Point(ChargePoint):  # type: ignore[misc]  # The package has no types.
        @on(Action.boot_notification, skip_schema_validation=skip)  # type: ignore[untyped-decorator]  # The same.
        def on_boot(self, **_: object) -> call_result.BootNotification:
            now = datetime.now(UTC).isoformat()
            return call_result.BootNotification(now, 300, RegistrationStatus.accepted)

        @on(Action.status_notification, skip_schema_validation=skip)  # type: ignore[untyped-decorator]  # The same.
        def on_status(self, **_: object) -> call_result.StatusNotification:
            return call_result.StatusNotification()

    return Point


def package(*, skip: bool) -> Callable[[web.Request], Awaitable[web.WebSocketResponse]]:
    """The server of the `ocpp` package over the same WebSockets; it keeps nothing."""
    point = _point(skip=skip)

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("ocpp1.6",), compress=False)
        await socket.prepare(request)
        # The station leaves in the end, which the package takes for an error.
        with contextlib.suppress(ConnectionResetError):
            await point(request.match_info["id"], _Connection(socket)).start()
        return socket

    return serve


async def serve(kind: str, port: int, url: str) -> None:
    """Serves until it is killed."""
    app = web.Application()
    if kind == "product":
        database = open_database(url)
        journal = Journal(database)
        central = CentralSystem(journal, utc_now)
        services = Services(database, central, load_rulebook(), utc_now, Limits())
        journal.watch(lambda uow, seen: observing.observe(uow, services, seen), services.wake.outbox.set)
        central.add_routes(app)
        interpreter.set_up()
    else:
        handler = echo if kind == "echo" else package(skip=kind == "skip")
        app.router.add_get("/ocpp/{id}", handler)
    await listen(app, HOST, port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logs.set_up("INFO")
    uvloop.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""))
