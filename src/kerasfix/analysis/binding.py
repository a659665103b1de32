"""Binds the arguments of a call of Keras to the names of its parameters, and reads what they declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis import keras_api
from kerasfix.analysis.declaration import batch_size_of
from kerasfix.analysis.objects import Argument
from kerasfix.analysis.shapes import batch_shape_of_value, shape_of_value
from kerasfix.analysis.values import UNKNOWN_SHAPE, Constant, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kerasfix.analysis.calls import CallArgument
    from kerasfix.analysis.keras_api import KerasClass
    from kerasfix.analysis.machine import Machine


def bind(machine: Machine, class_: KerasClass | None, arguments: Sequence[CallArgument]) -> dict[str, Argument]:
    """The arguments of a call by the names of the parameters; positional ones in the order of the newest Keras."""
    signatures = [class_.signature(version) for version in ("keras3", "keras2", "keras1")] if class_ else []
    signature = next((found for found in signatures if found is not None), None)
    positional = signature.positional if signature is not None else ()
    freeze = machine.freeze_data if class_ is not None and class_.name == "keras.Model" else machine.freeze
    bound: dict[str, Argument] = {}
    for place, argument in enumerate(arguments):
        if argument.node is None or argument.star:
            continue
        name = argument.keyword
        if name is None:
            if any(earlier.star == "*" for earlier in arguments[:place]):
                continue
            name = positional[place] if place < len(positional) else f"#{place}"
        grows = name == "layers" and class_ is not None and class_.kind == "model"
        value = argument.value if grows else freeze(argument.value)
        bound[name] = Argument(name, argument.node, value, positional=argument.keyword is None)
    return bound


def values_of(bound: Mapping[str, Argument]) -> dict[str, Value]:
    """The values of bound arguments by name."""
    return {name: argument.value for name, argument in bound.items()}


def unpacks(node: cst.Call | cst.ClassDef) -> bool:
    """Whether a call has `*args` or `**kwargs`."""
    return isinstance(node, cst.Call) and any(arg.star for arg in node.args)


def declaring(bound: Mapping[str, Argument], own_meaning: frozenset[str]) -> tuple[Argument, ...]:
    """The arguments that declare the input; `input_length` on Embedding does, though it is a parameter of its own."""
    names = keras_api.INPUT_KEYWORDS - own_meaning
    return tuple(argument for name, argument in bound.items() if name in names and not argument.positional)


def input_shape(bound: Mapping[str, Argument]) -> Shape:
    """The shape that the arguments of `Input` or `InputLayer` declare, the batch dimension included."""
    for name in ("batch_shape", "batch_input_shape"):
        if name in bound and bound[name].value != Constant(None):
            return batch_shape_of_value(bound[name].value) or UNKNOWN_SHAPE
    for name in ("shape", "input_shape"):
        if name in bound and bound[name].value != Constant(None):
            shape = shape_of_value(bound[name].value) or UNKNOWN_SHAPE
            return batch_size_of(shape, bound.get("batch_size"))
    return UNKNOWN_SHAPE
