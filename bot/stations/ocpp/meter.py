"""Meter values of OCPP 1.6 (section 7.28 and following): energy, power and state of charge out of samples."""

from dataclasses import dataclass

from bot.stations.ocpp.fields import Fields, decimal
from bot.stations.ocpp.frames import JsonObject

ENERGY = "Energy.Active.Import.Register"
"""The measurand that a sample has where it names none."""
POWER = "Power.Active.Import"
SOC = "SoC"
_THOUSANDS = frozenset({"kWh", "kW"})
_MOST_SOC = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message measured: the meter's register in Wh, the power in W, the car's charge in percent."""

    energy_wh: int | None
    power_w: float | None
    soc_percent: float | None

    @property
    def empty(self) -> bool:
        """Whether nothing that we keep was measured."""
        return self.energy_wh is None and self.power_w is None and self.soc_percent is None


def read(fields: Fields) -> Reading:
    """The last samples of a MeterValues message."""
    found: dict[str, float] = {}
    for sample in fields.objects("meterValue"):
        found |= _measured(Fields(sample, fields.oddities).objects("sampledValue"))
    energy, soc = found.get(ENERGY), found.get(SOC)
    return Reading(
        energy_wh=None if energy is None else round(energy),
        power_w=found.get(POWER),
        soc_percent=soc if soc is not None and 0 <= soc <= _MOST_SOC else None,
    )


def _measured(samples: list[JsonObject]) -> dict[str, float]:
    """Measurand to value in W, Wh or percent; phases are added up where no total is given."""
    totals: dict[str, float] = {}
    phases: dict[str, dict[str, float]] = {}
    for sample in samples:
        measurand = str(sample.get("measurand") or ENERGY)
        value = decimal(sample.get("value"))
        if measurand not in {ENERGY, POWER, SOC} or value is None:
            continue
        value *= 1000 if sample.get("unit") in _THOUSANDS else 1
        phase = sample.get("phase")
        if phase is None:
            totals[measurand] = value
        else:
            phases.setdefault(measurand, {})[str(phase)] = value
    return {measurand: sum(parts.values()) for measurand, parts in phases.items()} | totals
