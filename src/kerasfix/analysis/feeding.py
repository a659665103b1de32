"""Pairs what a model is given with the inputs that it declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.analysis.data_shapes import ArrayCall, data_shape, is_list_of_numbers
from kerasfix.analysis.objects import FunctionalObject, InputObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.slots import Entry, Presence
from kerasfix.analysis.values import Constant, Items, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.events import Given
    from kerasfix.analysis.program import Program


@dataclass(frozen=True, slots=True, eq=False)
class ModelInput:
    """One input of a model, and what declares it."""

    shape: Shape
    """The batch dimension included."""
    declared_by: InputObject | LayerObject | None
    name: str | None = None

    @property
    def node(self) -> cst.CSTNode | None:
        """Where the shape stands: the argument, or the call where no single argument says it."""
        made = self.declared_by
        if made is None:
            return None
        names = ("shape", "batch_shape", "input_shape", "batch_input_shape", "input_dim")
        arguments = made.declares if isinstance(made, LayerObject) else made.arguments.values()
        return next((argument.node for argument in arguments if argument.name in names), made.node)


@dataclass(frozen=True, slots=True, eq=False)
class Fed:
    """One array that is given to one input of a model."""

    given: Given
    input: ModelInput
    value: Value
    shape: Shape
    """The axis of the samples included."""


def fed(program: Program) -> Iterator[Fed]:
    """Every array that is known to go to an input of which something is known."""
    for given in program.given:
        inputs = inputs_of(program, given.model)
        for one, value in _paired(inputs, given.data):
            if isinstance(value, Constant):
                continue  # a number is no array
            yield Fed(given, one, value, data_shape(value, program.arrays))


def lists_fed(program: Program) -> Iterator[Fed]:
    """Every list of numbers that is given to a model of one input, in the place of an array."""
    for given in program.given:
        inputs = inputs_of(program, given.model)
        if len(inputs) == 1 and inputs[0].shape.dims is not None and is_list_of_numbers(given.data):
            shape = Shape(ArrayCall([], {}, program.arrays).dims_of(given.data))
            yield Fed(given, inputs[0], given.data, shape)


def inputs_of(program: Program, model: Value) -> tuple[ModelInput, ...]:
    """The inputs of a model in order; none where they are not known."""
    match model:
        case SequentialObject():
            content = program.contents.get(model)
            if content is None or content.declared is None:
                return ()
            return (ModelInput(content.declared, _beginning(program, model)),)
        case FunctionalObject(inputs=inputs) if all(isinstance(one, Tensor) for one in inputs):
            return tuple(_of_tensor(one) for one in inputs if isinstance(one, Tensor))
    return ()


def _of_tensor(tensor: Tensor) -> ModelInput:
    made = tensor.source
    if not isinstance(made, InputObject):
        return ModelInput(tensor.shape, None)
    name = made.arguments.get("name")
    written = name.value.value if name is not None and isinstance(name.value, Constant) else None
    return ModelInput(tensor.shape, made, written if isinstance(written, str) else None)


def _beginning(program: Program, model: Value) -> InputObject | LayerObject | None:
    """What a Sequential begins with, or the Sequential that it begins with begins with."""
    while isinstance(model, SequentialObject):
        content = program.contents.get(model)
        first = content.slots[0] if content is not None and content.slots else None
        if not isinstance(first, Entry) or first.presence is not Presence.ONE:
            return None
        model = first.value
    if isinstance(model, Tensor):
        model = model.source or model
    return model if isinstance(model, InputObject | LayerObject) else None


def _paired(inputs: tuple[ModelInput, ...], data: Value) -> Iterator[tuple[ModelInput, Value]]:
    if not isinstance(data, Items):
        if len(inputs) == 1:
            yield inputs[0], data
    elif data.kind == "dict":
        for pair in data.items:
            named = [one for one in inputs if isinstance(pair, Items) and pair.items[0] == Constant(one.name)]
            if len(named) == 1 and isinstance(pair, Items) and named[0].name is not None:
                yield named[0], pair.items[1]
    elif len(data.items) == len(inputs):
        yield from zip(inputs, data.items, strict=True)


def models_of(program: Program, call: cst.CSTNode) -> Iterator[tuple[Value, ModelInput]]:
    """The models that have the input which the `Input` or the layer made by a call declares."""
    functional = (made for model in program.models for made in model.objects)
    for model in (*program.contents, *functional):
        for one in inputs_of(program, model):
            if one.declared_by is not None and one.declared_by.node is call:
                yield model, one
