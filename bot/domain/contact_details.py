"""Names, phone numbers and e-mail addresses as people write them, checked."""

import re

from bot.domain.operator import Contact
from bot.domain.refusal import Refusal

PHONE = r"^\+?[0-9][0-9 ()/.-]{3,30}$"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_LONGEST = 200
_LONGEST_EMAIL = 254
"""RFC 5321, section 4.5.3.1.3."""
_SEPARATORS = re.compile(r"[\n,;|\t]+")


def checked_name(text: str) -> str:
    """The name without white space around it; Refusal where there is none or it is too long."""
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST:
        raise Refusal("contact.name")
    return name


def checked_phone(text: str) -> str:
    """The number as it was written; Refusal where nobody could dial it."""
    number = text.strip()
    if not re.match(PHONE, number):
        raise Refusal("contact.phone", given=number[:40])
    return number


def checked_email(text: str) -> str:
    """The address; Refusal where it cannot be one."""
    address = text.strip()
    if not re.match(EMAIL, address) or len(address) > _LONGEST_EMAIL:
        raise Refusal("contact.email", given=address[:60])
    return address


def read_contact(text: str) -> Contact:
    """A contact out of one message: name, phone and e-mail in any order, parted by lines or commas.

    Refusal where there is no name, no way to reach them, something twice, or something that is none of these.
    """
    names: list[str] = []
    phones: list[str] = []
    emails: list[str] = []
    for part in filter(None, (each.strip() for each in _SEPARATORS.split(text))):
        if "@" in part:
            emails.append(checked_email(part))
        elif sum(map(str.isdigit, part)) > len(part) // 3:
            phones.append(checked_phone(part))
        else:
            names.append(checked_name(part))
    if not names:
        raise Refusal("contact.name")
    if max(map(len, (names, phones, emails))) > 1:
        raise Refusal("contact.twice")
    if not phones and not emails:
        raise Refusal("contact.unreachable")
    return Contact(names[0], phones[0] if phones else None, emails[0] if emails else None)
