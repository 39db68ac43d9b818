"""`doctor`: looks at everything that the service needs, and says what is wrong and how to mend it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiosmtplib
from telegram import Bot, ChatMemberAdministrator, ChatMemberOwner
from telegram.error import InvalidToken, TelegramError

from bot.app import rulebook_of
from bot.domain.account import Account, Accounts
from bot.domain.capability import Source
from bot.domain.clock import utc_now
from bot.domain.operator import HotlineGroup, Station
from bot.settings import Settings, SettingsError, TelegramMode
from bot.telegram.account import webhook_path
from bot.telegram.connecting import accounts_of, make_bot
from bot.telegram.request import AiohttpRequest
from bot.views.i18n import load_texts
from bot.web.stations import tls_files
from bot.web.tls import TlsError, good_until
from storage.database import Database, DatabaseAway, reach_database
from storage.migrations import revision
from storage.uow import UnitOfWork

RENEWED_BEFORE = timedelta(days=14)
"""A certificate that still stands when it is closer to its end than this has been forgotten."""
HEARD_WITHIN = timedelta(minutes=30)
"""be.ENERGISED calls a station "pending" when nothing was heard for this long."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` says what to do where it is not well."""

    well: bool
    what: str
    mend: str = ""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Everything in order; what needs something that is not well is left out."""
    yield Finding(True, "settings are complete and well formed")
    yield _rules(settings)
    try:
        database = await reach_database(settings.database_url)
    except DatabaseAway as error:
        mend = "check DATABASE_URL and that its server runs"
        yield Finding(False, f"database does not answer: {error}", mend)
        async for each in _without_database(settings):
            yield each
        return
    try:
        found = await _database(database)
        yield found
        if found.well:
            async for each in _telegram(settings, database):
                yield each
            yield await _smtp(settings)
            for each in _tls(settings, utc_now()):
                yield each
            for each in await _by_mail(settings, database):
                yield each
            yield _metrics(settings)
            async for each in _technicians(settings, database):
                yield each
            for each in await _given_up(database):
                yield each
            async for each in _stations(database):
                yield each
        else:
            async for each in _without_database(settings):
                yield each
    finally:
        await database.close()


def _rules(settings: Settings) -> Finding:
    try:
        rules = rulebook_of(settings, load_texts()).rules
    except SettingsError as error:
        return Finding(False, str(error), "python -m bot rules check")
    own = " with your own" if settings.rules_file else ""
    return Finding(True, f"{len(rules)} rules{own} judge every combination of facts")


def _metrics(settings: Settings) -> Finding:
    who = "whoever shows METRICS_TOKEN" if settings.metrics_token else "this machine alone (no METRICS_TOKEN)"
    return Finding(True, f"/metrics answers {who}")


async def _given_up(database: Database) -> list[Finding]:
    """Deadlines that failed so often that nobody tries them any more; nothing where there is none."""
    count = await database.read(lambda uow: uow.timers.given_up())
    mend = "the log says why (timer_given_up); /metrics counts them"
    return [Finding(False, f"{count} deadlines failed and were given up", mend)] if count else []


def _tls(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Nothing where stations do not speak TLS with this process."""
    if settings.ocpp_tls_port is None:
        return
    try:
        left = (good_until(tls_files(settings)) - now).days
    except TlsError as error:
        yield Finding(False, f"certificate for stations: {error}", "docs/stations.md says how to make one")
        return
    if left < RENEWED_BEFORE.days:
        yield Finding(False, f"certificate for stations runs out in {left} days", "renew it, and restart")
    else:
        yield Finding(True, f"certificate for stations is good for {left} days")


async def _without_database(settings: Settings) -> AsyncIterator[Finding]:
    async for each in _telegram(settings, None):
        yield each
    yield await _smtp(settings)
    for each in _tls(settings, utc_now()):
        yield each


async def _database(database: Database) -> Finding:
    now, newest = await revision(database)
    if now is None:
        return Finding(False, "database is empty", "run: python -m bot migrate")
    if now != newest:
        return Finding(False, f"database is at revision {now}, not {newest}", "run: python -m bot migrate")
    return Finding(True, f"database answers, at revision {now}")


async def _telegram(settings: Settings, database: Database | None) -> AsyncIterator[Finding]:
    try:
        accounts = accounts_of(settings)
    except SettingsError as error:
        yield Finding(False, "bot token", str(error))
        return
    operators = [] if database is None else await database.read(_operators)
    for account in accounts.all():
        bot = make_bot(settings, account, AiohttpRequest())
        theirs = [operator for operator in operators if accounts.of(operator.id) == account]
        try:
            async for each in _with_bot(settings, account, bot, theirs):
                yield each
        finally:
            await bot.shutdown()
    if database is not None:
        for each in _matched(accounts, {operator.id for operator in operators}):
            yield each


@dataclass(frozen=True, slots=True)
class _WithGroups:
    """An operator with its groups of agents."""

    id: str
    groups: Sequence[HotlineGroup]


def _operators(uow: UnitOfWork) -> list[_WithGroups]:
    return [_WithGroups(each.id, uow.hotlines.of(each.id)) for each in uow.operators.all()]


def _matched(accounts: Accounts, operators: set[str]) -> Iterator[Finding]:
    """Bots without an operator, and operators without a bot."""
    for operator_id in sorted(accounts.own - operators):
        mend = "apply the file of that operator, or mend the name in BOT_TOKENS"
        yield Finding(False, f"BOT_TOKENS names {operator_id}, and there is no such operator", mend)
    for operator_id in sorted(operators - accounts.own):
        if not accounts.shared:
            mend = "put its token into BOT_TOKENS, or set BOT_TOKEN"
            yield Finding(False, f"no bot speaks for {operator_id}", mend)


async def _with_bot(
    settings: Settings, account: Account, bot: Bot, operators: Sequence[_WithGroups]
) -> AsyncIterator[Finding]:
    whose = f" of {account.operator_id}" if account.operator_id else ""
    try:
        await bot.initialize()
    except InvalidToken:
        setting = f"BOT_TOKENS: the token{whose}" if whose else "BOT_TOKEN"
        yield Finding(False, f"Telegram refuses {setting}", "copy it anew from @BotFather")
        return
    except TelegramError as error:
        reason = f"{settings.telegram_api_url} does not answer: {type(error).__name__}"
        yield Finding(False, reason, "check the network and TELEGRAM_API_URL")
        return
    yield Finding(True, f"token{whose} belongs to @{bot.username}")
    yield await _webhook(settings, account, bot)
    for operator in operators:
        if not operator.groups:
            name = f"hotline group of {operator.id}"
            yield Finding(False, f"{name} is not set", "set hotline.chat_id in the operator's file")
        for group in operator.groups:
            # A single one needs no name.
            which = "" if len(operator.groups) == 1 or not group.title else f" {group.title}"
            yield await _hotline(bot, group, f"hotline group{which} of {operator.id}")


async def _webhook(settings: Settings, account: Account, bot: Bot) -> Finding:
    whose = f" of {account.operator_id}" if account.operator_id else ""
    info = await bot.get_webhook_info()
    if settings.telegram_mode is TelegramMode.POLLING:
        if info.url:
            return Finding(False, f"a webhook{whose} is set: {info.url}", "`run` removes it when it polls")
        return Finding(True, f"no webhook{whose} is in the way of polling")
    wanted = f"{settings.public_url}{webhook_path(account)}"
    if info.url != wanted:
        found = f"webhook{whose} is not set to {wanted} but to {info.url or 'nothing'}"
        return Finding(False, found, "`run` sets it")
    if info.last_error_message:
        mend = "check PUBLIC_URL, its certificate and proxy"
        return Finding(False, f"webhook{whose}: {info.last_error_message}", mend)
    return Finding(True, f"webhook{whose} has no errors")


async def _hotline(bot: Bot, group: HotlineGroup, name: str) -> Finding:
    try:
        chat = await bot.get_chat(group.chat)
        member = await bot.get_chat_member(group.chat, bot.id)
    except TelegramError as error:
        return Finding(False, f"{name} ({group.chat}): {error}", "add the bot to the group")
    if not chat.is_forum:
        return Finding(False, f"{name} has no topics", "turn Topics on in the group's settings")
    may = isinstance(member, ChatMemberOwner) or (
        isinstance(member, ChatMemberAdministrator) and member.can_manage_topics
    )
    if not may:
        return Finding(False, f"{name}: the bot may not manage topics", "make it admin with “Manage topics”")
    return Finding(True, f"{name} has topics, and the bot may manage them")


async def _smtp(settings: Settings) -> Finding:
    if not settings.smtp_url:
        return Finding(True, "SMTP_URL is not set: technicians and managers get no e-mail")
    parts = urlsplit(settings.smtp_url)
    client = aiosmtplib.SMTP(
        hostname=parts.hostname, port=parts.port, use_tls=parts.scheme == "smtps", timeout=10
    )
    try:
        await client.connect()
        await client.quit()
    except (aiosmtplib.SMTPException, OSError) as error:
        return Finding(False, f"SMTP server does not answer: {type(error).__name__}", "check SMTP_URL")
    return Finding(True, "SMTP server answers")


async def _by_mail(settings: Settings, database: Database) -> list[Finding]:
    """Managers, and addresses of policies, that only an e-mail can reach; nothing where there is none."""

    def read(uow: UnitOfWork) -> set[str]:
        operators = uow.operators.all()
        managers = [each.manager for each in operators if each.manager is not None]
        found = {each.email for each in managers if each.email and each.telegram_id is None}
        for operator in operators:
            for policy in uow.escalations.policies(operator.id):
                targets = [one for level in policy.levels for one in level.targets]
                found |= {each.address for each in targets if each.address}
        return {address for address in found if address}

    if settings.smtp_url or not (found := await database.read(read)):
        return []
    what = f"nothing but e-mail reaches {', '.join(sorted(found))} when a case waits"
    return [Finding(False, what, "set SMTP_URL; a manager may have a telegram_id instead")]


async def _technicians(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    """Whoever repairs stations and is not on Telegram needs e-mail, and a link in it to answer by."""

    def by_mail(uow: UnitOfWork) -> set[str]:
        stations = [each for one in uow.operators.all() for each in uow.operators.stations(one.id)]
        return {
            each.technician.email
            for each in stations
            if each.technician is not None and each.technician.email and each.technician.telegram_id is None
        }

    found = len(await database.read(by_mail))
    if found and not settings.smtp_url:
        what = f"technicians who are reached by e-mail alone get no jobs: {found}"
        yield Finding(False, what, "set SMTP_URL, or invite them to Telegram: /technician")
    elif found and not settings.public_url:
        what = f"technicians who are reached by e-mail alone can answer by phone only: {found}"
        yield Finding(False, what, "set PUBLIC_URL, so that their e-mails have a link to answer by")
    elif found:
        yield Finding(True, f"technicians who are reached by e-mail alone have links to answer by: {found}")


async def _stations(database: Database) -> AsyncIterator[Finding]:
    operators = await database.read(lambda uow: uow.operators.all())
    if not operators:
        yield Finding(False, "there is no operator", "run: python -m bot apply operator.toml")
    for operator in operators:
        stations = await _stations_of(database, operator.id)
        for station in stations:
            if station.service_active:
                yield await _station(database, station, utc_now())


async def _stations_of(database: Database, operator_id: str) -> list[Station]:
    return await database.read(lambda uow: uow.operators.stations(operator_id))


async def _station(database: Database, station: Station, now: datetime) -> Finding:
    identity = await database.read(lambda uow: uow.station_log.identity(station.id))
    seen = None if identity is None else identity[0]
    if (await database.read(lambda uow: uow.station_log.contact(station.id)))[1] == Source.OCPI:
        return Finding(
            True, f"station {station.id} is seen through its back end (see: python -m bot ocpi status)"
        )
    if seen is None:
        return Finding(
            False, f"station {station.id} was never heard", f"point it to ws://<this host>/ocpp/{station.id}"
        )
    minutes = int((now - seen).total_seconds() // 60)
    if now - seen > HEARD_WITHIN:
        return Finding(
            False, f"station {station.id} was last heard {minutes} min ago", "check its connection"
        )
    return Finding(True, f"station {station.id} was heard {minutes} min ago")
