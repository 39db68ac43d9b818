"""What a technician takes along for a verdict, and what they must know before they touch anything."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("repair.toml")


@dataclass(frozen=True, slots=True)
class Repair:
    """Keys of the texts `part` and `safety`, in the order in which they are read."""

    parts: tuple[str, ...] = ()
    safety: tuple[str, ...] = ()


@cache
def repairs() -> Mapping[str, Repair]:
    """What there is to say, by verdict; a verdict that is not among them needs nothing but the usual tools."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        verdict: Repair(tuple(entry["parts"]), tuple(entry.get("safety", ())))
        for verdict, entry in found.items()
    }


def repair_of(verdict: str | None, action_class: str | None) -> Repair:
    """The same for a case. Of class D the station is locked out, which comes before all else."""
    found = repairs().get(verdict or "", Repair())
    if action_class != "D":
        return found
    return Repair(found.parts, tuple(dict.fromkeys(("lock_out", *found.safety))))
