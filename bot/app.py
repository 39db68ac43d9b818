"""The composition root: the only place that puts the parts together."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.admin.entrance import Admin
from bot.cases import observing
from bot.cases.services import Limits, Services
from bot.delivery.deliver import Deliver
from bot.delivery.email import Mailer, NoMailer, SmtpMailer
from bot.delivery.outbox import OutboxWorker
from bot.diagnosis.rule import Rulebook
from bot.diagnosis.rulebook import RulebookError, load_rulebook
from bot.domain.account import Accounts
from bot.domain.capability import Source
from bot.domain.clock import Clock, utc_now
from bot.handlers import dispatch
from bot.operations.journal import Journal
from bot.operations.ocpi_store import DatabaseOcpiStore
from bot.settings import Settings, SettingsError, TelegramMode
from bot.stations.ocpi.gateway import OcpiGateway
from bot.stations.ocpp.central import CentralSystem
from bot.stations.sources import Sources
from bot.telegram.account import TokenRefused, introduce, webhook_path, webhook_secret
from bot.telegram.connecting import Connected, accounts_of, checked, connected, own_token_may_fail
from bot.telegram.incoming import read
from bot.telegram.reply import Context
from bot.telegram.request import AiohttpRequest
from bot.telegram.senders import Senders
from bot.views.i18n import Texts, load_texts
from bot.web.jobs import add_job_pages
from bot.web.landing import add_landing
from bot.web.metrics import add_metrics
from bot.web.server import add_health, add_webhook, listen
from bot.web.stations import entrance_of, listen_securely, tls_of
from bot.workers import command_lists, handovers, months, polling, retention, timers
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


ASKED_AGAIN_AFTER = 60.0
"""Seconds between tries with a token of an operator's own bot that Telegram has refused."""


@contextlib.asynccontextmanager
async def running(
    settings: Settings, *, clock: Clock = utc_now, limits: Limits | None = None
) -> AsyncIterator[App]:
    """The whole service, from an open database to a served port; it ends in order when the block is left."""
    tls = tls_of(settings)
    accounts = accounts_of(settings)
    database = await reach(settings)
    request = AiohttpRequest()
    try:
        await migrate(database)
        if not database.shared:
            await database.write(_release)
        await request.initialize()
        bots = [connected(settings, account, request) for account in accounts.all()]
        await checked(settings, accounts, bots)
        await _known(database, accounts)
        async with _assembled(settings, database, (accounts, bots), (clock, limits or Limits()), tls) as app:
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
    speaking: tuple[Accounts, Sequence[Connected]],
    time: tuple[Clock, Limits],
    tls: ssl.SSLContext | None,
) -> AsyncIterator[App]:
    clock, limits = time
    accounts, bots = speaking
    journal = Journal(database)
    central = CentralSystem(journal, clock, entrance=entrance_of(settings))
    texts = load_texts()
    rules = rulebook_of(settings, texts)
    told = Journal(database, Source.OCPI)
    back_ends = OcpiGateway(DatabaseOcpiStore(database), told, clock, settings.public_url)
    stations = Sources(central, back_ends)
    services = Services(
        database,
        stations,
        rules,
        clock,
        limits,
        public_url=settings.public_url,
        log_upload_url=settings.log_upload_url,
        accounts=accounts,
        started=clock(),
    )
    for each in (journal, told):
        each.watch(lambda uow, seen: observing.observe(uow, services, seen), services.wake.outbox.set)
    sender = Senders({bot.account.channel: bot.sender for bot in bots})
    inbox = _inbox(Context(services, sender, texts, Admin()))
    outbox = OutboxWorker(services, Deliver(services, sender, _mailer(settings), texts))
    server = web.Application(client_max_size=1024 * 1024)
    central.add_routes(server)
    back_ends.add_routes(server)
    add_landing(server, database, services.accounts, texts)
    add_job_pages(server, services, texts)
    add_health(server, lambda: _answers(database))
    add_metrics(server, database, services.now, settings.metrics_token)
    add_webhooks_if(settings, server, bots, inbox)
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
        await stack.enter_async_context(_background(months.run(database, clock), failed))
        await stack.enter_async_context(_background(handovers.run(services), failed))
        offering = command_lists.run(services, {bot.account.channel: bot.api for bot in bots}, texts)
        await stack.enter_async_context(_background(offering, failed))
        for bot in bots:
            introducing = _introduced(settings, accounts, bot, texts)
            await stack.enter_async_context(_background(introducing, failed))
            if settings.telegram_mode is TelegramMode.POLLING:
                await stack.enter_async_context(_background(_polled(settings, bot, inbox), failed))
        yield App(services, inbox, _port(runner), failed, back_ends)


def _release(uow: UnitOfWork) -> None:
    """What a process that died had claimed waits for nobody: there is no other process here."""
    uow.outbox.release()
    uow.timers.release()


def _inbox(context: Context) -> InboxWorker:
    async def handle(received: Received) -> None:
        incoming = read(received.update, received.account)
        if incoming is not None:
            await dispatch.handle(context, incoming, received.person, applied=received.row.applied)

    async def apologise(received: Received, reference: str) -> None:
        incoming = read(received.update, received.account)
        if incoming is not None:
            await dispatch.apologise(context, incoming, received.person, reference)

    return InboxWorker(context.services, handle, apologise)


def add_webhooks_if(
    settings: Settings, server: web.Application, bots: Sequence[Connected], inbox: InboxWorker
) -> None:
    """Mounts the webhook of each bot where updates come by it."""
    if settings.telegram_mode is TelegramMode.WEBHOOK:
        for bot in bots:
            receive = partial(inbox.receive, account=bot.account)
            secret = webhook_secret(bot.account, settings)
            add_webhook(server, secret, receive, webhook_path(bot.account))


async def _listening(settings: Settings, server: web.Application) -> web.AppRunner:
    try:
        return await listen(server, settings.http_host, settings.http_port)
    except OSError as error:
        where = f"{settings.http_host}:{settings.http_port}"
        raise SettingsError(f"HTTP_HOST, HTTP_PORT: cannot listen on {where}: {error.strerror}") from error


async def _known(database: Database, accounts: Accounts) -> None:
    """Warns of bots of operators that are not there, and of operators without a bot."""
    ids = {operator.id for operator in await database.read(lambda uow: uow.operators.all())}
    for operator_id in sorted(accounts.own - ids):
        log.warning("bot_of_no_operator", operator=operator_id, hint="BOT_TOKENS names it")
    if not accounts.shared:
        for operator_id in sorted(ids - accounts.own):
            log.warning("operator_without_bot", operator=operator_id, hint="what is for it waits")


async def _introduced(settings: Settings, accounts: Accounts, bot: Connected, texts: Texts) -> None:
    async with own_token_may_fail(bot):
        await introduce(bot.api, bot.account, accounts, texts, settings)


async def _polled(settings: Settings, bot: Connected, inbox: InboxWorker) -> None:
    while True:
        async with own_token_may_fail(bot):
            try:
                await polling.poll(bot.api, partial(inbox.receive, account=bot.account), bot.account)
            except polling.TokenRefused as error:
                raise TokenRefused(bot.account, settings) from error
        await asyncio.sleep(ASKED_AGAIN_AFTER)


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
