"""How an operator's hotline is set: its groups, its phone, what stickers speak and open, and how long anybody waits."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from bot.domain.operator import Contact, HotlineGroup, Operator, StickerLink
from bot.domain.privacy import masked_contact, sees_people
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting, changed
from storage.repositories.hotlines import Kept
from storage.uow import UnitOfWork

MOST_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Hotline:
    """The operator with what concerns its hotline; a contact that the person may not read is masked."""

    operator: Operator
    groups: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """The group is one of the operator's hotline; `new` is False where it was before."""

    operator: Operator
    new: bool


async def show(acting: Acting) -> Hotline:
    """How it is set; MissingRight without the right to the hotline."""

    def read(uow: UnitOfWork, who: Authority) -> Hotline:
        who.need(Right.HOTLINE)
        return _shown(uow, acting.operator(uow), who)

    return await acting.read(read)


async def set_phone(acting: Acting, phone: str) -> Hotline:
    """The number that drivers can call, checked before."""
    return await _change(acting, lambda operator: replace(operator, hotline_phone=phone))


async def set_waits(acting: Acting, text: str) -> Hotline:
    """Minutes until the next is told, usual and in danger, as somebody wrote them; Refusal where it is no pair."""
    parts = text.replace(",", " ").split()
    minutes = [int(part) for part in parts if part.isdecimal() and 1 <= int(part) <= MOST_MINUTES]
    if len(parts) != 2 or len(minutes) != 2:  # noqa: PLR2004  # Usual, and in danger.
        raise Refusal("hotline.number")
    usual, danger = minutes
    return await _change(
        acting,
        lambda operator: replace(operator, agent_takes_minutes=usual, agent_takes_danger_minutes=danger),
    )


async def set_languages(acting: Acting, languages: tuple[str, ...]) -> Hotline:
    """What stickers speak, the most important first; none: the operator's own language."""
    return await _change(acting, lambda operator: replace(operator, languages=languages))


async def set_manager(acting: Acting, contact: Contact) -> Hotline:
    """Who stands behind the agents."""
    return await _change(acting, lambda operator: replace(operator, manager=contact))


async def turn_link(acting: Acting) -> Hotline:
    """What stickers open: the other of the two."""
    other = {StickerLink.BOT: StickerLink.PAGE, StickerLink.PAGE: StickerLink.BOT}
    return await _change(
        acting, lambda operator: replace(operator, sticker_link=other[operator.sticker_link])
    )


async def link(acting: Acting, chat: int, title: str | None) -> Linked:
    """Makes a group one of the hotline's; Refusal where it is that of another operator.

    In one that is, the bot may have been refused until now: it is tried again.
    """

    def work(uow: UnitOfWork, who: Authority) -> Linked:
        who.need(Right.HOTLINE)
        uow.staff.hold(acting.operator_id)
        operator = acting.operator(uow)
        holder = uow.hotlines.holder(chat)
        if holder is not None and holder != operator.id:
            raise Refusal("hotline.taken")
        known = _find(uow, operator.id, chat)
        if known is not None:
            uow.hotlines.put(replace(known, title=title or known.title))
            return Linked(operator, new=False)
        group = HotlineGroup(operator.id, chat, title=title)
        uow.hotlines.put(group)
        acting.note(uow, "hotline.group_added", str(chat), None, _of(group))
        return Linked(operator, new=True)

    return await acting.commit(work)


async def name(acting: Acting, titles: Mapping[int, str]) -> Hotline:
    """Keeps what groups are called on Telegram, by their numbers; it changes nothing else, so it stands in no log."""

    def work(uow: UnitOfWork) -> None:
        uow.staff.hold(acting.operator_id)
        for each in uow.hotlines.of(acting.operator_id):
            if each.chat in titles:
                uow.hotlines.put(replace(each, title=titles[each.chat]))

    await acting.database.write(work)
    return await show(acting)


async def group(acting: Acting, chat: int) -> Kept:
    """One group with its open cases; Refusal `hotline.no_such_group` where the operator has none of that number."""

    def read(uow: UnitOfWork, who: Authority) -> Kept:
        who.need(Right.HOTLINE)
        return _kept(uow, acting.operator_id, chat)

    return await acting.read(read)


async def speak(acting: Acting, chat: int, language: str) -> Kept:
    """A group's agents speak one language more, or one less where they spoke it."""

    def work(uow: UnitOfWork, who: Authority) -> Kept:
        who.need(Right.HOTLINE)
        uow.staff.hold(acting.operator_id)
        before = _kept(uow, acting.operator_id, chat).group
        left = tuple(each for each in before.languages if each != language)
        more = left if language in before.languages else (*before.languages, language)
        after = replace(before, languages=more)
        uow.hotlines.put(after)
        acting.note(uow, "hotline.group_changed", str(chat), _of(before), _of(after))
        return _kept(uow, acting.operator_id, chat)

    return await acting.commit(work)


async def take_out(acting: Acting, chat: int) -> Hotline:
    """A group gets no new cases; those that are open there stay until they end. It may be gone already."""

    def work(uow: UnitOfWork, who: Authority) -> Hotline:
        who.need(Right.HOTLINE)
        uow.staff.hold(acting.operator_id)
        known = _find(uow, acting.operator_id, chat)
        if known is not None:
            uow.hotlines.drop(acting.operator_id, [chat])
            acting.note(uow, "hotline.group_taken_out", str(chat), _of(known), None)
        return _shown(uow, acting.operator(uow), who)

    return await acting.commit(work)


def _find(uow: UnitOfWork, operator_id: str, chat: int) -> HotlineGroup | None:
    return next((each for each in uow.hotlines.of(operator_id) if each.chat == chat), None)


def _kept(uow: UnitOfWork, operator_id: str, chat: int) -> Kept:
    found = next((each for each in uow.hotlines.kept(operator_id) if each.group.chat == chat), None)
    if found is None:
        raise Refusal("hotline.no_such_group")
    return found


def _of(group: HotlineGroup) -> dict[str, object]:
    return {"title": group.title, "languages": list(group.languages)}


async def _change(acting: Acting, change: Callable[[Operator], Operator]) -> Hotline:
    def work(uow: UnitOfWork, who: Authority) -> Hotline:
        who.need(Right.HOTLINE)
        # The operator is kept as a whole: two who change it at once must not undo each other.
        uow.staff.hold(acting.operator_id)
        before = acting.operator(uow)
        after = change(before)
        if after != before:
            _keep(uow, acting, before, after)
        return _shown(uow, after, who)

    return await acting.commit(work)


def _keep(uow: UnitOfWork, acting: Acting, before: Operator, after: Operator) -> None:
    uow.operators.put_operator(after)
    acting.note(uow, "hotline.changed", after.id, *changed(_said(before), _said(after)))


def _said(operator: Operator) -> dict[str, object]:
    return asdict(operator) | {
        "price_per_station_month": str(operator.price_per_station_month),
        "languages": list(operator.languages),
    }


def _shown(uow: UnitOfWork, operator: Operator, who: Authority) -> Hotline:
    groups = tuple(uow.hotlines.kept(operator.id))
    if operator.manager is None or sees_people(who):
        return Hotline(operator, groups)
    return Hotline(replace(operator, manager=masked_contact(operator.manager)), groups)
