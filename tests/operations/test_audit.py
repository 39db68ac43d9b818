"""The audit log: found by filter, readable, and without names for whoever may not see them."""

from datetime import timedelta

import pytest

from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight, Right
from bot.operations import audit, groups, people
from bot.operations.audit import PAGE, masked_fields
from bot.operations.people import Field
from storage.database import Database
from storage.repositories.audit import Act, AuditFilter
from storage.uow import UnitOfWork
from tests.operations.office import Office
from tests.storage.town import NOW, OPERATOR

ALL = AuditFilter()


@pytest.fixture
async def office(database: Database) -> Office:
    return await Office(database).found()


async def busy(office: Office) -> None:
    """A day in the office: three acts of Ada's, one of Bea's, one of a file."""
    await groups.switch(await office.by("ada"), "Viewers", Right.BILLING, on=True)
    await people.edit(await office.by("ada", days=1), office.ids["nora"], Field.NAME, "Nora Neu")
    await people.edit(await office.by("ada", days=2), office.ids["walter"], Field.PHONE, "+43 1 2345678")
    await groups.create(await office.by("bea", days=3), "Bea's")

    def applied(uow: UnitOfWork) -> None:
        uow.audit.note(OPERATOR.id, Act(NOW + timedelta(days=4), None, "file.applied", "station GRAZ-01"))
        uow.audit.note("other", Act(NOW, None, "file.applied", "station SECRET"))

    await office.database.write(applied)


async def subjects(office: Office, wanted: AuditFilter, by: str = "ada") -> list[str]:
    log = await audit.show(await office.by(by), wanted)
    return [each.subject for each in log.entries]


async def test_the_log_is_shown_in_names_the_latest_first(office: Office) -> None:
    await busy(office)
    log = await audit.show(await office.by("ada"), ALL)
    assert [(each.by, each.act, each.subject) for each in log.entries] == [
        (None, "file.applied", "station GRAZ-01"),
        ("Bea Branch", "group.created", "Bea's"),
        ("Ada Admin", "person.changed", "Walter Wels"),
        ("Ada Admin", "person.changed", "Nora Neu"),
        ("Ada Admin", "group.rights", "Viewers"),
    ]
    assert (log.entries[3].before, log.entries[3].after) == ({"person": "Nora Nord"}, {"person": "Nora Neu"})


async def test_the_log_is_filtered(office: Office) -> None:
    await busy(office)
    assert await subjects(office, AuditFilter(person_id=office.ids["bea"])) == ["Bea's"]
    assert await subjects(office, AuditFilter(act="person.changed")) == ["Walter Wels", "Nora Neu"]
    assert await subjects(office, AuditFilter(subject="graz")) == ["station GRAZ-01"]
    assert await subjects(office, AuditFilter(subject="nora")) == ["Nora Neu"]
    assert await subjects(office, AuditFilter(since=NOW + timedelta(days=3))) == ["station GRAZ-01", "Bea's"]
    assert await subjects(office, AuditFilter(until=NOW + timedelta(days=1))) == ["Viewers"]
    found = await audit.choices(await office.by("ada"))
    assert found.acts == ("file.applied", "group.created", "group.rights", "person.changed")
    assert (office.ids["bea"], "Bea Branch") in found.people


async def test_the_log_is_shown_in_pages(office: Office) -> None:
    for number in range(PAGE + 2):
        await groups.create(await office.by("ada"), f"Group {number}")
    first, second = [await audit.show(await office.by("ada"), ALL, page) for page in (0, 1)]
    assert (len(first.entries), first.more) == (PAGE, True)
    assert ([each.subject for each in second.entries], second.more) == (["Group 1", "Group 0"], False)


async def test_without_the_right_there_is_no_log(office: Office) -> None:
    for doing in (
        audit.show(await office.by("anna"), ALL),
        audit.choices(await office.by("anna")),
        audit.export(await office.by("anna"), ALL),
    ):
        with pytest.raises(MissingRight) as caught:
            await doing
        assert caught.value.right is Right.AUDIT
    with pytest.raises(Refusal, match=r"staff\.none"):
        await audit.show(await office.by("ada", operator_id="other"), ALL)


async def test_whoever_audits_a_part_sees_that_part_and_no_names(office: Office) -> None:
    """Bea reads what her own people did, and what was done to them, by whomever."""
    await busy(office)
    log = await audit.show(await office.by("bea"), ALL)
    assert [(each.by, each.act, each.subject) for each in log.entries] == [
        ("Bea Branch", "group.created", "Bea's"),
        ("A****", "person.changed", "N****"),
    ]
    assert (log.entries[1].before, log.entries[1].after) == ({"person": "N****"}, {"person": "N****"})
    assert await subjects(office, AuditFilter(subject="Nora"), by="bea") == []
    assert await subjects(office, AuditFilter(person_id=office.ids["ada"]), by="bea") == ["N****"]
    assert {name for _, name in (await audit.choices(await office.by("bea"))).people} == {
        "Bea Branch",
        "N****",
    }


async def test_an_export_holds_all_and_is_noted_itself(office: Office) -> None:
    await busy(office)
    log = await audit.export(await office.by("ada"), AuditFilter(act="person.changed"))
    assert len(log.entries) == 2
    act = (await office.acts())[0]
    assert (act.act, act.after) == ("audit.exported", {"entries": 2, "act": "person.changed"})


def test_of_a_change_all_that_is_personal_is_masked() -> None:
    fields = {
        "name": "Tom Technician",
        "technician": {"name": "Tom", "phone": "+43 660 1234567", "telegram_id": 7, "email": None},
        "people": [{"email": "a@b.org"}],
        "groups": ["Hotline"],
        "hotline_phone": "+43 316 1234",
        "count": 3,
    }
    assert masked_fields(fields, names=False) == {
        "name": "Tom Technician",
        "technician": {"name": "T****", "phone": "+43 *** **67", "telegram_id": "****", "email": None},
        "people": [{"email": "a****@****.org"}],
        "groups": ["Hotline"],
        "hotline_phone": "+43 316 1234",
        "count": 3,
    }
    assert masked_fields(fields, names=True)["name"] == "T****"
