"""Every screen in every language: its texts exist, its markup is sound, its buttons fit."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import bot
from bot.cases.agents.briefing import Contact
from bot.cases.outcomes import JobStands, Standing
from bot.domain.job import JobState
from bot.domain.outgoing import Outgoing, OutgoingKind, Param
from bot.domain.reachability import Reachability
from bot.domain.remote_action import RemoteCommand
from bot.domain.status import ConnectorStatus
from bot.sandbox.telegram.entities import parse, utf16_length
from bot.views import agent, driver, job_mail, job_pages, notices, technician
from bot.views.callbacks import MOST_BYTES, pack, unpack
from bot.views.i18n import Translate, load_texts
from bot.views.screen import Keyboard, Screen
from tests.views import scene

TEXTS = load_texts()
LANGUAGES = TEXTS.languages()
TOPIC_NOTICES: dict[str, dict[str, Param]] = {
    "yours_now": {"name": scene.EVIL, "mentions": f"3001:{scene.EVIL}\n3002:Ben"},
    "second_opinion": {"name": scene.EVIL, "mentions": f"3001:{scene.EVIL}"},
    "snoozed": {"time": "08:00"},
    "severity": {"name": scene.EVIL, "before": "P2", "after": "P1"},
    "merged": {"number": 7, "link": "https://t.me/c/1/2"},
    "merged_here": {"number": 7, "name": scene.EVIL, "link": ""},
    "also_writes": {"number": 7, "name": scene.EVIL, "of": 7},
    "unmerged": {"number": 7},
    "cause": {"cause": "connector"},
    "call_known": {"phone": scene.EVIL},
    "call_given": {"phone": scene.EVIL},
    "answered": {"name": scene.EVIL, "words": scene.EVIL},
    "remote_requested": {"command": "soft_reset"},
    "remote_accepted": {"command": "soft_reset"},
    "technician_asked": {"name": scene.EVIL},
    **{
        f"technician_{what}": {"name": scene.EVIL}
        for what in (
            "accepted",
            "declined",
            "departed",
            "arrived",
            "did_not_answer",
            "sent_file",
            "photo",
            "not_reached",
        )
    },
    "technician_cannot_fix": {"name": scene.EVIL, "hindrance": "spare_part"},
    "technician_said": {"name": scene.EVIL, "words": scene.EVIL},
    "technician_by_phone": {"name": scene.EVIL, "phone": scene.EVIL},
    "technician_mail_failed": {"name": scene.EVIL, "phone": scene.EVIL},
    "repaired_too": {"number": 7},
    "said_by_agent": {"name": scene.EVIL, "words": scene.EVIL},
    "followed_by": {"number": 7, "hours": 24},
    "repair_contradicted": {"name": scene.EVIL, "status": "Faulted"},
    "rated": {"rating": 5},
    "rated_anew": {"rating": 4},
    "rating_reason": {"missing": "too_slow"},
    "rating_words": {"words": "<b>too slow</b> & late"},
    "nobody_answers": {"name": scene.EVIL, "late": 475, "mentions": f"3001:{scene.EVIL}"},
    "needed_now": {"name": scene.EVIL},
    **{
        f"{promise}_{kind}": {"due": scene.NOW.isoformat(), "zone": "Europe/Vienna"}
        for promise in ("first_answer", "resolution")
        for kind in ("warning", "breach")
    },
    "remote_verified": {"command": "soft_reset", "proof": "Available"},
    "remote_failed": {"command": "soft_reset", "proof": "Faulted"},
    "remote_timed_out": {"command": "soft_reset", "proof": "no_boot"},
    "remote_rejected": {"command": "unlock", "proof": "rejected"},
    "errand_read_configuration": {"values": f"HeartbeatInterval = {scene.EVIL}\nLightIntensity = …"},
    "site_also": {"number": 7, "evse": scene.EVIL},
    "station_back": {"station": scene.EVIL, "back": 2, "all": 6},
    "stations_back": {"station": scene.EVIL, "back": 2, "all": 6},
    "errand_fetch_log": {"file": scene.EVIL},
    "errand_failed": {"errand": "clear_cache", "proof": "no_answer"},
}  # fmt: skip
DRIVER_NOTICES: dict[str, dict[str, Param]] = {
    "agent_joined": {"agent": scene.EVIL},
    "agent_changed": {"agent": scene.EVIL},
    "chosen_by_time": {"where": scene.EVIL},
}
FILLED = {"unsupported", "fix_verified", "fix_failed", "ladder_over"}


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Translate:
    return TEXTS.to(request.param)


def plain(screen: Screen) -> str:
    """The text as Telegram shows it; it refuses markup that is not sound."""
    text, _ = parse(screen.text, "HTML", None)
    assert 0 < utf16_length(text) <= 4096
    return text


def check(screen: Screen) -> str:
    assert "{" not in screen.text.replace("{name}", ""), "a placeholder was left open"
    _check(screen.keyboard)
    return plain(screen)


def _check(keyboard: Keyboard) -> None:
    for button in (button for line in keyboard for button in line):
        assert 0 < len(button.label) <= 120
        assert (button.does is None) != (button.url is None)
        if button.does is not None:
            packed = pack(button.does)
            assert len(packed.encode()) <= MOST_BYTES
            assert unpack(packed) == button.does


def _notice(kind: OutgoingKind, notice: str, params: dict[str, Param]) -> Outgoing:
    return Outgoing(kind, "lane", "telegram:1", "once", 1, {"notice": notice, **params})


def _table(name: str) -> list[str]:
    return [key.partition(".")[2] for key in TEXTS.to("en").texts if key.startswith(f"{name}.")]


def test_every_outcome_has_a_screen_for_the_driver(t: Translate) -> None:
    shown = [screen for each in scene.driver_outcomes() if (screen := driver.show(each, t)) is not None]
    assert len(shown) > 100
    for screen in (*shown, driver.help_screen(t), driver.language_choice(t, TEXTS)):
        check(screen)


def test_every_case_has_a_card_with_its_keyboards(t: Translate) -> None:
    for briefing in scene.briefings():
        check(agent.card(briefing, t))
        check(Screen("x", agent.actions_keyboard(briefing, t)))
        assert 0 < len(agent.topic_name(briefing, t)) <= 128
        for command in RemoteCommand:
            check(Screen("x", agent.confirm_keyboard(briefing, command.value, t)))


def test_every_job_has_its_screens_its_mails_and_its_page(t: Translate) -> None:
    for dossier in scene.dossiers():
        check(technician.job(dossier, t))
        check(technician.job(replace(dossier, adds=True), t))
        check(technician.which_cause(dossier, t))
        check(technician.which_hindrance(dossier, t))
        check(technician.listed([dossier, dossier], t))
        check(technician.notice("withdrawn", dossier, t))
        check(technician.added(dossier.job, t))
        for name in ("job", "withdrawn"):
            mail = job_mail.mail(name, dossier, t)
            assert mail.html is not None and "\n" not in mail.subject
            assert scene.EVIL not in mail.html, "words of people stay text"
        for news in (None, *job_pages.News):
            page = job_pages.page(dossier, job_pages.Shown(news), t)
            assert scene.EVIL not in page
            assert "{" not in page.partition("</style>")[2].replace("{name}", "")
    assert technician.listed([], t).text
    dossier = next(iter(scene.dossiers()))
    for status in ConnectorStatus:
        stands = JobStands(dossier.job, dossier.briefing.case, status.value)
        check(technician.answered(stands, dossier, t))
        assert job_pages.page(dossier, job_pages.Shown(status=status.value), t)


def test_a_job_that_is_over_tells_nothing_of_the_driver(t: Translate) -> None:
    for dossier in scene.dossiers():
        if dossier.job.state in {JobState.DECLINED, JobState.UNANSWERED, JobState.WITHDRAWN}:
            assert scene.EVIL not in plain(technician.job(dossier, t))
            assert scene.EVIL not in job_pages.page(dossier, job_pages.Shown(), t)


@pytest.mark.parametrize("notice", _table("topic"))
def test_every_line_of_a_topic_is_told(t: Translate, notice: str) -> None:
    params = TOPIC_NOTICES.get(notice, {})
    check(notices.to_topic(_notice(OutgoingKind.TOPIC_NOTICE, notice, params), t))


@pytest.mark.parametrize("notice", [*_table("notice"), "fix_verified", "fix_failed", "ladder_over"])
def test_every_notice_reaches_the_driver_wherever_the_case_stands(t: Translate, notice: str) -> None:
    outgoing = _notice(OutgoingKind.DRIVER_NOTICE, notice, DRIVER_NOTICES.get(notice, {}))
    stands = [each for each in scene.standings() if each.action is not None or not notice.startswith("fix_")]
    if notice == "ladder_over":
        stands = [each for each in stands if each.ladder is not None]
    assert stands
    for standing in stands:
        check(notices.to_driver(outgoing, standing, t))


STAFF_NOTICES: dict[str, dict[str, Param]] = {
    "nobody_answers": {"late": 475},
    "needed_now": {},
    "nobody_left": {},
    **{name: params for name, params in TOPIC_NOTICES.items() if name.startswith(("first_", "resolution_"))},
}


@pytest.mark.parametrize("notice", STAFF_NOTICES)
def test_what_agents_note_for_each_other_stays_in_their_topic(t: Translate, notice: str) -> None:
    noted = scene.briefing(replace(scene.CASE, cause_note="asked the grid operator"))
    assert "asked the grid operator" in agent.card(noted, t).text
    outgoing = _notice(OutgoingKind.STAFF_NOTICE, notice, STAFF_NOTICES[notice])
    assert "asked the grid operator" not in notices.to_staff(outgoing, noted, t).text
    assert "asked the grid operator" not in notices.mail(outgoing, noted, t).body


@pytest.mark.parametrize("notice", STAFF_NOTICES)
def test_every_notice_for_the_staff_is_told_by_chat_and_by_mail(t: Translate, notice: str) -> None:
    outgoing = _notice(OutgoingKind.STAFF_NOTICE, notice, STAFF_NOTICES[notice])
    for briefing in scene.briefings():
        check(notices.to_staff(outgoing, briefing, t))
        mail = notices.mail(outgoing, briefing, t)
        assert scene.EVIL in mail.body, "words of people stay what they are in plain text"
        assert "<b>#" not in mail.body
        assert "\n" not in mail.subject


def test_words_of_people_stay_text(t: Translate) -> None:
    card = plain(agent.card(scene.briefing(), t))
    assert card.count(scene.EVIL) >= 4, "the driver, the place, what was said"
    unknown = driver.show(next(o for o in scene.driver_outcomes() if getattr(o, "said", "")), t)
    assert unknown is not None
    assert scene.EVIL in plain(unknown)
    standing = next(each for each in scene.standings() if each.case.state == "with_agent")
    assert scene.EVIL in plain(driver.standing(standing, t))


@pytest.mark.parametrize("words", ["x" * 5000, "&" * 5000, "🔌" * 5000, "<b>" * 2000])
def test_a_card_fits_into_a_message_whatever_has_happened(t: Translate, words: str) -> None:
    history = tuple(
        scene.connector(ConnectorStatus.FAULTED, error="GroundFailure" * 4, vendor="&" * 50) for _ in range(6)
    )
    full = scene.briefing(
        said=tuple(scene.said(words) for _ in range(50)),
        history=history,
        actions=tuple(scene.actions()) * 3,
        others=tuple(range(100_000, 100_300)),
    )
    card = plain(agent.card(full, t))
    assert scene.EVIL in card
    assert t("agent.history").replace("<b>", "").replace("</b>", "") in card
    assert t("agent.tried").replace("<b>", "").replace("</b>", "") in card
    for dossier in scene.dossiers():
        long = replace(dossier, briefing=full)
        check(technician.answered(JobStands(long.job, full.case, "Faulted"), long, t))
    check(notices.to_staff(_notice(OutgoingKind.STAFF_NOTICE, "nobody_answers", {}), full, t))


def test_of_many_actions_a_card_shows_the_latest(t: Translate) -> None:
    old = scene.action(RemoteCommand.UNLOCK)
    new = scene.action(RemoteCommand.HARD_RESET)
    card = agent.card(scene.briefing(actions=(*[old] * 200, new)), t).text
    assert t("command.hard_reset") in card


def test_a_short_card_is_shown_whole(t: Translate) -> None:
    card = agent.card(scene.briefing(), t).text
    assert t("agent.said", time="", words=scene.EVIL).strip() in card
    assert "#4, #5" in card
    assert "…" not in card


PREFIXES = {"t", "self.t", "reply.t"}


def _asked(tree: ast.AST) -> Iterator[str]:
    """The keys that stand as plain literals in calls of the texts, and the refusals that are raised."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        first = node.args[0]
        literals = [
            each.value
            for each in ast.walk(first)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        called = ast.unparse(node.func)
        if isinstance(first, ast.JoinedStr):
            continue
        if called in PREFIXES:
            yield from (each for each in literals if "." in each)
        elif called == "Refusal":
            yield from (f"refusal.{each}" for each in literals)
        elif called.rpartition(".")[2] in {"tell_topic", "tell_driver"} and len(node.args) > 3:
            table = "topic" if called.endswith("topic") else "notice"
            told = node.args[3]
            if isinstance(told, ast.Constant) and isinstance(told.value, str) and told.value not in FILLED:
                yield f"{table}.{told.value}"


def _keys() -> set[str]:
    root = Path(bot.__file__).parent
    folders = (path for path in root.rglob("*.py") if "sandbox" not in path.parts)
    return {
        key
        for path in [*folders, *Path("storage").rglob("*.py")]
        for key in _asked(ast.parse(path.read_text()))
    }


def test_every_key_that_the_code_names_exists_in_every_language() -> None:
    keys = _keys()
    assert {
        "driver.checking",
        "refusal.case.moved_on",
        "topic.technician_asked",
        "notice.agent_joined",
    } <= keys
    assert [
        (language, key) for language in LANGUAGES for key in sorted(keys) if not TEXTS.to(language).has(key)
    ] == []


def test_a_standing_without_a_place_has_a_screen(t: Translate) -> None:
    check(driver.standing(Standing(scene.CASE, scene.OPERATOR, None), t))


@pytest.mark.parametrize("reachability", [each for each in Reachability if each.value != "no_communication"])
def test_a_card_does_not_call_a_station_online_that_is_not_connected(reachability: Reachability) -> None:
    heard = scene.NOW - timedelta(minutes=5)
    contact = Contact(reachability, heard, "ocpp1.6", connected=False)
    text = agent.card(scene.briefing(contact=contact), TEXTS.to("en")).text
    assert "🔴 not connected · OCPP 1.6 · heard 5 minutes ago" in text
    assert "🟢" not in text
    assert "online" not in text


@pytest.mark.parametrize(
    ("reachability", "told"),
    [
        (Reachability.ONLINE, "🟢 online"),
        (Reachability.PENDING, "🟠 connected, but silent"),
        (Reachability.OFFLINE, "🟠 connected, but silent"),
    ],
)
def test_a_card_says_of_a_connected_station_whether_it_speaks(reachability: Reachability, told: str) -> None:
    contact = Contact(reachability, scene.NOW - timedelta(minutes=40), "ocpp1.6", connected=True)
    text = agent.card(scene.briefing(contact=contact), TEXTS.to("en")).text
    assert f"{told} · OCPP 1.6 · heard 40 minutes ago" in text
    assert "🔴" not in text


def test_a_card_tells_when_it_was_judged_as_it_may_be_otherwise_by_now() -> None:
    case = replace(scene.CASE, judgement=scene.judgement("internal", "offer_restart"))
    assert "class B, judged 22 Nov 13:00" in agent.card(scene.briefing(case), TEXTS.to("en")).text
