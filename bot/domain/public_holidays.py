"""The public holidays of a country, and of a region of it."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from holidays import country_holidays, list_supported_countries


@lru_cache(maxsize=64)
def public_holidays(
    country: str, region: str | None, years: tuple[int, ...], language: str
) -> Mapping[date, str]:
    """The holidays of these years with their names, in the language where it is known, else in the country's own.

    None for a country that is not known; those of the whole country for a region that is not.
    """
    if country.upper() not in list_supported_countries():
        return {}
    known = region if region in regions(country) else None
    found = country_holidays(country.upper(), subdiv=known, years=years, language=language)
    return dict(sorted(found.items()))


def regions(country: str) -> Mapping[str, str]:
    """The regions of a country by their codes, with the name that each is called by; empty where none are known."""
    codes = list_supported_countries().get(country.upper(), [])
    if not codes:
        return {}
    names = country_holidays(country.upper()).subdivisions_aliases
    # The longest of several is the name; the others are abbreviations.
    called = {code: [name for name, of in names.items() if of == code] for code in codes}
    return {code: max(called[code], key=len, default=code) for code in codes}
