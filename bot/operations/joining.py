"""Following the link of an invitation: what it offers, accepting it, and declining."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.operator import Group, Operator
from bot.domain.privacy import name_for
from bot.domain.refusal import Refusal
from bot.domain.rights import Entity, EntityId
from bot.operations.acting import Acting
from bot.operations.invitations import entity_of, grantable, usable
from bot.operations.telling import tell_admin
from storage.repositories.invitations import Invitation
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers: to be one of an operator's staff, in a group and a company.

    `inviter` is None where whoever runs the service has made the link; `company` is None for the operator itself.
    """

    operator: Operator
    group: str
    company: Entity | None
    inviter: str | None
    expires_at: datetime
    name: str
    """What the person will be called."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The person is one of the staff now."""

    operator: Operator
    group: str
    company: Entity | None
    name: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The link is used up, and nobody has joined."""

    operator: Operator


async def offer(acting: Acting, secret: str) -> Offer:
    """What a link offers to this person; Refusal where it cannot be used, or is their own."""

    def work(uow: UnitOfWork) -> Offer:
        found = _theirs(uow, acting, secret)
        inviter = None if found.invited_by is None else uow.staff.get(acting.operator_id, found.invited_by)
        company, before = _place(uow, acting, found)
        return Offer(
            acting.operator(uow),
            found.data["group"],
            uow.staff.tree(acting.operator_id).get(company or ""),
            None if inviter is None else inviter.name,
            found.expires_at,
            acting.person.name if before is None else before.name,
        )

    return await acting.database.read(work)


async def accept(acting: Acting, secret: str) -> Joined:
    """Makes the person one of the staff, once; Refusal where the link cannot be used.

    Whoever made the link must still be able to grant what it gives, or else it is void.
    """
    joined = await acting.commit_as_guest(lambda uow: _accept(uow, acting, secret))
    if joined is None:
        raise Refusal("invitation.void")
    return joined


async def decline(acting: Acting, secret: str) -> Declined:
    """Uses the link up without joining; whoever made it is told."""

    def work(uow: UnitOfWork) -> Declined:
        found = _theirs(uow, acting, secret)
        if not uow.invitations.withdraw(found.id, acting.now):
            raise Refusal("invitation.used")
        acting.note(
            uow, "invitation.declined", f"invitation:{found.id}", None, {"group": found.data["group"]}
        )
        _tell_inviter(uow, acting, found, "invitation_declined", {})
        return Declined(acting.operator(uow))

    return await acting.commit_as_guest(work)


def _accept(uow: UnitOfWork, acting: Acting, secret: str) -> Joined | None:
    uow.staff.hold(acting.operator_id)
    found = _theirs(uow, acting, secret)
    entity_id, before = _place(uow, acting, found)
    groups = uow.staff.groups(acting.operator_id)
    group = next((each for each in groups if each.name == found.data["group"]), None)
    tree = uow.staff.tree(acting.operator_id)
    there = entity_id is None or tree.get(entity_id) is not None
    if group is None or not there or not _may_still(uow, found, group, entity_id):
        uow.invitations.withdraw(found.id, acting.now)
        acting.note(uow, "invitation.void", f"invitation:{found.id}", None, {"group": found.data["group"]})
        return None
    if not uow.invitations.use(found.id, acting.person.id, acting.now):
        raise Refusal("invitation.used")
    entered = _entered(acting, before, group, entity_id)
    uow.staff.put(acting.operator_id, entered)
    after = {"groups": list(entered.groups), "company": entity_id, "invitation": found.id}
    acting.note(uow, "person.joined", f"person:{entered.person_id}", None, after)
    _tell_inviter(uow, acting, found, "invitation_accepted", {"go_show": f"pp.show|{entered.person_id}"})
    company = tree.get(entity_id or "")
    return Joined(acting.operator(uow), group.name, company, entered.name)


def _theirs(uow: UnitOfWork, acting: Acting, secret: str) -> Invitation:
    found = usable(uow, secret, acting.now)
    if found.operator_id != acting.operator_id:
        raise Refusal("invitation.unknown")
    if found.invited_by == acting.person.id:
        raise Refusal("invitation.own")
    return found


def _place(uow: UnitOfWork, acting: Acting, found: Invitation) -> tuple[EntityId, Colleague | None]:
    """Where the person would belong. Whoever is of the staff already stays in their company."""
    before = uow.staff.get(acting.operator_id, acting.person.id)
    active = before is not None and before.deactivated_at is None
    return (before.entity_id if before is not None and active else entity_of(found)), before


def _may_still(uow: UnitOfWork, found: Invitation, group: Group, entity_id: EntityId) -> bool:
    if found.invited_by is None:
        return True
    inviter = uow.staff.authority(found.operator_id, found.invited_by)
    return grantable(inviter, group, entity_id)


def _entered(acting: Acting, before: Colleague | None, group: Group, entity_id: EntityId) -> Colleague:
    """Whoever is active keeps their groups; whoever was deactivated begins anew."""
    person = acting.person
    if before is None:
        return Colleague(
            person.id, person.telegram_id, person.name, entity_id=entity_id, groups=(group.name,)
        )
    kept = before.groups if before.deactivated_at is None else ()
    groups = tuple(dict.fromkeys((*kept, group.name)))
    return replace(before, groups=groups, entity_id=entity_id, deactivated_at=None)


def _tell_inviter(
    uow: UnitOfWork, acting: Acting, found: Invitation, notice: str, more: Mapping[str, str]
) -> None:
    if found.invited_by is None:
        return
    inviter = uow.staff.get(acting.operator_id, found.invited_by)
    if inviter is None or inviter.deactivated_at is not None:
        return
    reader = uow.staff.authority(acting.operator_id, found.invited_by)
    name = name_for(reader, acting.person.name, entity_of(found))
    params = {"name": name, "group": found.data["group"], **more}
    tell_admin(uow, acting, inviter, notice, f"{notice}:{found.id}", params)
