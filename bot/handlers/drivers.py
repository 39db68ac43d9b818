"""Drivers: each handler parses, calls one use case and shows one view."""

import asyncio

from bot.cases.agents import call_back
from bot.cases.clock import follow_up
from bot.cases.drivers import escalation, locate, report, standing, watching
from bot.cases.outcomes import AskedForStation, Checking, DriverOutcome, UnreadablePhoto
from bot.cases.remote import ladder, recovery
from bot.cases.talk import holding, relay
from bot.cases.turn import Turn
from bot.domain.rating import RatingReason
from bot.domain.refusal import Refusal
from bot.domain.remote_action import RemoteCommand
from bot.domain.report import speaks_of_danger
from bot.telegram.incoming import Words
from bot.telegram.reply import Reply
from bot.views import driver
from bot.views.callbacks import Callback, CaseVerb, Notify, OnCase, Pick, Plain, Speak, Wrong
from bot.views.screen import Screen
from storage.uow import UnitOfWork


async def command(reply: Reply, name: str, argument: str) -> None:
    """A command of a driver; one that is not known shows the help."""
    turn = reply.turn
    match name:
        case "start":
            outcome = await locate.begin(turn, argument or None)
            if isinstance(outcome, AskedForStation) and not argument and await _works_for(turn):
                return await reply.show(driver.asked_with_menu(reply.t))
        case "agent":
            outcome = await escalation.ask_person(turn)
        case "cancel":
            outcome = await report.cancel(turn, confirmed=False)
        case "language":
            return await reply.show(driver.language_choice(reply.t, reply.context.texts))
        case _:
            return await reply.show(driver.help_screen(reply.t, await _works_for(reply.turn)))
    await _show(reply, outcome)


async def message(reply: Reply, received: Words) -> None:
    """Words, a photo, anything else."""
    number = await _number(reply, received)
    if number is not None:
        return await _show(reply, number)
    if received.image is not None and await _asks_for_station(reply, received.message.words or ""):
        image = await reply.download(received.image)
        outcome = await locate.by_photo(reply.turn, image)
        if not isinstance(outcome, UnreadablePhoto) or not await relay.may_take(reply.turn):
            return await _show(reply, outcome)
    await _show(reply, await relay.from_driver(reply.turn, received.message))


async def tap(reply: Reply, callback: Callback) -> None:
    """A button of a driver. Telegram is told of the tap beside the work, as nobody has to wait for that."""
    told = asyncio.create_task(reply.toast())
    try:
        await _tapped(reply, callback)
    finally:
        await told


async def _tapped(reply: Reply, callback: Callback) -> None:
    match callback:
        case Pick(evse_id):
            outcome = await locate.by_choice(reply.turn, evse_id)
        case Wrong(symptom):
            outcome = await report.file(reply.turn, symptom, _progress(reply))
        case Plain.PERSON:
            outcome = await escalation.ask_person(reply.turn)
        case Plain.OTHER_STATION:
            outcome = await report.other_station(reply.turn)
        case Plain.CANCEL_CONFIRMED:
            outcome = await report.cancel(reply.turn, confirmed=True)
        case Speak(language):
            return await _speak(reply, language)
        case Notify(evse_id, on):
            outcome = await (watching.begin if on else watching.end)(reply.turn, evse_id)
        case OnCase():
            outcome = await _on_case(reply, callback)
        case _:
            outcome = await standing.show(reply.turn)
    await _show(reply, outcome)


async def _on_case(reply: Reply, button: OnCase) -> DriverOutcome:
    turn = reply.turn
    match button.verb:
        case CaseVerb.WORKS:
            return await report.works(turn, button.case_id, button.version)
        case CaseVerb.BROKEN:
            return await report.still_broken(turn, button.case_id, button.version)
        case CaseVerb.RATE:
            return await follow_up.rate(turn, button.case_id, int(button.argument))
        case CaseVerb.CALL_OTHER | CaseVerb.CALL_NOBODY as verb:
            return await call_back.confirmed(turn, button.case_id, meant=verb is CaseVerb.CALL_OTHER)
        case CaseVerb.MEANT:
            return await holding.choose(turn, button.case_id)
        case CaseVerb.AGAIN:
            return await report.again(turn, button.case_id)
        case CaseVerb.LEAVE:
            return await report.leave(turn, button.case_id, button.version)
        case CaseVerb.MISSING:
            return await follow_up.explain(turn, button.case_id, RatingReason(button.argument))
        case CaseVerb.REPAIR:
            return await ladder.begin(turn, button.case_id, button.version, reply.shown)
        case CaseVerb.REMEDY:
            chosen = RemoteCommand(button.argument)
            return await recovery.by_driver(turn, button.case_id, button.version, chosen, reply.shown)
        case _:
            raise Refusal("button.old")


async def _number(reply: Reply, received: Words) -> DriverOutcome | None:
    """What answers the question for a number to call; None for everything else."""
    if received.contact is not None:
        contact = call_back.Shared(received.message, received.contact.phone, received.contact.own)
        return await call_back.shared(reply.turn, contact)
    texts = reply.context.texts
    # Somebody may have changed the language since the button was shown.
    if received.message.words in {texts.to(code)("call.decline") for code in texts.languages()}:
        return await call_back.declined(reply.turn)
    return None


async def _speak(reply: Reply, language: str) -> None:
    person = reply.turn.person
    t = reply.context.texts.to(language)
    await reply.turn.commit(lambda uow: uow.people.set_language(person.id, t.language))
    await reply.show(Screen(t("language.chosen")))


async def _works_for(turn: Turn) -> list[str]:
    """The names of the operators that the person manages something of, and that may be spoken of here."""

    def names(uow: UnitOfWork) -> list[str]:
        theirs = filter(turn.sees, uow.staff.operators_of(turn.person.id))
        return [operator.name for each in theirs if (operator := uow.operators.get(each)) is not None]

    return await turn.services.database.read(names)


def _progress(reply: Reply) -> report.Progress:
    async def show(checking: Checking) -> None:
        await reply.show(driver.show(checking, reply.t))

    return show


async def _show(reply: Reply, outcome: DriverOutcome) -> None:
    await reply.show(driver.show(outcome, reply.t))


async def _asks_for_station(reply: Reply, caption: str) -> bool:
    """A photo is a sticker only while no case is open that it could belong to, and nobody speaks of danger."""
    turn = reply.turn

    def asks(uow: UnitOfWork) -> bool:
        return uow.drafts.get(turn.conversation) is not None or not uow.cases.open_in(turn.conversation)

    return not speaks_of_danger(caption) and await turn.services.database.read(asks)
