"""Keeping a ladder: what its row, its timer and its messages become when something ends."""

from datetime import timedelta

from bot.cases import own_people
from bot.cases.services import Services
from bot.cases.telling import has_topic, redraw_card, show_driver, tell_driver, tell_staff, tell_topic
from bot.domain.case import SERVICE_ENDED, Case, CaseState, Trigger, move
from bot.domain.ladder import LADDER, Ladder, LadderState
from bot.domain.outgoing import Priority
from bot.domain.remote_action import ActionState, RemoteAction, RemoteCommand
from bot.domain.status import OPERATIVE, ConnectorStatus
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork

LOOK_AFTER = timedelta(seconds=5)
"""A station with a fault often takes a command and has nothing new to tell, so that it is asked."""
TOLD = frozenset(
    {LadderState.SOLVED, LadderState.EXHAUSTED, LadderState.LOCKED_OUT, LadderState.NOT_RETURNED}
)
"""The ends of which the driver is told by a message of its own; of the others they know."""
_ASKED_ABOUT = frozenset({RemoteCommand.MAKE_INOPERATIVE, RemoteCommand.MAKE_OPERATIVE})


def actions_of(uow: UnitOfWork, ladder: Ladder) -> list[RemoteAction]:
    """The actions of a ladder, in order."""
    return [action for action in uow.actions.of_case(ladder.case_id) if action.ladder_id == ladder.id]


def climb_at(uow: UnitOfWork, services: Services, ladder: Ladder, after: timedelta = timedelta()) -> None:
    """Has the ladder looked at in that time."""
    uow.timers.set(ladder.id, TimerKind.LADDER_CLIMBS, services.now() + after)


def action_accepted(uow: UnitOfWork, services: Services, action: RemoteAction) -> None:
    """The station took a command of a ladder."""
    ladder = None if action.ladder_id is None else uow.ladders.get(action.ladder_id)
    if ladder is not None and ladder.running and action.order.command in _ASKED_ABOUT:
        climb_at(uow, services, ladder, LOOK_AFTER)


def action_ended(
    uow: UnitOfWork, services: Services, case: Case, action: RemoteAction, state: ActionState
) -> None:
    """An action of a ladder has ended: what comes next is decided by a fresh look, which falls due now."""
    ladder = None if action.ladder_id is None else uow.ladders.hold(action.ladder_id)
    if ladder is None or not ladder.running or ladder.current is None:
        return
    command = action.order.command
    tries = sum(
        each.order.command is command and each.id >= _first_of_step(uow, ladder)
        for each in actions_of(uow, ladder)
    )
    uow.ladders.move(ladder.ended_with(command, state, tries))
    settles = LADDER[ladder.current].settles if state is ActionState.VERIFIED else timedelta()
    climb_at(uow, services, ladder, settles)
    show_driver(uow, services, case, f"{ladder.id}:{action.id}:{state.value}")


def _first_of_step(uow: UnitOfWork, ladder: Ladder) -> int:
    """The number of the action with which the present step began."""
    if ladder.current is None:
        return 0
    first = LADDER[ladder.current].commands[0]
    return max((each.id for each in actions_of(uow, ladder) if each.order.command is first), default=0)


def leave(uow: UnitOfWork, services: Services, case: Case) -> None:
    """The ladder of the case goes no further: at once, or after its present action.

    A connector that is out of use is still put back into it. `case` is in the state that ends the ladder.
    """
    ladder = uow.ladders.running_of(case.id)
    if ladder is None:
        return
    pending = uow.actions.pending_at(ladder.station_id)
    under_way = pending is not None and pending.ladder_id == ladder.id
    # Whether a connector that was out of use is back in it is told by a fresh look alone.
    if not under_way and not any(each.order.command in _ASKED_ABOUT for each in actions_of(uow, ladder)):
        end(uow, services, case, ladder, LadderState.LEFT)
        return
    uow.ladders.leave(ladder.id)
    if not under_way:
        climb_at(uow, services, ladder)


def end(
    uow: UnitOfWork,
    services: Services,
    case: Case,
    ladder: Ladder,
    state: LadderState,
    status: ConnectorStatus | None = None,
) -> Case:
    """Ends the ladder; the case, which is the driver's again where the bot has it. All who wait learn of it."""
    now = services.now()
    if not uow.ladders.end(ladder.id, state, status, now):
        return case
    uow.timers.drop(ladder.id, TimerKind.LADDER_CLIMBS)
    uow.cases.note(case.id, now, "ladder_ended", ladder=str(ladder.id), state=state.value)
    if case.state is CaseState.RECOVERING:
        after = move(case, Trigger.RECOVERY_ENDED, now)
        uow.cases.save(case, after)
        uow.timers.set(case.id, TimerKind.DRIVER_DID_NOT_ANSWER, now + services.limits.driver_answers_within)
        case = after
    show_driver(uow, services, case, f"{ladder.id}:{state.value}")
    if state in TOLD:
        tell_driver(uow, services, case, "ladder_over", str(ladder.id))
    if has_topic(uow, case):
        tell_topic(uow, services, case, f"ladder_{state.value}", str(ladder.id))
        redraw_card(uow, services, case)
    if stranded(uow, ladder, status):
        uow.cases.note(case.id, now, "left_out_of_use", ladder=str(ladder.id))
        tell_topic(uow, services, case, "left_out_of_use", str(ladder.id), Priority.ESCALATION)
        if case.resolution == SERVICE_ENDED:
            for contact in own_people.of_operator(uow, case.operator_id):
                tell_staff(uow, services, case, contact, "left_out_of_use", str(ladder.id))
    return case


def stranded(uow: UnitOfWork, ladder: Ladder, status: ConnectorStatus | None) -> bool:
    """Whether the connector may be out of use by the ladder's own doing; a fault or silence can hide it."""
    actions = actions_of(uow, ladder)
    taken = any(
        each.order.command is RemoteCommand.MAKE_INOPERATIVE and each.may_have_happened for each in actions
    )
    back = any(
        each.order.command is RemoteCommand.MAKE_OPERATIVE and each.accepted_at is not None
        for each in actions
    )
    return taken and (status is ConnectorStatus.UNAVAILABLE or not (back or status in OPERATIVE))
