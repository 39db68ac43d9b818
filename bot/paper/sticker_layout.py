"""Where everything stands on a sticker of a given width.

From the top: what to do, white on black; the code; the EVSE ID; the station's name; the hotline's number, white on
black. All grows with the width. What does not fit is set smaller first, down to sizes that can still be read, and then
left out: the name, then the further languages from the last on. The EVSE ID, the code, the number and the first
sentence are never left out, and the ID and the number never abridged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from bot.paper.drawing import BLACK, WHITE, Area, Box, Mark, Modules, Words, centred
from bot.paper.qr import QUIET, code_for
from bot.paper.sticker import BLEED_MM, Sticker, UnprintableSticker, height_mm
from bot.paper.typeface import Face, is_printable, printable
from bot.paper.typeset import Block, Style, abridge, fit, groups, points, words

# Sizes on the narrowest sticker; everything but the smallest sizes of text grows with the width.
_NARROWEST_MM = 40
_MARGIN = 2.2
_HEAD_ABOVE, _HEAD_BETWEEN, _HEAD_BELOW = 1.7, 0.4, 1.2
_FOOT_ABOVE, _FOOT_BELOW = 1.0, 1.5
_CODE_MARGIN = 1.0
_ABOVE_ID, _ABOVE_NAME, _ABOVE_FOOT = 0.0, 0.2, 1.0

_FIRST = Style(Face.BOLD, points(7.6), points(5.5), 2)
_FURTHER = Style(Face.BOLD, points(5.2), points(5), 2)
_ID = Style(Face.MONO, points(9.5), points(6), 2)
_NAME = Style(Face.REGULAR, points(6), points(5))
_PHONE = Style(Face.BOLD, points(10.5), points(7))

# Of the width, the least that is kept for the code with its quiet zone.
_CODE_SHARE = 0.67
# An ID parted at its stars is easier to read out, but not at three quarters of its size.
_WORTH_GROUPS = 0.75
_TELEPHONE = "\N{BLACK TELEPHONE}"
_SHRINKS = (1.0, 0.92, 0.85, 0.78, 0.7)


@dataclass(frozen=True, slots=True)
class Layout:
    """A sticker's parts, from the upper left corner of its cut; `code_box` includes the quiet zone.

    `left_out` names what had no room: `name`, and `sentence` once for each language.
    """

    width: float
    height: float
    head: Box
    foot: Box
    code_box: Box
    code: Modules
    sentences: tuple[tuple[Words, ...], ...]
    evse_id: tuple[Words, ...]
    name: tuple[Words, ...]
    phone: tuple[Words, ...]
    left_out: tuple[str, ...]
    level: str

    def lines(self) -> Iterator[Words]:
        """All that is written."""
        for sentence in self.sentences:
            yield from sentence
        yield from (*self.evse_id, *self.name, *self.phone)

    def marks(self) -> tuple[Mark, ...]:
        """All that is drawn, out to the edge of the bleed."""
        paper = Box(0, 0, self.width, self.height).grown(BLEED_MM)
        bands = (Area(_to_edge(self.head, paper), BLACK), Area(_to_edge(self.foot, paper), BLACK))
        return (Area(paper, WHITE), *bands, self.code, *self.lines())


@dataclass(frozen=True, slots=True)
class _Text:
    """The blocks of one attempt."""

    sentences: tuple[Block, ...]
    evse_id: Block
    name: Block | None
    phone: Block


@dataclass(frozen=True, slots=True)
class _Rows:
    """The heights of one attempt."""

    head: float
    labels: float
    foot: float


def lay_out(sticker: Sticker, width_mm: float) -> Layout:
    """The sticker at that width. Raises UnprintableSticker where its ID, number or link cannot be set legibly."""
    said = _printable(sticker)
    if not (is_printable(sticker.evse_id) and is_printable(sticker.hotline_phone)):
        raise UnprintableSticker(
            f"{said.evse_id} or {said.hotline_phone} has characters that cannot be printed"
        )
    if not (said.evse_id and said.hotline_phone and said.sentences):
        raise UnprintableSticker("a sticker needs an EVSE ID, a telephone number and a sentence")
    unit = width_mm / _NARROWEST_MM
    for content, shrink in product(_contents(said), _SHRINKS):
        text = _set(content, unit, shrink)
        if text is None:
            continue
        rows = _rows(text, unit)
        room = height_mm(width_mm) - rows.head - rows.labels - rows.foot
        if room >= _CODE_SHARE * width_mm:
            return _placed(said, text, rows, width_mm)
    raise UnprintableSticker(f"the sticker of {said.evse_id} has no room at {width_mm:g} mm")


def _printable(sticker: Sticker) -> Sticker:
    return replace(
        sticker,
        evse_id=printable(sticker.evse_id),
        station=printable(sticker.station),
        hotline_phone=printable(sticker.hotline_phone),
        sentences=tuple(filter(None, map(printable, sticker.sentences))),
    )


def _contents(sticker: Sticker) -> Iterator[Sticker]:
    """The sticker whole, then with less and less on it."""
    yield sticker
    for kept in range(len(sticker.sentences), 0, -1):
        yield replace(sticker, station="", sentences=sticker.sentences[:kept])


def _set(said: Sticker, unit: float, shrink: float) -> _Text | None:
    """The blocks at sizes between `shrink` and all of their largest; None if one of them does not fit."""
    room = (_NARROWEST_MM - 2 * _MARGIN) * unit

    def sized(style: Style) -> Style:
        return replace(style, largest=style.largest * unit * shrink)

    styles = (sized(_FIRST), *[sized(_FURTHER)] * (len(said.sentences) - 1))
    sentences = [fit(words(text), style, room) for text, style in zip(said.sentences, styles, strict=False)]
    # With nothing left to leave out, an endless first sentence is cut short.
    if sentences == [None] and shrink == _SHRINKS[-1]:
        sentences[0] = abridge(said.sentences[0], styles[0], room)
    evse_id = _whole(said.evse_id, sized(_ID), room)
    phone = _phone(said.hotline_phone, sized(_PHONE), room)
    whole = tuple(each for each in sentences if each is not None)
    if evse_id is None or phone is None or len(whole) < len(sentences):
        return None
    name = abridge(said.station, sized(_NAME), room) if said.station else None
    return _Text(whole, evse_id, name, phone)


def _phone(number: str, style: Style, room: float) -> Block | None:
    """The number behind a telephone where both have room in one line."""
    return fit([f"{_TELEPHONE} {number}"], replace(style, lines=1), room) or _whole(number, style, room)


def _whole(text: str, style: Style, room: float) -> Block | None:
    """What may not lose a character: parted between its groups, unless anywhere makes it much larger."""
    for lines in (style.lines, style.lines + 1):
        few = replace(style, lines=lines)
        grouped, anywhere = fit(groups(text), few, room), fit(list(text), few, room)
        if grouped is not None and (anywhere is None or grouped.size >= _WORTH_GROUPS * anywhere.size):
            return grouped
        if anywhere is not None:
            return anywhere
    return None


def _rows(text: _Text, unit: float) -> _Rows:
    between = _HEAD_BETWEEN * (len(text.sentences) - 1)
    head = sum(each.height for each in text.sentences) + (_HEAD_ABOVE + between + _HEAD_BELOW) * unit
    labels = text.evse_id.height + (_ABOVE_ID + _ABOVE_FOOT) * unit
    if text.name is not None:
        labels += text.name.height + _ABOVE_NAME * unit
    return _Rows(head, labels, text.phone.height + (_FOOT_ABOVE + _FOOT_BELOW) * unit)


def _placed(said: Sticker, text: _Text, rows: _Rows, width: float) -> Layout:
    unit, height = width / _NARROWEST_MM, height_mm(width)
    head = Box(0, 0, width, rows.head)
    foot = Box(0, height - rows.foot, width, rows.foot)
    room = foot.y - head.bottom - rows.labels
    side = min(room, width - 2 * _CODE_MARGIN * unit)
    # What the code does not take is shared out above and below the code and below the words.
    spare = (room - side) / 3
    box = Box((width - side) / 2, head.bottom + spare, side, side)
    code = code_for(said.url, side)
    module = side / code.span
    id_box = Box(0, box.bottom + spare + _ABOVE_ID * unit, width, text.evse_id.height)
    name_box = Box(0, id_box.bottom + _ABOVE_NAME * unit, width, 0)
    return Layout(
        width,
        height,
        head,
        foot,
        box,
        Modules(code.rows, box.x + QUIET * module, box.y + QUIET * module, module),
        tuple(_stacked(text.sentences, head, unit)),
        tuple(centred(text.evse_id, id_box)),
        tuple(centred(text.name, name_box)) if text.name is not None else (),
        tuple(centred(text.phone, Box(0, foot.y + _FOOT_ABOVE * unit, width, 0), WHITE)),
        _left_out(said, text),
        code.level,
    )


def _stacked(blocks: Sequence[Block], head: Box, unit: float) -> Iterator[tuple[Words, ...]]:
    y = head.y + _HEAD_ABOVE * unit
    for block in blocks:
        yield tuple(centred(block, Box(head.x, y, head.width, block.height), WHITE))
        y += block.height + _HEAD_BETWEEN * unit


def _left_out(said: Sticker, text: _Text) -> tuple[str, ...]:
    name = ("name",) if said.station and text.name is None else ()
    return name + ("sentence",) * (len(said.sentences) - len(text.sentences))


def _to_edge(band: Box, paper: Box) -> Box:
    """A band at an edge, run out into the bleed."""
    top = paper.y if band.y == 0 else band.y
    bottom = band.bottom if band.y == 0 else paper.bottom
    return Box(paper.x, top, paper.width, bottom - top)
