"""Texts by key and language. No sentence stands in Python."""

import html
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal

from bot.domain.billing import Month

FOLDER = Path(__file__).parent / "texts"
FALLBACK = "en"
_DAY_AND_MONTH = "d MMM"
_DAY_AND_MONTH_OF: Mapping[str, str] = {"de": "d. MMM"}
"""Where a day is written otherwise before the name of its month."""
_WEEKDAY = "EEE d"
_WEEKDAY_OF: Mapping[str, str] = {"de": "EEEEEE d."}
_LETTER_BEFORE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Translate:
    """The texts of one language: `t("fix.asked", station=name)`. Values are escaped for HTML."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: str | int) -> str:
        """The text with its placeholders filled; KeyError for a key that no file has."""
        if not values:
            return self.texts[key]
        return self.texts[key].format(**{name: html.escape(str(value)) for name, value in values.items()})

    def has(self, key: str) -> bool:
        """Whether there is a text of that key."""
        return key in self.texts

    def word(self, value: str, *tables: str) -> str:
        """A word of a vocabulary as people say it, from the first table that has it; else the word itself."""
        return next((self(f"{table}.{value}") for table in tables if self.has(f"{table}.{value}")), value)

    def ago(self, span: timedelta) -> str:
        """How long ago, as people say it: "2 minutes ago"."""
        seconds = max(span.total_seconds(), 1)
        return format_timedelta(
            -timedelta(seconds=seconds), add_direction=True, locale=self.language, threshold=1.2
        )

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount in a currency: "€9.90", "CHF 9.90"; `currency` is its ISO 4217 code."""
        text = format_currency(amount, currency, locale=self.language)
        # CLDR wants a space between letters and digits (UTS #35, currency spacing), which is left to us.
        return _LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", text)

    def month(self, month: Month) -> str:
        """A month by its name: "November 2026"."""
        return format_date(date(month.year, month.month, 1), "LLLL y", locale=self.language)

    def month_alone(self, month: Month) -> str:
        """A month without its year: "November"."""
        return format_date(date(month.year, month.month, 1), "LLLL", locale=self.language)

    def date_of(self, moment: datetime, zone: str) -> str:
        """The day on which a moment lies in a zone: "22 Nov 2026"."""
        return format_date(moment.astimezone(ZoneInfo(zone)).date(), "medium", locale=self.language)

    def clock(self, moment: datetime, zone: str) -> str:
        """The time of day in a zone, with the day where `moment` is not plainly recent to the reader."""
        pattern = f"{self._day_and_month} HH:mm"
        return format_datetime(moment, pattern, tzinfo=ZoneInfo(zone), locale=self.language)

    def clock_on(self, moment: datetime, zone: str, day: date) -> str:
        """The time of day in a zone; with the day where that is not the one which is spoken of."""
        if moment.astimezone(ZoneInfo(zone)).date() != day:
            return self.clock(moment, zone)
        return format_datetime(moment, "HH:mm", tzinfo=ZoneInfo(zone), locale=self.language)

    def short_day(self, day: date) -> str:
        """A day without its year: "22 Nov", "22. Nov."."""
        return format_date(day, self._day_and_month, locale=self.language)

    def weekday(self, day: date) -> str:
        """The day of the week with its day of the month: "Sun 22", "So 22."."""
        return format_date(day, _WEEKDAY_OF.get(self.language, _WEEKDAY), locale=self.language)

    @property
    def _day_and_month(self) -> str:
        return _DAY_AND_MONTH_OF.get(self.language, _DAY_AND_MONTH)

    def day(self, day: date) -> str:
        """A day of a calendar: "Nov 22, 2026"."""
        return format_date(day, "medium", locale=self.language)

    def span(self, span: timedelta) -> str:
        """How long: "2 minutes"."""
        return format_timedelta(span, locale=self.language, threshold=1.2)

    def number_to(self, value: float, decimals: int) -> str:
        """A number with just so many decimals: "4,0"."""
        return format_decimal(value, f"#,##0.{'0' * decimals}", locale=self.language)

    def number(self, value: float, most_decimals: int = 2) -> str:
        """A number as people write it: "22,5"."""
        return format_decimal(
            value, f"#,##0.{'#' * most_decimals}" if most_decimals else "#,##0", locale=self.language
        )


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of all languages."""

    by_language: Mapping[str, Translate]

    def to(self, language: str | None, otherwise: str | None = None) -> Translate:
        """The texts for somebody: "de-AT" finds "de"; an unknown language falls back, at last to English."""
        for wanted in (language, otherwise):
            known = self.by_language.get((wanted or "").split("-")[0].lower())
            if known is not None:
                return known
        return self.by_language[FALLBACK]

    def languages(self) -> tuple[str, ...]:
        """The codes of all languages there are."""
        return tuple(sorted(self.by_language))


def load_texts(folder: Path = FOLDER) -> Texts:
    """Reads all texts; ValueError where one key stands twice."""
    found = {
        each.name: _language(each)
        for each in sorted(folder.iterdir())
        if each.is_dir() and each.name[0] != "_"
    }
    return Texts(found)


def _language(folder: Path) -> Translate:
    files = sorted(folder.glob("*.toml"))
    return _parsed(folder.name, tuple(file.read_text(encoding="utf-8") for file in files))


@lru_cache(maxsize=8)
def _parsed(language: str, contents: tuple[str, ...]) -> Translate:
    """The texts of a language's files; the same files are parsed once by a process that loads them often."""
    texts: dict[str, str] = {}
    for content in contents:
        for table, entries in tomllib.loads(content).items():
            for key, text in entries.items():
                name = f"{table}.{key}"
                if name in texts:
                    raise ValueError(f"the text {name} stands twice in {language}")
                texts[name] = text
    return Translate(language, texts)
