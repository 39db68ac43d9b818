"""Spans of time and lines of the audit log as people read them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.domain.operator import Operator
from bot.domain.policy_data import read_hours
from bot.domain.refusal import Refusal
from bot.operations.audit import Entry, Log
from bot.views.audit import show
from bot.views.i18n import load_texts
from bot.views.moments import span_of
from storage.repositories.audit import AuditFilter

TEXTS = load_texts()
ZONE = "Europe/Vienna"


def _page(entry: Entry) -> str:
    operator = Operator(
        "graz", "Stadtwerke Graz", "AT", "SWG", ZONE, "de", "EUR", Decimal("9.90"), "+43 316 000000"
    )
    return show(Log(operator, (entry,), 0, more=False), AuditFilter(), None, TEXTS.to("de")).text


@pytest.mark.parametrize(
    ("begins", "ends", "english", "german"),
    [
        ((12, 2, 23), (12, 3, 23), "Thu 3 Dec", "Do. 3. Dez."),
        ((12, 2, 23), (12, 5, 23), "Thu 3 Dec – Sat 5 Dec", "Do. 3. Dez. – Sa. 5. Dez."),
        ((12, 3, 7), (12, 3, 11), "Thu 3 Dec 08:00–12:00", "Do. 3. Dez. 08:00–12:00"),
        (
            (12, 3, 17),
            (12, 4, 7),
            "Thu 3 Dec 18:00 – Fri 4 Dec 08:00",
            "Do. 3. Dez. 18:00 – Fr. 4. Dez. 08:00",
        ),
    ],
)
def test_a_span_is_told_without_what_is_clear_anyway(
    begins: tuple[int, int, int], ends: tuple[int, int, int], english: str, german: str
) -> None:
    first, last = (datetime(2026, *each, tzinfo=UTC) for each in (begins, ends))
    assert span_of(first, last, ZONE, TEXTS.to("en")) == english
    assert span_of(first, last, ZONE, TEXTS.to("de")) == german


def test_business_hours_are_read_in_german_as_in_english() -> None:
    assert read_hours("Mo–Fr 8-17, Sa 9-12") == read_hours("mon-fri 8-17, sat 9-12")
    assert read_hours("immer") == read_hours("always")
    with pytest.raises(Refusal):
        read_hours("Xx 8-17")


def test_the_log_names_weekdays_and_leaves_out_what_stayed() -> None:
    before: dict[str, object] = {"title": None, "weekdays": [], "hours": None}
    after: dict[str, object] = {"title": None, "weekdays": [0, 4], "hours": "08:00-17:00"}
    entry = Entry(
        datetime(2026, 11, 22, tzinfo=UTC), "Ada", "rotation.layer_changed", "Hotline", before, after
    )
    text = _page(entry)
    assert "Wochentage: – → Mo, Fr; Zeiten: – → 08:00-17:00" in text
    assert "Name" not in text


@pytest.mark.parametrize(
    ("subject", "german"),
    [
        ("station GRAZ-01", "Station GRAZ-01"),
        ("hotline group -1001", "Hotline -1001"),
        ("policy P2", "Eskalation P2"),
    ],
)
def test_the_log_names_what_a_file_changed_in_the_readers_language(subject: str, german: str) -> None:
    entry = Entry(datetime(2026, 11, 22, tzinfo=UTC), None, "file.applied", subject, None, {"new": True})
    assert german in _page(entry)
