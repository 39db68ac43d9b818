"""Taking an operator's file over."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.clock import Clock, utc_now
from bot.domain.escalation import Policy
from bot.domain.evse_id import compact
from bot.domain.operator import (
    Contact,
    Evse,
    Group,
    HotlineGroup,
    Location,
    Member,
    Operator,
    Station,
)
from bot.domain.refusal import Refusal
from bot.domain.rights import Entity
from bot.domain.service import Cause, ServiceChange
from bot.operations.operator_file import (
    ContactTable,
    OperatorFile,
    OperatorFileError,
    StationTable,
)
from bot.operations.powers import Authorities, still_managed
from storage.database import Database
from storage.repositories.audit import Act
from storage.uow import UnitOfWork

_GROUP = "hotline group"
Named = Operator | HotlineGroup | Entity | Group | Member | Policy | Location | Station


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that a file brings, or takes away; equal entries make no change."""

    what: str
    name: str
    fields: tuple[str, ...]
    new: bool


async def apply(
    database: Database, file: OperatorFile, *, dry_run: bool = False, clock: Clock = utc_now
) -> list[Change]:
    """Takes the file over in one transaction, or only says what that would change.

    OperatorFileError, with nothing changed, where a station or an EVSE belongs to another operator, or where the
    currency would change while there are stations that are charged in it, or where nobody would be left who can grant
    rights everywhere.
    """

    def work(uow: UnitOfWork) -> list[Change]:
        mistakes = [*_foreign(uow, file), *_other_currency(uow, file)]
        if mistakes:
            raise OperatorFileError(mistakes)
        wanted = list(_entries(uow, file))
        changes = [
            change for kind, entry in wanted if (change := _change(uow, file, kind, entry)) is not None
        ]
        gone = _groups_left_out(uow, file)
        changes += [Change(_GROUP, f"{chat} (taken out)", (), new=False) for chat in gone]
        if not dry_run:
            uow.staff.hold(file.operator.id)
            before = uow.staff.authorities(file.operator.id)
            _switch(uow, file, clock())
            for _, entry in wanted:
                _put(uow, file.operator.id, entry)
            uow.hotlines.drop(file.operator.id, gone)
            _still_managed(before, uow.staff.authorities(file.operator.id))
            _note(uow, file.operator.id, changes, clock())
        return changes

    return await database.write(work)


def _still_managed(before: Authorities, after: Authorities) -> None:
    try:
        still_managed(before, after)
    except Refusal as refusal:
        raise OperatorFileError(
            ["group: nobody would be left who can grant rights everywhere (users.groups, scope instance)"]
        ) from refusal


def _switch(uow: UnitOfWork, file: OperatorFile, now: datetime) -> None:
    """What the file switches on or off stands in the history of the service, by which it is charged."""
    operator = _operator(file)
    for station in file.station:
        active = _active(uow, station)
        known = uow.operators.station(station.id)
        if active is not (known is not None and known.service_active):
            price, currency = operator.price_per_station_month, operator.currency
            change = ServiceChange(station.id, now, active, price, currency, Cause.FILE)
            uow.operators.put_operator(operator)
            uow.service.note(operator.id, change)


def _note(uow: UnitOfWork, operator_id: str, changes: Iterable[Change], now: datetime) -> None:
    for change in changes:
        fields = {"new": change.new, "fields": list(change.fields)}
        # A person is named by their account here, as not everybody who reads the log may see names.
        name = change.name.partition(" ")[0] if change.what == "person" else change.name
        uow.audit.note(operator_id, Act(now, None, "file.applied", f"{change.what} {name}", None, fields))


def _active(uow: UnitOfWork, table: StationTable) -> bool:
    """Whether the file wants the service on; where it does not say so, what the admins chose stays."""
    if table.service_active is not None:
        return table.service_active
    known = uow.operators.station(table.id)
    return known is not None and known.service_active


def _entries(uow: UnitOfWork, file: OperatorFile) -> Iterable[tuple[str, Named]]:
    yield "operator", _operator(file)
    known = {each.chat: each.title for each in uow.hotlines.of(file.operator.id)}
    for hotline in [] if file.hotline is None else file.hotline.groups:
        title = hotline.title or known.get(hotline.chat_id)
        languages = tuple(hotline.languages)
        yield _GROUP, HotlineGroup(file.operator.id, hotline.chat_id, languages, title)
    for entity in file.entity:
        yield "entity", Entity(entity.id, entity.name, entity.parent)
    for group in file.group:
        yield "group", Group(group.name, group.scope, frozenset(group.rights))
    for person in file.person:
        groups = tuple(sorted(set(person.groups)))
        yield "person", Member(person.telegram_id, person.name, person.email, groups, person.entity)
    for policy in file.policy:
        yield "policy", policy.policy
    for location in file.location:
        yield "location", Location(**location.model_dump())
    for station in file.station:
        yield "station", _station(file.operator.id, station, active=_active(uow, station))


def _operator(file: OperatorFile) -> Operator:
    table = file.operator
    values = table.model_dump(exclude={"manager", "price_per_station_month", "languages"})
    return Operator(
        **values,
        price_per_station_month=Decimal(table.price_per_station_month),
        manager=_contact(table.manager),
        languages=tuple(table.languages),
    )


def _station(operator_id: str, table: StationTable, *, active: bool) -> Station:
    evses = tuple(
        Evse(evse.evse_id, table.id, evse.connector, evse.type, evse.power_kw)
        for evse in sorted(table.evse, key=lambda each: (each.connector, each.evse_id))
    )
    return Station(
        table.id,
        operator_id,
        table.location,
        active,
        evses,
        _contact(table.technician),
        table.password,
        table.security_profile,
        table.pending_after_minutes,
        table.offline_after_minutes,
        table.entity,
        table.directions,
    )


def _contact(table: ContactTable | None) -> Contact | None:
    return None if table is None else Contact(**table.model_dump())


def _foreign(uow: UnitOfWork, file: OperatorFile) -> list[str]:
    mistakes = []
    for station in file.station:
        known = uow.operators.station(station.id)
        if known is not None and known.operator_id != file.operator.id:
            mistakes.append(f"station({station.id}): belongs to another operator")
        for evse in station.evse:
            place = uow.operators.place(evse.evse_id)
            ours = {each.id for each in file.station}
            if place is not None and place.operator.id != file.operator.id:
                mistakes.append(f"station({station.id}).evse({evse.evse_id}): belongs to another operator")
            elif place is not None and place.station.id != station.id and place.station.id not in ours:
                mistakes.append(
                    f"station({station.id}).evse({evse.evse_id}): is at station {place.station.id} already"
                )
    return mistakes


def _other_currency(uow: UnitOfWork, file: OperatorFile) -> list[str]:
    """A month has one sum, so that it is charged in one currency."""
    known = uow.operators.get(file.operator.id)
    if known is None or known.currency == file.operator.currency:
        return []
    active = [each.id for each in uow.service.all(known.id) if each.active]
    if not active:
        return []
    return [
        f"operator.currency: {known.currency} cannot be changed while stations have the service ({len(active)} of them)"
    ]


def _change(uow: UnitOfWork, file: OperatorFile, what: str, entry: Named) -> Change | None:
    before = _known(uow, file.operator.id, entry)
    if before == entry:
        return None
    old = {} if before is None else asdict(before)
    fields = tuple(
        key for key, value in asdict(entry).items() if before is not None and old.get(key) != value
    )
    return Change(what, _name(entry), fields, before is None)


def _name(entry: Named) -> str:
    match entry:
        case Member():
            return f"{entry.telegram_id} ({entry.name})"
        case Group():
            return entry.name
        case HotlineGroup():
            return str(entry.chat)
        case Policy():
            return entry.severity.value
        case _:
            return entry.id


def _known(uow: UnitOfWork, operator_id: str, entry: Named) -> Named | None:
    match entry:
        case Operator():
            return uow.operators.get(entry.id)
        case HotlineGroup():
            return next((each for each in uow.hotlines.of(operator_id) if each.chat == entry.chat), None)
        case Group():
            return next((each for each in uow.staff.groups(operator_id) if each.name == entry.name), None)
        case Member():
            members = uow.staff.members(operator_id)
            return next((each for each in members if each.telegram_id == entry.telegram_id), None)
        case Entity():
            return uow.staff.tree(operator_id).get(entry.id)
        case Policy():
            return uow.escalations.policy(operator_id, entry.severity)
        case Location():
            return next((each for each in uow.operators.locations(operator_id) if each.id == entry.id), None)
        case Station():
            return uow.operators.station(entry.id)


def _put(uow: UnitOfWork, operator_id: str, entry: Named) -> None:
    match entry:
        case Operator():
            uow.operators.put_operator(entry)
        case HotlineGroup():
            uow.hotlines.put(entry)
        case Entity():
            uow.staff.put_entity(operator_id, entry)
        case Group():
            uow.staff.put_group(operator_id, entry)
        case Member():
            uow.staff.put_member(operator_id, entry)
        case Policy():
            uow.escalations.put_policy(operator_id, entry)
        case Location():
            uow.operators.put_location(operator_id, entry)
        case Station():
            uow.operators.put_station(entry, {evse.evse_id: compact(evse.evse_id) for evse in entry.evses})


def _groups_left_out(uow: UnitOfWork, file: OperatorFile) -> list[int]:
    """The groups of agents that the operator has and the file does not name."""
    named = set() if file.hotline is None else {each.chat_id for each in file.hotline.groups}
    return [each.chat for each in uow.hotlines.of(file.operator.id) if each.chat not in named]
