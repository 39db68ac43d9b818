"""`/stats`: for agents the numbers of their group; whoever holds the right to statistics gets the admins' page."""

import asyncio

from bot.cases.agents import figures
from bot.cases.agents.figures import Figures
from bot.domain.billing import Month
from bot.domain.period import WEEK
from bot.domain.refusal import Refusal
from bot.handlers import agents
from bot.paper.statistics_png import statistics_png
from bot.telegram.reply import Reply, private
from bot.views import statistics as view
from bot.views.callbacks import Callback, Numbers, short
from bot.views.i18n import Translate
from bot.views.screen import Attachment, Screen


async def command(reply: Reply, argument: str) -> None:
    """`/stats` with a period behind it, or none; `/stats fixes` tells what remedies have helped."""
    if argument == "fixes":
        return await agents.stats(reply, argument)
    if private(reply.turn) and (await figures.may_see_more(reply.turn) or not await agents.is_agent(reply)):
        return await reply.context.admin.command(reply, "stats", argument)
    try:
        found = await figures.of_agent(reply.turn, argument or WEEK)
    except Refusal as refusal:
        return await reply.show(Screen(reply.t(f"refusal.{refusal.key}", **refusal.values)))
    for each in found:
        await _show(reply, each, instead=False)


async def tap(reply: Reply, button: Numbers) -> None:
    """Another period."""
    found = await figures.of_agent(reply.turn, button.period)
    await reply.toast()
    for each in found:
        if short(each.operator.id) == button.operator:
            await _show(reply, each, instead=True)


async def _show(reply: Reply, found: Figures, *, instead: bool) -> None:
    # What stands in a group is read by all of its agents.
    language = reply.turn.person.language if private(reply.turn) else found.operator.language
    t = reply.context.texts.to(language, found.operator.language)
    operator, now = found.operator, reply.turn.now()
    whose = view.group(operator.name, t) if found.of_group else operator.name
    heading = view.heading(whose, found.statistics, now, operator.time_zone, t)
    content = await asyncio.to_thread(statistics_png, found.statistics, heading, t)
    caption = _caption(found, whose, Month.of(now, operator.time_zone), t)
    await reply.picture(Attachment(view.PICTURE, content, "image/png"), caption, instead=instead)


def _caption(found: Figures, whose: str, this_month: Month, t: Translate) -> Screen:
    named = short(found.operator.id)

    def leads(token: str) -> Callback:
        return Numbers(token, named)

    periods = view.periods(found.statistics.period, this_month, leads, t)
    return Screen(view.caption(whose, found.statistics, t), periods)
