"""All combinations of facts, held as boxes: for each fact the set of words that it may still have.

There are many billions of combinations. Boxes are split along the conditions of the rules instead of walking
through them, so that every single combination is covered, and exactly once. A set of words is held as the bits of
a number, one for each word, as splitting tens of thousands of boxes with real sets takes seconds.
"""

from bot.diagnosis.rule import VOCABULARIES, Condition, Rulebook

Box = tuple[int, ...]
"""By fact, in the order of `VOCABULARIES`: the words that it may have."""

_POSITIONS = {fact: position for position, fact in enumerate(VOCABULARIES)}
_BITS = {fact: {word: 1 << place for place, word in enumerate(words)} for fact, words in VOCABULARIES.items()}

EVERYTHING: Box = tuple((1 << len(words)) - 1 for words in VOCABULARIES.values())


def split(box: Box, when: tuple[Condition, ...]) -> tuple[Box | None, list[Box]]:
    """The part of the box in which all conditions hold (None: nowhere), and the rest as disjoint boxes."""
    return _split(box, [_mask(fact, words) for fact, words in when])


def regions(rulebook: Rulebook) -> dict[str, list[Box]]:
    """By rule: the disjoint boxes of all combinations in which it fires; none where it is dead."""
    fires: dict[str, list[Box]] = {}
    left = [EVERYTHING]
    for rule in rulebook.rules:
        masks = [_mask(fact, words) for fact, words in rule.when]
        inside, outside = list[Box](), list[Box]()
        for box in left:
            part, rest = _split(box, masks)
            if part is not None:
                inside.append(part)
            outside += rest
        fires[rule.id], left = inside, outside
    return fires


def touches(boxes: list[Box], **words: frozenset[str]) -> bool:
    """Whether some combination of the boxes has one of these words for each of these facts."""
    masks = [_mask(fact, allowed) for fact, allowed in words.items()]
    return any(all(box[position] & mask for position, mask in masks) for box in boxes)


def size(box: Box) -> int:
    """How many combinations a box holds."""
    count = 1
    for words in box:
        count *= words.bit_count()
    return count


def _mask(fact: str, words: frozenset[str]) -> tuple[int, int]:
    bits = _BITS[fact]
    return _POSITIONS[fact], sum(bits[VOCABULARIES[fact](word)] for word in words)


def _split(box: Box, masks: list[tuple[int, int]]) -> tuple[Box | None, list[Box]]:
    # Most boxes lie wholly outside a rule, and stay as they are.
    if any(not box[position] & mask for position, mask in masks):
        return None, [box]
    inside, outside = list(box), list[Box]()
    for position, mask in masks:
        if rest := inside[position] & ~mask:
            outside.append((*inside[:position], rest, *inside[position + 1 :]))
        inside[position] &= mask
    return tuple(inside), outside
