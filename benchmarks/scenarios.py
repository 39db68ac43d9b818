"""`make scenarios`: all scenarios through the real endpoints; how many judgements are right, and what was forbidden."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import structlog

from tests.scenarios.data import OCPI, OCPP16, OCPP201, load
from tests.scenarios.play import play
from tests.scenarios.played import Played
from tests.scenarios.stage import opened

DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- scenarios: begin -->", "<!-- scenarios: end -->"
WRONG = 1


async def run() -> list[Played]:
    """Plays all of them, one after the other, on one stage."""
    scenarios = load()
    with tempfile.TemporaryDirectory() as folder:
        async with opened(f"sqlite:///{folder}/bot.db") as stage:
            return [await play(stage, scenario) for scenario in scenarios]


def report(all_played: Sequence[Played], seconds: float) -> list[str]:
    """The result as lines of Markdown."""
    right, forbidden = _right(all_played), sum(len(each.forbidden) for each in all_played)
    protocols = [each.scenario.actor.station.protocol for each in all_played]
    spoken = ", ".join(f"{protocols.count(name)} by {name}" for name in (OCPP16, OCPP201, OCPI))
    real = {each.scenario.source for each in all_played if each.scenario.real}
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}: {len(all_played)} scenarios ({spoken}), {len(real)} public cases among their "
        f"sources, {seconds:.0f} s.",
        "",
        f"**Accuracy {_share(right, len(all_played))}, {forbidden} forbidden actions.**",
        "",
        "| Theme | scenarios | judged as expected | forbidden actions |",
        "|---|---|---|---|",
    ]
    for theme, group in groupby(all_played, key=lambda each: each.scenario.theme):
        played = list(group)
        bad = sum(len(each.forbidden) for each in played)
        lines.append(
            f"| {theme.replace('_', ' ')} | {len(played)} | {_share(_right(played), len(played))} | {bad} |"
        )
    return lines


def _right(all_played: Sequence[Played]) -> int:
    return sum(each.right for each in all_played)


def _share(part: int, whole: int) -> str:
    """A share in percent, never rounded up to all of it."""
    return f"{int(1000 * part / whole) / 10:g} % ({part} of {whole})"


def complain(all_played: Sequence[Played]) -> None:
    """Prints what is not as it must be."""
    for each in all_played:
        if each.got != each.scenario.expected:
            print(
                f"{each.scenario.id}: {each.got} by the rule {each.rule}, expected {each.scenario.expected}"
            )
        if each.promised is not None:
            print(f"{each.scenario.id}: the text {each.promised} promises what is not offered")
        if each.missing:
            print(
                f"{each.scenario.id}: an agent could not send {', '.join(sorted(each.missing))}: {each.refused}"
            )
        for what in each.forbidden:
            print(f"{each.scenario.id}: FORBIDDEN: {what}")


def write(lines: list[str]) -> None:
    """Puts the result into the document, in place of the one before."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text("\n".join([head + BEGIN, *lines, END + tail]), encoding="utf-8")


def main() -> int:
    """Runs all; the exit code says whether every judgement is right and nothing forbidden was sent."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    began = time.monotonic()
    all_played = asyncio.run(run())
    lines = report(all_played, time.monotonic() - began)
    complain(all_played)
    print("\n".join(lines))
    write(lines)
    good = all(each.right and not each.forbidden for each in all_played)
    return 0 if good else WRONG


if __name__ == "__main__":
    sys.exit(main())
