"""Requests to release a cost: who sees them, who decides them, and that they are decided once."""

import pytest

from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight
from bot.domain.service import ReleaseState
from bot.operations import releases
from bot.operations.releases import Decided
from storage.database import Database
from tests.operations.firm import ADA, LEO, NORA, PEOPLE, PETRA, SVEN, Firm, file, founded


@pytest.fixture
async def firm(database: Database) -> Firm:
    """Petra has asked for N-1 and N-2, which is request 1."""
    made = await founded(database)
    await made.switch(PETRA, "N-1", "N-2")
    await made.told()
    return made


async def decide(firm: Firm, who: int, *, release: bool = True, number: int = 1) -> Decided:
    return await releases.decide(await firm.acting(who), number, release=release)


async def test_one_word_releases_the_cost_and_both_names_are_kept(firm: Firm) -> None:
    done = await decide(firm, NORA)
    assert (done.request.state, done.request.decided_by, done.before) == (
        ReleaseState.RELEASED,
        "Nora Nord",
        False,
    )
    assert await firm.active() == ["N-1", "N-2"]
    petra, nora = await firm.person(PETRA), await firm.person(NORA)
    for station in ("N-1", "N-2"):
        (change,) = await firm.changes(station)
        assert (change.requested_by, change.released_by) == (petra.id, nora.id)
    assert ("release.decided", "#1") in await firm.acts()
    assert ("service.activated", "N-1") in await firm.acts()


async def test_who_asked_hears_it_in_the_chat_and_by_e_mail(firm: Firm) -> None:
    await decide(firm, NORA)
    told = {(each.recipient, each.params.get("notice") or each.params["mail"]) for each in await firm.told()}
    assert told == {("mailto:petra@example.org", "service_on"), ("telegram:1002", "service_on_for_you")}


async def test_a_refusal_activates_nothing_and_is_told(firm: Firm) -> None:
    done = await decide(firm, NORA, release=False)
    assert done.request.state is ReleaseState.REFUSED
    assert await firm.active() == []
    (told,) = await firm.told()
    assert (told.recipient, told.params["notice"], told.params["stations"]) == (
        "telegram:1002",
        "release_refused",
        "N-1, N-2",
    )


@pytest.mark.parametrize("release", [True, False])
async def test_the_second_who_decides_reads_that_it_is_decided(firm: Firm, *, release: bool) -> None:
    await decide(firm, NORA, release=False)
    done = await decide(firm, ADA, release=release)
    assert (done.before, done.request.state, done.request.decided_by) == (
        True,
        ReleaseState.REFUSED,
        "Nora Nord",
    )
    assert await firm.active() == []


async def test_nobody_decides_for_stations_out_of_their_reach(firm: Firm) -> None:
    for attempt in (decide(firm, SVEN), decide(firm, SVEN, release=False)):
        with pytest.raises(MissingRight):
            await attempt
    with pytest.raises(MissingRight):
        await releases.one(await firm.acting(SVEN), 1)
    assert await releases.pending(await firm.acting(SVEN)) == []
    assert [each.id for each in await releases.pending(await firm.acting(NORA))] == [1]
    assert await firm.active() == []


async def test_nor_when_one_of_the_stations_has_moved_to_another_company(firm: Firm) -> None:
    text = file()
    head = 'id = "N-2"\nlocation = "hbf"\nservice_active = false\nentity = '
    moved = text.replace(f'{head}"nord"', f'{head}"sued"')
    assert moved != text
    await firm.take(moved)
    with pytest.raises(MissingRight):
        await decide(firm, NORA)
    assert await releases.pending(await firm.acting(NORA)) == []
    assert (await decide(firm, ADA)).request.state is ReleaseState.RELEASED


@pytest.mark.parametrize("who", [PETRA, LEO])
async def test_without_the_right_requests_are_neither_seen_nor_decided(firm: Firm, who: int) -> None:
    acting = await firm.acting(who)
    for attempt in (
        releases.pending(acting),
        releases.one(acting, 1),
        releases.decide(acting, 1, release=True),
    ):
        with pytest.raises(MissingRight):
            await attempt


async def test_who_was_demoted_meanwhile_releases_nothing(firm: Firm) -> None:
    await firm.take(file(people=PEOPLE | {NORA: ("Nora Nord", "Local", "nord", None)}))
    with pytest.raises(MissingRight):
        await decide(firm, NORA)
    assert await firm.active() == []


async def test_a_request_of_another_operator_is_as_unknown_as_one_that_is_not_there(firm: Firm) -> None:
    other = file().replace('id = "graz"', 'id = "linz"').replace('"AT*SWG*E', '"AT*LIN*E')
    for station in ("G-1", "G-2", "N-1", "N-2", "S-1"):
        other = other.replace(f'id = "{station}"', f'id = "L{station}"')
    await firm.take(other.replace("telegram_id = 100", "telegram_id = 200"))
    acting = await firm.acting(2001)
    linz = type(acting)(acting.database, acting.person, "linz", acting.update_id, acting.now)
    for number in (1, 99):
        with pytest.raises(Refusal, match=r"release\.unknown"):
            await releases.one(linz, number)
        with pytest.raises(Refusal, match=r"release\.unknown"):
            await releases.decide(linz, number, release=True)


@pytest.mark.parametrize("release", [True, False])
async def test_a_request_at_another_price_is_overtaken(firm: Firm, *, release: bool) -> None:
    await firm.take(file(price="12.00"))
    (pending,) = await releases.pending(await firm.acting(NORA))
    assert pending.outdated
    done = await decide(firm, NORA, release=release)
    assert done.request.state is ReleaseState.GONE
    assert await firm.active() == []
    (told,) = await firm.told()
    assert (told.recipient, told.params["notice"]) == ("telegram:1002", "release_gone")


async def test_a_request_whose_stations_are_active_by_now_ends_by_itself(firm: Firm) -> None:
    await firm.switch(ADA, "N-1")
    assert [each.id for each in await releases.pending(await firm.acting(NORA))] == [1]
    await firm.switch(ADA, "N-2")
    assert await releases.pending(await firm.acting(NORA)) == []
    assert (await releases.one(await firm.acting(NORA), 1)).state is ReleaseState.GONE
    assert "release_gone" in [each.params.get("notice") for each in await firm.told()]


async def test_what_is_active_by_now_is_not_activated_again_by_a_release(firm: Firm) -> None:
    await firm.switch(ADA, "N-1")
    await decide(firm, NORA)
    assert await firm.active() == ["N-1", "N-2"]
    assert len(await firm.changes("N-1")) == 1


async def test_a_request_of_somebody_who_may_not_ask_any_more_is_overtaken(firm: Firm) -> None:
    await firm.take(file(people=PEOPLE | {PETRA: ("Petra Planner", "", None, None)}))
    assert (await decide(firm, NORA)).request.state is ReleaseState.GONE
    assert await firm.active() == []
