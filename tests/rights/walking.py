"""Following every button that is shown, from some commands on."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.views.callbacks import Go
from bot.views.screen import Button
from tests.rights.cells import Kind, Step
from tests.rights.playing import Shown, do
from tests.rights.stage import World
from tests.rights.undone import Undone

Path = tuple[Step, ...]


@dataclass
class Walked:
    """What each tap has shown, by the way that led to it, and the button that was tapped last on it."""

    taps: dict[Path, Shown] = field(default_factory=dict)
    buttons: dict[Path, Button] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All that was shown."""
        return "\n".join(told for shown in self.taps.values() for told in shown.told)

    def pages(self) -> frozenset[str]:
        """The names of all pages that were reached."""
        return frozenset(path[-1].name for path in self.taps)


async def walk(database: Undone, world: World, starts: Sequence[Step], deepest: int) -> Walked:
    """Taps every button that is shown, each once, right after the page that has it was reached by a shortest way.

    What a tap changes is taken back before the next one, so that all of them still stand where they were shown.
    """
    walked, seen = Walked(), set(map(str, starts))
    waiting: deque[Path] = deque()
    for start in starts:
        async with database.branch():
            walked.taps[start,] = await do(world, start)
        waiting.append((start,))
    while waiting:
        path = waiting.popleft()
        fresh = [each for each in _taps(walked.taps[path]) if str(each[0]) not in seen]
        if not fresh or len(path) > deepest:
            continue
        async with database.branch():
            for step in path:
                await do(world, step)
            for step, button in fresh:
                if str(step) in seen:
                    continue
                seen.add(str(step))
                further = (*path, step)
                async with database.branch():
                    walked.taps[further] = await do(world, step)
                walked.buttons[further] = button
                waiting.append(further)
    return walked


def _taps(shown: Shown) -> list[tuple[Step, Button]]:
    """The steps that the buttons are."""
    return [
        (Step(Kind.PAGE, button.does.page, arguments=button.does.arguments), button)
        for button in shown.pressed
        if isinstance(button.does, Go)
    ]
