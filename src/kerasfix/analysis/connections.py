"""How the inputs of a functional model are connected with its outputs, through layers, models and functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.analysis.keras_api import TENSOR_ARGUMENTS
from kerasfix.analysis.objects import Configured, FunctionalObject, InputObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.slots import every_value
from kerasfix.analysis.values import Constant, Items, Reference, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kerasfix.analysis.state import Content

_REACHES_AROUND = frozenset({"Lambda"})
"""Layers that run a function of the program, which may use a tensor that is not given to it."""


@dataclass(frozen=True, slots=True)
class Connections:
    """What the outputs of a model are computed from."""

    model: FunctionalObject
    inputs: tuple[Value, ...]
    """Its inputs; those that are read from another model (`base.input`) are the inputs of that."""
    tensors: tuple[Tensor, ...]
    """Every tensor on the way, each behind what it comes from; the walk ends at the inputs of the model."""
    sources: dict[Tensor, frozenset[Tensor]]
    """For each of them the inputs that it is computed from, of the model or not."""
    known: bool
    """Whether it is known of every tensor how it is made."""
    closed: bool
    """Whether nothing on the way may use a tensor that is not given to it."""

    @property
    def reached(self) -> frozenset[Tensor]:
        """The inputs that an output is computed from, of the model or not."""
        outputs = (self.sources.get(output, frozenset()) for output in self.model.outputs if isinstance(output, Tensor))
        return frozenset().union(*outputs)

    def shares_layer(self, one: Tensor, other: Tensor, contents: Mapping[SequentialObject, Content]) -> bool:
        """Whether a layer or model is applied to what comes of one input, and again to what comes of the other.

        It may be applied as a part of a Sequential, of which `contents` tells what it holds.
        """
        applications: dict[Value, dict[object, frozenset[Tensor]]] = {}
        for tensor in self.tensors:
            if isinstance(tensor.source, LayerObject | SequentialObject | FunctionalObject) and tensor.applied:
                for part in _within(tensor.source, contents):
                    applications.setdefault(part, {})[tensor.applied] = self.sources[tensor]
        for found in applications.values():
            if len(found) > 1 and {one, other} <= frozenset().union(*found.values()):
                return True
        return False

    def attends(self, one: Tensor, other: Tensor) -> bool:
        """Whether what comes of the two inputs is given to one attention layer, which asks for several tensors."""
        for tensor in self.tensors:
            if isinstance(tensor.source, LayerObject) and "Attention" in tensor.source.name:
                given = (self.sources.get(part) for part in _computed_from(tensor) if isinstance(part, Tensor))
                if {one, other} <= frozenset().union(*filter(None, given)):
                    return True
        return False

    def consumers(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """The tensors that are computed from this one directly."""
        return tuple(other for other in self.tensors if tensor in _computed_from(other))


def is_own(tensor: Tensor, what: str) -> bool:
    """Whether a tensor is an `input` or `output` that a Sequential has by itself: `.input`, `.outputs[0]`."""
    applied = tensor.applied
    is_read = applied is not None and applied.node is None and applied.function.startswith(what)
    return is_read and isinstance(tensor.source, SequentialObject)


def connections(model: FunctionalObject) -> Connections:
    """Walk from the outputs of a model to its inputs."""
    inputs = tuple(map(_resolved, model.inputs))
    ends = frozenset(one for one in inputs if isinstance(one, Tensor))
    sources: dict[Tensor, frozenset[Tensor]] = {}
    known = closed = True
    waiting = [(output, False) for output in reversed(model.outputs)]
    while waiting:
        value, ready = waiting.pop()
        if not isinstance(value, Tensor):
            known = known and _is_no_tensor(value)
            continue
        if value in sources:
            continue
        before = () if value in ends else _computed_from(value) or _inputs_of_branch(value, ends)
        if not ready:
            waiting += [(value, True), *((one, False) for one in reversed(before))]
            continue
        if value in ends or isinstance(value.source, InputObject):
            known = known and not _is_around_tensor(value.source)
            sources[value] = frozenset([value])
            continue
        known = known and bool(before)
        closed = closed and not _reaches_around(value.source)
        found = [sources[one] for one in before if isinstance(one, Tensor) and one in sources]
        sources[value] = frozenset().union(*found)
    return Connections(model, inputs, tuple(sources), sources, known, closed)


def _is_around_tensor(source: Value | None) -> bool:
    """Whether an input is made of a tensor that is there, and what is computed from one comes from the other."""
    return isinstance(source, InputObject) and any(name in source.arguments for name in TENSOR_ARGUMENTS)


def _resolved(value: Value) -> Value:
    """The input of another model that its `.input` gives, however many models lie between."""
    while isinstance(value, Tensor) and value.applied is not None and value.applied.node is None:
        held = _computed_from(value)
        if not value.applied.function.startswith("input") or len(held) != 1:
            break
        (value,) = held
    return value


def _computed_from(tensor: Tensor) -> tuple[Value, ...]:
    """What a tensor is computed from, as far as it is written; nothing where that is not known."""
    applied = tensor.applied
    if applied is None:
        return ()
    if applied.node is None:
        model = applied.source
        if not isinstance(model, FunctionalObject):
            return ()
        held = model.inputs if applied.function.startswith("input") else model.outputs
        return held if tensor.place is None else held[tensor.place : tensor.place + 1]
    named = (argument.value for argument in applied.arguments if not argument.positional)
    return (*tensor.inputs, *(part for value in named for part in _parts(value)))


def _inputs_of_branch(tensor: Tensor, inputs: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """The input of a Sequential among those of the model, of a tensor that is the output of that Sequential."""
    if not is_own(tensor, "output"):
        return ()
    return tuple(one for one in inputs if is_own(one, "input") and one.source is tensor.source)


def _within(source: Value, contents: Mapping[SequentialObject, Content]) -> frozenset[Value]:
    """A layer or model, and the layers and models that it is made of."""
    found: set[Value] = set()
    waiting = [source]
    while waiting:
        value = waiting.pop()
        if value in found or not isinstance(value, LayerObject | SequentialObject | FunctionalObject):
            continue
        found.add(value)
        if isinstance(value, SequentialObject) and value in contents:
            waiting += every_value(contents[value].slots)
        elif isinstance(value, LayerObject) and value.wrapped is not None:
            waiting.append(value.wrapped)
    return frozenset(found)


def _parts(value: Value) -> Iterator[Value]:
    if isinstance(value, Items):
        for item in value.items:
            yield from _parts(item)
    else:
        yield value


def _is_no_tensor(value: Value) -> bool:
    return isinstance(value, Constant | Configured | Reference | LayerObject)


def _reaches_around(source: Value | None) -> bool:
    """Whether a layer may use tensors that it is not called on: one of the program's own, or one that runs a
    function of the program."""
    if isinstance(source, LayerObject):
        return source.api is None or source.name in _REACHES_AROUND or _reaches_around(source.wrapped)
    return False
