"""What a driver reads: news, the live message of a ladder, and the words of an agent."""

import contextlib

import structlog

from bot.cases import telling
from bot.cases.drivers import report, standing
from bot.cases.outcomes import Standing
from bot.cases.services import Services
from bot.delivery.relaying import Relaying
from bot.delivery.rows import case_and_driver, case_id, case_of
from bot.domain.case import Case, CaseState
from bot.domain.outgoing import Outgoing, Priority
from bot.domain.people import Address, Person
from bot.telegram.errors import MessageGone, Refused, Unreachable
from bot.telegram.senders import Senders
from bot.views import notices
from bot.views.driver import live
from bot.views.i18n import Texts
from bot.views.screen import Screen
from storage.uow import UnitOfWork

log = structlog.get_logger()
BLOCKED = "the driver has blocked the bot"


class ToDriver:
    """Everything that goes to the drivers of cases; one who has blocked the bot is noted, and the hotline told."""

    def __init__(self, services: Services, sender: Senders, texts: Texts, relaying: Relaying) -> None:
        self._services = services
        self._sender = sender
        self._texts = texts
        self._relaying = relaying

    async def relay(self, outgoing: Outgoing) -> str | None:
        """The copy of what an agent said."""
        case, driver = await self._services.database.read(lambda uow: case_and_driver(uow, outgoing))
        try:
            return await self._relaying.copy(outgoing, case.conversation)
        except Unreachable:
            await self._gone(outgoing, case, driver)
            return BLOCKED

    async def edit(self, outgoing: Outgoing) -> str | None:
        """Has the copy of an agent's message say what that says by now."""
        case, driver = await self._services.database.read(lambda uow: case_and_driver(uow, outgoing))
        try:
            return await self._relaying.edit(outgoing, case.conversation)
        except Unreachable:
            await self._gone(outgoing, case, driver)
            return BLOCKED

    async def notice(self, outgoing: Outgoing) -> str | None:
        """News, with the buttons of where the case stands."""

        def read(uow: UnitOfWork) -> tuple[Standing, Person]:
            case = case_of(uow, outgoing)
            return standing.of_case(uow, self._services, case), uow.people.get(case.driver_id)

        if outgoing.params.get("notice") == "fix_failed":
            await report.judge_again(self._services, case_id(outgoing))
        stands, driver = await self._services.database.read(read)
        silent = telling.leaves_to_agent(stands.case, str(outgoing.params.get("notice")))
        screen = notices.to_driver(
            outgoing, stands, self._texts.to(driver.language, stands.operator.language)
        )
        try:
            if not silent:
                await self._sender.send(stands.case.conversation, screen, outgoing.priority)
            await self._retire(stands.case.conversation, outgoing.params.get("replaces"), screen)
        except Unreachable:
            await self._gone(outgoing, stands.case, driver)
            return BLOCKED
        return None

    async def live(self, outgoing: Outgoing) -> str | None:
        """Draws anew the message that shows how a ladder goes; one that is gone gets a successor while it runs."""

        def read(uow: UnitOfWork) -> tuple[Standing, Person]:
            case = case_of(uow, outgoing)
            return standing.of_case(uow, self._services, case), uow.people.get(case.driver_id)

        stands, driver = await self._services.database.read(read)
        ladder = stands.ladder
        if ladder is None:
            return None
        screen = live(stands, self._texts.to(driver.language, stands.operator.language))
        try:
            if ladder.screen is not None:
                await self._sender.edit(stands.case.conversation, ladder.screen, screen)
                return None
        except MessageGone:
            log.info("live_message_gone", case=stands.case.id)
        except Unreachable:
            await self._gone(outgoing, stands.case, driver)
            return BLOCKED
        if ladder.running and stands.case.state is not CaseState.WITH_AGENT:
            made = await self._sender.send(stands.case.conversation, screen, outgoing.priority)
            await self._services.database.write(lambda uow: uow.ladders.shown(ladder.id, made))
        return None

    async def _retire(self, conversation: Address, message: object, news: Screen) -> None:
        """A message that said "this is running" must not go on saying so once the news has come.

        The news is a message of its own, as a change of an old one would ring no phone.
        """
        if isinstance(message, int):
            with contextlib.suppress(MessageGone, Refused):
                old = Screen(news.text.partition("\n\n")[0])
                await self._sender.edit(conversation, message, old, Priority.COSMETIC)

    async def _gone(self, outgoing: Outgoing, case: Case, driver: Person) -> None:
        def keep(uow: UnitOfWork) -> None:
            uow.people.set_unreachable(driver.id, unreachable=True)
            uow.cases.note(case.id, self._services.now(), "driver_unreachable")
            if telling.has_topic(uow, case):
                telling.tell_topic(uow, self._services, case, "driver_unreachable", outgoing.dedupe_key)
                telling.redraw_card(uow, self._services, case)

        await self._services.transact(keep)
