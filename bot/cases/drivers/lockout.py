"""What people have told of a station in other cases: it outranks telemetry for whoever comes after them, too."""

from bot.domain.case import Case
from bot.domain.report import Symptom
from storage.uow import UnitOfWork

_DANGER = frozenset({("danger", "yes"), ("symptom", Symptom.DANGER.value)})
_DAMAGE = ("symptom", Symptom.DAMAGE.value)


def warned(uow: UnitOfWork, case: Case, *, whole_station: bool = False) -> bool:
    """Whether another open case tells of danger at the station, or of damage at the EVSE.

    With `whole_station`, damage at any EVSE of the station counts. It holds until that case is settled, however green
    the telemetry is meanwhile.
    """
    return case.station_id is not None and any(
        other.id != case.id and _tells(other, damage=whole_station or other.evse_id == case.evse_id)
        for other in uow.cases.open_at_station(case.station_id)
    )


def _tells(other: Case, *, damage: bool) -> bool:
    facts = frozenset(other.judgement.facts) if other.judgement is not None else frozenset()
    return bool(facts & _DANGER) or (damage and _DAMAGE in facts)
