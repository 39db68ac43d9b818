"""Names, phone numbers and addresses of people, as they stand before somebody who may not see them.

Whoever holds the right to personal data where a person belongs sees them in full; for everybody else the functions
here leave just enough to tell two people apart. Masked text never holds markup that was not there before.
"""

import re
from dataclasses import replace

from bot.domain.operator import Contact
from bot.domain.people import Person
from bot.domain.rights import Authority, EntityId, Right

STARS = "****"
_COUNTRY = re.compile(r"\+\d{1,3}(?=\D)")
_SHORTEST = 5
"""Digits of a number from which its last two do not tell it."""


def masked_name(name: str) -> str:
    """`Lena Maier` as `L****`, whatever the length; a name of no letters has no first one."""
    first = name.strip()[:1]
    return f"{first}{STARS}" if first.isalnum() else STARS


def masked_phone(phone: str) -> str:
    """`+43 660 000000` as `+43 *** **00`: the country where it stands apart, and the last two digits."""
    country = _COUNTRY.match(phone.strip())
    head = "" if country is None else country[0]
    digits = re.sub(r"\D", "", phone.strip().removeprefix(head))
    if len(digits) < _SHORTEST:
        return STARS
    return f"{head} *** **{digits[-2:]}".strip()


def masked_email(email: str) -> str:
    """`lena@example.org` as `l****@****.org`: a domain may be somebody's name, too."""
    local, at, domain = email.strip().rpartition("@")
    ending = domain.rpartition(".")[2]
    return f"{masked_name(local)}@{STARS}.{ending}" if at and ending != domain else STARS


def masked_contact(contact: Contact) -> Contact:
    """The same contact, to be shown; its Telegram account is left out."""
    return replace(
        contact,
        name=masked_name(contact.name),
        phone=None if contact.phone is None else masked_phone(contact.phone),
        email=None if contact.email is None else masked_email(contact.email),
        telegram_id=None,
    )


def masked_person(person: Person) -> Person:
    """Somebody whom the product talks with, to be shown; there is no way to reach them in it."""
    return replace(person, name=masked_name(person.name), username=None, email=None, phone=None)


def sees_people(who: Authority, entity_id: EntityId = None) -> bool:
    """Whether somebody may see the personal data of those who belong to a company."""
    return who.may(Right.PERSONAL_DATA, entity_id)


def name_for(who: Authority, name: str, entity_id: EntityId = None) -> str:
    """The name of somebody of a company, as one of the staff may read it."""
    return name if sees_people(who, entity_id) else masked_name(name)


def contact_for(who: Authority, contact: Contact, entity_id: EntityId = None) -> Contact:
    """A contact that belongs to a company, as one of the staff may read it."""
    return contact if sees_people(who, entity_id) else masked_contact(contact)
