"""An operator's file: checked as a whole, then taken over as a whole, and written in the same form."""

import tomllib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from zoneinfo import available_timezones

from babel.numbers import get_currency_precision
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.domain.case import Severity
from bot.domain.contact_details import EMAIL, PHONE
from bot.domain.escalation import Policy
from bot.domain.evse_id import EvseIdKind, normalise, parse
from bot.domain.operator import StickerLink
from bot.domain.policy_data import ALWAYS, policy_of
from bot.domain.refusal import Refusal
from bot.domain.rights import Entity, EntityTree, Right, Scope

_TOO_MUCH = 10**9


class OperatorFileError(Exception):
    """What is wrong with a file, one line per mistake; each names the line or the key."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=PHONE)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, pattern=EMAIL)]


class ContactTable(_Table):
    """A technician or a manager; at least one way to reach them."""

    name: Text
    phone: Phone | None = None
    email: Email | None = None
    telegram_id: int | None = None


class OperatorTable(_Table):
    """`[operator]`."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    name: Text
    country_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    party_id: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3}$")]
    time_zone: str
    language: Language
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    price_per_station_month: str
    hotline_phone: Phone
    manager: ContactTable | None = None
    pending_after_minutes: Minutes = 30
    offline_after_minutes: Minutes = 60
    languages: list[Language] = []
    sticker_link: StickerLink = StickerLink.BOT
    agent_takes_minutes: Minutes | None = None
    agent_takes_danger_minutes: Minutes | None = None

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone such as Europe/Vienna")
        return value

    @field_validator("price_per_station_month")
    @classmethod
    def _is_price(cls, value: str, info: ValidationInfo) -> str:
        try:
            price = Decimal(value)
        except InvalidOperation as error:
            raise ValueError('is not an amount such as "9.90"') from error
        if not price.is_finite() or price < 0:
            raise ValueError("is not an amount of zero or more")
        if price >= _TOO_MUCH:
            raise ValueError("is too much")
        digits = get_currency_precision(str(info.data.get("currency", "")))
        if price != round(price, digits):
            # What is charged is what is shown: a statement of rounded prices would not add up.
            raise ValueError(f"has more than the {digits} decimals of its currency")
        return value


class HotlineGroupTable(_Table):
    """`[[hotline.group]]`: one group of agents."""

    chat_id: Annotated[int, Field(lt=0)]
    languages: list[Language] = []
    """What its agents speak; left out: no limit."""
    title: Text | None = None


class HotlineTable(HotlineGroupTable):
    """`[hotline]`: the first group, and further ones."""

    group: list[HotlineGroupTable] = []

    @property
    def groups(self) -> list[HotlineGroupTable]:
        """All of them."""
        return [self, *self.group]


class EntityTable(_Table):
    """`[[entity]]`: a company below the operator, or below another one."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    name: Text
    parent: str | None = None


class GroupTable(_Table):
    """`[[group]]`."""

    name: Text
    scope: Scope
    rights: list[Right]


class PersonTable(_Table):
    """`[[person]]`."""

    telegram_id: Annotated[int, Field(gt=0)]
    name: Text
    email: Email | None = None
    groups: list[str] = []
    entity: str | None = None


class LocationTable(_Table):
    """`[[location]]`."""

    id: Text
    name: Text
    address: Text
    postal_code: Text
    city: Text
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class EvseTable(_Table):
    """`[[station.evse]]`."""

    evse_id: str
    connector: Annotated[int, Field(ge=1, le=100)]
    type: Text
    power_kw: Annotated[float, Field(gt=0, le=5000)]

    @field_validator("evse_id")
    @classmethod
    def _is_evse_id(cls, value: str) -> str:
        text = normalise(value)
        parsed = parse(text)
        if parsed is None or parsed.kind in {EvseIdKind.POOL, EvseIdKind.STATION}:
            raise ValueError("is not an EVSE ID such as AT*ABC*E0001*1")
        return text


class StationTable(_Table):
    """`[[station]]`."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=48)]
    location: str
    password: Annotated[str, StringConstraints(min_length=8, max_length=255)] | None = None
    service_active: bool | None = None
    """Left out: as it is; a new station has none."""
    technician: ContactTable | None = None
    security_profile: Annotated[int, Field(ge=0, le=3)] = 0
    pending_after_minutes: Minutes | None = None
    offline_after_minutes: Minutes | None = None
    entity: str | None = None
    directions: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] | None = None
    evse: list[EvseTable] = []


class LevelTable(_Table):
    """`[[policy.level]]`."""

    after_minutes: int | float = 0
    tell: list[str]


class PolicyTable(_Table):
    """`[[policy]]`: how cases of a severity escalate; of one that is not named, what is set stays."""

    severity: Severity
    hours: str | list[str] = ALWAYS
    repeat_minutes: int | float | None = None
    first_answer_minutes: int | float | None = None
    resolution_minutes: int | float | None = None
    warn_at: float = 0.8
    level: list[LevelTable]

    @property
    def policy(self) -> Policy:
        """What it says."""
        return policy_of(self.model_dump(mode="json", exclude_none=True))

    @model_validator(mode="after")
    def _is_policy(self) -> "PolicyTable":
        try:
            self.policy  # noqa: B018  # It is read to see whether it can be.
        except Refusal as refusal:
            given = "".join(f": {value!r}" for name, value in refusal.values.items() if name == "given")
            raise ValueError(
                f"cannot be followed ({refusal.key.removeprefix('policy.')}{given})"
            ) from refusal
        return self


class OperatorFile(_Table):
    """The whole file."""

    operator: OperatorTable
    hotline: HotlineTable | None = None
    entity: list[EntityTable] = []
    group: list[GroupTable] = []
    person: list[PersonTable] = []
    policy: list[PolicyTable] = []
    location: list[LocationTable] = []
    station: list[StationTable] = []


def read_operator_file(text: str) -> OperatorFile:
    """The file's content; OperatorFileError with every mistake that was found."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OperatorFileError([str(error)]) from error
    try:
        parsed = OperatorFile.model_validate(data)
    except ValidationError as error:
        raise OperatorFileError(
            [_mistake(each["loc"], each["msg"], data) for each in error.errors()]
        ) from error
    mistakes = [*_references(parsed), *_repetitions(parsed)]
    if mistakes:
        raise OperatorFileError(mistakes)
    return parsed


def _mistake(where: tuple[int | str, ...], what: str, data: Any) -> str:  # Any: it is what TOML holds.
    path = ""
    for part in where:
        data = _step(data, part)
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if path else str(part)
        if isinstance(part, int) and isinstance(data, dict):
            name = data.get("id") or data.get("name") or data.get("evse_id")
            path += f"({name})" if name else ""
    return f"{path}: {what.removeprefix('Value error, ')}"


def _step(data: Any, part: int | str) -> Any:  # Any: see above.
    if isinstance(data, dict):
        return data.get(part)
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return data[part]
    return None


def _references(parsed: OperatorFile) -> list[str]:
    locations = {location.id for location in parsed.location}
    groups = {group.name for group in parsed.group}
    lost = [
        f"station({station.id}).location: there is no location {station.location!r}"
        for station in parsed.station
        if station.location not in locations
    ]
    return (
        lost
        + _entities(parsed)
        + [
            f"person({person.name}).groups: there is no group {name!r}"
            for person in parsed.person
            for name in person.groups
            if name not in groups
        ]
    )


def _entities(parsed: OperatorFile) -> list[str]:
    tree = EntityTree(tuple(Entity(each.id, each.name, each.parent) for each in parsed.entity))
    known = {each.id for each in parsed.entity}
    named = [
        *((f"person({each.name}).entity", each.entity) for each in parsed.person),
        *((f"station({each.id}).entity", each.entity) for each in parsed.station),
    ]
    return [
        f"entity({each.id}).parent: {each.parent!r} is not a company above it"
        for each in tree.entities
        if not tree.allows(each)
    ] + [f"{where}: there is no entity {name!r}" for where, name in named if name and name not in known]


def _repetitions(parsed: OperatorFile) -> list[str]:
    mistakes = [
        *_twice("entity.id", [entity.id for entity in parsed.entity]),
        *_twice(
            "hotline.chat_id",
            [str(each.chat_id) for each in (parsed.hotline.groups if parsed.hotline is not None else [])],
        ),
        *_twice("group.name", [group.name for group in parsed.group]),
        *_twice("person.telegram_id", [str(person.telegram_id) for person in parsed.person]),
        *_twice("policy.severity", [policy.severity.value for policy in parsed.policy]),
        *_twice("location.id", [location.id for location in parsed.location]),
        *_twice("station.id", [station.id for station in parsed.station]),
        *_twice("station.evse.evse_id", [evse.evse_id for each in parsed.station for evse in each.evse]),
    ]
    for station in parsed.station:
        connectors = [str(evse.connector) for evse in station.evse]
        mistakes += _twice(f"station({station.id}).evse.connector", connectors)
    return mistakes


def _twice(key: str, values: list[str]) -> list[str]:
    return [f"{key}: {value!r} stands twice" for value in dict.fromkeys(values) if values.count(value) > 1]
