"""What an agent does at the desk, as it is told in the topic: remote actions, ready answers, the topic's name."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from bot.cases import telling
from bot.cases.agents import briefing
from bot.cases.services import Services
from bot.domain.outgoing import Outgoing
from bot.domain.people import Address
from bot.telegram.errors import MessageGone
from bot.telegram.senders import Senders
from bot.views import agent, notices
from bot.views.i18n import Texts
from storage.uow import UnitOfWork

log = structlog.get_logger()
InTopic = Callable[[Outgoing, Callable[[Address], Awaitable[str | None]]], Awaitable[str | None]]
"""Sends into the topic of a row's case, wherever that is by now."""


class AtDesk:
    """Delivers rows of the kinds that its methods are called after. Returns why one never can be, else None."""

    def __init__(self, services: Services, sender: Senders, texts: Texts, in_topic: InTopic) -> None:
        self._services = services
        self._sender = sender
        self._texts = texts
        self._in_topic = in_topic

    async def action(self, outgoing: Outgoing) -> str | None:
        """How an agent's remote action goes: a message that is sent once, and changed from then on."""
        number = int(outgoing.params["action"] or 0)

        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, _case_id(outgoing))
            action = await self._services.database.read(lambda uow: uow.actions.get(number))
            if action is None:
                return
            line = agent.action_line(action, known, self._texts.to(known.operator.language))
            if action.screen is not None:
                try:
                    return await self._sender.edit(topic, action.screen, line, outgoing.priority)
                except MessageGone:
                    log.info("action_line_gone", action=number)
            made = await self._sender.send(topic, line, outgoing.priority)
            await self._services.database.write(lambda uow: uow.actions.shown(number, made))

        return await self._in_topic(outgoing, send)

    async def answer(self, outgoing: Outgoing) -> str | None:
        """Tells an answer that was ready in the topic; standing there it is a message like any other, and goes on."""
        source, number = Address.parse(str(outgoing.params["source"])), int(outgoing.params["message"] or 0)

        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, _case_id(outgoing))
            passed, driver = await self._services.database.read(
                lambda uow: (uow.messages.at(source, number), uow.people.get(known.case.driver_id))
            )
            if passed is None:
                # It has its place already.
                return
            t = self._texts.to(known.operator.language)
            hidden = (driver.name, str(outgoing.params["name"])) if known.masked else ()
            line = notices.answered(outgoing, passed.said.words or "", t, hidden)
            made = await self._sender.send(topic, line, outgoing.priority)

            def placed(uow: UnitOfWork) -> None:
                uow.messages.placed(passed, topic, made)
                said = replace(passed.said, source=topic, source_message=made)
                case = uow.cases.get(_case_id(outgoing))
                if case is not None:
                    telling.pass_on(uow, self._services, case, said)

            await self._services.transact(placed)

        return await self._in_topic(outgoing, send)

    async def rename(self, outgoing: Outgoing) -> str | None:
        """Has the topic called as the case is by now."""

        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, _case_id(outgoing))
            name = agent.topic_name(known, self._texts.to(known.operator.language))
            await self._sender.rename_topic(topic, name)

        return await self._in_topic(outgoing, send)


def _case_id(outgoing: Outgoing) -> int:
    if outgoing.case_id is None:
        raise LookupError(f"the row {outgoing.dedupe_key} names no case")
    return outgoing.case_id
