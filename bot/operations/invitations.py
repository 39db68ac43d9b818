"""Inviting people by one-time links, and what becomes of such a link."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.operator import Group, Operator
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Entity, EntityId, Right, Scope, covered
from bot.operations.acting import Acting
from bot.operations.powers import need_reach
from storage.database import Database
from storage.repositories.audit import Act
from storage.repositories.invitations import Invitation, Purpose
from storage.uow import UnitOfWork

VALID_FOR = timedelta(days=7)
SECRET_BYTES = 16
MOST_NAME = 60
OWNERS = "Administrators"
OTHER_OWNERS = "Owners"


@dataclass(frozen=True, slots=True)
class Choices:
    """Into which groups and companies the person may invite."""

    operator: Operator
    groups: tuple[Group, ...]
    companies: tuple[Entity | None, ...]
    """None is the operator itself."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A link was made. Only who made it ever sees its secret; `operator` and `company` are what the link names."""

    operator: Operator
    invitation: Invitation
    secret: str
    company: Entity | None


@dataclass(frozen=True, slots=True)
class OpenInvitations:
    """Links that can still be used, the latest first, each with the name of its company."""

    invitations: tuple[tuple[Invitation, Entity | None], ...]


async def choices(acting: Acting) -> Choices:
    """What can be chosen from; MissingRight without the right to manage people."""

    def work(uow: UnitOfWork, who: Authority) -> Choices:
        reach = who.need_somewhere(Right.USERS_MANAGE)
        groups = [
            group
            for group in uow.staff.groups(acting.operator_id)
            if any(grantable(who, group, entity) for entity in reach)
        ]
        companies = [None, *who.tree.entities]
        within = [each for each in companies if (None if each is None else each.id) in reach]
        return Choices(acting.operator(uow), tuple(groups), tuple(within))

    return await acting.read(work)


async def invite(acting: Acting, group_name: str, entity_id: EntityId, hint: str = "") -> Invited:
    """Makes a link into a group and a company; Refusal where the person cannot grant that."""

    def work(uow: UnitOfWork, who: Authority) -> Invited:
        group = _group(uow, acting.operator_id, group_name)
        company = _company(who, entity_id)
        need_to_grant(who, group, entity_id)
        data = {"group": group.name, "entity": entity_id or "", "name": hint.strip()[:MOST_NAME]}
        secret, kept = _kept(uow, acting, data)
        after = {"group": group.name, "company": entity_id, "until": kept.expires_at.isoformat()}
        acting.note(uow, "invitation.made", f"invitation:{kept.id}", None, after)
        return Invited(acting.operator(uow), kept, secret, company)

    return await acting.commit(work)


async def still_open(acting: Acting) -> OpenInvitations:
    """The links into companies that the person manages."""

    def work(uow: UnitOfWork, who: Authority) -> OpenInvitations:
        reach = who.need_somewhere(Right.USERS_MANAGE)
        found = _of_staff(uow, acting)
        return OpenInvitations(
            tuple((each, who.tree.get(entity_of(each) or "")) for each in found if entity_of(each) in reach)
        )

    return await acting.read(work)


async def withdraw(acting: Acting, invitation_id: int) -> None:
    """Takes a link back; Refusal where it cannot be used any more."""

    def work(uow: UnitOfWork, who: Authority) -> None:
        who.need_somewhere(Right.USERS_MANAGE)
        found = next((each for each in _of_staff(uow, acting) if each.id == invitation_id), None)
        if found is None or not who.may(Right.USERS_MANAGE, entity_of(found)):
            raise Refusal("invitation.unknown")
        if not uow.invitations.withdraw(found.id, acting.now):
            raise Refusal("invitation.used")
        acting.note(
            uow, "invitation.withdrawn", f"invitation:{found.id}", {"group": found.data["group"]}, None
        )

    await acting.commit(work)


async def followed(database: Database, secret: str, now: datetime) -> Invitation:
    """The invitation of a link, which can still be used; Refusal that says why it cannot."""
    return await database.read(lambda uow: usable(uow, secret, now))


def usable(uow: UnitOfWork, secret: str, now: datetime) -> Invitation:
    """The same inside a transaction."""
    found = uow.invitations.by_secret(secret)
    if found is None:
        raise Refusal("invitation.unknown")
    if found.used_at is not None:
        raise Refusal("invitation.used")
    if found.withdrawn_at is not None:
        raise Refusal("invitation.withdrawn")
    if not found.open(now):
        raise Refusal("invitation.expired")
    return found


def grantable(who: Authority, group: Group, entity_id: EntityId) -> bool:
    """Whether somebody may put people of a company into a group."""
    reached = who.may(Right.USERS_MANAGE, entity_id)
    return reached and who.covers(group.scope, entity_id, group.rights)


def need_to_grant(who: Authority, group: Group, entity_id: EntityId) -> None:
    """Refusal where somebody may not put people of a company into a group."""
    need_reach(who, Right.USERS_MANAGE, frozenset({entity_id}))
    for right in sorted(group.rights):
        need_reach(who, right, covered(group.scope, entity_id, who.tree))


def entity_of(invitation: Invitation) -> EntityId:
    """The company to which an invitation leads."""
    return invitation.data.get("entity") or None


def owner(uow: UnitOfWork, operator_id: str, now: datetime) -> tuple[str, str]:
    """A link for somebody who may do everything, made by whoever runs the service, and the name of their group.

    A group that holds all rights everywhere is made where none of that name does.
    """
    name = _owners(uow, operator_id)
    data = {"group": name, "entity": "", "name": ""}
    secret = secrets.token_urlsafe(SECRET_BYTES)
    kept = Invitation(0, operator_id, Purpose.STAFF, now, now + VALID_FOR, None, data)
    number = uow.invitations.add(secret, kept)
    after = {"group": name, "until": kept.expires_at.isoformat()}
    uow.audit.note(operator_id, Act(now, None, "invitation.owner", f"invitation:{number}", None, after))
    return secret, name


def _owners(uow: UnitOfWork, operator_id: str) -> str:
    everything = frozenset(Right)
    known = {group.name: group for group in uow.staff.groups(operator_id)}
    number = 1
    for name in (OWNERS, OTHER_OWNERS):
        if name not in known:
            uow.staff.put_group(operator_id, Group(name, Scope.INSTANCE, everything))
            return name
        if known[name].scope is Scope.INSTANCE and known[name].rights == everything:
            return name
    while f"{OTHER_OWNERS} {number}" in known:
        number += 1
    uow.staff.put_group(operator_id, Group(f"{OTHER_OWNERS} {number}", Scope.INSTANCE, everything))
    return f"{OTHER_OWNERS} {number}"


def _kept(uow: UnitOfWork, acting: Acting, data: dict[str, str]) -> tuple[str, Invitation]:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    made = Invitation(
        0, acting.operator_id, Purpose.STAFF, acting.now, acting.now + VALID_FOR, acting.person.id, data
    )
    uow.invitations.add(secret, made)
    return secret, usable(uow, secret, acting.now)


def _of_staff(uow: UnitOfWork, acting: Acting) -> list[Invitation]:
    found = uow.invitations.open_of(acting.operator_id, acting.now)
    return [each for each in found if each.purpose is Purpose.STAFF]


def _group(uow: UnitOfWork, operator_id: str, name: str) -> Group:
    found = next((each for each in uow.staff.groups(operator_id) if each.name == name), None)
    if found is None:
        raise Refusal("group.gone")
    return found


def _company(who: Authority, entity_id: EntityId) -> Entity | None:
    if entity_id is None:
        return None
    found = who.tree.get(entity_id)
    if found is None:
        raise Refusal("company.gone")
    return found
