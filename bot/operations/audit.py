"""The log of what admins did: read in part, by filter, and handed out as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.operator import Operator
from bot.domain.privacy import masked_email, masked_name, masked_phone, sees_people
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting
from bot.operations.people import seen, subject_of
from storage.repositories.audit import Act, AuditFilter, Fields
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

PAGE = 5
MOST_EXPORTED = 20_000
"""The latest acts that one file holds."""

_NAMED = frozenset({"person", "people", "instead_of", "username", "technician", "manager", "contact"})
_PEOPLE = frozenset({"requested_by", "released_by", "decided_by"})
"""Fields that hold the number of a person."""
_COMPANY = frozenset({"company", "parent", "entity", "entity_id"})
_UNNAMED = ("group.", "company.", "location.", "station.", "operator.", "hotline.", "rotation.", "answer.")
"""Acts whose field `name` is no person's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An act as one of the staff may read it.

    `by` is None where a command or a file did it. `subject` is what it was done to, by its name where it has one.
    """

    at: datetime
    by: str | None
    act: str
    subject: str
    before: Fields | None
    after: Fields | None


@dataclass(frozen=True, slots=True)
class Log:
    """A part of the log, the latest first; `more` says whether older ones follow."""

    operator: Operator
    entries: tuple[Entry, ...]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What the log can be filtered by: people by number and name, and acts."""

    people: tuple[tuple[int, str], ...]
    acts: tuple[str, ...]


async def show(acting: Acting, wanted: AuditFilter, page: int = 0) -> Log:
    """A page of what fits; MissingRight without the right to the log."""

    def work(uow: UnitOfWork, who: Authority) -> Log:
        looked_for = _within(uow, who, wanted)
        found = uow.audit.list(acting.operator_id, looked_for, most=PAGE + 1, skip=page * PAGE)
        entries = _Reading(uow, who).all(found[:PAGE])
        return Log(acting.operator(uow), entries, page, len(found) > PAGE)

    return await acting.read(work)


async def choices(acting: Acting) -> Choices:
    """Whom and what there is to choose from."""

    def work(uow: UnitOfWork, who: Authority) -> Choices:
        reach = who.need_somewhere(Right.AUDIT)
        people = [each for each in uow.staff.all(acting.operator_id) if each.entity_id in reach]
        named = sorted(((each.person_id, seen(each, who).name) for each in people), key=_by_name)
        return Choices(tuple(named), uow.audit.acts(acting.operator_id))

    return await acting.read(work)


async def export(acting: Acting, wanted: AuditFilter) -> Log:
    """All that fits, at most the latest `MOST_EXPORTED`; that it was handed out is noted, too."""

    def work(uow: UnitOfWork, who: Authority) -> Log:
        looked_for = _within(uow, who, wanted)
        found = uow.audit.list(acting.operator_id, looked_for, most=MOST_EXPORTED + 1)
        entries = _Reading(uow, who).all(found[:MOST_EXPORTED])
        after = {"entries": len(entries), **_described(wanted)}
        acting.note(uow, "audit.exported", "audit", None, after)
        return Log(acting.operator(uow), entries, 0, len(found) > MOST_EXPORTED)

    return await acting.commit(work)


def _by_name(person: tuple[int, str]) -> tuple[str, int]:
    number, name = person
    return name.casefold(), number


def _within(uow: UnitOfWork, who: Authority, wanted: AuditFilter) -> AuditFilter:
    """The filter, with people found by their names, and no farther than the person's right reaches."""
    reach = who.need_somewhere(Right.AUDIT)
    staff = uow.staff.all(who.operator_id)
    if wanted.subject is not None:
        words = wanted.subject.casefold()
        named = [each for each in staff if words in seen(each, who).name.casefold()]
        wanted = replace(wanted, named=frozenset(subject_of(each.person_id) for each in named))
    if reach >= who.tree.below(None):
        return wanted
    people = frozenset(each.person_id for each in staff if each.entity_id in reach)
    stations = [each.id for each in uow.operators.stations(who.operator_id) if each.entity_id in reach]
    companies = [f"company:{each}" for each in reach if each is not None]
    subjects = frozenset((*map(subject_of, people), *stations, *companies))
    return replace(wanted, people=people, subjects=subjects)


def _described(wanted: AuditFilter) -> dict[str, object]:
    """What a filter asks for, without anybody's name."""
    fields = {
        "by": None if wanted.person_id is None else subject_of(wanted.person_id),
        "act": wanted.act,
        "since": None if wanted.since is None else wanted.since.isoformat(),
        "until": None if wanted.until is None else wanted.until.isoformat(),
    }
    return {name: value for name, value in fields.items() if value is not None}


class _Reading:
    """Turns acts into what one of the staff may read of them."""

    def __init__(self, uow: UnitOfWork, who: Authority) -> None:
        self._uow = uow
        self._who = who
        self._staff = {each.person_id: each for each in uow.staff.all(who.operator_id)}
        self._everybody = all(sees_people(who, entity) for entity in who.tree.below(None))

    def all(self, acts: list[Act]) -> tuple[Entry, ...]:
        """The entries, in the same order."""
        return tuple(map(self._entry, acts))

    def _entry(self, act: Act) -> Entry:
        fields = [self._fields(act, each) for each in (act.before, act.after)]
        by = None if act.person_id is None else self._name(act.person_id)
        return Entry(act.at, by, act.act, self._subject(act.subject), *fields)

    def _name(self, person_id: int) -> str:
        known = self._staff.get(person_id)
        if known is not None:
            return seen(known, self._who).name
        # Somebody who was never of the staff, such as whoever declined an invitation.
        name = self._uow.people.get(person_id).name
        return name if self._everybody else masked_name(name)

    def _subject(self, subject: str) -> str:
        person = self._person(subject)
        if person is not None:
            return seen(person, self._who).name
        if subject == self._who.operator_id:
            operator = self._uow.operators.get(subject)
            return subject if operator is None else operator.name
        kind, _, name = subject.partition(":")
        company = self._who.tree.get(name) if kind == "company" else None
        return subject if company is None else company.name

    def _person(self, subject: str) -> Colleague | None:
        kind, _, number = subject.partition(":")
        if kind == "person" and number.isdecimal():
            return self._staff.get(int(number))
        # An operator's file names people by their Telegram account.
        kind, _, account = subject.partition(" ")
        by_account = (each for each in self._staff.values() if str(each.telegram_id) == account)
        return next(by_account, None) if kind == "person" else None

    def _fields(self, act: Act, fields: Fields | None) -> Fields | None:
        if fields is None:
            return None
        named = {key: self._named(key, value) for key, value in fields.items()}
        if self._open(act.subject):
            return named
        return masked_fields(named, names=not act.act.startswith(_UNNAMED))

    def _named(self, key: str, value: object) -> object:
        """The name of a company or a person in place of its ID, as far as there is one and it may be read."""
        if key in _COMPANY and isinstance(value, str):
            company = self._who.tree.get(value)
            return value if company is None else company.name
        if key in _PEOPLE and isinstance(value, int):
            return self._name(value)
        return self._subject(value) if key == "by" and isinstance(value, str) else value

    def _open(self, subject: str) -> bool:
        """Whether the reader may see the personal data of what was changed."""
        if self._everybody:
            return True
        person = self._person(subject)
        if person is not None:
            return person.person_id == self._who.person_id or sees_people(self._who, person.entity_id)
        if Right.PERSONAL_DATA not in self._who.rights:
            return False
        station = self._uow.operators.station(subject)
        theirs = station is not None and station.operator_id == self._who.operator_id
        return theirs and station is not None and sees_people(self._who, station.entity_id)


def masked_fields(fields: Fields, *, names: bool) -> Fields:
    """The same fields without personal data; `names` says that a field `name` is somebody's."""
    return {key: _masked(key, value, names=names) for key, value in fields.items()}


def _masked(key: str, value: object, *, names: bool) -> object:
    if isinstance(value, Mapping):
        return masked_fields(value, names=names or key in _NAMED)
    if isinstance(value, list):
        return [_masked(key, each, names=names) for each in value]
    if key == "telegram_id":
        return None if value is None else masked_name("")
    if not isinstance(value, str):
        return value
    if key == "email":
        return masked_email(value)
    if key == "phone":
        return masked_phone(value)
    return masked_name(value) if key in _NAMED or (names and key == "name") else value
