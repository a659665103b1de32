"""Pairs what a model is given with the inputs that it declares."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.data_shapes import ArrayCall, data_shape, is_list_of_numbers
from kerasfix.analysis.objects import FunctionalObject, InputObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.program import grouped
from kerasfix.analysis.slots import Entry, Presence, certain_values
from kerasfix.analysis.values import UNKNOWN_SHAPE, Constant, Items, Shape, Value, pairs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.events import Given
    from kerasfix.analysis.program import Program

    Element = cst.Element | cst.DictElement


@dataclass(frozen=True, slots=True, eq=False)
class ModelInput:
    """One input of a model, and what declares it."""

    shape: Shape
    """The batch dimension included."""
    declared_by: InputObject | LayerObject | None
    name: str | None = None
    keyed: bool = False
    """Whether the model takes its inputs as a dict, this one under its name."""

    @property
    def node(self) -> cst.CSTNode | None:
        """Where the shape stands: the argument, or the call where no single argument says it."""
        return declaring_node(self.declared_by) if self.declared_by is not None else None


@dataclass(frozen=True, slots=True, eq=False)
class Fed:
    """One array that is given to one input of a model."""

    given: Given
    input: ModelInput
    value: Value
    shape: Shape
    """The axis of the samples included."""


def declaring_node(made: InputObject | LayerObject) -> cst.CSTNode:
    """Where a shape is declared: the argument, or the call where no single argument says it."""
    names = ("shape", "batch_shape", "input_shape", "batch_input_shape", "input_dim")
    arguments = made.declares if isinstance(made, LayerObject) else made.arguments.values()
    return next((argument.node for argument in arguments if argument.name in names), made.node)


@functools.lru_cache(maxsize=1)
def fed(program: Program) -> tuple[Fed, ...]:
    """Every array that is known to go to an input of which something is known; several rules ask for them."""
    return tuple(_fed(program))


def _fed(program: Program) -> Iterator[Fed]:
    for given in program.given:
        inputs = inputs_of(program, given.model)
        for one, value in zip(inputs, values_for(inputs, given.data), strict=True):
            if value is None or isinstance(value, Constant):
                continue  # a number is no array
            yield Fed(given, one, value, data_shape(value, program.arrays))


def lists_fed(program: Program) -> Iterator[Fed]:
    """Every list of numbers that is given to a model of one input, in the place of an array."""
    for given in program.given:
        inputs = inputs_of(program, given.model)
        known = len(inputs) == 1 and inputs[0].shape.dims is not None
        inputs = inputs if known else _not_declared(program, given.model)
        if len(inputs) == 1 and is_list_of_numbers(given.data):
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
        case FunctionalObject(inputs=inputs, keys=keys) if all(isinstance(one, Tensor) for one in inputs):
            found = tuple(_of_tensor(one) for one in inputs if isinstance(one, Tensor))
            return tuple(map(_keyed, found, keys)) if keys else found
    return ()


def _not_declared(program: Program, model: Value) -> tuple[ModelInput, ...]:
    """The one input of a Sequential that declares none, and of which every layer is known to be Keras's own."""
    content = program.contents.get(model) if isinstance(model, SequentialObject) else None
    if content is None or content.declared is not None:
        return ()
    layers = certain_values(content.slots) or ()
    own = all(isinstance(layer, LayerObject) and layer.api is not None for layer in layers)
    return (ModelInput(UNKNOWN_SHAPE, None),) if layers and own else ()


def _of_tensor(tensor: Tensor) -> ModelInput:
    made = tensor.source
    if not isinstance(made, InputObject):
        return ModelInput(tensor.shape, None)
    name = made.arguments.get("name")
    written = name.value.value if name is not None and isinstance(name.value, Constant) else None
    return ModelInput(tensor.shape, made, written if isinstance(written, str) else None)


def _keyed(one: ModelInput, key: Value) -> ModelInput:
    """An input that its model has under a key."""
    name = key.value if isinstance(key, Constant) and isinstance(key.value, str) else None
    return replace(one, name=name, keyed=True)


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


def values_for(inputs: tuple[ModelInput, ...], data: Value) -> tuple[Value | None, ...]:
    """What each input gets of the data that a model is given; None where that is not known."""
    named = pairs_of(data)
    if named is not None:
        names = [one.name for one in inputs]
        return tuple(named.get(Constant(n)) if n is not None and names.count(n) == 1 else None for n in names)
    if not isinstance(data, Items):
        return (data,) if len(inputs) == 1 else (None,) * len(inputs)
    if len(data.items) == len(inputs) and not any(one.keyed for one in inputs):
        return data.items
    return (None,) * len(inputs)


def nodes_for(inputs: tuple[ModelInput, ...], argument: cst.Arg) -> tuple[Element, ...] | None:
    """Where what each input gets is written, in a list, tuple or dict that stands in the argument itself."""
    display = display_fed(argument)
    if display is None or len(display.elements) != len(inputs):
        return None
    if not isinstance(display, cst.Dict):
        plain = [element for element in display.elements if isinstance(element, cst.Element)]
        return tuple(plain) if len(plain) == len(inputs) and not any(one.keyed for one in inputs) else None
    written: dict[object, Element] = {}
    for element in display.elements:
        if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
            written[element.key.evaluated_value] = element
    names = [one.name for one in inputs]
    return tuple(written[name] for name in names) if set(names) == set(written) else None


def display_fed(argument: cst.Arg) -> cst.List | cst.Tuple | cst.Dict | None:
    """The list, tuple or dict of arrays that an argument is, or is the first part of as `validation_data`."""
    data = argument.value
    if argument.keyword is not None and argument.keyword.value == "validation_data":
        if not isinstance(data, cst.Tuple | cst.List) or not data.elements:
            return None
        data = data.elements[0].value
    return data if isinstance(data, cst.List | cst.Tuple | cst.Dict) else None


def models_of(program: Program, call: cst.CSTNode) -> list[tuple[Value, ModelInput]]:
    """The models that have the input which the `Input` or the layer made by a call declares."""
    return _models_by_call(program).get(call, [])


@functools.lru_cache(maxsize=1)
def _models_by_call(program: Program) -> dict[object, list[tuple[Value, ModelInput]]]:
    functional = (made for model in program.models for made in model.objects)
    pairs = ((model, one) for model in (*program.contents, *functional) for one in inputs_of(program, model))
    return grouped(pairs, lambda pair: pair[1].declared_by and pair[1].declared_by.node)


def fed_to(program: Program, call: cst.CSTNode) -> list[Fed]:
    """The arrays that go to such an input."""
    return _fed_by_call(program).get(call, [])


@functools.lru_cache(maxsize=1)
def _fed_by_call(program: Program) -> dict[object, list[Fed]]:
    return grouped(fed(program), lambda one: one.input.declared_by and one.input.declared_by.node)
