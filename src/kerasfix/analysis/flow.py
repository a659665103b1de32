"""What a declared input flows into: the layers behind it, in a Sequential and through calls, while its rank stays.

A step is only there where it is sure: behind an entry that depends on a branch, a layer that changes the rank or one of
which nothing is known, there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.analysis import keras_history
from kerasfix.analysis.events import Role
from kerasfix.analysis.layer_shapes import LayerCall, output_shape
from kerasfix.analysis.objects import InputObject, LayerObject, SequentialObject, Tensor, has_tensor
from kerasfix.analysis.slots import Entry, Position, Presence
from kerasfix.analysis.state import Content
from kerasfix.analysis.values import UNKNOWN_SHAPE, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.events import Placement
    from kerasfix.analysis.keras_api import Version
    from kerasfix.analysis.program import Program

_DEEPEST = 8
"""Models inside models that are looked into."""


@dataclass(frozen=True, slots=True)
class Step:
    """A layer that an input reaches, its rank unchanged."""

    layer: LayerObject
    arriving: Shape
    """What reaches it, the batch dimension included."""


class Flow:
    """The layers, models and tensors of a program as they follow one another."""

    def __init__(self, program: Program) -> None:
        self._contents = program.contents
        self._calls: dict[Value, list[Placement]] = {}
        self._results: dict[Value, list[Tensor]] = {}
        self._begun: dict[Value, list[SequentialObject]] = {}
        self._unsure: set[Value] = set()
        self.inputs: dict[cst.CSTNode, dict[InputObject, None]] = {}
        """Each time that an `Input` or `InputLayer` is made and used, by its call."""
        self.first_layers: dict[cst.CSTNode, dict[LayerObject, None]] = {}
        """Each time that a layer becomes the first of a Sequential, by its call."""
        for placement in best_of(program.placements):
            self._note(placement)

    def _note(self, placement: Placement) -> None:
        subject = placement.subject
        if placement.role is Role.ENTRY and isinstance(placement.holder, SequentialObject):
            if placement.position is not Position.FIRST:
                self._unsure.add(subject)
                return
            self._begun.setdefault(subject, []).append(placement.holder)
            if isinstance(subject, InputObject):
                self.inputs.setdefault(subject.node, {})[subject] = None
            elif isinstance(subject, LayerObject):
                self.first_layers.setdefault(subject.node, {})[subject] = None
        for tensor in placement.given:
            if isinstance(tensor, Tensor):
                self._calls.setdefault(tensor, []).append(placement)
                self._note_used(tensor)

    def _note_used(self, tensor: Tensor) -> None:
        """Note what a tensor that a layer or model is called on comes from; operations between are no calls."""
        waiting = [tensor]
        while waiting:
            tensor = waiting.pop()
            if isinstance(tensor.source, InputObject) and not tensor.inputs:
                self.inputs.setdefault(tensor.source.node, {})[tensor.source] = None
                self._calls.setdefault(tensor, [])
            for before in tensor.inputs:
                results = self._results.setdefault(before, [])
                if tensor in results:
                    continue
                results.append(tensor)
                if isinstance(before, Tensor) and tensor.source is None:
                    waiting.append(before)

    def behind_input(self, made: InputObject, shape: Shape) -> Iterator[Step]:
        """The layers that an input reaches, if it declares `shape`."""
        for model in self._begun.get(made, ()):
            yield from self._entries(model, shape, skip=1)[0]
        for tensor in [*self._calls]:
            if isinstance(tensor, Tensor) and tensor.source is made and not tensor.inputs:
                yield from self._behind_tensor(tensor, shape)

    def behind_first(self, layer: LayerObject, shape: Shape) -> Iterator[Step]:
        """The layers that an input reaches which the first layer of a model declares, that layer the first of them."""
        for model in self._begun.get(layer, ()):
            yield from self._entries(model, shape)[0]

    def inside(self, model: Value, shape: Shape) -> list[Step]:
        """The layers of a model that its input reaches, if that is `shape`."""
        return self._through(model, shape)[0]

    def _behind_tensor(self, tensor: Tensor, shape: Shape) -> Iterator[Step]:
        for result in self._results.get(tensor, ()):
            if _is_of_one(result) and result.shape.rank == shape.rank is not None:
                yield from self._behind_tensor(result, result.shape)
        for placement in self._calls.get(tensor, ()):
            if len(placement.given) != 1:
                continue
            steps, leaving = self._through(placement.subject, shape)
            yield from steps
            if leaving.rank == shape.rank is not None:
                for result in self._results.get(tensor, ()):
                    if result.source is placement.subject and result.inputs == (tensor,):
                        yield from self._behind_tensor(result, leaving)

    def _through(self, value: Value, shape: Shape, depth: int = 0) -> tuple[list[Step], Shape]:
        """The steps inside a layer or model that `shape` reaches, and what leaves it."""
        if isinstance(value, SequentialObject) and depth < _DEEPEST:
            return self._entries(value, shape, depth=depth + 1)
        if isinstance(value, LayerObject):
            return [Step(value, shape)], _behind(value, shape)
        return [], UNKNOWN_SHAPE

    def _entries(
        self, model: SequentialObject, shape: Shape, skip: int = 0, depth: int = 0
    ) -> tuple[list[Step], Shape]:
        found: list[Step] = []
        for slot in self._contents.get(model, Content()).slots[skip:]:
            if not isinstance(slot, Entry) or slot.presence is not Presence.ONE:
                return found, UNKNOWN_SHAPE
            steps, leaving = self._through(slot.value, shape, depth)
            found += steps
            if leaving.rank != shape.rank or leaving.rank is None:
                return found, UNKNOWN_SHAPE
            shape = leaving
        return found, shape


def _is_of_one(tensor: Tensor) -> bool:
    """Whether a tensor is what an operation, not a layer or model, makes of one other."""
    return tensor.source is None and sum(map(has_tensor, tensor.inputs)) == 1


def accepted(layer: LayerObject, version: Version) -> tuple[int | None, int | None]:
    """The least and greatest rank that a layer takes in some Keras, the batch included; None for no known bound.

    The bounds were measured with Keras's own `axis`; one that is written may ask for more axes, or fewer.
    """
    api = layer.api
    if api is None or "axis" in layer.arguments:
        return None, None
    if api.wrapped_rank_offset is None or not isinstance(layer.wrapped, LayerObject):
        return api.ndim(version) if api.wrapped_parameter is None else (None, None)
    (low, high), offset = accepted(layer.wrapped, version), api.wrapped_rank_offset
    least = api.ndim(version)[0]
    inner = None if low is None else low + offset
    return (
        max((bound for bound in (least, inner) if bound is not None), default=None),
        None if high is None else high + offset,
    )


def takes(layer: LayerObject, version: Version, rank: int) -> bool:
    """Whether a layer may take an input of this rank in some Keras."""
    low, high = accepted(layer, version)
    return (low is None or low <= rank) and (high is None or rank <= high)


def _behind(layer: LayerObject, shape: Shape) -> Shape:
    """What leaves a layer, as far as its arguments alone tell."""
    old = layer.callee is not None and layer.callee.dotted.rpartition(".")[2] in keras_history.ALIASES
    if layer.api is None or layer.unpacks or old:
        return UNKNOWN_SHAPE
    values = {name: argument.value for name, argument in layer.arguments.items()}
    leaving = output_shape(LayerCall(layer.name, values), [shape])
    return leaving if isinstance(leaving, Shape) else UNKNOWN_SHAPE


def best_of(placements: tuple[Placement, ...]) -> Iterator[Placement]:
    """Of the uses at each call those for which the evidence is best."""
    best: dict[cst.CSTNode, int] = {}
    for placement in placements:
        best[placement.node] = min(placement.rank, best.get(placement.node, placement.rank))
    return (placement for placement in placements if placement.rank == best[placement.node])
