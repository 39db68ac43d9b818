"""What came of a scenario, to be held against what was expected of it."""

from dataclasses import dataclass

from bot.domain.case import BOT_STATES, HUMAN_STATES, Case
from bot.domain.ladder import StepName
from bot.domain.remote_action import RemoteCommand
from tests.scenarios.data import AGENT_AT_ONCE, LADDER, TECHNICIAN, Expected, Scenario

_PROMISED = {
    "offer_restart": {RemoteCommand.SOFT_RESET.value},
    "believed_offer_restart": {RemoteCommand.SOFT_RESET.value},
    "start_by_app_or_restart": {RemoteCommand.SOFT_RESET.value},
    "offer_repair": {f"{LADDER}{StepName.CYCLE}", RemoteCommand.SOFT_RESET.value},
    "end_or_repair": {f"{LADDER}{StepName.END_SESSION}", RemoteCommand.STOP_SESSION.value},
    "payment_session_runs": {RemoteCommand.STOP_SESSION.value},
}
"""What a driver reads that can be done from here, by the key of the text: one of these must be offered with it."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a scenario. `forbidden` says what reached a station and must not have."""

    scenario: Scenario
    got: Expected
    rule: str
    reached: tuple[RemoteCommand, ...]
    refused: tuple[str, ...]
    forbidden: tuple[str, ...]
    promised: str | None
    """A text that promises what is not offered."""

    @property
    def missing(self) -> frozenset[RemoteCommand]:
        """What an agent must be able to send, and could not."""
        return self.scenario.reaches - set(self.reached)

    @property
    def right(self) -> bool:
        """Whether the judgement is the expected one, promises nothing in vain, and leaves open what it must."""
        return self.got == self.scenario.expected and self.promised is None and not self.missing


def judged(case: Case, steps: tuple[StepName, ...], offers: tuple[RemoteCommand, ...]) -> Expected:
    """The judgement and the route of a case, as a scenario words them."""
    judgement = case.judgement
    if judgement is None:
        return Expected("none", "", case.severity.value, ())
    at_once = (AGENT_AT_ONCE,) if case.state in HUMAN_STATES else ()
    sends = (TECHNICIAN,) if TECHNICIAN in judgement.then else ()
    climbed = (f"{LADDER}{each}" for each in steps)
    route = (*at_once, *climbed, *(each.value for each in offers), *sends)
    return Expected(judgement.verdict, judgement.action_class, case.severity.value, route)


def in_vain(case: Case, got: Expected) -> str | None:
    """The text with which the driver is promised something that is not offered; None where all is well."""
    if case.judgement is None or case.state not in BOT_STATES:
        return None
    told = case.judgement.tell_driver
    return told if told in _PROMISED and not _PROMISED[told] & set(got.route) else None
