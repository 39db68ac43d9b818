"""Passing on what people said: copies, albums, answers, edits and reactions."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from bot.cases import telling
from bot.cases.services import Services
from bot.cases.talk import relay
from bot.domain.case import CaseState
from bot.domain.outgoing import Outgoing
from bot.domain.people import Address
from bot.telegram.errors import MessageGone, Refused, TopicGone, Unreachable
from bot.telegram.sender import Origin
from bot.telegram.senders import Senders
from bot.views import notices
from bot.views.screen import Screen
from storage.repositories.messages import Passed, Wording, number_in
from storage.uow import UnitOfWork

DELIVERED = "👍"
WAITING = "👀"
"""What stands on a driver's message while no agent has the case."""
IN_ALBUMS = frozenset({"photo", "video", "document", "audio"})


class Relaying:
    """Delivers rows about messages to an address that the caller knows. Returns why one never can be, else None."""

    def __init__(self, services: Services, sender: Senders) -> None:
        self._services = services
        self._sender = sender

    async def copy(self, outgoing: Outgoing, to: Address) -> str | None:
        """Copies a message, or all parts of its album that have come and have no copy yet."""
        parts = [each for each in await self._parts(outgoing) if each.copy is None]
        if not parts:
            return None
        if await self._internal(parts):
            return "it is a note of the agents"
        if parts[0].said.source.channel != to.channel or parts[0].said.kind == relay.READY:
            return await self._retell(outgoing, to, parts)
        try:
            made = await self._copied(outgoing, to, parts)
        except (MessageGone, Refused) as error:
            # What cannot be copied is kept in the case, and the agents are told that it is there.
            await self._not_copied(outgoing)
            return str(error)
        if len(made) != len(parts):
            # Telegram does not say which parts it has left out, so that no number can be put to a part.
            await self._not_copied(outgoing)
            return "not all parts could be copied"
        await self._keep(parts, to, made)
        return None

    async def tell_again(self, outgoing: Outgoing, to: Address, told: notices.ToldAgain) -> None:
        """Tells in a new topic what was said in the one before: the driver's messages as they are, agents' by name.

        What has no copy yet comes by itself, and what is there already is not told once more.
        """
        case_id = outgoing.case_id or 0
        passed, names = await self._services.database.read(lambda uow: _said_before(uow, case_id, to))
        if not passed:
            return
        await self._sender.send(to, told.head(), outgoing.priority)
        for _, run in groupby(passed, key=lambda each: each.said.album or each.id):
            parts = list(run)
            if not parts[0].said.from_driver:
                await self._agents_again(
                    outgoing, to, parts, told.line(names[parts[0].said.person_id], parts)
                )
                continue
            try:
                await self._keep(parts, to, await self._copied(outgoing, to, parts))
            except (MessageGone, Refused, ValueError):
                await self._not_copied(outgoing)

    async def _agents_again(
        self, outgoing: Outgoing, to: Address, parts: Sequence[Passed], line: Screen
    ) -> None:
        """An agent's words are told; a file of theirs is copied from the driver's chat, where its copy is."""
        await self._sender.send(to, line, outgoing.priority)
        for part in parts:
            whole = part.said.kind == "text" and len(part.said.words or "") <= notices.LONGEST_LINE
            if whole or part.copy is None or part.copy_message is None:
                continue
            try:
                origin = Origin(part.copy, (part.copy_message,))
                await self._sender.copy(to, origin, outgoing.priority)
            except (MessageGone, Refused, ValueError):
                await self._not_copied(outgoing)

    async def has_copy(self, outgoing: Outgoing) -> bool:
        """Whether the message of the row has come to the other side."""
        passed = await self._services.database.read(lambda uow: uow.messages.at(*_source(outgoing)))
        return passed is not None and passed.copy_message is not None

    async def edit(self, outgoing: Outgoing, to: Address) -> str | None:
        """Has the copy read as the message does by now; one that is gone, or shows another file, is made anew."""

        def read(uow: UnitOfWork) -> tuple[Passed | None, list[Wording]]:
            passed = uow.messages.at(*_source(outgoing))
            return passed, [] if passed is None else uow.messages.wordings(passed)

        passed, wordings = await self._services.database.read(read)
        if passed is None or passed.copy is None or passed.copy_message is None:
            return None
        now = wordings[-1]
        if not passed.said.from_driver and (now.words or "").startswith(relay.INTERNAL):
            return "it is a note of the agents by now"
        if now.file_key != wordings[-2].file_key or passed.copy != to:
            return await self._anew(outgoing, to, passed)
        try:
            await self._sender.reword(passed.copy, passed.copy_message, now, outgoing.priority)
        except MessageGone:
            return await self._anew(outgoing, to, passed)
        except Refused as error:
            await self._not_copied(outgoing)
            return str(error)
        return None

    async def react(self, outgoing: Outgoing) -> str | None:
        """Shows on a message, or on its copy, what the other side thinks of it, or else that it arrived."""

        def read(uow: UnitOfWork) -> tuple[Passed | None, bool]:
            passed = uow.messages.at(*_source(outgoing))
            case = None if passed is None else uow.cases.get(passed.said.case_id)
            return passed, case is not None and case.state is CaseState.WAITING_AGENT

        passed, waits = await self._services.database.read(read)
        if passed is None or passed.copy is None or passed.copy_message is None:
            return None
        said = passed.said
        to, number, emoji = passed.copy, passed.copy_message, passed.reaction
        if not outgoing.params.get("on_copy"):
            arrived = WAITING if waits and said.from_driver else DELIVERED
            to, number, emoji = said.source, said.source_message, passed.reaction_back or arrived
        try:
            await self._sender.react(to, number, emoji)
        except (MessageGone, Refused, TopicGone, Unreachable) as error:
            return str(error)
        return None

    async def _copied(self, outgoing: Outgoing, to: Address, parts: Sequence[Passed]) -> list[int]:
        answers = await self._counterpart(parts, to)
        origin = Origin(parts[0].said.source, tuple(each.said.source_message for each in parts))
        if len(parts) == 1:
            return [await self._sender.copy(to, origin, outgoing.priority, answers)]
        media = [_media(each) for each in parts]
        if answers is None or None in media:
            return await self._sender.copy_album(to, origin, outgoing.priority)
        known = [each for each in media if each is not None]
        return await self._sender.send_album(to, known, outgoing.priority, answers)

    async def _counterpart(self, parts: Sequence[Passed], to: Address) -> int | None:
        """The number, over there, of the message that is answered."""
        said = next((each.said for each in parts if each.said.reply_to is not None), None)
        if said is None or said.reply_to is None:
            return None
        number = said.reply_to
        answered = await self._services.database.read(lambda uow: uow.messages.shown_at(said.source, number))
        return None if answered is None else number_in(answered, to)

    async def _anew(self, outgoing: Outgoing, to: Address, passed: Passed) -> str | None:
        """A copy of the message as it is by now, as an answer to the copy of what it was."""
        origin = Origin(passed.said.source, (passed.said.source_message,))
        try:
            made = await self._sender.copy(to, origin, outgoing.priority, passed.copy_message)
        except (MessageGone, Refused) as error:
            await self._not_copied(outgoing)
            return str(error)
        await self._keep([passed], to, [made])
        return None

    async def _keep(self, parts: Sequence[Passed], to: Address, made: Sequence[int]) -> None:
        """Where the copies are; whoever wrote sees on the message that it arrived."""

        def keep(uow: UnitOfWork) -> None:
            for part, number in zip(parts, made, strict=True):
                uow.messages.copied(part.said.source, part.said.source_message, to, number)
            once = f"copied:{made[0]}"
            telling.show_reaction(uow, self._services, parts[0].said, once, on_copy=False)

        await self._services.transact(keep)

    async def _parts(self, outgoing: Outgoing) -> list[Passed]:
        source, number = _source(outgoing)
        album, case_id = outgoing.params.get("album"), outgoing.case_id

        def read(uow: UnitOfWork) -> list[Passed]:
            if isinstance(album, str) and case_id is not None:
                return uow.messages.album(case_id, source, album)
            found = uow.messages.at(source, number)
            return [] if found is None else [found]

        return await self._services.database.read(read)

    async def _internal(self, parts: Sequence[Passed]) -> bool:
        """Whether agents keep it among themselves: one such caption is enough for an album."""

        def read(uow: UnitOfWork) -> bool:
            newest = [uow.messages.wordings(each)[-1].words or "" for each in parts]
            return any(words.startswith(relay.INTERNAL) for words in newest)

        return not parts[0].said.from_driver and await self._services.database.read(read)

    async def _retell(self, outgoing: Outgoing, to: Address, parts: Sequence[Passed]) -> str | None:
        """Passes on by another bot than the one that was written to, which happens where a bot has come or gone.

        A bot cannot copy from another's chat: words are told anew, and of all else the agents hear that it is there.
        """
        for part in parts:
            if not part.said.words:
                await self._not_copied(outgoing)
                return f"{to.channel} cannot copy from {part.said.source.channel}"
            made = await self._sender.send(to, notices.retold(part.said.words), outgoing.priority)
            await self._keep([part], to, [made])
        return None

    async def _not_copied(self, outgoing: Outgoing) -> None:
        def keep(uow: UnitOfWork) -> None:
            case = None if outgoing.case_id is None else uow.cases.get(outgoing.case_id)
            if case is not None:
                telling.tell_topic(uow, self._services, case, "not_copied", outgoing.dedupe_key)

        await self._services.transact(keep)


def _said_before(uow: UnitOfWork, case_id: int, to: Address) -> tuple[list[Passed], dict[int, str]]:
    """What was passed on before the case had this topic, and the names of who said it."""
    passed = [
        each
        for each in uow.messages.passed_of(case_id)
        if each.copy is not None and to not in {each.copy, each.said.source}
    ]
    return passed, {each.said.person_id: uow.people.get(each.said.person_id).name for each in passed}


def _source(outgoing: Outgoing) -> tuple[Address, int]:
    return Address.parse(str(outgoing.params["source"])), int(outgoing.params["message"] or 0)


def _media(part: Passed) -> Mapping[str, object] | None:
    """The part as Telegram's InputMedia; None where it cannot be sent by its file alone."""
    said = part.said
    if said.kind not in IN_ALBUMS or said.file is None:
        return None
    caption = {} if said.words is None else {"caption": said.words, "caption_entities": list(said.spans)}
    return {"type": said.kind, "media": said.file, **caption}
