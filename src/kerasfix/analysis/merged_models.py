"""Models that Keras 1's `Merge` joins, and which of their inputs are fed one and the same value.

A Sequential that begins with `Merge([left, right])` has the inputs of both, in order, each of them once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.objects import LayerObject, SequentialObject
from kerasfix.analysis.slots import Entry, Presence
from kerasfix.analysis.values import Constant, Items, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.events import Given
    from kerasfix.analysis.program import Program

Pair = tuple[Value, Value]
_DEEPEST = 16


def repeated_branches(program: Program) -> dict[LayerObject, Given]:
    """The merges of two models that are fed the same value, each with the first place where they are.

    Where any visible feed of the model gives them different values, they are not the same input.
    """
    feeds: dict[Value, list[Given]] = {}
    for given in program.given:
        feeds.setdefault(given.model, []).append(given)
    found: dict[LayerObject, Given] = {}
    for model, each in feeds.items():
        leaves = _leaves(program, model)
        repeated = [set(_repeated(leaves, given.data)) for given in each if _fits(leaves, given.data)]
        for pair in set.intersection(*repeated) if repeated else ():
            merge = _meeting(program, model, pair)
            if merge is not None:
                found.setdefault(merge, each[0])
    return found


def _fits(leaves: tuple[Value, ...], data: Value) -> bool:
    """Whether it is known which of the models gets what."""
    return isinstance(data, Items) and data.kind != "dict" and len(data.items) == len(leaves)


def _repeated(leaves: tuple[Value, ...], data: Value) -> Iterator[Pair]:
    fed = [*zip(leaves, data.items, strict=True)] if isinstance(data, Items) else []
    for place, (first, value) in enumerate(fed):
        if not isinstance(value, Constant):
            yield from ((first, second) for second, other in fed[place + 1 :] if other == value)


def _merge_of(program: Program, model: Value) -> LayerObject | None:
    """The `Merge` that a Sequential begins with."""
    content = program.contents.get(model) if isinstance(model, SequentialObject) else None
    match content.slots[:1] if content is not None else ():
        case (Entry(value=LayerObject(name="Merge") as merge, presence=Presence.ONE),):
            return merge
    return None


def _parts(merge: LayerObject) -> tuple[Value, ...]:
    layers = merge.arguments.get("layers")
    return layers.value.items if layers is not None and isinstance(layers.value, Items) else ()


def _leaves(program: Program, model: Value, depth: int = 0) -> tuple[Value, ...]:
    """The models that have one input each, in order, each once; none where they are not known."""
    merge = _merge_of(program, model)
    if merge is None or depth > _DEEPEST:
        return (model,) if isinstance(model, SequentialObject) and depth else ()
    below = [_leaves(program, part, depth + 1) for part in _parts(merge)]
    return tuple(dict.fromkeys(leaf for leaves in below for leaf in leaves)) if all(below) else ()


def _meeting(program: Program, model: Value, pair: Pair) -> LayerObject | None:
    """The innermost merge that joins both, which may be in several parts each."""
    merge = _merge_of(program, model)
    for part in _parts(merge) if merge is not None else ():
        if set(pair) <= {*_leaves(program, part, 1)}:
            return _meeting(program, part, pair)
    return merge
