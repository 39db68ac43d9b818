"""Which group of agents has a case: chosen when it is escalated, by language and load, and kept with it."""

from dataclasses import replace

from bot.cases.services import Services
from bot.domain.case import Case
from bot.domain.hotline import Load, choose
from bot.domain.operator import HotlineGroup
from bot.domain.outgoing import Outgoing, OutgoingKind, Priority
from bot.domain.people import Address
from storage.repositories.hotlines import Kept
from storage.uow import UnitOfWork


def give(uow: UnitOfWork, services: Services, case: Case) -> Case:
    """The case with a group of its operator, kept in this transaction; as it was where the operator has none.

    A group that it has already stays, unless it was taken out or the bot may not work in it.
    """
    kept = uow.hotlines.kept(case.operator_id)
    fit = [each for each in kept if not shut(services, each)] or kept
    if not fit or case.group_chat in {each.group.chat for each in fit}:
        return case
    return into(uow, services, case, fit)


def to_open_in(uow: UnitOfWork, services: Services, case: Case) -> Address | None:
    """The group in which the topic of a case is to be opened; None where its operator has no group."""
    if not uow.hotlines.of(case.operator_id):
        return None
    # Another process may have given it one since it was read.
    chat = give(uow, services, uow.cases.get(case.id) or case).group_chat
    return None if chat is None else services.accounts.of(case.operator_id).address(chat)


def into(uow: UnitOfWork, services: Services, case: Case, fit: list[Kept]) -> Case:
    """Gives the case to one of these groups; what was said in the topic that it had is told again there."""
    chosen = _chosen(uow, case, fit)
    uow.cases.set_group(case.id, chosen.chat)
    now = services.now()
    uow.cases.note(case.id, now, "group", chat=str(chosen.chat))
    if case.topic is not None:
        key = f"retell:{case.id}:{chosen.chat}:{now.timestamp()}"
        lane = f"case:{case.id}"
        retell = Outgoing(OutgoingKind.RETELL, lane, lane, key, case.id, priority=Priority.ESCALATION)
        uow.outbox.put(retell, now)
    return replace(case, group_chat=chosen.chat, topic=None, card_message=None)


def _chosen(uow: UnitOfWork, case: Case, fit: list[Kept]) -> HotlineGroup:
    driver, operator = uow.people.get(case.driver_id), uow.operators.get(case.operator_id)
    language = driver.language or ("" if operator is None else operator.language)
    chosen = choose([Load(each.group, each.cases) for each in fit], language)
    if chosen is None:
        raise LookupError(f"no group for case {case.id}")
    return chosen


def shut(services: Services, kept: Kept) -> bool:
    """Whether the bot could not work in the group not long ago."""
    return kept.shut_at is not None and services.now() - kept.shut_at < services.limits.group_is_shut_for
