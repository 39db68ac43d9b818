"""Lists in pages, from a peer that has every way of getting them wrong."""

from collections.abc import Sequence

import pytest

from bot.domain.ocpi import key_of
from bot.sandbox.stations.cpo_wire import Json, Quirk, evse, location
from bot.stations.ocpi.client import Answer, Failure, Trouble
from bot.stations.ocpi.pages import MOST_PAGES, Window, pages
from bot.stations.ocpi.wire import Envelope
from tests.stations.conftest import START
from tests.stations.ocpi.scene import Scene

HOW_MANY = 120


def many() -> list[Json]:
    return [location(f"L{n:03}", evse(f"E{n:03}", f"AT*SWG*E9{n:03}")) for n in range(HOW_MANY)]


QUIRKS = [
    set(),
    {Quirk.LINK_OTHER_SCHEME},
    {Quirk.LINK_OTHER_PATH},
    {Quirk.LINK_LOOPS},
    {Quirk.NO_LINK},
    {Quirk.NO_COUNT},
    {Quirk.NO_LINK, Quirk.NO_COUNT},
    {Quirk.LINK_OTHER_SCHEME, Quirk.NO_COUNT},
    {Quirk.LINK_BY_ASKED_LIMIT},
]


@pytest.mark.parametrize("largest", [100, 50, 7, 120, 1])
@pytest.mark.parametrize("quirks", QUIRKS, ids=lambda quirks: "+".join(sorted(quirks)) or "right")
async def test_every_location_is_read_whatever_is_wrong_with_the_pages(
    scene: Scene, quirks: set[Quirk], largest: int
) -> None:
    if largest == 1:
        scene.cpo.locations = many()[:5]
    else:
        scene.cpo.locations = many()
    scene.cpo.quirks, scene.cpo.largest_page = quirks, largest
    await scene.register()
    found, failure = await read(scene)
    assert failure is None
    assert set(found) == {str(each["id"]) for each in scene.cpo.locations}
    asked = [seen for seen in scene.cpo.seen if seen.path == "2.2.1/locations"]
    assert len(asked) <= len(scene.cpo.locations) // min(largest, 50) + 2, (
        "no page is asked for over and over"
    )


async def read(scene: Scene) -> tuple[list[str], Failure | None]:
    """The ids of all locations in the order in which they came."""
    found: list[str] = []
    url = scene.peer.url_of("locations", "SENDER") or ""
    get = scene.gateway.sync._getter(scene.peer)
    async for page in pages(get, url, Window()):
        if isinstance(page, Failure):
            return found, page
        found += [str(each["id"]) for each in page if isinstance(each, dict)]
    return found, None


class ShrinkingList:
    """A list from which an object goes while it is being read."""

    def __init__(self, size: int, goes: dict[int, int], *, links: bool) -> None:
        self.objects = list(range(size))
        self.goes = goes
        self.links = links
        self.asked: list[str] = []

    async def get(self, url: str) -> Answer | Failure:
        self.asked.append(url)
        offset = int(url.partition("offset=")[2].partition("&")[0])
        if (gone := self.goes.pop(len(self.asked), None)) is not None:
            self.objects.remove(gone)
        chosen = [{"id": number} for number in self.objects[offset : offset + 50]]
        headers = {"X-Total-Count": str(len(self.objects))}
        if self.links and offset + 50 < len(self.objects):
            headers["Link"] = f'<http://cpo/locations?limit=50&offset={offset + 50}>; rel="next"'
        return Answer(chosen, Envelope(1000, "", chosen, None), headers)


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("goes", [{2: 10}, {3: 10}, {2: 10, 3: 20}, {3: 115}, {2: 60}])
async def test_no_object_is_passed_over_where_another_goes_meanwhile(
    goes: dict[int, int], *, links: bool
) -> None:
    shrinking = ShrinkingList(120, dict(goes), links=links)
    found: set[int] = set()
    async for page in pages(shrinking.get, "http://cpo/locations", Window()):
        assert isinstance(page, Sequence)
        found |= {each["id"] for each in page if isinstance(each, dict)}
    assert found >= set(range(120)) - set(goes.values())


async def test_where_the_count_falls_the_page_is_read_again_from_one_object_before_it() -> None:
    shrinking = ShrinkingList(120, {2: 10}, links=True)
    _ = [page async for page in pages(shrinking.get, "http://cpo/locations", Window())]
    offsets = [url.partition("offset=")[2].partition("&")[0] for url in shrinking.asked]
    assert offsets == ["0", "50", "49", "99"]


async def test_a_list_without_an_end_is_given_up() -> None:
    async def get(_: str) -> Answer | Failure:
        return Answer([{"id": 1}], Envelope(1000, "", None, None), {"X-Total-Count": "99999999"})

    *_, last = [page async for page in pages(get, "http://cpo/locations", Window())]
    assert isinstance(last, Failure)
    assert str(MOST_PAGES) in last.detail


async def test_a_page_that_does_not_come_ends_the_list_with_the_reason(scene: Scene) -> None:
    scene.cpo.locations = many()
    await scene.register()
    url = scene.peer.url_of("locations", "SENDER") or ""
    get = scene.gateway.sync._getter(scene.peer)
    came: list[object] = []
    async for page in pages(get, url, Window()):
        came.append(page)
        scene.cpo.quirks.add(Quirk.BROKEN)
    assert len(came) == 2
    assert isinstance(came[-1], Failure)
    assert came[-1].trouble is Trouble.BROKEN


async def test_a_window_is_asked_for_from_its_start_to_before_its_end(scene: Scene) -> None:
    early, late = "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"
    scene.cpo.locations = [location("A", updated=early), location("B", updated=late)]
    await scene.register()
    url = scene.peer.url_of("locations", "SENDER") or ""
    window = Window(date_from=START.replace(month=2), date_to=START.replace(month=2, day=2, hour=0))
    assert window.date_to is not None
    exact = Window(date_from=START.replace(month=2, day=1, hour=0), date_to=window.date_to)
    got = [page async for page in pages(scene.gateway.sync._getter(scene.peer), url, exact)]
    assert [[key_of(str(each["id"])) for each in page] for page in got if isinstance(page, list)] == [["a"]]
