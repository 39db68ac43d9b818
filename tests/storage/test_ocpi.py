"""What is kept of back ends."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.ocpi import (
    Endpoint,
    EvseLink,
    KeptDocument,
    OcpiConnector,
    Party,
    Peer,
    PeerState,
)
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW

PEER = Peer(
    "swg",
    "graz",
    "http://cpo/versions",
    Party("EMSP", "AT", "SUP", "Support"),
    our_token="ours",
    next_token="next",
    their_token="theirs",
    parties=(Party("CPO", "AT", "SWG", "Stadtwerke"), Party("EMSP", "AT", "SWG")),
    endpoints=(Endpoint("locations", "SENDER", "http://cpo/locations"),),
    raw_token=True,
    statuses={"BLOCKED": "lost"},
    registered_at=NOW,
)
LINK = EvseLink(
    "swg",
    "LOC1",
    "Uid-1",
    "AT*SWG*E0001",
    "GRAZ-01",
    1,
    "AVAILABLE",
    NOW,
    NOW,
    (OcpiConnector("1", "IEC_62196_T2", "SOCKET"),),
    frozenset({"UNLOCK_CAPABLE", "RFID_READER"}),
)


async def filled(database: Database) -> None:
    await database.write(town.build)
    await database.write(lambda uow: uow.ocpi.put_peer(PEER))


async def test_a_peer_is_kept_with_all_that_it_has(database: Database) -> None:
    await filled(database)
    assert await database.read(lambda uow: uow.ocpi.peers()) == [PEER]
    assert await database.read(lambda uow: uow.ocpi.peer("swg")) == PEER
    assert await database.read(lambda uow: uow.ocpi.peer("nobody")) is None


async def test_how_the_work_stands_survives_new_tokens(database: Database) -> None:
    await filled(database)
    state: dict[str, object] = {"contact_at": NOW, "synced_until": NOW, "crawled_at": NOW, "bad_objects": 3}
    await database.write(lambda uow: uow.ocpi.note_state("swg", state))
    after = replace(PEER, our_token="new", next_token=None, registered_at=NOW + timedelta(days=1))
    await database.write(lambda uow: uow.ocpi.put_peer(after))
    assert await database.read(lambda uow: uow.ocpi.peers()) == [after]
    states = await database.read(lambda uow: uow.ocpi.states())
    assert states == {"swg": PeerState(NOW, None, None, NOW, NOW, 3)}


async def test_documents_are_found_in_any_case_and_come_as_they_were_told(database: Database) -> None:
    await filled(database)
    told = {"id": "LOC1", "name": "Graz ü", "nested": [{"x": None}], "number": 1.5}
    location = KeptDocument("LOC1", told, NOW)
    session = KeptDocument("Ses-1", {"kwh": 1.25}, NOW)
    evse = {"uid": "Uid-1"}
    await database.write(lambda uow: uow.ocpi.put_location("swg", location, NOW))
    await database.write(lambda uow: uow.ocpi.put_session("swg", session, NOW))
    await database.write(lambda uow: uow.ocpi.put_link(LINK, {"uid": "Uid-1"}))
    assert await database.read(lambda uow: uow.ocpi.location("swg", "loc1")) == location
    assert await database.read(lambda uow: uow.ocpi.session("swg", "SES-1")) == session
    assert await database.read(lambda uow: uow.ocpi.evse("swg", "UID-1")) == KeptDocument(
        "Uid-1", {"uid": "Uid-1"}, NOW
    )
    assert await database.read(lambda uow: uow.ocpi.evses("swg", "loc1")) == [evse]
    assert await database.read(lambda uow: uow.ocpi.location("other", "loc1")) is None


async def test_a_link_changes_and_keeps_what_was_told_of_its_evse(database: Database) -> None:
    await filled(database)
    await database.write(lambda uow: uow.ocpi.put_link(LINK, {"uid": "Uid-1"}))
    gone = replace(LINK, status="REMOVED", removed_at=NOW)
    await database.write(lambda uow: uow.ocpi.put_link(gone))
    assert await database.read(lambda uow: uow.ocpi.links()) == [gone]
    assert await database.read(lambda uow: uow.ocpi.links("swg")) == [gone]
    assert await database.read(lambda uow: uow.ocpi.links("other")) == []
    assert await database.read(lambda uow: uow.ocpi.link("swg", "uid-1")) == gone
    found = await database.read(lambda uow: uow.ocpi.evse("swg", "uid-1"))
    assert found is not None
    assert found.data == {"uid": "Uid-1"}


async def test_one_evse_in_another_case_is_the_same(database: Database) -> None:
    await filled(database)
    await database.write(lambda uow: uow.ocpi.put_link(LINK, {}))
    await database.write(lambda uow: uow.ocpi.put_link(replace(LINK, evse_uid="UID-1"), {}))
    assert [link.evse_uid for link in await database.read(lambda uow: uow.ocpi.links())] == ["UID-1"]


async def test_a_peer_is_forgotten_with_what_it_told_and_others_are_not(database: Database) -> None:
    await filled(database)
    other = replace(PEER, id="other")
    document = KeptDocument("X", {}, NOW)
    await database.write(lambda uow: uow.ocpi.put_peer(other))

    def fill(uow: UnitOfWork) -> None:
        for name in ("swg", "other"):
            uow.ocpi.put_link(replace(LINK, peer_id=name), {})
            uow.ocpi.put_location(name, document, NOW)
            uow.ocpi.put_session(name, document, NOW)

    await database.write(fill)
    await database.write(lambda uow: uow.ocpi.drop_peer("swg"))
    assert await database.read(lambda uow: uow.ocpi.peers()) == [other]
    assert [link.peer_id for link in await database.read(lambda uow: uow.ocpi.links())] == ["other"]
    assert await database.read(lambda uow: uow.ocpi.session("swg", "x")) is None
    assert await database.read(lambda uow: uow.ocpi.session("other", "x")) == document


async def test_sessions_are_forgotten_by_when_they_were_last_heard_of(database: Database) -> None:
    await filled(database)

    def fill(uow: UnitOfWork) -> None:
        for name, days in (("old", 3), ("young", 1)):
            uow.ocpi.put_session("swg", KeptDocument(name, {}, NOW), NOW - timedelta(days=days))

    await database.write(fill)
    await database.write(lambda uow: uow.ocpi.prune_sessions(NOW - timedelta(days=2)))
    assert await database.read(lambda uow: uow.ocpi.session("swg", "old")) is None
    assert await database.read(lambda uow: uow.ocpi.session("swg", "young")) is not None
