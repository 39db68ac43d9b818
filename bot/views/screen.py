"""What somebody is shown: a text and the buttons under it, in no chat's terms."""

from dataclasses import dataclass

from bot.views.callbacks import Callback


@dataclass(frozen=True, slots=True)
class Button:
    """A button does something (`does`) or leads somewhere (`url`); exactly one of the two is set."""

    label: str
    does: Callback | None = None
    url: str | None = None


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """Text with the markup of HTML's <b>, <i>, <code> and <a>, everything else escaped; rows of buttons."""

    text: str
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is handed out. `name` is what it is saved under; `mime` is its type, such as `text/csv`."""

    name: str
    content: bytes
    mime: str


def row(*buttons: Button) -> tuple[Button, ...]:
    """One row."""
    return buttons


def columns(buttons: list[Button], wide: int) -> Keyboard:
    """The buttons in rows of at most `wide`."""
    return tuple(tuple(buttons[start : start + wide]) for start in range(0, len(buttons), wide))
