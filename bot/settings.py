"""Settings from the environment or a file `.env`. A wrong one ends the start with a line that names it."""

import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

Network = IPv4Network | IPv6Network


class TelegramMode(StrEnum):
    """How updates come in."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class SendBudgets(StrEnum):
    """Whose sending limits are kept."""

    TELEGRAM = "telegram"
    NONE = "none"


class AssumedVersion(StrEnum):
    """What a station speaks that offers no subprotocol."""

    OCPP_16 = "1.6"
    OCPP_201 = "2.0.1"
    NONE = "none"
    """Nothing is assumed: it is sent away."""


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it."""


class Settings(BaseSettings):
    """Every setting; README.md explains them."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    bot_token: str = ""
    bot_tokens: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: TelegramMode = TelegramMode.POLLING
    send_budgets: SendBudgets = SendBudgets.TELEGRAM
    public_url: str = ""
    webhook_secret: str = ""
    database_url: str = "sqlite+aiosqlite:///data/bot.db"
    http_host: str = "0.0.0.0"  # noqa: S104  # Stations connect from outside.
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    ocpp_tls_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    ocpp_tls_cert: str = ""
    ocpp_tls_key: str = ""
    ocpp_tls_client_ca: str = ""
    ocpp_trusted_proxy: str = ""
    ocpp_assumed_version: AssumedVersion = AssumedVersion.OCPP_16
    smtp_url: str = ""
    log_upload_url: str = ""
    rules_file: str = ""
    history_days: Annotated[int, Field(ge=1, le=36500)] = 180
    metrics_token: str = ""
    log_level: str = "INFO"

    @field_validator("bot_tokens")
    @classmethod
    def _are_tokens(cls, value: str) -> str:
        _tokens(value)
        return value

    @field_validator("telegram_api_url", "public_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not (value.startswith(("http://", "https://")) and urlsplit(value).netloc):
            raise ValueError("must begin with http:// or https://, and a host")
        return value.rstrip("/")

    @field_validator("telegram_api_url")
    @classmethod
    def _is_set(cls, value: str) -> str:
        if not value:
            raise ValueError("is empty; without it, it is Telegram's own")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value):
            raise ValueError("may hold A-Z, a-z, 0-9, _ and - only, at most 256")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _is_token(cls, value: str) -> str:
        if value and not re.fullmatch(r"[!-~]{16,256}", value):
            raise ValueError("must have 16 to 256 characters, of ASCII and without spaces")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError:
            backend = ""
        if backend not in {"sqlite", "postgresql"}:
            raise ValueError("must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://")
        return value

    @field_validator("ocpp_tls_port", mode="before")
    @classmethod
    def _is_set_or_empty(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("ocpp_trusted_proxy")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        try:
            _networks(value)
        except ValueError as error:
            raise ValueError(f"must hold addresses such as 10.0.0.7 or 10.0.0.0/24: {error}") from error
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: str) -> str:
        if value and not (value.startswith(("smtp://", "smtps://")) and urlsplit(value).hostname):
            raise ValueError("must begin with smtp:// or smtps://, and a host")
        return value

    @field_validator("log_upload_url")
    @classmethod
    def _is_upload(cls, value: str) -> str:
        known = ("http://", "https://", "ftp://", "ftps://", "sftp://")
        if value and not (value.startswith(known) and urlsplit(value).hostname):
            raise ValueError("must begin with http, https, ftp, ftps or sftp, and name a host")
        return value

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _tls_is_complete(self) -> "Settings":
        files = {
            "OCPP_TLS_CERT": self.ocpp_tls_cert,
            "OCPP_TLS_KEY": self.ocpp_tls_key,
            "OCPP_TLS_CLIENT_CA": self.ocpp_tls_client_ca,
        }
        for name, path in files.items():
            if self.ocpp_tls_port is None and path:
                raise ValueError(f"OCPP_TLS_PORT must be set where {name} is")
            if self.ocpp_tls_port is not None and not path and name != "OCPP_TLS_CLIENT_CA":
                raise ValueError(f"{name} must be set where OCPP_TLS_PORT is")
        return self

    @model_validator(mode="after")
    def _bots_differ(self) -> "Settings":
        """One bot polled twice would lose updates to itself, and would speak for two operators."""
        taken: dict[str, str] = {}
        for name, token in self.tokens.items():
            other = taken.setdefault(token.partition(":")[0], name)
            if other != name:
                first, second = other or "BOT_TOKEN", name or "BOT_TOKEN"
                raise ValueError(f"BOT_TOKENS: {first} and {second} have the same bot")
        return self

    @property
    def tokens(self) -> Mapping[str, str]:
        """The token of each bot by its operator's ID; the one that operators share stands under ""."""
        shared = {"": self.bot_token} if self.bot_token else {}
        return shared | _tokens(self.bot_tokens)

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        """The peers whose headers on TLS and certificates are believed."""
        return _networks(self.ocpp_trusted_proxy)

    @model_validator(mode="after")
    def _webhook_is_complete(self) -> "Settings":
        if self.telegram_mode is TelegramMode.WEBHOOK:
            for name in ("public_url", "webhook_secret"):
                if not getattr(self, name):
                    raise ValueError(f"{name.upper()} must be set where TELEGRAM_MODE is webhook")
        return self


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


_OPERATOR = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_TOKEN = re.compile(r"[0-9]+:\S+")


def _tokens(text: str) -> dict[str, str]:
    """Tokens by operator. What is said of a wrong one names its operator at most: a token is never told."""
    found: dict[str, str] = {}
    for place, part in enumerate((part for part in text.split(",") if part.strip()), start=1):
        operator, equals, token = (each.strip() for each in part.partition("="))
        if not equals or not _OPERATOR.fullmatch(operator):
            raise ValueError(f"must be like stadtwerke-graz=123456:ABC…, linz-ag=…; entry {place} is not")
        if not _TOKEN.fullmatch(token):
            raise ValueError(f"holds a token for {operator} that has not the form 123456:ABC…")
        if operator in found:
            raise ValueError(f"names {operator} twice")
        found[operator] = token
    return found


def load_settings() -> Settings:
    """The settings; SettingsError with one line that names what is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name} {reason}" if name else reason) from error


def require_tokens(settings: Settings) -> Mapping[str, str]:
    """The bots' tokens, as in `Settings.tokens`; SettingsError where there is none, or one has not the shape."""
    if not settings.tokens:
        raise SettingsError("BOT_TOKEN is not set: get one from @BotFather and put BOT_TOKEN=… into .env")
    if settings.bot_token and not _TOKEN.fullmatch(settings.bot_token):
        raise SettingsError("BOT_TOKEN has not the form 123456:ABC…")
    return settings.tokens
