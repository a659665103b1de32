"""Stateful recurrent layers, the shapes that reach them, and the models that they are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.analysis.declaration import declaration
from kerasfix.analysis.events import Role
from kerasfix.analysis.flow import best_of
from kerasfix.analysis.objects import FunctionalObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.program import tensors_of
from kerasfix.analysis.slots import Position, certain_values
from kerasfix.analysis.state import Content
from kerasfix.analysis.values import UNKNOWN_SHAPE, Constant, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.events import Placement
    from kerasfix.analysis.program import Program


@dataclass(frozen=True, slots=True)
class Arrival:
    """A layer, and the shape that reaches it or the layer that wraps it."""

    layer: LayerObject
    shape: Shape
    node: cst.CSTNode
    """The call that puts it into a model, or applies it."""


def is_stateful(value: Value) -> bool:
    """Whether a value is a recurrent layer with `stateful=True`."""
    if not isinstance(value, LayerObject) or value.api is None or not value.api.recurrent:
        return False
    stateful = value.arguments.get("stateful")
    return stateful is not None and stateful.value == Constant(True)


def stateful_in(layer: LayerObject) -> LayerObject | None:
    """The layer itself, or the one at any depth of its wrappers, that is stateful."""
    inner: Value | None = layer
    while isinstance(inner, LayerObject):
        if is_stateful(inner):
            return inner
        inner = inner.wrapped if inner.api is not None and inner.api.kind == "wrapper" else None
    return None


def arrivals(program: Program) -> Iterator[Arrival]:
    """What reaches each stateful layer, wherever it or its outermost wrapper is used."""
    for placement in best_of(program.placements):
        layer = placement.subject
        if isinstance(layer, LayerObject) and placement.role in (Role.ENTRY, Role.CALLED):
            stateful = stateful_in(layer)
            if stateful is not None:
                yield Arrival(stateful, _arriving(placement, layer), placement.node)


def behind_embedding(program: Program) -> Iterator[LayerObject]:
    """The stateful layers of models that begin with an `Embedding` which declares nothing.

    In Keras 2 such a model has an input of any batch size and length all the same.
    """
    for content in program.contents.values():
        entries = certain_values(content.slots) or (None,)
        first = entries[0]
        if not isinstance(first, LayerObject) or first.name != "Embedding" or first.api is None or first.unpacks:
            continue
        if declaration(first) is not None:
            continue
        for entry in entries[1:]:
            if not isinstance(entry, LayerObject) or entry.api is None:
                break
            stateful = stateful_in(entry)
            if stateful is not None:
                yield stateful


def batch_size_of_stateful(program: Program, model: Value) -> int | None:
    """The fixed batch size of a model that surely has a stateful layer; None where there is none to be seen."""
    if isinstance(model, SequentialObject):
        content = program.contents.get(model, Content())
        parts, shape = certain_values(content.slots) or (), content.declared
    elif isinstance(model, FunctionalObject):
        parts = tuple(tensor.source for tensor in tensors_of(model) if tensor.source is not None)
        first = model.inputs[0] if model.inputs else None
        shape = first.shape if isinstance(first, Tensor) else None
    else:
        return None
    stateful = any(isinstance(part, LayerObject) and stateful_in(part) is not None for part in parts)
    size = shape.dims[0] if stateful and shape is not None and shape.dims else None
    return size if isinstance(size, int) else None


def _arriving(placement: Placement, layer: LayerObject) -> Shape:
    if placement.role is Role.CALLED:
        first = placement.given[0] if placement.given else None
        return first.shape if isinstance(first, Tensor) else UNKNOWN_SHAPE
    if placement.position is Position.LATER:
        return placement.arriving
    declared = declaration(layer) if placement.position is Position.FIRST and not layer.unpacks else None
    return declared.shape if declared is not None else UNKNOWN_SHAPE
