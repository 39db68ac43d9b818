"""The service of stations: who may switch what, what is confirmed, and what is kept of it."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.billing import Month
from bot.domain.outgoing import OutgoingKind
from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight
from bot.domain.service import Cause
from bot.operations import service, service_known
from bot.operations.service import Quote, Switched
from storage.database import Database
from storage.once import AppliedBefore
from storage.repositories.service import Served
from tests.operations.firm import ADA, LEO, NORA, PEOPLE, PETRA, SVEN, Firm, file, founded


@pytest.fixture
async def firm(database: Database) -> Firm:
    return await founded(database)


def ids(stations: tuple[Served, ...]) -> list[str]:
    return [station.id for station in stations]


async def test_a_quote_says_what_it_costs_and_what_is_odd_about_the_choice(database: Database) -> None:
    firm = await founded(database, "S-1")
    found = await firm.quote(ADA, "G-1", "G-2", "S-1", "X-9")
    assert (ids(found.now), ids(found.to_ask)) == (["G-1", "G-2"], [])
    assert (found.already, found.unmarked, found.gone) == (("S-1",), ("G-2",), 1)
    assert (found.price, found.currency, found.month) == (Decimal("9.90"), "EUR", Month(2026, 11))
    assert await firm.active() == ["S-1"]


async def test_who_may_release_the_cost_activates_at_once(firm: Firm) -> None:
    done = await firm.switch(ADA, "G-1", "N-1")
    assert await firm.active() == ["G-1", "N-1"]
    assert (done.mail, done.asked) == ("ada@example.org", ())
    ada = (await firm.person(ADA)).id
    for station in ("G-1", "N-1"):
        (change,) = await firm.changes(station)
        assert (change.active, change.price, change.currency, change.cause) == (
            True,
            Decimal("9.90"),
            "EUR",
            Cause.ADMIN,
        )
        assert (change.requested_by, change.released_by, change.at) == (ada, ada, firm.now)
    assert await firm.acts() == [("service.activated", "G-1"), ("service.activated", "N-1")]


async def test_the_confirmation_goes_by_e_mail_to_who_did_it_once(firm: Firm) -> None:
    await firm.switch(ADA, "G-1")
    (mail,) = await firm.told()
    assert (mail.kind, mail.recipient) == (OutgoingKind.ADMIN_MAIL, "mailto:ada@example.org")
    assert (mail.params["mail"], mail.params["stations"], mail.params["sum"]) == (
        "service_on",
        "G-1\tGraz Hbf",
        "9.90 EUR",
    )


async def test_a_quote_that_has_changed_meanwhile_is_shown_anew_and_nothing_is_done(firm: Firm) -> None:
    before = await firm.quote(ADA, "G-1", "G-2")
    await firm.take(file(price="12.00"))
    found = await firm.confirm(ADA, before, "G-1", "G-2")
    assert isinstance(found, Quote)
    assert (found.changed, found.price) == (True, Decimal("12.00"))
    assert await firm.active() == []
    await firm.confirm(ADA, found, "G-1", "G-2")
    assert await firm.active() == ["G-1", "G-2"]


@pytest.mark.parametrize(
    "other",
    [
        {"price": Decimal("9.91")},
        {"currency": "CHF"},
        {"month": Month(2026, 12)},
        {"active": False},
        {"now": ()},
    ],
)
async def test_the_seal_is_that_of_all_that_is_confirmed(firm: Firm, other: dict[str, object]) -> None:
    found = await firm.quote(ADA, "G-1", "N-1")
    assert replace(found, cases=7, gone=2, already=("x",)).seal == found.seal
    assert replace(found, **other).seal != found.seal  # type: ignore[arg-type]  # The fields are of many types.
    moved = replace(found, now=found.now[:1], to_ask=found.now[1:])
    assert moved.seal != found.seal, "who decides is confirmed, too"


async def test_a_station_that_somebody_else_activated_meanwhile_is_not_activated_twice(firm: Firm) -> None:
    found = await firm.quote(ADA, "G-1")
    await firm.switch(ADA, "G-1")
    again = await firm.confirm(ADA, found, "G-1")
    assert isinstance(again, Quote) and again.already == ("G-1",)
    assert len(await firm.changes("G-1")) == 1


async def test_of_two_who_confirm_at_the_same_moment_one_activates(firm: Firm) -> None:
    found = await firm.quote(ADA, "G-1", "N-1")
    done = await asyncio.gather(*(firm.confirm(ADA, found, "G-1", "N-1") for _ in range(4)))
    assert sum(isinstance(each, Switched) for each in done) == 1
    assert (len(await firm.changes("G-1")), len(await firm.changes("N-1"))) == (1, 1)


async def test_an_update_that_comes_twice_switches_once(firm: Firm) -> None:
    found = await firm.quote(ADA, "G-1")
    acting = await firm.acting(ADA)
    await service.switch(acting, ["G-1"], found.seal, firm.end, active=True)
    with pytest.raises(AppliedBefore):
        await service.switch(acting, ["G-1"], found.seal, firm.end, active=True)


async def test_who_may_not_release_the_cost_asks_those_who_may_for_each_company(firm: Firm) -> None:
    found = await firm.quote(PETRA, "G-1", "N-1", "N-2", "S-1")
    assert found.now == ()
    assert set(found.approvers) == {"Ada Admin", "Nora Nord", "Sven Süd"}
    await firm.confirm(PETRA, found, "G-1", "N-1", "N-2", "S-1")
    assert await firm.active() == []
    asked = await firm.database.read(lambda uow: uow.service.asked("graz"))
    assert sorted(request.station_ids for request in asked) == [("G-1",), ("N-1", "N-2"), ("S-1",)]
    told = [(each.recipient, each.params["stations"]) for each in await firm.told()]
    assert sorted(told) == [
        ("telegram:1001", "G-1"),
        ("telegram:1001", "N-1, N-2"),
        ("telegram:1001", "S-1"),
        ("telegram:1003", "N-1, N-2"),
        ("telegram:1004", "S-1"),
    ]
    assert [act for act, _ in await firm.acts()] == ["release.asked"] * 3


async def test_what_was_asked_for_is_not_asked_for_twice(firm: Firm) -> None:
    await firm.switch(PETRA, "N-1")
    again = await firm.quote(PETRA, "N-1", "N-2")
    assert (ids(again.to_ask), again.waiting) == (["N-2"], ("N-1",))
    nothing = await firm.confirm(PETRA, await firm.quote(PETRA, "N-1"), "N-1")
    assert isinstance(nothing, Quote)
    assert len(await firm.database.read(lambda uow: uow.service.asked("graz"))) == 1


async def test_where_nobody_can_release_the_cost_the_missing_right_is_named(firm: Firm) -> None:
    alone = {number: each for number, each in PEOPLE.items() if number == PETRA}
    await firm.take(file(people=alone | {ADA: ("Ada", "", None, None), NORA: ("Nora", "", "nord", None)}))
    with pytest.raises(MissingRight, match=r"right\.missing") as missing:
        await firm.quote(PETRA, "N-1")
    assert missing.value.right == "users.cost_release"


async def test_part_of_a_choice_is_activated_and_part_is_asked_for(firm: Firm) -> None:
    both = PEOPLE | {PETRA: ("Petra Planner", "Planning", None, None)}
    text = file(people=both).replace(
        'telegram_id = 1005\nname = "Leo Local"\ngroups = ["Local"]',
        'telegram_id = 1005\nname = "Leo Local"\ngroups = ["Planning", "Purse"]',
    )
    await firm.take(text)
    done = await firm.switch(LEO, "N-1", "S-1")
    assert (ids(done.now), ids(done.asked)) == (["N-1"], ["S-1"])
    assert await firm.active() == ["N-1"]


async def test_nobody_switches_what_is_out_of_their_reach(firm: Firm) -> None:
    found = await firm.quote(LEO, "N-1", "G-1", "S-1")
    assert (ids(found.stations), found.gone) == (["N-1"], 2)
    choice = await service_known.choice(await firm.acting(LEO), active=True)
    assert ids(choice.stations) == ["N-1", "N-2"]
    with pytest.raises(Refusal, match=r"station\.gone"):
        await service_known.tab(await firm.acting(LEO), "G-1")
    named = await service_known.find(await firm.acting(LEO), "N-1 G-1")
    assert (named.station_ids, named.unknown) == (("N-1",), ("G-1",))


@pytest.mark.parametrize("who", [NORA, SVEN])
async def test_without_the_right_to_the_tab_nothing_is_seen(firm: Firm, who: int) -> None:
    acting = await firm.acting(who)
    for attempt in (
        service_known.choice(acting, active=True),
        service_known.find(acting, "N-1"),
        service.quote(acting, ["N-1"], active=True),
        service_known.tab(acting, "N-1"),
        service.switch(acting, ["N-1"], "", firm.end, active=False),
    ):
        with pytest.raises(MissingRight) as missing:
            await attempt
        assert missing.value.right == "infrastructure.operations_tab"


async def test_a_confirmation_of_somebody_who_was_demoted_meanwhile_is_refused(firm: Firm) -> None:
    found = await firm.quote(ADA, "G-1")
    await firm.take(file(people=PEOPLE | {ADA: ("Ada Admin", "", None, None)}))
    with pytest.raises(MissingRight):
        await firm.confirm(ADA, found, "G-1")
    assert await firm.active() == []


async def test_who_lost_the_right_to_release_alone_is_shown_that_others_decide_now(firm: Firm) -> None:
    found = await firm.quote(ADA, "N-1")
    await firm.take(file(people=PEOPLE | {ADA: ("Ada Admin", "Planning", None, None)}))
    new = await firm.confirm(ADA, found, "N-1")
    assert isinstance(new, Quote) and new.changed
    assert (ids(new.to_ask), new.approvers) == (["N-1"], ("Nora Nord",))
    assert await firm.active() == []


async def test_ending_needs_no_release_and_is_passed_on(database: Database) -> None:
    firm = await founded(database, "N-1", "G-1")
    done = await firm.switch(LEO, "N-1", active=False)
    assert (ids(done.now), done.mail) == (["N-1"], None)
    assert (await firm.active(), firm.ended) == (["G-1"], ["N-1"])
    latest = (await firm.changes("N-1"))[0]
    leo = (await firm.person(LEO)).id
    assert (latest.active, latest.requested_by, latest.released_by) == (False, leo, None)
    assert await firm.acts() == [("service.ended", "N-1")]


async def test_what_fails_while_cases_are_handed_over_ends_no_service(database: Database) -> None:
    firm = await founded(database, "G-1")
    found = await firm.quote(ADA, "G-1", active=False)

    def broken(*_: object) -> None:
        raise Refusal("case.moved_on")

    with pytest.raises(Refusal):
        await service.switch(await firm.acting(ADA), ["G-1"], found.seal, broken, active=False)
    assert await firm.active() == ["G-1"]


@pytest.mark.parametrize(
    ("words", "stations", "unknown"),
    [
        ("G-1", ("G-1",), ()),
        ("g-1, n-1;S-1|G-2\tN-2", ("G-1", "N-1", "S-1", "G-2", "N-2"), ()),
        ("G-1\nG-1\n\n G-1 ", ("G-1",), ()),
        ("AT*SWG*E0001*1", ("G-1",), ()),
        ("atswge00031 at*swg*e0003*1", ("N-1",), ()),
        ("G-1 FOO bar", ("G-1",), ("FOO", "bar")),
        ("", (), ()),
        (", ;", (), ()),
    ],
)
async def test_stations_are_found_in_a_list_however_it_is_written(
    firm: Firm, words: str, stations: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    named = await service_known.find(await firm.acting(ADA), words)
    assert (named.station_ids, named.unknown) == (stations, unknown)


async def test_the_tab_tells_since_when_at_what_price_and_by_whom(firm: Firm) -> None:
    before = await service_known.tab(await firm.acting(PETRA), "N-1")
    assert (before.station.active, before.past, before.waiting) == (False, (), False)
    await firm.switch(PETRA, "N-1")
    assert (await service_known.tab(await firm.acting(PETRA), "N-1")).waiting
    await firm.switch(ADA, "N-1")
    await firm.take(file(price="12.00", active=["N-1"]))
    found = await service_known.tab(await firm.acting(PETRA), "N-1")
    assert (found.station.active, found.price, found.waiting) == (True, Decimal("9.90"), False)
    assert [(each.requested_by, each.released_by) for each in found.past] == [("Ada Admin", "Ada Admin")]


async def test_names_are_masked_before_who_may_not_see_personal_data(firm: Firm) -> None:
    await firm.switch(ADA, "N-1")
    found = await service_known.tab(await firm.acting(LEO), "N-1")
    assert [each.requested_by for each in found.past] == ["A****"]


async def test_a_clock_that_was_put_back_brings_no_change_before_an_earlier_one(firm: Firm) -> None:
    await firm.switch(ADA, "G-1")
    later, firm.now = firm.now, firm.now.replace(hour=3)
    await firm.switch(ADA, "G-1", active=False)
    changes = await firm.database.read(lambda uow: uow.service.changes("graz"))
    assert [(each.active, each.at) for each in changes["G-1"]] == [(True, later), (False, later)]
