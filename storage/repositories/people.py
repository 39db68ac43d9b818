"""People, and the rights of an operator's staff."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.domain.operator import Contact, Group, Member
from bot.domain.people import Person, Right, Scope
from storage.repositories.upsert import insert_or_change, put
from storage.tables import groups, memberships, people


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an update is from, as the chat tells it. `language` is a guess until the person chooses one."""

    telegram_id: int
    name: str
    username: str | None = None
    language: str | None = None


_GET = select(people).where(people.c.id == bindparam("key"))
_BY_TELEGRAM = select(people).where(people.c.telegram_id == bindparam("key"))
_BY_TELEGRAM_IDS = select(people).where(people.c.telegram_id.in_(bindparam("ids", expanding=True)))
_SET_LANGUAGE = update(people).where(people.c.id == bindparam("key")).values(language=bindparam("value"))
_SET_UNREACHABLE = (
    update(people).where(people.c.id == bindparam("key")).values(unreachable=bindparam("value"))
)
_RIGHTS = (
    select(groups.c.rights)
    .join(
        memberships,
        (memberships.c.operator_id == groups.c.operator_id) & (memberships.c.group_name == groups.c.name),
    )
    .where(
        memberships.c.operator_id == bindparam("operator"),
        memberships.c.person_id == bindparam("person"),
    )
)

_GIVEN = (
    select(groups.c.operator_id, groups.c.rights, groups.c.scope)
    .join(
        memberships,
        (memberships.c.operator_id == groups.c.operator_id) & (memberships.c.group_name == groups.c.name),
    )
    .where(memberships.c.person_id == bindparam("person"))
    .order_by(groups.c.operator_id)
)


class People:
    """Everybody the product talks with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def meet(self, identities: Iterable[Identity]) -> dict[int, Person]:
        """The people behind the identities by Telegram ID; whoever is new is entered, a new name is taken over."""
        wanted = {identity.telegram_id: identity for identity in identities}
        known = self._by_telegram_ids(wanted)
        for telegram_id, identity in wanted.items():
            person = known.get(telegram_id)
            if person is None or (person.name, person.username) != (identity.name, identity.username):
                known[telegram_id] = self._enter(identity)
        return known

    def get(self, person_id: int) -> Person:
        """The person; NoResultFound where there is none."""
        return _person(self._connection.execute(_GET, {"key": person_id}).one())

    def by_telegram(self, telegram_id: int) -> Person | None:
        """The person with that account, if they are known."""
        row = self._connection.execute(_BY_TELEGRAM, {"key": telegram_id}).one_or_none()
        return None if row is None else _person(row)

    def set_language(self, person_id: int, language: str) -> None:
        """The language that a person chose."""
        self._connection.execute(_SET_LANGUAGE, {"key": person_id, "value": language})

    def set_unreachable(self, person_id: int, *, unreachable: bool) -> None:
        """Whether messages to the person are refused at present."""
        self._connection.execute(_SET_UNREACHABLE, {"key": person_id, "value": unreachable})

    def rights(self, operator_id: str, person_id: int) -> frozenset[Right]:
        """All rights that the person's groups give at an operator."""
        rows = self._connection.execute(_RIGHTS, {"operator": operator_id, "person": person_id}).scalars()
        return frozenset(Right(right) for rights in rows for right in rights)

    def operators_where(self, person_id: int, right: Right, scope: Scope | None = None) -> tuple[str, ...]:
        """The operators at which one of the person's groups gives the right; with `scope`, just such a group."""
        rows = self._connection.execute(_GIVEN, {"person": person_id})
        return tuple(
            dict.fromkeys(
                row.operator_id
                for row in rows
                if right.value in row.rights and scope in {None, Scope(row.scope)}
            )
        )

    def who_may(self, operator_id: str, right: Right) -> list[Contact]:
        """The operator's people who hold a right."""
        statement = (
            select(people)
            .join(memberships, memberships.c.person_id == people.c.id)
            .where(memberships.c.operator_id == operator_id)
            .distinct()
            .order_by(people.c.id)
        )
        everybody = [_person(row) for row in self._connection.execute(statement)]
        return [
            Contact(person.name, person.phone, person.email, person.telegram_id)
            for person in everybody
            if right in self.rights(operator_id, person.id)
        ]

    def groups(self, operator_id: str) -> list[Group]:
        """An operator's groups, by name."""
        statement = select(groups).where(groups.c.operator_id == operator_id).order_by(groups.c.name)
        return [
            Group(row.name, Scope(row.scope), frozenset(Right(right) for right in row.rights))
            for row in self._connection.execute(statement)
        ]

    def put_group(self, operator_id: str, group: Group) -> None:
        """Enters a group, or changes the one of that name."""
        rights = sorted(right.value for right in group.rights)
        put(
            self._connection,
            groups,
            {"operator_id": operator_id, "name": group.name, "scope": group.scope.value, "rights": rights},
        )

    def members(self, operator_id: str) -> list[Member]:
        """An operator's staff, by Telegram ID."""
        statement = (
            select(people, memberships.c.group_name)
            .join(memberships, memberships.c.person_id == people.c.id)
            .where(memberships.c.operator_id == operator_id)
            .order_by(people.c.telegram_id, memberships.c.group_name)
        )
        found: dict[int, Member] = {}
        for row in self._connection.execute(statement):
            before = found.get(row.telegram_id)
            names = (*before.groups, row.group_name) if before else (row.group_name,)
            found[row.telegram_id] = Member(row.telegram_id, row.name, row.email, names)
        # Databases differ in how they sort words.
        return [replace(member, groups=tuple(sorted(member.groups))) for member in found.values()]

    def put_member(self, operator_id: str, member: Member) -> None:
        """Enters one of the staff, or changes them; their groups are then just those given."""
        person = self.by_telegram(member.telegram_id)
        if person is None:
            person = self._enter(Identity(member.telegram_id, member.name))
        self._connection.execute(
            update(people).where(people.c.id == person.id).values(name=member.name, email=member.email)
        )
        self._connection.execute(
            memberships.delete().where(
                memberships.c.operator_id == operator_id, memberships.c.person_id == person.id
            )
        )
        for name in dict.fromkeys(member.groups):
            row = {"operator_id": operator_id, "person_id": person.id, "group_name": name}
            self._connection.execute(memberships.insert().values(row))

    def _by_telegram_ids(self, ids: Iterable[int]) -> dict[int, Person]:
        rows = self._connection.execute(_BY_TELEGRAM_IDS, {"ids": list(ids)})
        return {row.telegram_id: _person(row) for row in rows}

    def _enter(self, identity: Identity) -> Person:
        values = {
            "telegram_id": identity.telegram_id,
            "name": identity.name,
            "username": identity.username,
            "language": identity.language,
            "unreachable": False,
        }
        statement = insert_or_change(self._connection, people, ("telegram_id",), ("name", "username"))
        return _person(self._connection.execute(statement.returning(people), values).one())


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(
        row.id,
        row.telegram_id,
        row.name,
        row.language,
        row.username,
        row.email,
        row.phone,
        row.unreachable,
    )
