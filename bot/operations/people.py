"""The people of an operator: who they are, where they belong, and what ends it. Nobody is ever deleted."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter, ValidationError

from bot.domain.operator import Group
from bot.domain.privacy import contact_for, sees_people
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Entity, EntityId, MissingRight, Right
from bot.operations.acting import Acting, changed
from bot.operations.operator_file import Email, Phone
from bot.operations.powers import changing, need_reach
from storage.repositories.audit import Act, AuditFilter
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

LATEST_ACTS = 3
MOST_NAME = 80


class Field(StrEnum):
    """What can be changed of a person by words."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Listed:
    """A person of a list; names are masked where they have to be."""

    person: Colleague
    company: Entity | None


@dataclass(frozen=True, slots=True)
class People:
    """Those of the people that were looked for, by name. `inactive` counts those of the other kind of list."""

    people: tuple[Listed, ...]
    others: int
    companies: bool


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """One person as another one of the staff sees them.

    `personal` says whether their data is shown in full, `acts` are the latest for whoever may read the audit log.
    `groups` are all groups, with whether the person could be put into each; `companies` where they could be moved.
    """

    person: Colleague
    company: Entity | None
    personal: bool
    myself: bool
    acts: tuple[Act, ...]
    groups: tuple[tuple[Group, bool], ...]
    companies: tuple[Entity | None, ...]


async def show(acting: Acting, words: str = "", *, inactive: bool = False) -> People:
    """Whoever belongs to the companies that the person manages; `words` are looked for in what they may read."""

    def work(uow: UnitOfWork, who: Authority) -> People:
        reach = who.need_somewhere(Right.USERS_MANAGE)
        within = [each for each in uow.staff.all(acting.operator_id) if each.entity_id in reach]
        kind = [each for each in within if (each.deactivated_at is not None) is inactive]
        listed = [_listed(each, who) for each in kind]
        wanted = words.casefold().split()
        found = [each for each in listed if all(word in _read(each) for word in wanted)]
        found.sort(key=lambda each: (each.person.name.casefold(), each.person.person_id))
        return People(tuple(found), len(within) - len(kind), bool(who.tree.entities))

    return await acting.read(work)


async def one(acting: Acting, person_id: int) -> PersonSeen:
    """One of them; Refusal `person.unknown` for anybody else."""

    def work(uow: UnitOfWork, who: Authority) -> PersonSeen:
        found = _theirs(uow, acting, who, person_id)
        listed = _listed(found, who)
        reach = who.reach(Right.USERS_MANAGE)
        companies = [each for each in (None, *who.tree.entities) if (each and each.id) in reach]
        return PersonSeen(
            listed.person,
            listed.company,
            _sees(who, found),
            found.person_id == who.person_id,
            _acts(uow, acting, who, person_id),
            tuple(
                (group, who.covers(group.scope, found.entity_id, group.rights))
                for group in uow.staff.groups(acting.operator_id)
            ),
            tuple(companies),
        )

    return await acting.read(work)


async def regroup(acting: Acting, person_id: int, group: str, *, member: bool) -> None:
    """Puts a person into a group or takes them out of it; Refusal where that gives what oneself does not have."""

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            found = _active(uow, acting, who, person_id)
            if group not in {each.name for each in uow.staff.groups(acting.operator_id)}:
                raise Refusal("group.gone")
            others = tuple(name for name in found.groups if name != group)
            _put(uow, acting, found, replace(found, groups=(*others, group) if member else others))

    await acting.commit(work)


async def move(acting: Acting, person_id: int, entity_id: EntityId) -> None:
    """Moves a person to another company, within those that one manages."""

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            found = _active(uow, acting, who, person_id)
            if entity_id is not None and who.tree.get(entity_id) is None:
                raise Refusal("company.gone")
            need_reach(who, Right.USERS_MANAGE, frozenset({entity_id}))
            _put(uow, acting, found, replace(found, entity_id=entity_id))

    await acting.commit(work)


async def edit(acting: Acting, person_id: int, field: Field, words: str) -> None:
    """Sets a name, an e-mail address or a phone number; empty takes one of the latter two away.

    Refusal where it is none, MissingRight where the person may not see what is there already.
    """
    value = _checked(field, words)

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            found = _theirs(uow, acting, who, person_id)
            if not _sees(who, found):
                raise MissingRight(Right.PERSONAL_DATA)
            _put(uow, acting, found, _with(found, field, value))

    await acting.commit(work)


async def deactivate(acting: Acting, person_id: int) -> None:
    """Ends all that a person may do, from this moment on; what they did stays known."""

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            found = _theirs(uow, acting, who, person_id)
            if found.deactivated_at is None:
                uow.staff.put(acting.operator_id, replace(found, deactivated_at=acting.now))
                acting.note(
                    uow, "person.deactivated", subject_of(person_id), {"active": True}, {"active": False}
                )

    await acting.commit(work)


async def reactivate(acting: Acting, person_id: int) -> None:
    """Gives a person back what they had; Refusal where that is more than oneself has."""

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            found = _theirs(uow, acting, who, person_id)
            if found.deactivated_at is not None:
                uow.staff.put(acting.operator_id, replace(found, deactivated_at=None))
                acting.note(
                    uow, "person.reactivated", subject_of(person_id), {"active": False}, {"active": True}
                )

    await acting.commit(work)


def subject_of(person_id: int) -> str:
    """How the audit log names a person, who has a name only for whoever may see it."""
    return f"person:{person_id}"


def seen(person: Colleague, who: Authority) -> Colleague:
    """A person as another one of the staff may read them; everybody may read themselves."""
    if _sees(who, person):
        return person
    shown = contact_for(who, person.contact, person.entity_id)
    return replace(person, name=shown.name, email=shown.email, phone=shown.phone)


def _sees(who: Authority, person: Colleague) -> bool:
    return person.person_id == who.person_id or sees_people(who, person.entity_id)


def _listed(person: Colleague, who: Authority) -> Listed:
    return Listed(seen(person, who), who.tree.get(person.entity_id or ""))


def _read(listed: Listed) -> str:
    """All of a person that a reader of the list may look for."""
    person = listed.person
    company = "" if listed.company is None else listed.company.name
    return " ".join((person.name, person.email or "", person.phone or "", company, *person.groups)).casefold()


def _theirs(uow: UnitOfWork, acting: Acting, who: Authority, person_id: int) -> Colleague:
    reach = who.need_somewhere(Right.USERS_MANAGE)
    found = uow.staff.get(acting.operator_id, person_id)
    if found is None or found.entity_id not in reach:
        raise Refusal("person.unknown")
    return found


def _active(uow: UnitOfWork, acting: Acting, who: Authority, person_id: int) -> Colleague:
    found = _theirs(uow, acting, who, person_id)
    if found.deactivated_at is not None:
        raise Refusal("person.inactive")
    return found


def _acts(uow: UnitOfWork, acting: Acting, who: Authority, person_id: int) -> tuple[Act, ...]:
    if Right.AUDIT not in who.rights:
        return ()
    wanted = AuditFilter(person_id=person_id)
    return tuple(uow.audit.list(acting.operator_id, wanted, most=LATEST_ACTS))


def _put(uow: UnitOfWork, acting: Acting, before: Colleague, after: Colleague) -> None:
    if before == after:
        return
    uow.staff.put(acting.operator_id, after)
    acting.note(uow, "person.changed", subject_of(after.person_id), *changed(_fields(before), _fields(after)))


def _fields(person: Colleague) -> dict[str, object]:
    return {
        "person": person.name,
        "email": person.email,
        "phone": person.phone,
        "company": person.entity_id,
        "groups": sorted(person.groups),
    }


def _with(person: Colleague, field: Field, value: str | None) -> Colleague:
    match field:
        case Field.NAME:
            return replace(person, name=value or person.name)
        case Field.EMAIL:
            return replace(person, email=value)
        case Field.PHONE:
            return replace(person, phone=value)


def _checked(field: Field, words: str) -> str | None:
    value = " ".join(words.split())
    if field is Field.NAME:
        if not 1 <= len(value) <= MOST_NAME:
            raise Refusal("person.name", most=str(MOST_NAME))
        return value
    if not value:
        return None
    try:
        return _form_of(field).validate_python(value)
    except ValidationError as error:
        raise Refusal(f"person.{field.value}") from error


@cache
def _form_of(field: Field) -> TypeAdapter[str]:
    """The same form that an operator's file asks for."""
    return TypeAdapter(Email if field is Field.EMAIL else Phone)
