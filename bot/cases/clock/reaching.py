"""From the targets of a policy to people: who they are at this moment, and how they are told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.cases.agents import duty
from bot.cases.services import Services
from bot.cases.telling import mention, tell_agent, tell_staff
from bot.domain.case import Case
from bot.domain.escalation import Target, TargetKind
from bot.domain.operator import Contact
from bot.domain.outgoing import Param
from bot.domain.rights import Right
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Reached:
    """Who is to be told: agents in private, others such as technicians, and all agents in the topic."""

    agents: tuple[Colleague, ...] = ()
    others: tuple[Contact, ...] = ()
    everybody: bool = False

    @property
    def nobody(self) -> bool:
        """Whether there is none to tell."""
        return not (self.agents or self.others or self.everybody)

    @property
    def names(self) -> str:
        """The names of those who are no agents."""
        return ", ".join(each.name for each in self.others)

    @property
    def mentions(self) -> str:
        """The agents, as a notice calls them."""
        return "\n".join(mention(each) for each in self.agents if each.telegram_id is not None)

    def with_others(self, contacts: Iterable[Contact]) -> "Reached":
        """These, and others besides; who is told as an agent is not told twice."""
        known = {_who(each.contact) for each in self.agents}
        left = {_who(each): each for each in (*self.others, *contacts) if _who(each) not in known}
        return replace(self, others=tuple(left.values()))


def reach(uow: UnitOfWork, services: Services, case: Case, targets: Iterable[Target]) -> Reached:
    """The people behind the targets at this moment, each once."""
    wanted = tuple(targets)
    agents: dict[int, Colleague] = {}
    others: list[Contact] = []
    for target in wanted:
        match target.kind:
            case TargetKind.ON_CALL:
                on_call = duty.on_call(uow, case.operator_id, services.now(), target.layer)
                agents |= {each.person_id: each for each in on_call}
            case TargetKind.TECHNICIAN:
                others += technician(uow, case)
            case TargetKind.MANAGER:
                others += manager(uow, case)
            case TargetKind.EMAIL:
                others.append(Contact(target.address or "", email=target.address))
            case TargetKind.ALL_AGENTS:
                pass
    everybody = any(target.kind is TargetKind.ALL_AGENTS for target in wanted) and bool(
        duty.agents(uow, case.operator_id)
    )
    return Reached(tuple(agents.values()), everybody=everybody).with_others(others)


def technician(uow: UnitOfWork, case: Case) -> list[Contact]:
    """Who goes to the case's station; where nobody does, who stands behind the agents."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    if place is not None and place.station.technician is not None:
        return [place.station.technician]
    return manager(uow, case)


def manager(uow: UnitOfWork, case: Case) -> list[Contact]:
    """The operator's manager; where it has none, its admins."""
    operator = uow.operators.get(case.operator_id)
    if operator is not None and operator.manager is not None:
        return [operator.manager]
    return admins(uow, case)


def admins(uow: UnitOfWork, case: Case) -> list[Contact]:
    """Those who manage the operator's people."""
    return [each.contact for each in uow.staff.who_may(case.operator_id, Right.USERS_MANAGE)]


def tell(
    uow: UnitOfWork, services: Services, case: Case, to: Reached, notice: tuple[str, str], **params: Param
) -> None:
    """Tells each of them in private; `notice` is its name, and what tells its repetitions apart."""
    name, once = notice
    for agent in to.agents:
        if agent.telegram_id is None:
            tell_staff(uow, services, case, agent.contact, name, once, **params)
        else:
            tell_agent(uow, services, case, agent, name, once, **params)
    for contact in to.others:
        tell_staff(uow, services, case, contact, name, once, **params)


def _who(contact: Contact) -> str:
    return str(contact.telegram_id or contact.email or contact.name)
