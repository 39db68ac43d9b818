"""A site whose stations are missing: by our own restart, or by themselves."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.cases.drivers import judging
from bot.cases.services import Services
from bot.diagnosis.past import JUST_HEARD, RETURN_WITHIN
from bot.domain.capability import Source
from bot.domain.observation import Seen
from tests.cases.test_site import LENA, NOW, Site, site  # noqa: F401  # `site` is a fixture.

SECOND = timedelta(seconds=1)


async def said_of_the_site(site: Site, *, started: datetime | None, heard: datetime) -> str:  # noqa: F811  # The fixture.
    """What the diagnosis of Lena's report makes of two neighbours that are not connected."""
    await site.reports(LENA, 1)
    await site.database.write(
        lambda uow: uow.station_log.keep([Seen("GRAZ-02", heard), Seen("GRAZ-03", heard)], Source.OCPP)
    )
    case = await site.case(LENA)
    services: Services = replace(site.services(), started=started)
    snapshot = await judging.look(services, case)
    judgement, _ = await site.database.read(lambda uow: judging.judged(uow, services, case, snapshot))
    return dict(judgement.facts)["site"]


async def test_stations_that_were_there_until_our_start_are_given_time_to_return(site: Site) -> None:  # noqa: F811  # The fixture.
    site.stations.now = NOW + RETURN_WITHIN
    assert await said_of_the_site(site, started=NOW, heard=NOW - JUST_HEARD) == "connected"


@pytest.mark.parametrize(
    ("started", "heard", "why"),
    [
        (NOW - timedelta(hours=5), NOW - SECOND, "we saw them go"),
        (NOW - 10 * SECOND, NOW - SECOND, "they had come back since our start"),
        (NOW - 10 * SECOND, NOW - 11 * SECOND - JUST_HEARD, "they were away before our start"),
        (NOW - RETURN_WITHIN - SECOND, NOW - RETURN_WITHIN - 2 * SECOND, "they had the time to return"),
        (None, NOW - SECOND, "nobody has started"),
    ],
)
async def test_stations_that_are_away_by_themselves_are_away_at_once(
    site: Site,  # noqa: F811  # The fixture.
    started: datetime | None,
    heard: datetime,
    why: str,
) -> None:
    assert await said_of_the_site(site, started=started, heard=heard) == "all_away", why
