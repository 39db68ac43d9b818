"""All combinations of facts, held as boxes: for each fact the set of words that it may still have.

There are hundreds of millions of combinations. Boxes are split along the conditions of the rules instead of
walking through them, so that every single combination is covered, and exactly once.
"""

from bot.diagnosis.rule import VOCABULARIES, Condition, Rulebook

Box = dict[str, frozenset[str]]

EVERYTHING: Box = {fact: frozenset(words) for fact, words in VOCABULARIES.items()}


def split(box: Box, when: tuple[Condition, ...]) -> tuple[Box | None, list[Box]]:
    """The part of the box in which all conditions hold (None: nowhere), and the rest as disjoint boxes."""
    inside, outside = dict(box), list[Box]()
    for fact, words in when:
        if rest := inside[fact] - words:
            outside.append(inside | {fact: rest})
        inside[fact] &= words
        if not inside[fact]:
            return None, outside
    return inside, outside


def regions(rulebook: Rulebook) -> dict[str, list[Box]]:
    """By rule: the disjoint boxes of all combinations in which it fires; none where it is dead."""
    fires: dict[str, list[Box]] = {}
    left = [EVERYTHING]
    for rule in rulebook.rules:
        parts = [split(box, rule.when) for box in left]
        fires[rule.id] = [inside for inside, _ in parts if inside is not None]
        left = [box for _, outside in parts for box in outside]
    return fires


def touches(boxes: list[Box], **words: frozenset[str]) -> bool:
    """Whether some combination of the boxes has one of these words for each of these facts."""
    return any(all(box[fact] & allowed for fact, allowed in words.items()) for box in boxes)


def size(box: Box) -> int:
    """How many combinations a box holds."""
    count = 1
    for words in box.values():
        count *= len(words)
    return count
