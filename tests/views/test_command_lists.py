"""What a chat offers by itself: each command of the staff stands there for whoever may use it, and for nobody else."""

from bot.admin.entrance import Admin
from bot.domain.rights import Right
from bot.views.command_lists import AGENTS, DRIVERS, JOBS, NEEDS_MORE, STAFF, described, for_staff
from bot.views.i18n import load_texts
from tests.rights.cells import Kind, load

TEXTS = load_texts()
LISTED = dict(STAFF)
MOST_COMMANDS, LONGEST = 100, 256
"""Telegram Bot API, setMyCommands and BotCommand."""


def test_every_command_of_the_staff_is_listed_or_named_as_one_that_needs_more() -> None:
    assert Admin().commands - LISTED.keys() == NEEDS_MORE
    assert not NEEDS_MORE & LISTED.keys()


def test_a_command_is_offered_with_the_rights_that_open_it() -> None:
    needed: dict[str, set[Right]] = {}
    for cell in load().cells:
        if cell.step.kind is Kind.COMMAND and cell.right is not None and cell.step.name in LISTED:
            needed.setdefault(cell.step.name, set()).add(cell.right)
    assert needed
    for name, rights in needed.items():
        assert rights <= LISTED[name], name


def test_nobody_is_offered_what_they_may_not_do() -> None:
    assert for_staff((), technician=False) == DRIVERS
    assert for_staff((), technician=True) == (*JOBS, *DRIVERS)
    assert for_staff({Right.AUDIT}, technician=False) == ("menu", "audit", *DRIVERS)
    everything = for_staff(frozenset(Right), technician=True)
    assert len(set(everything)) == len(everything) <= MOST_COMMANDS


def test_every_command_is_described_in_every_language() -> None:
    names = {*DRIVERS, *AGENTS, *JOBS, *LISTED}
    for language in TEXTS.languages():
        for each in described(names, TEXTS.to(language)):
            assert 1 <= len(each["description"]) <= LONGEST
