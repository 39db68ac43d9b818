"""What a change of groups, people or companies does to who may do what.

Every such change runs inside `changing`, which holds two rules whatever the change is: nobody is given what the one who
changes does not have, and somebody who can grant rights everywhere always remains.
"""

import contextlib
from collections.abc import Iterator, Mapping

from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, EntityId, MissingRight, Right
from bot.operations.acting import Acting
from storage.uow import UnitOfWork

Authorities = Mapping[int, Authority]
"""What each active person of an operator may do, by their number."""


@contextlib.contextmanager
def changing(uow: UnitOfWork, acting: Acting) -> Iterator[Authority]:
    """Gives what the person who acts may do at this moment, for the block that makes a change.

    Nobody else changes anything of the kind until the transaction ends. Refusal after the block, which rolls it back,
    where it broke a rule.
    """
    uow.staff.hold(acting.operator_id)
    # Somebody else may have changed it while this transaction waited.
    who = acting.authority(uow)
    before = uow.staff.authorities(acting.operator_id)
    yield who
    after = uow.staff.authorities(acting.operator_id)
    _not_more_than(who, before, after)
    still_managed(before, after)


def still_managed(before: Authorities, after: Authorities) -> None:
    """Refusal where there was somebody who could grant rights everywhere, and now there is nobody any more."""
    if any(map(manages_all, before.values())) and not any(map(manages_all, after.values())):
        raise Refusal("right.last_manager")


def manages_all(who: Authority) -> bool:
    """Whether somebody can grant rights everywhere at the operator."""
    return who.reach(Right.GROUPS_MANAGE) >= who.tree.below(None)


def need_reach(who: Authority, right: Right, wanted: frozenset[EntityId]) -> None:
    """MissingRight for whoever lacks a right altogether; Refusal where it does not reach each of the companies."""
    held = who.reach(right)
    if not held:
        raise MissingRight(right)
    if not wanted <= held:
        raise Refusal("right.reach")


def _not_more_than(who: Authority, before: Authorities, after: Authorities) -> None:
    """Whoever has gained a right somewhere has gained it from somebody who holds it there.

    What is lacking altogether is told before what does not reach far enough.
    """
    gained: dict[Right, frozenset[EntityId]] = {}
    for person_id, theirs in after.items():
        had = before.get(person_id)
        for right in theirs.rights:
            more = theirs.reach(right) - (frozenset() if had is None else had.reach(right))
            # A company that is new holds nothing yet.
            gained[right] = gained.get(right, frozenset()) | (more & who.tree.below(None))
    for right in sorted((each for each in Right if gained.get(each)), key=who.rights.__contains__):
        need_reach(who, right, gained[right])
