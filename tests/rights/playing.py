"""Doing what a cell says, and what is shown for it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.cases.talk.relay import Message
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.telegram.incoming import Words
from bot.views.callbacks import Go
from bot.views.screen import Button, Screen
from tests.rights.cells import Cell, Kind, Step
from tests.rights.firms import Things
from tests.rights.stage import World

_MISSING = re.compile(r"^(?:missing\.head|refusal\.right\.missing) right\.(\S+)")
_REFUSED = re.compile(r"^refusal\.(\S+)")
_TEXT = ("text/", "image/svg")


@dataclass(frozen=True, slots=True)
class Shown:
    """All that somebody was shown for one step."""

    screens: tuple[Screen, ...]
    told: tuple[str, ...]
    """Texts of messages, of toasts, of files, and labels of buttons."""
    files: int = 0

    @property
    def missing(self) -> frozenset[Right]:
        """The rights that are named as missing."""
        found = (_MISSING.match(each) for each in self.told)
        return frozenset(Right(match[1]) for match in found if match)

    @property
    def refusals(self) -> frozenset[str]:
        """The keys of the refusals that were told."""
        found = (_REFUSED.match(each) for each in self.told)
        return frozenset(match[1] for match in found if match) | {"missing" for _ in self.missing}

    @property
    def buttons(self) -> tuple[Go, ...]:
        """The pages to which it leads."""
        return tuple(button.does for button in self.pressed if isinstance(button.does, Go))

    @property
    def pressed(self) -> tuple[Button, ...]:
        """All buttons."""
        return tuple(button for screen in self.screens for row in screen.keyboard for button in row)

    def without(self, names: Iterable[str]) -> str:
        """All of it as one text in which none of these names stands."""
        text = "\n".join(self.told)
        for name in sorted(filter(None, names), key=len, reverse=True):
            text = text.replace(name, "…")
        return text


async def do(world: World, step: Step) -> Shown:
    """Does one step, and forgets what was shown before it. What is neither shown nor a refusal rises."""
    heard = world.heard
    for each in (heard.screens, heard.toasts, heard.files):
        each.clear()
    await world.place(step.form, step.selection)
    if step.kind is Kind.GROUP:
        world.conversation = replace(world.conversation, chat=int(step.argument))
    reply = await world.reply(tapped=step.kind in {Kind.PAGE, Kind.GUEST})
    refused = []
    try:
        match step.kind:
            case Kind.COMMAND:
                await world.admin.command(reply, step.name, step.argument)
            case Kind.PAGE | Kind.GUEST:
                await world.admin.tap(reply, Go(step.name, step.arguments))
            case Kind.FORM:
                said = Words(Message(1, "text", step.words))
                assert await world.admin.answers(reply, said, None), "no form was open"
            case Kind.GROUP:
                assert await world.admin.in_group(reply, step.name)
            case Kind.WELCOME:
                await world.admin.invited(reply, step.argument)
    except Refusal as refusal:
        # Whatever the entrance does not tell itself is told by what hands it updates.
        refused.append(f"refusal.{refusal.key}")
    return _shown(world, refused)


def _shown(world: World, refused: list[str]) -> Shown:
    heard = world.heard
    labels = [button.label for screen in heard.screens for row in screen.keyboard for button in row]
    files = [
        each.name + "\n" + each.content.decode() if each.mime.startswith(_TEXT) else each.name
        for each in heard.files
    ]
    told = (*(screen.text for screen in heard.screens), *heard.toasts, *files, *labels, *refused)
    return Shown(tuple(heard.screens), told, len(heard.files))


async def prepared(world: World, cell: Cell, ours: Things) -> Step:
    """The step of a cell, with its arguments taken from the button that what comes before it has shown."""
    if cell.before is None:
        return cell.step
    shown = await do(world, cell.before.filled(ours))
    found = [button.arguments for button in shown.buttons if button.page == cell.step.name]
    assert found, f"{cell.before} has no button to {cell.step.name}: {shown.told}"
    return replace(cell.step, arguments=found[0])


def typed(cell: Cell, things: Things) -> tuple[str, ...]:
    """What a cell names of these things, as it may be told back to whoever named it."""
    before = frozenset() if cell.before is None else cell.before.placeholders
    return tuple(things[name] for name in cell.step.placeholders | before)
