"""`python -m tests.night`: a night at one operator, on both databases and with two processes on one of them."""

import argparse
import contextlib
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence

import asyncpg
import uvloop

from tests import postgres
from tests.night import oracle, sabotage
from tests.night.director import HOURS, Director
from tests.night.ledger import Ledger
from tests.night.scene import opened

VARIANTS = ("sqlite", "postgresql", "two")


@contextlib.asynccontextmanager
async def database(kind: str) -> AsyncIterator[str]:
    """The URL of an empty database."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite+aiosqlite:///{folder}/night.db"
        return
    with postgres.server() as server:
        admin = await asyncpg.connect(server.replace("+asyncpg", "") + "postgres")
        await admin.execute("CREATE DATABASE night")
        await admin.close()
        yield server + "night"


async def night(variant: str, seed: int, broken: str, hours: float) -> bool:
    """Plays one night, prints what came of it; whether all was well."""
    began = time.monotonic()
    say(f"\n== {variant}, seed {seed}{f', sabotaged: {broken}' if broken else ''}")
    async with (
        database("sqlite" if variant == "sqlite" else "postgresql") as url,
        opened(url, seed=seed, two=variant == "two", sabotage=broken) as scene,
    ):
        ledger = Ledger()
        director = Director(scene, ledger, seed, hours)
        await director.play()
        judgement = await oracle.judge(scene, ledger, director)
        say(judgement.summary())
        say(f"took {time.monotonic() - began:.0f} s")
    return judgement.good


def say(text: str) -> None:
    """To whoever watches, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def tried(ways: Sequence[str], variants: Sequence[str], seed: int, hours: float) -> int:
    """Breaks the service in each way; 0 where the drill noticed all of them."""
    unnoticed = [way for way in ways for variant in variants if await night(variant, seed, way, hours)]
    say(f"\nnoticed {len(ways) * len(variants) - len(unnoticed)} of {len(ways) * len(variants)}")
    say(f"NOT NOTICED: {', '.join(unnoticed)}" if unnoticed else "every sabotage was noticed")
    return 1 if unnoticed else 0


async def main() -> int:
    """0 where every night was good."""
    parser = argparse.ArgumentParser(prog="python -m tests.night", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="the same seed plays the same night again")
    parser.add_argument("--variant", choices=VARIANTS, action="append", help="which of them; all without it")
    parser.add_argument("--hours", type=float, default=HOURS, help="how long the night is")
    ways = sorted(sabotage.WAYS)
    parser.add_argument("--sabotage", choices=("all", *ways), default="", help="break the service on purpose")
    parsed = parser.parse_args()
    seed = secrets.randbelow(10**6) if parsed.seed is None else parsed.seed
    if parsed.sabotage == "all":
        return await tried(ways, parsed.variant or ["sqlite"], seed, parsed.hours)
    good = True
    for variant in parsed.variant or VARIANTS:
        good = await night(variant, seed, parsed.sabotage, parsed.hours) and good
    say("\nevery night was good" if good else f"\nNOT GOOD; again with --seed {seed}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
