"""Meter values of OCPP 1.6 (section 7.28) and 2.0.1 (section 2.24 of part 2): energy, power and state of charge."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.stations.ocpp.fields import Fields, decimal
from bot.stations.ocpp.frames import JsonObject

ENERGY = "Energy.Active.Import.Register"
"""The measurand that a sample has where it names none."""
POWER = "Power.Active.Import"
SOC = "SoC"
AT_BEGIN, AT_END = "Transaction.Begin", "Transaction.End"
"""The contexts of samples that were taken as a session began or ended."""
_THOUSANDS = frozenset({"kWh", "kW"})
_MOST_SOC = 100
_MOST = 2**31
"""A larger register is a broken one, and no column of the database holds it."""
_MOST_POWER_OF_TEN = 9


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


def read(fields: Fields, context: str | None = None) -> Reading:
    """The last samples in `meterValue`; where a context is given, those of that context alone."""
    found: dict[str, float] = {}
    for sample in fields.parts("meterValue"):
        found |= _measured(_of_context(sample.objects("sampledValue"), context))
    energy, soc = found.get(ENERGY), found.get(SOC)
    return Reading(
        energy_wh=None if energy is None or abs(energy) >= _MOST else round(energy),
        power_w=found.get(POWER),
        soc_percent=soc if soc is not None and 0 <= soc <= _MOST_SOC else None,
    )


def _of_context(samples: list[JsonObject], context: str | None) -> Iterator[JsonObject]:
    return (sample for sample in samples if context in {None, str(sample.get("context"))})


def _measured(samples: Iterator[JsonObject]) -> dict[str, float]:
    """Measurand to value in W, Wh or percent; phases are added up where no total is given."""
    totals: dict[str, float] = {}
    phases: dict[str, dict[str, float]] = {}
    for sample in samples:
        measurand = str(sample.get("measurand") or ENERGY)
        value = decimal(sample.get("value"))
        if measurand not in {ENERGY, POWER, SOC} or value is None:
            continue
        value *= _factor(sample)
        phase = sample.get("phase")
        if phase is None:
            totals[measurand] = value
        else:
            phases.setdefault(measurand, {})[str(phase)] = value
    return {measurand: sum(parts.values()) for measurand, parts in phases.items()} | totals


def _factor(sample: JsonObject) -> float:
    """What makes W, Wh or percent of the value: OCPP 2.0.1 gives a power of ten beside the unit."""
    measure = sample.get("unitOfMeasure")
    if not isinstance(measure, dict):
        return 1000.0 if str(sample.get("unit")) in _THOUSANDS else 1.0
    exponent = decimal(measure.get("multiplier")) or 0.0
    if abs(exponent) > _MOST_POWER_OF_TEN:
        exponent = 0.0
    return float(10.0 ** round(exponent)) * (1000.0 if str(measure.get("unit")) in _THOUSANDS else 1.0)
