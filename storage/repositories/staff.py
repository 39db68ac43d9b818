"""An operator's staff: its companies, its groups with their rights, and who belongs to them."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from bot.domain.operator import Contact, Group, Member
from bot.domain.rights import Authority, Entity, EntityId, EntityTree, Grant, Right, Scope
from storage.repositories.people import Identity, People
from storage.repositories.upsert import put
from storage.tables import entities, groups, memberships, operators, people, staff, stations

_NAMES = frozenset(right.value for right in Right)
_GRANTS = (
    select(groups.c.name, groups.c.rights, groups.c.scope)
    .join(
        memberships,
        (memberships.c.operator_id == groups.c.operator_id) & (memberships.c.group_name == groups.c.name),
    )
    .where(
        memberships.c.operator_id == bindparam("operator"),
        memberships.c.person_id == bindparam("person"),
    )
    .order_by(groups.c.name)
)
_ONE = select(staff).where(
    staff.c.operator_id == bindparam("operator"), staff.c.person_id == bindparam("person")
)
_ENTITIES = select(entities).where(entities.c.operator_id == bindparam("operator")).order_by(entities.c.id)
_ALL = (
    select(staff, people.c.telegram_id, people.c.language)
    .join(people, people.c.id == staff.c.person_id)
    .where(staff.c.operator_id == bindparam("operator"))
    .order_by(staff.c.person_id)
)
_GROUPS_OF_ALL = select(memberships.c.person_id, memberships.c.group_name).where(
    memberships.c.operator_id == bindparam("operator")
)
_WHERE = select(staff.c.operator_id).where(
    staff.c.person_id == bindparam("person"), staff.c.deactivated_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of an operator's staff, whether active or not. `name`, `email` and `phone` are as the operator keeps them."""

    person_id: int
    telegram_id: int | None
    name: str
    language: str | None = None
    email: str | None = None
    phone: str | None = None
    entity_id: EntityId = None
    groups: tuple[str, ...] = ()
    deactivated_at: datetime | None = None

    @property
    def contact(self) -> Contact:
        """How to reach them."""
        return Contact(self.name, self.phone, self.email, self.telegram_id)


class Staff:
    """The people of operators, and what they may do. Nobody is ever deleted: who did something stays known."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def authority(self, operator_id: str, person_id: int) -> Authority:
        """What a person may do at an operator; without any grant where they are no active member of its staff."""
        key = {"operator": operator_id, "person": person_id}
        row = self._connection.execute(_ONE, key).one_or_none()
        if row is None or row.deactivated_at is not None:
            return Authority(operator_id, person_id)
        given = tuple(
            Grant(each.name, _known(each.rights), Scope(each.scope))
            for each in self._connection.execute(_GRANTS, key)
        )
        return Authority(operator_id, person_id, row.entity_id, given, self.tree(operator_id))

    def operators_of(self, person_id: int) -> tuple[str, ...]:
        """The operators of whose staff the person is an active member, by ID."""
        return tuple(sorted(self._connection.execute(_WHERE, {"person": person_id}).scalars()))

    def who_may(self, operator_id: str, right: Right, entity_id: EntityId = None) -> list[Colleague]:
        """The operator's active people who hold a right for what belongs to a company, in a steady order."""
        able = self.authorities(operator_id)
        return [
            each
            for each in self.all(operator_id)
            if each.person_id in able and able[each.person_id].may(right, entity_id)
        ]

    def authorities(self, operator_id: str) -> dict[int, Authority]:
        """What each active person of an operator may do, by their number."""
        grants = {
            group.name: Grant(group.name, group.rights, group.scope) for group in self.groups(operator_id)
        }
        tree = self.tree(operator_id)
        return {
            each.person_id: Authority(
                operator_id,
                each.person_id,
                each.entity_id,
                tuple(grants[name] for name in each.groups if name in grants),
                tree,
            )
            for each in self.all(operator_id)
            if each.deactivated_at is None
        }

    def all(self, operator_id: str) -> list[Colleague]:
        """All who are or were of an operator's staff, in a steady order."""
        key = {"operator": operator_id}
        names: dict[int, list[str]] = {}
        for row in self._connection.execute(_GROUPS_OF_ALL, key):
            names.setdefault(row.person_id, []).append(row.group_name)
        return [
            # Databases differ in how they sort words.
            _colleague(row, tuple(sorted(names.get(row.person_id, ()))))
            for row in self._connection.execute(_ALL, key)
        ]

    def get(self, operator_id: str, person_id: int) -> Colleague | None:
        """One of them."""
        return next((each for each in self.all(operator_id) if each.person_id == person_id), None)

    def put(self, operator_id: str, colleague: Colleague) -> None:
        """Enters somebody, or changes them; their groups are then just those given."""
        values = {
            "operator_id": operator_id,
            "person_id": colleague.person_id,
            "entity_id": colleague.entity_id,
            "name": colleague.name,
            "email": colleague.email,
            "phone": colleague.phone,
            "deactivated_at": colleague.deactivated_at,
        }
        put(self._connection, staff, values)
        theirs = (memberships.c.operator_id == operator_id) & (memberships.c.person_id == colleague.person_id)
        self._connection.execute(delete(memberships).where(theirs))
        for name in dict.fromkeys(colleague.groups):
            row = {"operator_id": operator_id, "person_id": colleague.person_id, "group_name": name}
            self._connection.execute(memberships.insert().values(row))

    def groups(self, operator_id: str) -> list[Group]:
        """An operator's groups, by name."""
        statement = select(groups).where(groups.c.operator_id == operator_id)
        found = [
            Group(row.name, Scope(row.scope), _known(row.rights))
            for row in self._connection.execute(statement)
        ]
        return sorted(found, key=lambda group: group.name)

    def put_group(self, operator_id: str, group: Group) -> None:
        """Enters a group, or changes the one of that name."""
        rights = sorted(right.value for right in group.rights)
        values = {
            "operator_id": operator_id,
            "name": group.name,
            "scope": group.scope.value,
            "rights": rights,
        }
        put(self._connection, groups, values)

    def drop_group(self, operator_id: str, name: str) -> None:
        """Takes a group away, with what it gave to its members."""
        for table, column in ((memberships, memberships.c.group_name), (groups, groups.c.name)):
            self._connection.execute(delete(table).where(table.c.operator_id == operator_id, column == name))

    def rename_group(self, operator_id: str, old: str, new: str) -> None:
        """Gives a group another name; the caller makes sure that no other has it."""
        for table, column in ((memberships, memberships.c.group_name), (groups, groups.c.name)):
            self._connection.execute(
                update(table).where(table.c.operator_id == operator_id, column == old).values({column: new})
            )

    def members(self, operator_id: str) -> list[Member]:
        """The active staff who have a Telegram account, as the operator's file names them, by Telegram ID."""
        found = [
            Member(each.telegram_id, each.name, each.email, each.groups, each.entity_id)
            for each in self.all(operator_id)
            if each.telegram_id is not None and each.deactivated_at is None
        ]
        return sorted(found, key=lambda member: member.telegram_id)

    def put_member(self, operator_id: str, member: Member) -> None:
        """Enters one of the staff as the operator's file names them, or changes them; they are active then."""
        met = People(self._connection)
        person = met.by_telegram(member.telegram_id)
        if person is None:
            person = met.meet([Identity(member.telegram_id, member.name)])[member.telegram_id]
        before = self.get(operator_id, person.id)
        entered = before or Colleague(person.id, member.telegram_id, member.name)
        self.put(
            operator_id,
            replace(
                entered,
                name=member.name,
                email=member.email,
                groups=member.groups,
                entity_id=member.entity,
                deactivated_at=None,
            ),
        )

    def tree(self, operator_id: str) -> EntityTree:
        """The operator's companies."""
        rows = self._connection.execute(_ENTITIES, {"operator": operator_id})
        return EntityTree(tuple(Entity(row.id, row.name, row.parent) for row in rows))

    def put_entity(self, operator_id: str, entity: Entity) -> None:
        """Enters a company, or changes the one of that ID."""
        values = {"operator_id": operator_id, "id": entity.id, "name": entity.name, "parent": entity.parent}
        put(self._connection, entities, values)

    def hold(self, operator_id: str) -> None:
        """Keeps all others from changing who may do what at the operator until this transaction ends.

        Whatever was read before may be outdated by the time this returns.
        """
        # Rows that only refer to the operator may still be added meanwhile, which a plain FOR UPDATE would stop.
        held = select(operators.c.id).where(operators.c.id == operator_id)
        self._connection.execute(held.with_for_update(key_share=True))

    def stations_of_entities(self, operator_id: str) -> dict[EntityId, int]:
        """How many stations belong to each of the operator's companies; those without any are left out."""
        statement = (
            select(stations.c.entity_id, func.count())
            .where(stations.c.operator_id == operator_id)
            .group_by(stations.c.entity_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    def drop_entity(self, operator_id: str, entity_id: str) -> None:
        """Takes a company away; the caller makes sure that nobody and nothing belongs to it."""
        self._connection.execute(
            delete(entities).where(entities.c.operator_id == operator_id, entities.c.id == entity_id)
        )


def _known(names: list[str]) -> frozenset[Right]:
    """A right that a newer release knew is none here."""
    return frozenset(Right(name) for name in names if name in _NAMES)


def _colleague(row: Row[tuple[object, ...]], names: tuple[str, ...]) -> Colleague:
    return Colleague(
        row.person_id,
        row.telegram_id,
        row.name,
        row.language,
        row.email,
        row.phone,
        row.entity_id,
        names,
        row.deactivated_at,
    )
