"""What a technician is shown of a job in the chat."""

from collections.abc import Sequence
from html import escape

from bot.cases.outcomes import JobStands
from bot.cases.technicians.dossier import Dossier, Earlier
from bot.domain.cause import Cause
from bot.domain.job import REPORTED, Hindrance, Job, JobState, JobTrigger, possible
from bot.views.callbacks import JobVerb, OnJob
from bot.views.fit import cut, length
from bot.views.i18n import Translate
from bot.views.screen import Button, Keyboard, Screen, columns, row

CAUSES = (
    Cause.STATION_FAULT,
    Cause.CONNECTOR,
    Cause.PAYMENT,
    Cause.COMMUNICATION,
    Cause.DAMAGE,
    Cause.POWER_SUPPLY,
    Cause.NO_FAULT_FOUND,
    Cause.OTHER,
)
"""What a technician may find at a station; an agent has more to choose from."""
LONGEST = 3800
"""In UTF-16 units without markup: Telegram takes 4096, and some lines may stand below."""
LABEL_LENGTH = 60
WORDS_SHOWN = 4
WORDS_LENGTH = 200
_OF_THE_MOMENT = frozenset({"status_age_seconds", "status_lasts_seconds"})
"""Evidence that means nothing by the time at which a technician reads it."""
_VERBS = {
    JobTrigger.ACCEPT: JobVerb.ACCEPT,
    JobTrigger.DECLINE: JobVerb.DECLINE,
    JobTrigger.GO: JobVerb.GO,
    JobTrigger.ARRIVE: JobVerb.ARRIVE,
    JobTrigger.FIX: JobVerb.FIX,
    JobTrigger.CANNOT_FIX: JobVerb.CANNOT_FIX,
}
_ASKS = {
    JobState.ASKED: "job.asks",
    JobState.ACCEPTED: "job.asks_go",
    JobState.ON_THE_WAY: "job.asks_arrive",
    JobState.ARRIVED: "job.asks_result",
    JobState.FIXED: "job.fixed",
    JobState.CANNOT_FIX: "job.cannot_fixed",
    JobState.DECLINED: "job.declined",
    JobState.UNANSWERED: "job.unanswered",
}


def job(dossier: Dossier, t: Translate, *, news: str = "") -> Screen:
    """The job with all that is needed for it, and the buttons of where it stands. `news` replaces the last line."""
    told = dossier.job
    end = [f"<b>{news or stands(told, t)}</b>", *([t("job.adds")] if dossier.adds else [])]
    # Whoever no longer has a job keeps what it was, and not what was known of the driver.
    known = facts(dossier, t) if told.open or told.state in REPORTED else []
    keyboard = (row(_button(told, JobVerb.DONE, t("job.done"))),) if dossier.adds else _keyboard(told, t)
    return Screen(_fitting([head(dossier, t), *known], end), keyboard)


def answered(outcome: JobStands, dossier: Dossier, t: Translate) -> Screen:
    """The same after an answer, with what that led to."""
    if outcome.status_now is None:
        return job(dossier, t)
    said = t("job.contradicted", status=t(f"status.{outcome.status_now}"))
    return job(dossier, t, news=said.replace("<b>", "").replace("</b>", ""))


def which_cause(dossier: Dossier, t: Translate) -> Screen:
    """Asks what it was."""
    buttons = [
        _button(dossier.job, JobVerb.CAUSE, t(f"job_cause.{each.value}"), each.value) for each in CAUSES
    ]
    return _choice(dossier, t("job.which_cause"), columns(buttons, 2), t)


def which_hindrance(dossier: Dossier, t: Translate) -> Screen:
    """Asks what is in the way."""
    buttons = [
        _button(dossier.job, JobVerb.HINDRANCE, t(f"hindrance.{each.value}"), each.value)
        for each in Hindrance
    ]
    return _choice(dossier, t("job.which_hindrance"), columns(buttons, 1), t)


def listed(dossiers: Sequence[Dossier], t: Translate) -> Screen:
    """`/jobs`."""
    if not dossiers:
        return Screen(t("job.list_none"))
    lines = [
        t(
            "job.list_line",
            number=each.job.case_id,
            state=t(f"job_state.{each.job.state.value}"),
            where=where(each),
        )
        for each in dossiers
    ]
    buttons = [
        _button(each.job, JobVerb.SHOW, cut(f"#{each.job.case_id} · {where(each)}", LABEL_LENGTH))
        for each in dossiers
    ]
    return Screen("\n\n".join([t("job.list"), *lines]), columns(buttons, 1))


def added(told: Job, t: Translate) -> Screen:
    """A photo or words have gone to the hotline."""
    return Screen(t("job.added", number=told.case_id))


def notice(name: str, dossier: Dossier, t: Translate) -> Screen:
    """A message of its own about a job."""
    told = dossier.job
    return Screen(t(f"job.notice_{name}", number=told.case_id, where=where(dossier), why=stands(told, t)))


def where(dossier: Dossier) -> str:
    """The place in one line, in plain text."""
    place = dossier.briefing.place
    if place is None:
        return dossier.briefing.case.evse_id or dossier.job.station_id
    return f"{place.location.name}, {place.evse.evse_id}"


def map_link(dossier: Dossier) -> str:
    """Where the station stands on a map; empty where that is not known."""
    place = dossier.briefing.place
    if place is None:
        return ""
    at = f"{place.location.latitude}/{place.location.longitude}"
    return (
        "https://www.openstreetmap.org/"
        f"?mlat={place.location.latitude}&mlon={place.location.longitude}#map=18/{at}"
    )


def stands(told: Job, t: Translate) -> str:
    """Where the job stands, and what is asked for."""
    if told.state is JobState.WITHDRAWN:
        return t.word(f"withdrawn_{told.cause}", "job") if told.cause else t("job.withdrawn_settled")
    return t(_ASKS[told.state])


def head(dossier: Dossier, t: Translate) -> str:
    """The number and where it stands, and until when an answer is waited for."""
    told, zone = dossier.job, dossier.briefing.operator.time_zone
    lines = [t("job.head", number=told.case_id, state=t(f"job_state.{told.state.value}"))]
    if told.state is JobState.ASKED:
        lines.append(t("job.answer_by", time=t.clock_on(told.answer_due, zone, dossier.briefing.at.date())))
    return "\n".join(lines)


def facts(dossier: Dossier, t: Translate) -> list[str]:
    """Everything that is known, in the order of its weight."""
    parts = (
        _place(dossier, t),
        _points(t("job.safety"), safety(dossier, t), t),
        _verdict(dossier, t),
        _points(t("job.parts"), parts_to_take(dossier, t), t),
        _driver(dossier, t),
        _history(dossier, t),
        _earlier(dossier, t),
    )
    return [each for each in parts if each]


def safety(dossier: Dossier, t: Translate) -> list[str]:
    """What comes before the work."""
    return [t(f"safety.{each}") for each in dossier.repair.safety]


def parts_to_take(dossier: Dossier, t: Translate) -> list[str]:
    """What to take along; it is said, too, where nothing special is needed."""
    return [t(f"part.{each}") for each in dossier.repair.parts] or [t("part_none.none")]


def evidence(dossier: Dossier, t: Translate) -> list[tuple[str, str]]:
    """What speaks for the verdict: what, and its value, in words."""
    judgement = dossier.briefing.case.judgement
    if judgement is None:
        return []
    return [
        (t(f"evidence.{key}"), t.word(value, key, "value"))
        for key, value in judgement.evidence
        if key not in _OF_THE_MOMENT
    ]


def intervals(dossier: Dossier, t: Translate) -> list[tuple[str, str]]:
    """The latest statuses: since when, and what."""
    b = dossier.briefing
    return [
        (
            t.clock(each.since, b.operator.time_zone),
            " ".join(
                part
                for part in (each.status.value, each.error_code, each.vendor_error_code)
                if part and part != "NoError"
            ),
        )
        for each in b.history
    ]


def before(dossier: Dossier, t: Translate) -> list[tuple[str, str, str]]:
    """What was at the EVSE before: when, how it ended, and what was found."""
    return [_before(each, dossier, t) for each in dossier.earlier]


def words(dossier: Dossier) -> list[str]:
    """What the driver has said last, each shortened."""
    said = [each.words for each in dossier.briefing.said if each.from_driver and each.words]
    return [
        each if len(each) <= WORDS_LENGTH else each[: WORDS_LENGTH - 1] + "…" for each in said[-WORDS_SHOWN:]
    ]


def _before(each: Earlier, dossier: Dossier, t: Translate) -> tuple[str, str, str]:
    time = t.clock(each.case.opened_at, dossier.briefing.operator.time_zone)
    result = t.word(each.case.resolution or "cancelled", "earlier")
    found = [t(f"symptom.{each.case.symptom.value}")]
    if each.case.cause is not None:
        found.append(t(f"job_cause.{each.case.cause.value}"))
    elif each.job is not None and each.job.state is JobState.CANNOT_FIX and each.job.cause:
        found.append(t.word(each.job.cause, "hindrance"))
    if each.job is not None and each.job.note:
        found.append(f"“{each.job.note[:WORDS_LENGTH]}”")
    return time, result, ", ".join(found)


def _place(dossier: Dossier, t: Translate) -> str:
    place = dossier.briefing.place
    if place is None:
        return ""
    location, evse = place.location, place.evse
    lines = [
        t(
            "job.place",
            name=location.name,
            address=f"{location.address}, {location.postal_code} {location.city}",
            map=map_link(dossier),
        ),
        t(
            "job.evse",
            evse=evse.evse_id,
            type=evse.type,
            power=t.number(evse.power_kw),
            station=evse.station_id,
            connector=evse.connector,
        ),
    ]
    if dossier.directions:
        lines.insert(1, t("job.directions", directions=dossier.directions))
    return "\n".join(lines)


def _verdict(dossier: Dossier, t: Translate) -> str:
    judgement = dossier.briefing.case.judgement
    if judgement is None:
        return ""
    lines = [t("job.verdict", verdict=t(f"verdict.{judgement.verdict}"))]
    lines += [t("job.evidence", what=what, value=value) for what, value in evidence(dossier, t)]
    return "\n".join(lines)


def _driver(dossier: Dossier, t: Translate) -> str:
    b = dossier.briefing
    lines = [t("job.driver", name=b.driver.name, symptom=t(f"symptom.{b.case.symptom.value}"))]
    return "\n".join([*lines, *(t("job.said", words=each) for each in words(dossier))])


def _history(dossier: Dossier, t: Translate) -> str:
    lines = [t("job.interval", time=time, status=status) for time, status in intervals(dossier, t)]
    return "\n".join([t("job.history"), *lines]) if lines else ""


def _earlier(dossier: Dossier, t: Translate) -> str:
    lines = [
        t("job.earlier_line", time=time, result=result, cause=found)
        for time, result, found in before(dossier, t)
    ]
    return "\n".join([t("job.earlier"), *lines]) if lines else ""


def _fitting(parts: Sequence[str], end: Sequence[str]) -> str:
    """The parts one after the other; where they are too long, the last ones lose their last lines."""
    lines = "\n\n".join(parts).split("\n")
    while len(lines) > 1 and length("\n".join([*lines, "", *end])) > LONGEST:
        lines.pop()
    return "\n\n".join(["\n".join(lines).strip(), *end])


def _points(title: str, points: Sequence[str], t: Translate) -> str:
    return "\n".join([title, *(t("job.point", text=each) for each in points)]) if points else ""


def _choice(dossier: Dossier, question: str, choices: Keyboard, t: Translate) -> Screen:
    back = row(_button(dossier.job, JobVerb.SHOW, t("job.back")))
    shown = [head(dossier, t), escape(where(dossier)), question]
    return Screen("\n\n".join(shown), (*choices, back))


def _keyboard(told: Job, t: Translate) -> Keyboard:
    buttons = [_button(told, _VERBS[each], t(f"job.{each.value}")) for each in possible(told)]
    return columns(buttons, 2)


def _button(told: Job, verb: JobVerb, label: str, argument: str = "") -> Button:
    return Button(label, OnJob(verb, told.id, told.version, argument))
