"""The groups of an operator's staff and the rights that they give."""

from dataclasses import dataclass, replace

from bot.domain.operator import Group
from bot.domain.privacy import name_for
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, EntityId, Right, Scope, covered
from bot.operations.acting import Acting, changed
from bot.operations.asking import tell_granted
from bot.operations.powers import changing, need_reach
from storage.repositories.invitations import Invitation
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

MOST_NAME = 40


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """A group as one of the staff sees it.

    `members` are the names of its active members in the companies that the person reaches, masked where they have to
    be; `more` counts the others. `manages` says whether the person may change it, `grants` which rights they could
    switch on.
    """

    group: Group
    members: tuple[str, ...]
    more: int
    manages: bool
    grants: frozenset[Right]


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that the person sees, by name, and whether there are companies for their scopes to differ in."""

    groups: tuple[GroupSeen, ...]
    companies: bool


@dataclass(frozen=True, slots=True)
class Losing:
    """The person would lose a right and could not give it back; `last` says that nobody else holds it either."""

    right: Right
    last: bool


async def show(acting: Acting) -> Groups:
    """The groups; MissingRight without the right to groups."""
    return await acting.read(lambda uow, who: _groups(uow, acting, who))


async def create(acting: Acting, name: str) -> str:
    """Makes a group without rights, as far-reaching as the person is; its name. Refusal where the name is taken."""

    def work(uow: UnitOfWork, _who: Authority) -> str:
        with changing(uow, acting) as who:
            who.need_somewhere(Right.GROUPS_MANAGE)
            group = Group(_free(uow, acting, name), _widest(who), frozenset())
            uow.staff.put_group(acting.operator_id, group)
            acting.note(uow, "group.created", group.name, None, {"scope": group.scope.value})
        return group.name

    return await acting.commit(work)


async def rename(acting: Acting, old: str, new: str) -> str:
    """Gives a group another name, with which invitations into it go on; the new name."""

    def work(uow: UnitOfWork, _who: Authority) -> str:
        with changing(uow, acting) as who:
            group = _managed(uow, acting, who, old)
            if new.strip() == group.name:
                return group.name
            name = _free(uow, acting, new, besides=group.name)
            uow.staff.rename_group(acting.operator_id, group.name, name)
            uow.invitations.regroup(acting.operator_id, group.name, name, acting.now)
            acting.note(uow, "group.renamed", group.name, {"name": group.name}, {"name": name})
        return name

    return await acting.commit(work)


async def switch(acting: Acting, name: str, right: Right, *, on: bool, sure: bool = False) -> Losing | None:
    """Switches a right of a group; nothing where it is so already.

    MissingRight or Refusal where the person does not hold the right wherever the group would. Whoever would lose the
    right themselves has to be `sure`: until then nothing is changed, and `Losing` says what is at stake.
    """

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            group = _managed(uow, acting, who, name)
            if (right in group.rights) is on:
                return
            if on:
                _need_everywhere(uow, acting, who, group, frozenset({right}))
            rights = group.rights | {right} if on else group.rights - {right}
            uow.staff.put_group(acting.operator_id, replace(group, rights=rights))
            acting.note(uow, "group.rights", group.name, {right.value: not on}, {right.value: on})
            if on:
                tell_granted(uow, acting, group.name, right)
        left = uow.staff.authorities(acting.operator_id)
        if not sure and right in who.rights and right not in left[who.person_id].rights:
            raise _NotSure(Losing(right, not any(right in each.rights for each in left.values())))

    try:
        await acting.commit(work)
    except _NotSure as doubt:
        return doubt.losing
    return None


class _NotSure(Exception):  # It takes the change back, and is no error.
    def __init__(self, losing: Losing) -> None:
        super().__init__(losing)
        self.losing = losing


async def rescope(acting: Acting, name: str, scope: Scope) -> None:
    """Sets how far a group's rights reach; Refusal where that is farther than the person's own."""

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            group = _managed(uow, acting, who, name)
            after = replace(group, scope=scope)
            if after == group:
                return
            _need_everywhere(uow, acting, who, after, after.rights | {Right.GROUPS_MANAGE})
            uow.staff.put_group(acting.operator_id, after)
            before = changed({"scope": group.scope.value}, {"scope": scope.value})
            acting.note(uow, "group.scope", group.name, *before)

    await acting.commit(work)


async def drop(acting: Acting, name: str) -> None:
    """Takes a group away that nobody is in and that no open invitation leads into."""

    def work(uow: UnitOfWork, _who: Authority) -> None:
        with changing(uow, acting) as who:
            group = _managed(uow, acting, who, name)
            members = _members(uow, acting, group)
            if members:
                raise Refusal("group.not_empty", count=str(len(members)))
            if _invited(uow, acting, group):
                raise Refusal("group.invited")
            uow.staff.drop_group(acting.operator_id, group.name)
            before = {"scope": group.scope.value, "rights": sorted(right.value for right in group.rights)}
            acting.note(uow, "group.deleted", group.name, before, None)

    await acting.commit(work)


def manages(who: Authority, group: Group, companies: frozenset[EntityId]) -> bool:
    """Whether somebody may change a group whose members belong to these companies."""
    if not who.reach(Right.GROUPS_MANAGE):
        return False
    homes = companies or {who.entity_id}
    return all(who.covers(group.scope, home, {Right.GROUPS_MANAGE}) for home in homes)


def _groups(uow: UnitOfWork, acting: Acting, who: Authority) -> Groups:
    reach = who.need_somewhere(Right.GROUPS_MANAGE)
    staff = uow.staff.all(acting.operator_id)
    seen = [_seen(group, staff, who) for group in uow.staff.groups(acting.operator_id)]
    # A group of others' is nothing to whoever manages but a part of the companies.
    theirs = [
        each
        for each in seen
        if each.manages or each.members or reach >= who.tree.below(None) or not each.more
    ]
    return Groups(tuple(theirs), bool(who.tree.entities))


def _seen(group: Group, staff: list[Colleague], who: Authority) -> GroupSeen:
    active = [each for each in staff if each.deactivated_at is None and group.name in each.groups]
    reach = who.reach(Right.GROUPS_MANAGE)
    within = [each for each in active if each.entity_id in reach]
    homes = frozenset(each.entity_id for each in active)
    grants = [
        right
        for right in Right
        if all(who.covers(group.scope, home, {right}) for home in homes or {who.entity_id})
    ]
    return GroupSeen(
        group,
        tuple(name_for(who, each.name, each.entity_id) for each in within),
        len(active) - len(within),
        manages(who, group, homes),
        frozenset(grants),
    )


def _managed(uow: UnitOfWork, acting: Acting, who: Authority, name: str) -> Group:
    """The group, if the person may change it; Refusal otherwise."""
    who.need_somewhere(Right.GROUPS_MANAGE)
    group = next((each for each in uow.staff.groups(acting.operator_id) if each.name == name), None)
    if group is None:
        raise Refusal("group.gone")
    homes = frozenset(each.entity_id for each in _members(uow, acting, group))
    if not manages(who, group, homes):
        raise Refusal("group.beyond")
    return group


def _need_everywhere(
    uow: UnitOfWork, acting: Acting, who: Authority, group: Group, rights: frozenset[Right]
) -> None:
    """Refusal where somebody does not hold the rights wherever a member of the group would."""
    homes = {each.entity_id for each in _members(uow, acting, group)} or {who.entity_id}
    for right in sorted(rights):
        for home in homes:
            need_reach(who, right, covered(group.scope, home, who.tree))


def _members(uow: UnitOfWork, acting: Acting, group: Group) -> list[Colleague]:
    staff = uow.staff.all(acting.operator_id)
    return [each for each in staff if each.deactivated_at is None and group.name in each.groups]


def _invited(uow: UnitOfWork, acting: Acting, group: Group) -> list[Invitation]:
    found = uow.invitations.open_of(acting.operator_id, acting.now)
    return [each for each in found if each.data.get("group") == group.name]


def _widest(who: Authority) -> Scope:
    """The farthest scope that somebody may give to a group."""
    scopes = (Scope.INSTANCE, Scope.ENTITY_AND_BELOW)
    able = (each for each in scopes if who.covers(each, who.entity_id, {Right.GROUPS_MANAGE}))
    return next(able, Scope.ENTITY)


def _free(uow: UnitOfWork, acting: Acting, name: str, besides: str | None = None) -> str:
    """The name without needless blanks; Refusal where it is too long, or another group has it."""
    wanted = " ".join(name.split())
    if not 1 <= len(wanted) <= MOST_NAME:
        raise Refusal("group.name", most=str(MOST_NAME))
    taken = {each.name.casefold() for each in uow.staff.groups(acting.operator_id) if each.name != besides}
    if wanted.casefold() in taken:
        raise Refusal("group.taken")
    return wanted
