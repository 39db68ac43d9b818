"""The companies of an operator, as a tree."""

import re
import unicodedata
from dataclasses import dataclass, replace

from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Entity, EntityId, Right
from bot.operations.acting import Acting
from bot.operations.powers import changing, need_reach
from storage.uow import UnitOfWork

MOST_NAME = 80
MOST_ID = 50


@dataclass(frozen=True, slots=True)
class CompanySeen:
    """A company with what belongs to it. `depth` is 0 for those directly below the operator."""

    entity: Entity
    depth: int
    people: int
    stations: int
    below: int
    """How many companies are directly below it."""

    @property
    def empty(self) -> bool:
        """Whether nothing belongs to it, so that it can be taken away."""
        return not self.people and not self.stations and not self.below


@dataclass(frozen=True, slots=True)
class Companies:
    """The companies, each after the one that it belongs to; people and stations of the operator itself."""

    operator: str
    companies: tuple[CompanySeen, ...]
    people: int
    stations: int


async def show(acting: Acting) -> Companies:
    """The tree; MissingRight or Refusal without the right to people everywhere."""
    return await acting.read(lambda uow, who: _companies(uow, acting, who))


async def add(acting: Acting, name: str, parent: EntityId) -> Entity:
    """Enters a company below another one, or below the operator."""

    def work(uow: UnitOfWork, _who: Authority) -> Entity:
        with changing(uow, acting) as who:
            _need_all(who)
            if parent is not None and who.tree.get(parent) is None:
                raise Refusal("company.gone")
            wanted = _name(who, name)
            entity = Entity(_free_id(wanted, who), wanted, parent)
            uow.staff.put_entity(acting.operator_id, entity)
            after = {"name": entity.name, "parent": parent}
            acting.note(uow, "company.created", f"company:{entity.id}", None, after)
        return entity

    return await acting.commit(work)


async def rename(acting: Acting, entity_id: str, name: str) -> Entity:
    """Gives a company another name."""

    def work(uow: UnitOfWork, _who: Authority) -> Entity:
        with changing(uow, acting) as who:
            before = _known(who, entity_id)
            after = replace(before, name=_name(who, name, besides=entity_id))
            if after != before:
                uow.staff.put_entity(acting.operator_id, after)
                acting.note(
                    uow,
                    "company.renamed",
                    f"company:{entity_id}",
                    {"name": before.name},
                    {"name": after.name},
                )
        return after

    return await acting.commit(work)


async def move(acting: Acting, entity_id: str, parent: EntityId) -> Entity:
    """Hangs a company below another one; Refusal where that one is itself, or below it."""

    def work(uow: UnitOfWork, _who: Authority) -> Entity:
        with changing(uow, acting) as who:
            before = _known(who, entity_id)
            if parent is not None and who.tree.get(parent) is None:
                raise Refusal("company.gone")
            after = replace(before, parent=parent)
            if not who.tree.allows(after):
                raise Refusal("company.circle")
            if after != before:
                uow.staff.put_entity(acting.operator_id, after)
                fields = {"parent": before.parent}, {"parent": parent}
                acting.note(uow, "company.moved", f"company:{entity_id}", *fields)
        return after

    return await acting.commit(work)


async def drop(acting: Acting, entity_id: str) -> None:
    """Takes a company away to which nothing belongs: no people, whether active or not, no stations, no companies."""

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            entity = _known(who, entity_id)
            found = _companies(uow, acting, who).companies
            if not next(each for each in found if each.entity == entity).empty:
                raise Refusal("company.not_empty")
            open_ones = uow.invitations.open_of(acting.operator_id, acting.now)
            if any(each.data.get("entity") == entity_id for each in open_ones):
                raise Refusal("company.invited")
            uow.staff.drop_entity(acting.operator_id, entity_id)
            before = {"name": entity.name, "parent": entity.parent}
            acting.note(uow, "company.deleted", f"company:{entity_id}", before, None)

    await acting.commit(work)


def _companies(uow: UnitOfWork, acting: Acting, who: Authority) -> Companies:
    _need_all(who)
    stations = uow.staff.stations_of_entities(acting.operator_id)
    people: dict[EntityId, int] = {}
    for each in uow.staff.all(acting.operator_id):
        people[each.entity_id] = people.get(each.entity_id, 0) + 1

    def below(parent: EntityId, depth: int) -> list[CompanySeen]:
        children = sorted(
            (e for e in who.tree.entities if e.parent == parent), key=lambda e: e.name.casefold()
        )
        found = []
        for child in children:
            under = below(child.id, depth + 1)
            direct = sum(1 for each in under if each.depth == depth + 1)
            seen = CompanySeen(child, depth, people.get(child.id, 0), stations.get(child.id, 0), direct)
            found += [seen, *under]
        return found

    operator = acting.operator(uow)
    return Companies(operator.name, tuple(below(None, 0)), people.get(None, 0), stations.get(None, 0))


def _need_all(who: Authority) -> None:
    need_reach(who, Right.USERS_MANAGE, who.tree.below(None))


def _known(who: Authority, entity_id: str) -> Entity:
    _need_all(who)
    found = who.tree.get(entity_id)
    if found is None:
        raise Refusal("company.gone")
    return found


def _name(who: Authority, name: str, besides: str | None = None) -> str:
    wanted = " ".join(name.split())
    if not 1 <= len(wanted) <= MOST_NAME:
        raise Refusal("company.name", most=str(MOST_NAME))
    if any(each.name.casefold() == wanted.casefold() and each.id != besides for each in who.tree.entities):
        raise Refusal("company.taken")
    return wanted


def _free_id(name: str, who: Authority) -> str:
    """An ID as the operator's file wants it: small letters, digits and hyphens, made of the name."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_ID].strip("-") or "company"
    wanted, number = base, 1
    while who.tree.get(wanted) is not None:
        number += 1
        wanted = f"{base}-{number}"
    return wanted
