"""The composition root: the only place that puts the parts together."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from telegram import Bot

from bot.admin.entrance import Admin
from bot.cases import recovery
from bot.cases.services import Limits, Services
from bot.delivery.deliver import Deliver
from bot.delivery.email import Mailer, NoMailer, SmtpMailer
from bot.delivery.outbox import OutboxWorker
from bot.diagnosis.rule import Rulebook
from bot.diagnosis.rulebook import RulebookError, load_rulebook
from bot.domain.capability import Source
from bot.domain.clock import Clock, utc_now
from bot.handlers import dispatch
from bot.operations.journal import Journal
from bot.operations.ocpi_store import DatabaseOcpiStore
from bot.settings import SendBudgets, Settings, SettingsError, TelegramMode, require_token
from bot.stations.ocpi.gateway import OcpiGateway
from bot.stations.ocpp.central import CentralSystem
from bot.stations.sources import Sources
from bot.telegram.account import check_token, introduce, token_refused
from bot.telegram.api import Api
from bot.telegram.budgets import Budgets, NoBudgets, TelegramBudgets
from bot.telegram.incoming import read
from bot.telegram.reply import Context
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import Sender
from bot.views.i18n import Texts, load_texts
from bot.web.server import add_health, add_webhook, listen
from bot.web.stations import entrance_of, listen_securely, tls_of
from bot.workers import polling, retention, timers
from bot.workers.inbox import InboxWorker, Received
from storage.database import Database, DatabaseAway, reach_database
from storage.migrations import migrate
from storage.uow import UnitOfWork

log = structlog.get_logger()
DRAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class App:
    """A running service."""

    services: Services
    inbox: InboxWorker
    port: int
    failed: asyncio.Future[None]
    """Ends with an exception where a part of the service cannot go on."""
    back_ends: OcpiGateway


def make_bot(settings: Settings, request: AiohttpRequest) -> Bot:
    """The Bot API client; not initialised yet."""
    return Bot(
        require_token(settings),
        base_url=f"{settings.telegram_api_url}/bot",
        base_file_url=f"{settings.telegram_api_url}/file/bot",
        request=request,
        get_updates_request=AiohttpRequest(),
    )


@contextlib.asynccontextmanager
async def running(
    settings: Settings, *, clock: Clock = utc_now, limits: Limits | None = None
) -> AsyncIterator[App]:
    """The whole service, from an open database to a served port; it ends in order when the block is left."""
    tls = tls_of(settings)
    database = await reach(settings)
    request = AiohttpRequest()
    try:
        await migrate(database)
        if not database.shared:
            await database.write(_release)
        await request.initialize()
        bot = make_bot(settings, request)
        api = Api(request, bot.base_url)
        await check_token(api, settings)
        sender = Sender(bot, api, _budgets(settings))
        async with _assembled(settings, database, sender, (clock, limits or Limits()), tls) as app:
            yield app
    finally:
        await request.shutdown()
        await database.close()


def rulebook_of(settings: Settings, texts: Texts, own: Path | None = None) -> Rulebook:
    """The rulebook with the operator's own rules over it; SettingsError where they cannot be used."""
    path = own or (Path(settings.rules_file) if settings.rules_file else None)
    try:
        rulebook = load_rulebook(own=path)
        _all_said(rulebook, texts)
    except (OSError, RulebookError) as error:
        raise SettingsError(f"RULES_FILE: {path}: {error}") from error
    return rulebook


def _all_said(rulebook: Rulebook, texts: Texts) -> None:
    """A driver must never meet a verdict without words; RulebookError where one has none."""
    for rule in rulebook.rules:
        for key, table, name in (
            ("verdict", "verdict", rule.verdict),
            ("tell_driver", "tell", rule.tell_driver),
        ):
            if not all(t.has(f"{table}.{name}") for t in texts.by_language.values()):
                raise RulebookError(rule.id, key, f"there is no text {name!r}")


async def reach(settings: Settings) -> Database:
    """The database, and it answers; SettingsError where it does not."""
    try:
        return await reach_database(settings.database_url)
    except DatabaseAway as error:
        raise SettingsError(f"DATABASE_URL: the database does not answer: {error}") from error


@contextlib.asynccontextmanager
async def _assembled(
    settings: Settings,
    database: Database,
    sender: Sender,
    time: tuple[Clock, Limits],
    tls: ssl.SSLContext | None,
) -> AsyncIterator[App]:
    clock, limits = time
    journal = Journal(database)
    central = CentralSystem(journal, clock, entrance=entrance_of(settings))
    texts = load_texts()
    rules = rulebook_of(settings, texts)
    told = Journal(database, Source.OCPI)
    back_ends = OcpiGateway(DatabaseOcpiStore(database), told, clock, settings.public_url)
    stations = Sources(central, back_ends)
    services = Services(database, stations, rules, clock, limits, log_upload_url=settings.log_upload_url)
    for each in (journal, told):
        each.watch(lambda uow, seen: recovery.observe(uow, services, seen), services.wake.outbox.set)
    inbox = _inbox(Context(services, sender, texts, Admin()))
    outbox = OutboxWorker(services, Deliver(services, sender, _mailer(settings), texts))
    server = web.Application(client_max_size=1024 * 1024)
    central.add_routes(server)
    back_ends.add_routes(server)
    add_health(server, lambda: _answers(database))
    add_webhook_if(settings, server, inbox)
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(outbox.drain, DRAIN_SECONDS)
        stack.push_async_callback(inbox.drain, DRAIN_SECONDS)
        # What came before the stop is queued before anything new can come in.
        if replayed := await inbox.replay():
            log.info("replayed", updates=replayed)
        await back_ends.open()
        stack.push_async_callback(back_ends.close)
        runner = await _listening(settings, server)
        stack.push_async_callback(runner.cleanup)
        await listen_securely(settings, runner, tls)
        await stack.enter_async_context(_background(outbox.run(), failed))
        await stack.enter_async_context(_background(timers.run(services), failed))
        await stack.enter_async_context(_background(back_ends.work(), failed))
        await stack.enter_async_context(_background(inbox.keep_small(), failed))
        kept = timedelta(days=settings.history_days)
        await stack.enter_async_context(_background(retention.run(database, clock, kept), failed))
        await stack.enter_async_context(_background(introduce(sender.api, settings, texts), failed))
        if settings.telegram_mode is TelegramMode.POLLING:
            await stack.enter_async_context(_background(_polled(settings, sender.api, inbox), failed))
        yield App(services, inbox, _port(runner), failed, back_ends)


def _release(uow: UnitOfWork) -> None:
    """What a process that died had claimed waits for nobody: there is no other process here."""
    uow.outbox.release()
    uow.timers.release()


def _inbox(context: Context) -> InboxWorker:
    async def handle(received: Received) -> None:
        incoming = read(received.update)
        if incoming is not None:
            await dispatch.handle(context, incoming, received.person, applied=received.row.applied)

    async def apologise(received: Received, reference: str) -> None:
        incoming = read(received.update)
        if incoming is not None:
            await dispatch.apologise(context, incoming, received.person, reference)

    return InboxWorker(context.services, handle, apologise)


def add_webhook_if(settings: Settings, server: web.Application, inbox: InboxWorker) -> None:
    """Mounts the webhook where updates come by it."""
    if settings.telegram_mode is TelegramMode.WEBHOOK:
        add_webhook(server, settings.webhook_secret, inbox.receive)


async def _listening(settings: Settings, server: web.Application) -> web.AppRunner:
    try:
        return await listen(server, settings.http_host, settings.http_port)
    except OSError as error:
        where = f"{settings.http_host}:{settings.http_port}"
        raise SettingsError(f"HTTP_HOST, HTTP_PORT: cannot listen on {where}: {error.strerror}") from error


async def _polled(settings: Settings, api: Api, inbox: InboxWorker) -> None:
    try:
        await polling.poll(api, inbox.receive)
    except polling.TokenRefused as error:
        raise token_refused(settings) from error


def _budgets(settings: Settings) -> Budgets:
    if settings.send_budgets is SendBudgets.NONE:
        return NoBudgets()
    return TelegramBudgets(asyncio.get_running_loop().time)


def _mailer(settings: Settings) -> Mailer:
    return SmtpMailer(settings.smtp_url) if settings.smtp_url else NoMailer()


async def _answers(database: Database) -> bool:
    try:
        await asyncio.wait_for(database.read(lambda uow: uow.outbox.waiting()), timeout=5)
    except Exception:  # Whatever the reason is, the answer of a health check is "no".
        log.exception("database_does_not_answer")
        return False
    return True


@contextlib.asynccontextmanager
async def _background(work: Coroutine[Any, Any, None], failed: asyncio.Future[None]) -> AsyncIterator[None]:
    """Runs a worker beside the block; one that ends with an exception fails the whole service."""
    task = asyncio.create_task(work)

    def ended(done: asyncio.Task[None]) -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None and not failed.done():
            failed.set_exception(error)

    task.add_done_callback(ended)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):  # Its failure is told by `failed`.
            await task


def _port(runner: web.AppRunner) -> int:
    addresses = runner.addresses
    port: int = addresses[0][1]
    return port


async def serve(settings: Settings, stop: asyncio.Future[None]) -> None:
    """Serves until `stop` is there, or until a part of the service fails."""
    async with running(settings) as app:
        log.info("serving", port=app.port, mode=settings.telegram_mode.value)
        await asyncio.wait({stop, app.failed}, return_when=asyncio.FIRST_COMPLETED)
        if app.failed.done():
            app.failed.result()
