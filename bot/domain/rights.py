"""What an operator's people may do, and how far it reaches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.refusal import Refusal


class Area(StrEnum):
    """The parts of the catalogue, as be.ENERGISED shows them."""

    INFRASTRUCTURE = "infrastructure"
    USERS = "users"
    SUPPORT = "support"
    FINANCE = "finance"
    REPORTS = "reports"
    PERSONAL = "personal"


class Right(StrEnum):
    """The rights that a group can hold; the names are those of the operator's file, `area.right`."""

    STATION_LIST = "infrastructure.station_list"
    """Sees the station list, and of a data sheet what is general and the charging points."""
    STATIONS = "infrastructure.stations"
    """Changes stations and locations, takes stations in that knock."""
    OPERATIONS_TAB = "infrastructure.operations_tab"
    TECHNICIAN = "infrastructure.technician"
    ERRORS = "infrastructure.errors"
    HISTORY = "infrastructure.history"
    STICKERS = "infrastructure.stickers"
    REMOTE_ACTIONS = "infrastructure.remote_actions"
    COST_RELEASE = "users.cost_release"
    USERS_MANAGE = "users.manage"
    GROUPS_MANAGE = "users.groups"
    HOTLINE = "support.hotline"
    BILLING = "finance.billing"
    STATISTICS = "reports.statistics"
    AUDIT = "reports.audit"
    PERSONAL_DATA = "personal.data"

    @property
    def area(self) -> Area:
        """The part of the catalogue in which it stands."""
        return Area(self.value.partition(".")[0])


class Scope(StrEnum):
    """How far a group's rights reach: all of the operator, a person's own company, or that with those below it."""

    INSTANCE = "instance"
    ENTITY = "entity"
    ENTITY_AND_BELOW = "entity_and_below"


EntityId = str | None
"""A company within an operator; None is the operator itself, the root of the tree."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A company. `parent` is None for one that is directly below the operator."""

    id: str
    name: str
    parent: EntityId = None


@dataclass(frozen=True, slots=True)
class EntityTree:
    """The companies of an operator."""

    entities: tuple[Entity, ...] = ()

    def below(self, top: EntityId) -> frozenset[EntityId]:
        """A company with all those below it, at any depth."""
        found: set[EntityId] = {top}
        grown = True
        while grown:
            more = {each.id for each in self.entities if each.parent in found} - found
            found |= more
            grown = bool(more)
        return frozenset(found)

    def get(self, entity_id: str) -> Entity | None:
        """The company of an ID."""
        return next((each for each in self.entities if each.id == entity_id), None)

    def allows(self, entity: Entity) -> bool:
        """Whether it may hang where it says: its parent exists, and is not below itself."""
        return entity.parent is None or (
            self.get(entity.parent) is not None and entity.parent not in self.below(entity.id)
        )


@dataclass(frozen=True, slots=True)
class Grant:
    """What one group gives to its members."""

    group: str
    rights: frozenset[Right]
    scope: Scope


class MissingRight(Refusal):
    """Somebody lacks a right, at least for what they wanted to touch."""

    def __init__(self, right: Right) -> None:
        super().__init__("right.missing", right=right.value)
        self.right = right


@dataclass(frozen=True, slots=True)
class Authority:
    """What a person may do at an operator. A person who is deactivated has no grants."""

    operator_id: str
    person_id: int
    entity_id: EntityId = None
    grants: tuple[Grant, ...] = ()
    tree: EntityTree = field(default_factory=EntityTree)

    @property
    def rights(self) -> frozenset[Right]:
        """All rights, however far they reach."""
        return frozenset(right for grant in self.grants for right in grant.rights)

    def reach(self, right: Right) -> frozenset[EntityId]:
        """The companies for which the person holds the right; with the operator itself in it where it is so."""
        return frozenset(
            entity for grant in self.grants if right in grant.rights for entity in self._covered(grant.scope)
        )

    def may(self, right: Right, entity_id: EntityId = None) -> bool:
        """Whether the person holds the right for what belongs to a company."""
        return entity_id in self.reach(right)

    def need(self, right: Right, entity_id: EntityId = None) -> None:
        """MissingRight where the person does not hold the right for what belongs to a company."""
        if not self.may(right, entity_id):
            raise MissingRight(right)

    def need_somewhere(self, right: Right) -> frozenset[EntityId]:
        """The companies for which the person holds the right; MissingRight where there is none."""
        reach = self.reach(right)
        if not reach:
            raise MissingRight(right)
        return reach

    def covers(self, scope: Scope, entity_id: EntityId, rights: Iterable[Right]) -> bool:
        """Whether the person holds each of the rights wherever somebody of that company with that scope would."""
        wanted = covered(scope, entity_id, self.tree)
        return all(wanted <= self.reach(right) for right in rights)

    def _covered(self, scope: Scope) -> frozenset[EntityId]:
        return covered(scope, self.entity_id, self.tree)


def covered(scope: Scope, entity_id: EntityId, tree: EntityTree) -> frozenset[EntityId]:
    """The companies that a group of that scope reaches for a member of a company."""
    match scope:
        case Scope.INSTANCE:
            return tree.below(None)
        case Scope.ENTITY:
            return frozenset({entity_id})
        case Scope.ENTITY_AND_BELOW:
            return tree.below(entity_id)


CATALOGUE: Mapping[Area, tuple[Right, ...]] = {
    area: tuple(right for right in Right if right.area is area) for area in Area
}
"""All rights by area, in the order in which they are shown."""
