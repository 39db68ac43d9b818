"""The stations of the sandbox, and what can befall each at one click."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.diagnosis.facts import LONG_AFTER
from bot.diagnosis.past import FLAPS
from bot.domain.status import ConnectorStatus
from bot.sandbox.scene_places import (
    FAIR,
    GARAGE,
    HOSPITAL,
    MALL,
    OPERA,
    PARK_AND_RIDE,
    STATION_SQUARE,
    Connector,
    Site,
    fast,
    slow,
)
from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.modes import OcppVersion

Deed = Mapping[str, object]
"""The JSON of a POST to a station's control, such as `{"do": "hang"}`."""


@dataclass(frozen=True, slots=True)
class Mood:
    """What one click does to a station: its label, what a newcomer should know of it, and the deeds in order."""

    label: str
    says: str
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class SceneStation:
    """A station as the scene sets it up; the first of its moods stands on its card, the others in its drawer."""

    id: str
    site: Site
    connectors: tuple[Connector, ...]
    moods: tuple[Mood, ...] = ()
    service_active: bool = True
    version: OcppVersion | None = OcppVersion.V16
    """None where the operator's back end speaks for it."""
    repaired_by_mail: bool = False
    """Whether its technician is not on Telegram."""

    @property
    def protocol(self) -> str:
        """What the page calls the way in which it is connected."""
        return f"OCPP {self.version}" if self.version else "OCPI"

    @property
    def password(self) -> str | None:
        """Of its Basic auth; a back end knows none."""
        return f"sandbox-{self.id.lower()}" if self.version else None

    @property
    def specs(self) -> list[ConnectorSpec]:
        """What the simulation builds."""
        return [ConnectorSpec(each.number, each.type, each.power_kw) for each in self.connectors]


def _fails(error_code: str, *, clears_on: str = "none", info: str | None = None) -> Deed:
    told = {} if info is None else {"info": info}
    return {"do": "fault", "connector": 1, "error_code": error_code, "clears_on": clears_on, **told}


_PAUSE_IS_LONG = round(LONG_AFTER[ConnectorStatus.SUSPENDED_EVSE].total_seconds() / 60)
_HUNG = "Charging controller does not respond"

CHARGES = Mood(
    "Charge a car",
    "All is well: a car is plugged in and charges.",
    ({"do": "start_charging", "connector": 1, "id_tag": "LENA-CARD"},),
)
PAUSES = Mood(
    "Pause and never go on",
    f"A car is plugged in, and the station gives it nothing. Load management does that, too: only after "
    f"{_PAUSE_IS_LONG} minutes does the bot call it stuck. Let time pass.",
    (
        {"do": "start_charging", "connector": 1, "id_tag": "LENA-CARD"},
        {"do": "set_status", "connector": 1, "status": "SuspendedEVSE"},
    ),
)
HANGS = Mood(
    "Let it hang",
    "Its computer hangs: it reports InternalError until it is restarted.",
    (_fails("InternalError", clears_on="soft_reset", info=_HUNG),),
)
HANGS_FOR_GOOD = Mood(
    "Hang for good",
    "Its computer hangs, and a restart does not help: it comes back as it was. A person takes over.",
    (_fails("InternalError", info=_HUNG),),
)
NEVER_BACK = Mood(
    "Never come back",
    "Its computer hangs and does not survive its restart: that is an escalation of its own.",
    (
        _fails("InternalError", clears_on="soft_reset", info=_HUNG),
        {"do": "fail_resets", "mode": "never_comes_back"},
    ),
)
LEAKS = Mood(
    "Ground fault",
    "Current leaks to ground: the bot locks the station out and calls a person.",
    (_fails("GroundFailure"),),
)
JAMS = Mood(
    "Jam the lock",
    "The lock holds the cable until an agent unlocks it from afar.",
    (_fails("ConnectorLockFailure", clears_on="unlock"),),
)
FLAPPING = Mood(
    "Loose contact",
    f"It falls into a fault and out of it {FLAPS} times and once more: no restart is offered for that.",
    ({"do": "flap", "connector": 1, "error_code": "InternalError", "times": FLAPS},),
)
CUT_OFF = Mood(
    "Cut the network", "It loses its network: it can neither be seen nor steered.", ({"do": "lose_network"},)
)
HIDES = Mood(
    "Hide a fault",
    "It says that it is free, but nothing charges: no telemetry shows this.",
    ({"do": "claim", "connector": 1, "status": "Available"},),
)
NO_SERVICE = Mood("Let it hang", "The support service is not active here.", ({"do": "hang"},))
OUT_OF_ORDER = Mood(
    "Put out of order",
    "Its operator's back end speaks for it: it tells that a point is out of order, but never why.",
    ({"do": "set_evse", "connector": 1, "status": "OUTOFORDER"},),
)

DARK = (
    "All stations of the site are dark at once: however many drivers report it, the hotline has one case. When the "
    "power returns, all of them hear of it."
)
"""What a newcomer should know before the power of a site is cut."""

STATIONS = (
    SceneStation("GRAZ-01", STATION_SQUARE, (fast(1, "0001"), fast(2, "0001")), (CHARGES, PAUSES)),
    SceneStation("GRAZ-02", STATION_SQUARE, (fast(1, "0002"),), (HANGS, HANGS_FOR_GOOD)),
    SceneStation("GRAZ-03", GARAGE, (slow(1, "0003"), slow(2, "0003")), (LEAKS,), version=OcppVersion.V201),
    *(SceneStation(f"GRAZ-{number}", GARAGE, (slow(1, f"00{number}"),)) for number in range(11, 16)),
    SceneStation("GRAZ-04", FAIR, (slow(1, "0004"),), (JAMS, FLAPPING), repaired_by_mail=True),
    SceneStation("GRAZ-05", MALL, (fast(1, "0005"),), (CUT_OFF, NEVER_BACK)),
    SceneStation("GRAZ-06", HOSPITAL, (fast(1, "0006"), slow(2, "0006")), (HIDES,), version=OcppVersion.V201),
    SceneStation("GRAZ-07", PARK_AND_RIDE, (slow(1, "0007"),), (NO_SERVICE,), service_active=False),
    SceneStation("GRAZ-08", OPERA, (fast(1, "0008"), slow(2, "0008")), (OUT_OF_ORDER,), version=None),
)


def at(site_id: str) -> list[SceneStation]:
    """The stations of a site; none where there is no such site."""
    return [station for station in STATIONS if station.site.id == site_id]
