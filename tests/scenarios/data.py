"""Scenarios as data: one table for each situation, read strictly, so that a misspelt key is not just ignored.

Each `*.toml` file beside this module holds `[[scenario]]` tables:

id, says, source    its name, the situation in one sentence, and where it comes from: a row of the reference, or the
                    address of a public case
station             vendor, model, firmware; `protocol` (ocpp1.6, ocpp2.0.1 or ocpi, 1.6 where none is named);
                    `connectors` (2); `since`, the seconds before the report at which it connected, booted and called
                    all its connectors available (two hours); `boots = false` where it says nothing by itself
messages            in the order of time, each `[seconds before the report, what, payload]`. `what` is an action of OCPP
                    with its payload as the station sends it, or "leaves", "connects", "falls_silent". In payloads
                    "$now" is the present time as the station writes it, "$session" the number of its last session.
                    With `protocol = "ocpi"` it is "EVSE" (connector, status), "SESSION" (connector) or "falls_silent"
neighbours          other stations of the site, each with `station` and `messages` as above
earlier             reports of other drivers before: `before`, `symptom`, `connector` (1), `words`; `same_driver`;
                    `accepts`, a remedy that the driver accepted then; `settled` where an agent has closed the case
report              `connector` (1), `symptom` (none where the words alone tell), `words`, one message each
expected            `verdict`, `class`, `severity`, and `route`: "agent_at_once" where a person is called without being
                    asked for, "ladder:" and its name for each step of the ladder that the driver is offered, the single
                    remote remedies offered in their order, "technician" where the verdict asks for one
never               remote commands that must not reach the station, by whomever: their names, or "resets",
                    "energising", "everything" (all but taking it out of use)
reaches             remote commands that an agent must be able to send all the same
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.ladder import StepName
from bot.domain.remote_action import ACTION_RULES, ALLOWED_WHEN_LOCKED_OUT, RESETS, RemoteCommand
from bot.domain.report import Symptom

FOLDER = Path(__file__).parent
OCPP16, OCPP201, OCPI = "ocpp1.6", "ocpp2.0.1", "ocpi"
LEAVES, CONNECTS, FALLS_SILENT = "leaves", "connects", "falls_silent"
AGENT_AT_ONCE, TECHNICIAN = "agent_at_once", "technician"
LADDER = "ladder:"
LOCKED_OUT = "D"
"""The class in which nothing may be sent but what takes the station out of use."""
GROUPS: dict[str, frozenset[RemoteCommand]] = {
    "resets": RESETS,
    "energising": frozenset(each for each, rule in ACTION_RULES.items() if rule.energising),
    "everything": frozenset(RemoteCommand) - ALLOWED_WHEN_LOCKED_OUT,
}
_TWO_HOURS = 7200.0
_MESSAGE = 3

Payload = dict[str, object]


class BadScenario(ValueError):
    """A table cannot be read; the text names the scenario and the key."""


@dataclass(frozen=True, slots=True)
class Station:
    """What a station is."""

    vendor: str
    model: str
    firmware: str
    protocol: str
    connectors: int
    since: float
    boots: bool


@dataclass(frozen=True, slots=True)
class Message:
    """Something that a station does, `before` seconds before the report."""

    before: float
    what: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Actor:
    """A station and what it does."""

    station: Station
    messages: tuple[Message, ...]

    @property
    def falls_silent(self) -> bool:
        """Whether it stops answering at some time."""
        return any(message.what == FALLS_SILENT for message in self.messages)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A report before, and the remedy that its driver accepted."""

    before: float
    symptom: Symptom
    connector: int
    same_driver: bool
    accepts: RemoteCommand | None
    words: tuple[str, ...]
    settled: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What the driver says."""

    connector: int
    symptom: Symptom | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of it."""

    verdict: str
    action_class: str
    severity: str
    route: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One situation."""

    id: str
    says: str
    source: str
    theme: str
    actor: Actor
    neighbours: tuple[Actor, ...]
    earlier: tuple[Earlier, ...]
    report: Report
    expected: Expected
    never: frozenset[RemoteCommand]
    reaches: frozenset[RemoteCommand]

    @property
    def real(self) -> bool:
        """Whether it is a public case, and no row of the reference."""
        return self.source.startswith(("https://", "http://"))


def load() -> tuple[Scenario, ...]:
    """All scenarios, by file and in the order of each; BadScenario for the first that cannot be read."""
    found = [scenario for path in sorted(FOLDER.glob("*.toml")) for scenario in _read(path)]
    ids = [scenario.id for scenario in found]
    for name in ids:
        if ids.count(name) > 1:
            raise BadScenario(f"{name}: this id stands twice")
    return tuple(found)


def _read(path: Path) -> Iterable[Scenario]:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    if set(document) != {"scenario"}:
        raise BadScenario(f"{path.name}: must hold [[scenario]] tables and nothing else")
    return [
        _scenario(_Table(table, f"{path.stem}/{table.get('id')}"), path) for table in document["scenario"]
    ]


class _Table:
    """A table whose keys are taken one by one; what is left at the end is unknown."""

    def __init__(self, values: object, name: str) -> None:
        if not isinstance(values, Mapping):
            raise BadScenario(f"{name}: not a table")
        self._values = dict(values)
        self.name = name

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str) or not value:
            raise BadScenario(f"{self.name}.{key}: must be a text")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadScenario(f"{self.name}.{key}: must be a number")
        return float(value)

    def yes(self, key: str, *, default: bool) -> bool:
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise BadScenario(f"{self.name}.{key}: must be true or false")
        return value

    def list(self, key: str) -> list[object]:
        value = self._take(key, [])
        if not isinstance(value, list):
            raise BadScenario(f"{self.name}.{key}: must be a list")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(str(each) for each in self.list(key))

    def table(self, key: str, *, needed: bool = True) -> "_Table":
        return _Table(self._take(key, None if needed else {}), f"{self.name}.{key}")

    def has(self, key: str) -> bool:
        return key in self._values

    def end(self) -> None:
        if self._values:
            raise BadScenario(f"{self.name}: unknown keys {', '.join(sorted(self._values))}")

    def _take(self, key: str, default: object) -> object:
        value = self._values.pop(key, default)
        if value is None:
            raise BadScenario(f"{self.name}.{key}: is missing")
        return value


def _scenario(table: _Table, path: Path) -> Scenario:
    found = Scenario(
        id=table.text("id"),
        says=table.text("says"),
        source=table.text("source"),
        theme=path.stem,
        actor=_actor(table),
        neighbours=tuple(_neighbour(each, table.name) for each in table.list("neighbours")),
        earlier=tuple(_earlier(_Table(each, f"{table.name}.earlier")) for each in table.list("earlier")),
        report=_report(table.table("report")),
        expected=_expected(table.table("expected")),
        never=_commands(table, "never"),
        reaches=_commands(table, "reaches"),
    )
    table.end()
    return found


def _actor(table: _Table) -> Actor:
    station = _station(table.table("station", needed=False))
    return Actor(station, tuple(_message(each, table.name) for each in table.list("messages")))


def _neighbour(values: object, name: str) -> Actor:
    table = _Table(values, f"{name}.neighbours")
    actor = _actor(table)
    table.end()
    return actor


def _station(table: _Table) -> Station:
    protocol = table.text("protocol", OCPP16)
    if protocol not in {OCPP16, OCPP201, OCPI}:
        raise BadScenario(f"{table.name}.protocol: {protocol!r} is none that is known")
    found = Station(
        table.text("vendor", "Alpitronic"),
        table.text("model", "HYC300"),
        table.text("firmware", "2.5.1"),
        protocol,
        int(table.number("connectors", 2)),
        table.number("since", _TWO_HOURS),
        table.yes("boots", default=True),
    )
    table.end()
    return found


def _message(values: object, name: str) -> Message:
    if not isinstance(values, list) or not 1 < len(values) <= _MESSAGE or not isinstance(values[1], str):
        raise BadScenario(f"{name}.messages: each is [seconds before, what, payload]")
    before, what, payload = (*values, {})[:_MESSAGE]
    if not isinstance(before, int | float) or not isinstance(payload, dict):
        raise BadScenario(f"{name}.messages: {what}: each is [seconds before, what, payload]")
    return Message(float(before), what, payload)


def _earlier(table: _Table) -> Earlier:
    accepts = RemoteCommand(table.text("accepts")) if table.has("accepts") else None
    found = Earlier(
        table.number("before"),
        Symptom(table.text("symptom", Symptom.WILL_NOT_START.value)),
        int(table.number("connector", 1)),
        table.yes("same_driver", default=False),
        accepts,
        table.texts("words"),
        table.yes("settled", default=False),
    )
    table.end()
    return found


def _report(table: _Table) -> Report:
    symptom = Symptom(table.text("symptom")) if table.has("symptom") else None
    found = Report(int(table.number("connector", 1)), symptom, table.texts("words"))
    table.end()
    if symptom is None and not found.words:
        raise BadScenario(f"{table.name}: neither a symptom nor words")
    return found


def _expected(table: _Table) -> Expected:
    route = table.texts("route")
    for step in route:
        if step not in {AGENT_AT_ONCE, TECHNICIAN, *RemoteCommand, *(f"{LADDER}{name}" for name in StepName)}:
            raise BadScenario(f"{table.name}.route: {step!r} is no step")
    found = Expected(table.text("verdict"), table.text("class"), table.text("severity"), route)
    table.end()
    return found


def _commands(table: _Table, key: str) -> frozenset[RemoteCommand]:
    names = table.texts(key)
    commands = [GROUPS[name] if name in GROUPS else frozenset({RemoteCommand(name)}) for name in names]
    return frozenset[RemoteCommand]().union(*commands)
