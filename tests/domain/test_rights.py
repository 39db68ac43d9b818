"""How far rights reach in a tree of companies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rights import (
    CATALOGUE,
    Authority,
    Entity,
    EntityTree,
    Grant,
    MissingRight,
    Right,
    Scope,
    covered,
)

TREE = EntityTree(
    (
        Entity("south", "South"),
        Entity("graz", "Graz", "south"),
        Entity("leibnitz", "Leibnitz", "south"),
        Entity("garage", "Garage", "graz"),
        Entity("north", "North"),
    )
)


def authority(entity: str | None, scope: Scope, *rights: Right) -> Authority:
    return Authority("op", 1, entity, (Grant("Group", frozenset(rights), scope),), TREE)


@pytest.mark.parametrize(
    ("entity", "scope", "reach"),
    [
        (None, Scope.INSTANCE, {None, "south", "graz", "leibnitz", "garage", "north"}),
        ("garage", Scope.INSTANCE, {None, "south", "graz", "leibnitz", "garage", "north"}),
        (None, Scope.ENTITY, {None}),
        ("south", Scope.ENTITY, {"south"}),
        ("south", Scope.ENTITY_AND_BELOW, {"south", "graz", "leibnitz", "garage"}),
        ("garage", Scope.ENTITY_AND_BELOW, {"garage"}),
        (None, Scope.ENTITY_AND_BELOW, {None, "south", "graz", "leibnitz", "garage", "north"}),
    ],
)
def test_a_scope_reaches_the_companies_that_it_says(
    entity: str | None, scope: Scope, reach: set[str | None]
) -> None:
    who = authority(entity, scope, Right.STATIONS)
    assert who.reach(Right.STATIONS) == reach
    assert who.reach(Right.BILLING) == frozenset()


def test_a_right_that_is_missing_somewhere_is_named() -> None:
    who = authority("south", Scope.ENTITY_AND_BELOW, Right.STATIONS)
    who.need(Right.STATIONS, "garage")
    for entity in (None, "north", "unheard-of"):
        with pytest.raises(MissingRight) as missing:
            who.need(Right.STATIONS, entity)
        assert missing.value.right is Right.STATIONS
    with pytest.raises(MissingRight):
        who.need_somewhere(Right.BILLING)


def test_rights_of_several_groups_add_up_each_with_its_own_reach() -> None:
    grants = (
        Grant("A", frozenset({Right.STATIONS}), Scope.ENTITY),
        Grant("B", frozenset({Right.BILLING}), Scope.INSTANCE),
    )
    who = Authority("op", 1, "graz", grants, TREE)
    assert who.may(Right.STATIONS, "graz")
    assert not who.may(Right.STATIONS, "garage")
    assert who.may(Right.BILLING, None)
    assert who.rights == {Right.STATIONS, Right.BILLING}


def test_nobody_covers_a_reach_beyond_their_own() -> None:
    who = authority("south", Scope.ENTITY_AND_BELOW, Right.STATIONS, Right.TECHNICIAN)
    assert who.covers(Scope.ENTITY, "graz", {Right.STATIONS})
    assert who.covers(Scope.ENTITY_AND_BELOW, "south", {Right.STATIONS, Right.TECHNICIAN})
    assert not who.covers(Scope.ENTITY, "north", {Right.STATIONS})
    assert not who.covers(Scope.INSTANCE, "graz", {Right.STATIONS})
    assert not who.covers(Scope.ENTITY, "graz", {Right.STATIONS, Right.BILLING})


def test_a_company_may_not_hang_below_itself() -> None:
    assert TREE.allows(Entity("garage", "Garage", "north"))
    assert not TREE.allows(Entity("south", "South", "garage"))
    assert not TREE.allows(Entity("south", "South", "south"))
    assert not TREE.allows(Entity("south", "South", "unheard-of"))


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["a", "b", "c", "d", "e", "f", None]))))
def test_any_tree_even_one_with_circles_ends_and_holds_its_top(links: list[tuple[str, str | None]]) -> None:
    tree = EntityTree(tuple(Entity(child, child, parent) for child, parent in dict(links).items()))
    for entity in [None, *"abcdef"]:
        assert entity in covered(Scope.ENTITY_AND_BELOW, entity, tree)


def test_every_right_stands_in_the_catalogue_once() -> None:
    shown = [right for rights in CATALOGUE.values() for right in rights]
    assert sorted(shown) == sorted(Right)
    assert all(rights for rights in CATALOGUE.values())
