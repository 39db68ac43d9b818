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
class AskNumber:
    """Buttons in place of the keys: one shares the person's own number, the other writes what stands on it."""

    share: str
    decline: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys are as usual again, without such buttons."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Text with the markup of HTML's <b>, <i>, <code> and <a>, everything else escaped; rows of buttons."""

    text: str
    keyboard: Keyboard = ()
    below: AskNumber | Keys | None = None
    """What is in place of the keys; it stands in private chats only, and not together with a `keyboard`."""


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
