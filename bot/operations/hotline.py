"""How an operator's hotline is set: its group, its phone, what stickers speak and open, and how long anybody waits."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from bot.domain.operator import Contact, Operator, StickerLink
from bot.domain.privacy import masked_contact, sees_people
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting, changed
from storage.uow import UnitOfWork

MOST_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Hotline:
    """The operator with what concerns its hotline; a contact that the person may not read is masked."""

    operator: Operator


@dataclass(frozen=True, slots=True)
class Linked:
    """The group is the operator's hotline; `new` is False where it was before."""

    operator: Operator
    new: bool


async def show(acting: Acting) -> Hotline:
    """How it is set; MissingRight without the right to the hotline."""

    def read(uow: UnitOfWork, who: Authority) -> Hotline:
        who.need(Right.HOTLINE)
        return _shown(acting.operator(uow), who)

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


async def link(acting: Acting, chat: int) -> Linked:
    """Makes a group the hotline; Refusal where it is that of another operator."""

    def work(uow: UnitOfWork, who: Authority) -> Linked:
        who.need(Right.HOTLINE)
        uow.staff.hold(acting.operator_id)
        operator = acting.operator(uow)
        holder = uow.operators.of_hotline(chat)
        if holder is not None and holder.id != operator.id:
            raise Refusal("hotline.taken")
        if holder is not None:
            return Linked(operator, new=False)
        after = replace(operator, hotline_chat=chat)
        _keep(uow, acting, operator, after)
        return Linked(after, new=True)

    return await acting.commit(work)


async def unlink(acting: Acting) -> Hotline:
    """The operator has no group any more; its open topics stay where they are."""
    return await _change(acting, lambda operator: replace(operator, hotline_chat=None))


async def _change(acting: Acting, change: Callable[[Operator], Operator]) -> Hotline:
    def work(uow: UnitOfWork, who: Authority) -> Hotline:
        who.need(Right.HOTLINE)
        # The operator is kept as a whole: two who change it at once must not undo each other.
        uow.staff.hold(acting.operator_id)
        before = acting.operator(uow)
        after = change(before)
        if after != before:
            _keep(uow, acting, before, after)
        return _shown(after, who)

    return await acting.commit(work)


def _keep(uow: UnitOfWork, acting: Acting, before: Operator, after: Operator) -> None:
    uow.operators.put_operator(after)
    acting.note(uow, "hotline.changed", after.id, *changed(_said(before), _said(after)))


def _said(operator: Operator) -> dict[str, object]:
    return asdict(operator) | {
        "price_per_station_month": str(operator.price_per_station_month),
        "languages": list(operator.languages),
    }


def _shown(operator: Operator, who: Authority) -> Hotline:
    if operator.manager is None or sees_people(who):
        return Hotline(operator)
    return Hotline(replace(operator, manager=masked_contact(operator.manager)))
