"""What a driver has told before the report is filed."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.people import Address


class Step(StrEnum):
    """What the driver is asked at present."""

    WHICH_STATION = "which_station"
    WHICH_EVSE = "which_evse"
    WHAT_IS_WRONG = "what_is_wrong"


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of one conversation. `choices` are EVSE IDs that were offered, `evse_id` the one that was chosen."""

    conversation: Address
    person_id: int
    step: Step
    evse_id: str | None = None
    choices: tuple[str, ...] = ()
