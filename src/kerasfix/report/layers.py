"""Where the boxes of a graph go: in levels from top to bottom, each below all that it gets something from.

An edge that passes levels gets a place in each of them, so that it does not run through a box. Boxes of a level are
put in the order of what they hang on, and drawn towards the middle of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP, LEVEL_GAP = 24.0, 34.0
_PASSAGE = 10.0
"""The width of the place of an edge that passes a level."""
_SWEEPS = 6


@dataclass(slots=True, eq=False)
class Box:
    """A box, or with no number the place of a passing edge; `x` is its middle, `y` its top.

    An edge goes straight down to the end of the level before it turns, because other boxes of it may be higher.
    """

    width: float
    height: float
    number: int | None = None
    x: float = 0.0
    y: float = 0.0
    bottom: float = 0.0
    """Where its level ends."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes by number, the edges as the boxes and places that they go through, and the size of it all."""

    boxes: tuple[Box, ...]
    edges: tuple[tuple[Box, ...], ...]
    width: float
    height: float


def layout(sizes: Sequence[tuple[float, float]], sources: Sequence[Sequence[int]]) -> Layout:
    """The places of boxes of these sizes; `sources` are the boxes, all of them earlier, that each hangs on."""
    boxes = [Box(width, height, number) for number, (width, height) in enumerate(sizes)]
    depth: list[int] = []
    for above in sources:
        depth.append(1 + max((depth[source] for source in above), default=-1))
    levels: list[list[Box]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for box, level in zip(boxes, depth, strict=True):
        levels[level].append(box)
    edges = [
        tuple(_passing(boxes[source], box, depth[source], level, levels))
        for box, level, above in zip(boxes, depth, sources, strict=True)
        for source in above
    ]
    _arrange(levels, edges)
    width, height = _place(levels, edges)
    return Layout(tuple(boxes), tuple(edges), width, height)


def _passing(source: Box, target: Box, start: int, end: int, levels: list[list[Box]]) -> Iterable[Box]:
    """An edge with a place in each level that it passes."""
    yield source
    for level in range(start + 1, end):
        passage = Box(_PASSAGE, 0.0)
        levels[level].append(passage)
        yield passage
    yield target


def _neighbours(edges: Sequence[tuple[Box, ...]]) -> tuple[dict[int, list[Box]], dict[int, list[Box]]]:
    """What is above and what is below each box or passage, by its identity."""
    above: dict[int, list[Box]] = {}
    below: dict[int, list[Box]] = {}
    for edge in edges:
        for upper, lower in pairwise(edge):
            above.setdefault(id(lower), []).append(upper)
            below.setdefault(id(upper), []).append(lower)
    return above, below


def _arrange(levels: list[list[Box]], edges: Sequence[tuple[Box, ...]]) -> None:
    """Order each level by the middle of what its boxes hang on, then of what hangs on them, a few times."""
    above, below = _neighbours(edges)
    order = {id(box): float(place) for level in levels for place, box in enumerate(level)}
    for sweep in range(_SWEEPS):
        near, turn = (above, levels) if sweep % 2 == 0 else (below, levels[::-1])
        for level in turn:
            middles = {id(box): _mean([order[id(other)] for other in near.get(id(box), ())]) for box in level}
            level.sort(key=lambda box: order[id(box)] if (m := middles[id(box)]) is None else m)
            order.update((id(box), float(place)) for place, box in enumerate(level))


def _mean(numbers: Sequence[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None


def _place(levels: list[list[Box]], edges: Sequence[tuple[Box, ...]]) -> tuple[float, float]:
    """Give every box its coordinates; the size of it all."""
    above, below = _neighbours(edges)
    y = 0.0
    for level in levels:
        height = max(box.height for box in level)
        x = 0.0
        for box in level:
            box.x, box.y = x + box.width / 2, y
            box.height, box.bottom = box.height or height, y + height
            x += box.width + GAP
        y += height + LEVEL_GAP
    for sweep in range(_SWEEPS * 2):
        near, turn = (above, levels) if sweep % 2 == 0 else (below, levels[::-1])
        for level in turn:
            _pull(level, [_mean([other.x for other in near.get(id(box), ())]) for box in level])
    everything = [box for level in levels for box in level]
    left = min((box.x - box.width / 2 for box in everything), default=0.0)
    for box in everything:
        box.x -= left
    return max((box.x + box.width / 2 for box in everything), default=0.0), max(y - LEVEL_GAP, 0.0)


def _pull(level: list[Box], wanted: Sequence[float | None]) -> None:
    """Move the boxes of a level to where they are wanted, as near as their order and widths let them."""
    goals = [box.x if goal is None else goal for box, goal in zip(level, wanted, strict=True)]
    # Runs of boxes that touch move together, to the mean of where each of them would have the run.
    runs: list[tuple[float, float, int, list[Box]]] = []
    for box, goal in zip(level, goals, strict=True):
        start, width, count, members = goal - box.width / 2, box.width, 1, [box]
        while runs and runs[-1][0] + runs[-1][1] + GAP > start:
            before, wide, many, inner = runs.pop()
            start = (before * many + (start - wide - GAP) * count) / (many + count)
            width, count, members = wide + GAP + width, many + count, [*inner, *members]
        runs.append((start, width, count, members))
    for start, _, _, members in runs:
        x = start
        for box in members:
            box.x = x + box.width / 2
            x += box.width + GAP
