"""The recovery ladder: its steps from the mildest on, who must agree to each, and how far one has been climbed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.remote_action import ACTION_RULES, ActionState, RemoteCommand
from bot.domain.status import OPERATIVE, ConnectorStatus


class StepName(StrEnum):
    """The steps in their order: what comes later is harder on the station and on those who charge at it."""

    ASK = "ask"
    END_SESSION = "end_session"
    CYCLE = "cycle"
    """The connector is taken out of use and put back into it."""
    UNLOCK = "unlock"
    SOFT_RESET = "soft_reset"
    HARD_RESET = "hard_reset"


class Approval(StrEnum):
    """Who has to agree before a step is taken."""

    AUTOMATIC = "automatic"
    DRIVER = "driver"
    """The driver's consent to the whole ladder."""
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A step. Each of its commands is proved, or has failed by its deadline, before the next is sent.

    `settles` is how long the station is given afterwards before it is judged anew. Cooldown, tries and deadlines
    are those of the commands in `ACTION_RULES`.
    """

    commands: tuple[RemoteCommand, ...]
    approval: Approval
    settles: timedelta = timedelta()

    @property
    def whole_station(self) -> bool:
        """Whether it ends the sessions of the other connectors, too."""
        return any(ACTION_RULES[command].whole_station for command in self.commands)

    @property
    def energising(self) -> bool:
        """Whether it can put voltage on a connector: never for class D."""
        return any(ACTION_RULES[command].energising for command in self.commands)


_C = RemoteCommand
_MOMENT = timedelta(seconds=3)
"""A station that comes back tells its statuses one by one, and the first may be a friendlier one than the last."""
_LETS_GO = timedelta(seconds=10)
"""Stations tell the end of a session first, and the status that follows some seconds later."""

LADDER: dict[StepName, LadderStep] = {
    StepName.ASK: LadderStep((_C.REFRESH_STATUS,), Approval.AUTOMATIC),
    # To start anew after it is no step: that takes the driver's card, which is not known here, and a session on a card
    # of ours would be nobody's to pay. Most vehicles also want to be unplugged first, which only the driver can do.
    StepName.END_SESSION: LadderStep((_C.STOP_SESSION,), Approval.DRIVER, _LETS_GO),
    StepName.CYCLE: LadderStep((_C.MAKE_INOPERATIVE, _C.MAKE_OPERATIVE), Approval.DRIVER, _MOMENT),
    StepName.UNLOCK: LadderStep((_C.UNLOCK,), Approval.AGENT),
    StepName.SOFT_RESET: LadderStep((_C.SOFT_RESET,), Approval.DRIVER, _MOMENT),
    StepName.HARD_RESET: LadderStep((_C.HARD_RESET,), Approval.AGENT),
}

ORDER = tuple(StepName)
PUT_BACK_TRIES = 2
"""How often a connector that was taken out of use is put back into it before a person has to do it."""


class LadderState(StrEnum):
    """Where a ladder stands; all but the first two are its end."""

    CLIMBING = "climbing"
    LEAVING = "leaving"
    """It ends after the present action: somebody has taken over, or it is not wanted any more."""
    SOLVED = "solved"
    EXHAUSTED = "exhausted"
    LOCKED_OUT = "locked_out"
    NOT_RETURNED = "not_returned"
    """The station did not come back from a restart."""
    LEFT = "left"


_HANGS = frozenset({ConnectorStatus.CHARGING, ConnectorStatus.SUSPENDED_EVSE})
"""The statuses of a session that may be over without the station having noticed it."""

RUNNING = frozenset({LadderState.CLIMBING, LadderState.LEAVING})


@dataclass(frozen=True, slots=True)
class Ladder:
    """A ladder as kept. `before` is the status that was the trouble, `after` the one at its end.

    `step` is the place in `steps` of the present one, and `command` the place of the command in it that comes next.
    `skipped` says of steps that were not taken why; `waited` counts the looks in vain at a station out of reach.
    """

    id: int
    case_id: int
    station_id: str
    connector: int
    person_id: int
    before: ConnectorStatus
    steps: tuple[StepName, ...]
    started_at: datetime
    screen: int | None = None
    """The message that shows its driver how it goes."""
    state: LadderState = LadderState.CLIMBING
    step: int = 0
    command: int = 0
    waited: int = 0
    skipped: tuple[tuple[StepName, str], ...] = ()
    after: ConnectorStatus | None = None
    ended_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.state in RUNNING

    @property
    def current(self) -> StepName | None:
        """The step that comes next, or is under way; None where none is left."""
        return self.steps[self.step] if self.step < len(self.steps) else None

    @property
    def amid(self) -> bool:
        """Whether the present step is half done: its other half is owed, whatever else happens."""
        return self.command > 0

    @property
    def due(self) -> RemoteCommand | None:
        """The command that comes next."""
        return None if self.current is None else LADDER[self.current].commands[self.command]

    @property
    def taken(self) -> tuple[StepName, ...]:
        """The steps that are done, without those that were skipped."""
        skipped = {step for step, _ in self.skipped}
        return tuple(step for step in self.steps[: self.step] if step not in skipped)

    def skip(self, reason: str) -> "Ladder":
        """The present step is not taken."""
        skipped = self.skipped if self.current is None else (*self.skipped, (self.current, reason))
        return replace(self, step=self.step + 1, command=0, waited=0, skipped=skipped)

    def ended_with(self, command: RemoteCommand, state: ActionState, tries: int) -> "Ladder":
        """The ladder after its present command has ended; `tries` is how often the step has sent that command."""
        stays = replace(self, waited=0)
        if self.due is not command or self.current is None:
            return stays
        commands = LADDER[self.current].commands
        last = self.command == len(commands) - 1
        if not last and state is not ActionState.REJECTED:
            # Without a proof the connector may be out of use all the same, so that the second half is owed.
            return replace(stays, command=self.command + 1)
        unheard = state in {ActionState.REJECTED, ActionState.TIMED_OUT}
        if last and self.amid and unheard and tries < PUT_BACK_TRIES:
            return stays
        return replace(stays, step=self.step + 1, command=0)


def mended(before: ConnectorStatus, now: ConnectorStatus) -> bool:
    """Whether the connector, which has no fault, is well now and was not before.

    One that hung in a status of use is well only when it has let go of it.
    """
    if now not in OPERATIVE:
        return False
    free = now in {ConnectorStatus.AVAILABLE, ConnectorStatus.CHARGING}
    return before not in OPERATIVE or (free and now is not before)


def let_go(before: ConnectorStatus, now: ConnectorStatus, *, in_session: bool, flows: bool) -> bool:
    """Whether a session that hung at the connector, which has no fault, hangs no longer.

    Energy flows again, or the session is over and the station has noticed it. That the plug is still in is the
    driver's part: it comes out before the next session begins.
    """
    if in_session:
        return flows
    return before in _HANGS and now in {ConnectorStatus.PREPARING, ConnectorStatus.FINISHING}


def next_for_agent(steps: tuple[StepName, ...]) -> StepName | None:
    """The mildest step above these that only an agent may take."""
    highest = max((ORDER.index(step) for step in steps), default=-1)
    return next((step for step in ORDER[highest + 1 :] if LADDER[step].approval is Approval.AGENT), None)
