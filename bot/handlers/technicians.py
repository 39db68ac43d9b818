"""Technicians in their private chats."""

from bot.cases.outcomes import JobStands
from bot.cases.technicians import dispatch, dossier, job_words
from bot.cases.technicians.dispatch import Report
from bot.cases.technicians.hands import InChat
from bot.domain.job import JobTrigger
from bot.domain.refusal import Refusal
from bot.telegram.incoming import Words
from bot.telegram.reply import Reply
from bot.views import technician
from bot.views.callbacks import JobVerb, OnJob
from storage.once import AppliedBefore

_STEPS = {
    JobVerb.ACCEPT: JobTrigger.ACCEPT,
    JobVerb.DECLINE: JobTrigger.DECLINE,
    JobVerb.GO: JobTrigger.GO,
    JobVerb.ARRIVE: JobTrigger.ARRIVE,
}


async def tap(reply: Reply, button: OnJob) -> None:
    """A button under a job; one that is stale, or was handled before a restart, shows where the job stands."""
    await reply.toast()
    try:
        await _tapped(reply, button)
    except Refusal as refusal:
        if refusal.key == "job.unknown":
            raise
        await show(reply, button, news=reply.t(f"refusal.{refusal.key}"))
    except AppliedBefore:
        await show(reply, button)


async def show(reply: Reply, button: OnJob, *, news: str = "") -> None:
    """The job as it stands."""
    await job_words.look(InChat(reply.turn), button.job_id, reply.shown)
    known = await dossier.read(reply.turn.services, button.job_id)
    body = technician.stands(known.job, reply.t)
    await reply.show(technician.job(known, reply.t, news=f"{news} {body}" if news else ""))


async def listed(reply: Reply) -> None:
    """`/jobs`."""
    open_jobs = await job_words.open_jobs(reply.turn)
    known = [await dossier.read(reply.turn.services, each.id) for each in open_jobs]
    await reply.show(technician.listed(known, reply.t))


async def message(reply: Reply, words: Words) -> bool:
    """Takes a photo or words for the job that somebody has; False where they have none that it could be for."""
    job = await job_words.said(reply.turn, words.message)
    if job is None:
        return False
    await reply.show(technician.added(job, reply.t))
    return True


async def _tapped(reply: Reply, button: OnJob) -> None:
    hand = InChat(reply.turn, reply.shown)
    named = (button.job_id, button.version)
    match button.verb:
        case JobVerb.SHOW:
            return await show(reply, button)
        case JobVerb.FIX | JobVerb.CANNOT_FIX:
            return await _ask(reply, hand, button)
        case JobVerb.CAUSE:
            outcome = await dispatch.fixed(hand, *named, Report(button.argument))
        case JobVerb.HINDRANCE:
            outcome = await dispatch.cannot_fix(hand, *named, Report(button.argument))
        case JobVerb.DONE:
            await job_words.done(hand, button.job_id)
            return await show(reply, button)
        case _:
            outcome = await dispatch.step(hand, *named, _STEPS[button.verb])
    await _answered(reply, outcome)


async def _ask(reply: Reply, hand: InChat, button: OnJob) -> None:
    """What was it? It is asked where the job stands on site alone, and changes nothing."""
    await job_words.check(hand, button.job_id, button.version)
    known = await dossier.read(reply.turn.services, button.job_id)
    asks = technician.which_cause if button.verb is JobVerb.FIX else technician.which_hindrance
    await reply.show(asks(known, reply.t))


async def _answered(reply: Reply, outcome: JobStands) -> None:
    known = await dossier.read(reply.turn.services, outcome.job.id)
    await reply.show(technician.answered(outcome, known, reply.t))
