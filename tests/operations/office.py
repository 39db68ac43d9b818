"""An operator with companies and staff, and each of them at work."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.domain.operator import Group
from bot.domain.rights import Entity, EntityId, Right, Scope
from bot.operations.acting import Acting
from storage.database import Database
from storage.repositories.audit import Act
from storage.repositories.inbox import InboxRow
from storage.repositories.people import Identity
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW, OPERATOR

EVERYTHING = frozenset(Right)
MANAGING = frozenset({Right.USERS_MANAGE, Right.GROUPS_MANAGE})
COMPANIES = (Entity("linz", "Linz AG"), Entity("nord", "Linz Nord", "linz"), Entity("wels", "Wels GmbH"))
GROUPS = (
    Group("Administrators", Scope.INSTANCE, EVERYTHING),
    Group("Hotline", Scope.INSTANCE, frozenset({Right.REMOTE_ACTIONS, Right.PERSONAL_DATA})),
    Group("Branch", Scope.ENTITY_AND_BELOW, MANAGING | {Right.AUDIT, Right.STATION_LIST}),
    Group("Viewers", Scope.ENTITY, frozenset({Right.STATION_LIST})),
    Group("Empty", Scope.ENTITY, frozenset()),
)
STAFF: tuple[tuple[str, EntityId, tuple[str, ...]], ...] = (
    ("Ada Admin", None, ("Administrators",)),
    ("Anna Agent", None, ("Hotline",)),
    ("Bea Branch", "linz", ("Branch",)),
    ("Nora Nord", "nord", ("Viewers",)),
    ("Walter Wels", "wels", ("Viewers",)),
)


@dataclass
class Office:
    """The staff of the operator; `by` lets one of them act."""

    database: Database
    ids: dict[str, int] = field(default_factory=dict)
    _updates: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def found(self, *, companies: tuple[Entity, ...] = COMPANIES) -> "Office":
        await self.database.write(lambda uow: self._found(uow, companies))
        return self

    def _found(self, uow: UnitOfWork, companies: tuple[Entity, ...]) -> None:
        town.build(uow)
        uow.operators.put_operator(replace(OPERATOR, id="other", name="Somebody else"))
        for entity in companies:
            uow.staff.put_entity(OPERATOR.id, entity)
        for group in GROUPS:
            uow.staff.put_group(OPERATOR.id, group)
        for number, (name, entity_id, groups) in enumerate(STAFF):
            self.ids[name.split()[0].lower()] = self._enter(uow, 1001 + number, name, entity_id, groups)
        meant = Identity(9001, "Tom Technician", "tom", "de")
        self.ids["tom"] = uow.people.meet([meant])[9001].id

    def _enter(
        self, uow: UnitOfWork, telegram_id: int, name: str, entity_id: EntityId, groups: tuple[str, ...]
    ) -> int:
        person = uow.people.meet([Identity(telegram_id, name, None, "en")])[telegram_id]
        email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
        colleague = Colleague(person.id, telegram_id, name, "en", email, "+43 660 123456", entity_id, groups)
        uow.staff.put(OPERATOR.id, colleague)
        return person.id

    async def by(self, name: str, *, operator_id: str = OPERATOR.id, **later: float) -> Acting:
        """One of them, with an update that nobody has used yet."""
        update_id, person_id = next(self._updates), self.ids[name]
        now = NOW + timedelta(**later)
        row = InboxRow(update_id, f"telegram:{person_id}", b"{}", person_id, now)

        def receive(uow: UnitOfWork) -> Acting:
            uow.inbox.receive([row])
            return Acting(self.database, uow.people.get(person_id), operator_id, update_id, now)

        return await self.database.write(receive)

    async def colleague(self, name: str) -> Colleague:
        found = await self.database.read(lambda uow: uow.staff.get(OPERATOR.id, self.ids[name]))
        assert found is not None
        return found

    async def group(self, name: str) -> Group | None:
        groups = await self.database.read(lambda uow: uow.staff.groups(OPERATOR.id))
        return next((each for each in groups if each.name == name), None)

    async def acts(self) -> list[Act]:
        """What was done, the latest first."""
        return await self.database.read(lambda uow: uow.audit.list(OPERATOR.id, most=50))

    async def told(self) -> list[dict[str, object]]:
        """What waits for admins, by their notices."""
        rows = await self.database.write(
            lambda uow: uow.outbox.claim(NOW + timedelta(days=30), timedelta(seconds=1), 50)
        )
        return [{**row.outgoing.params, "to": row.outgoing.recipient} for row in rows]
