"""Cases as rows, and back."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Row

from bot.domain.case import Case, CaseState, Judgement, Severity
from bot.domain.cause import Cause
from bot.domain.people import Address
from bot.domain.rating import RatingReason
from bot.domain.report import Symptom


def case_of(row: Row[tuple[object, ...]]) -> Case:
    """The case in a row of the cases."""
    return Case(
        id=row.id,
        operator_id=row.operator_id,
        driver_id=row.driver_id,
        conversation=Address.parse(row.conversation),
        state=CaseState(row.state),
        version=row.version,
        symptom=Symptom(row.symptom),
        severity=Severity(row.severity),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        evse_id=row.evse_id,
        station_id=row.station_id,
        connector=row.connector,
        judgement=_judgement(row.judgement),
        agent_id=row.agent_id,
        topic=None if row.topic is None else Address.parse(row.topic),
        card_message=row.card_message,
        resolution=row.resolution,
        rating=row.rating,
        group_chat=row.group_chat,
        follows=row.follows,
        ended_at=row.ended_at,
        spoken_at=row.spoken_at,
        rating_reason=None if row.rating_reason is None else RatingReason(row.rating_reason),
        rating_words=row.rating_words,
        rated_at=row.rated_at,
        resolved_at=row.resolved_at,
        cause=None if row.cause is None else Cause(row.cause),
        cause_note=row.cause_note,
        snoozed_until=row.snoozed_until,
        merged_into=row.merged_into,
    )


def judgement_data(judgement: Judgement) -> dict[str, object]:
    """A judgement as it is kept with its case."""
    return asdict(judgement) | {"judged_at": judgement.judged_at.isoformat()}


def _judgement(data: dict[str, object] | None) -> Judgement | None:
    match data:
        case {"then": list(then), "evidence": list(evidence), "judged_at": str(at), **rest}:
            facts = rest.pop("facts", [])
            texts = {str(name): str(value) for name, value in rest.items()}
            return Judgement(
                **texts,
                then=tuple(map(str, then)),
                evidence=_pairs(evidence),
                judged_at=datetime.fromisoformat(at),
                facts=_pairs(facts if isinstance(facts, list) else []),
            )
        case _:
            return None


def _pairs(data: list[tuple[object, object]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(key), str(value)) for key, value in data)
