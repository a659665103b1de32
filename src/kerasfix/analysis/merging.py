"""The tensors that a program merges: by layers such as `Add()([a, b])`, by functions such as `add([a, b])`, by `+`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis import keras_api
from kerasfix.analysis.array_functions import broadcasts
from kerasfix.analysis.events import Role
from kerasfix.analysis.flow import best_of
from kerasfix.analysis.objects import LayerObject, Tensor
from kerasfix.analysis.program import tensors_of
from kerasfix.analysis.values import Constant, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    import libcst as cst

    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Program

_ANY_BATCH_IN_KERAS_3 = frozenset({"Dot", "dot"})
"""What does not compare the batch sizes in Keras 3."""


def merges(program: Program, keras2: bool) -> dict[cst.CSTNode, list[tuple[Value, ...]]]:
    """What is merged at each call, each time that it is reached, where the batch sizes have to agree."""
    found: dict[cst.CSTNode, list[tuple[Value, ...]]] = {}
    for placement in best_of(program.placements):
        layer = placement.subject
        if placement.role is not Role.CALLED or not isinstance(layer, LayerObject) or layer.api is None:
            continue
        if layer.api.merge and _compares(layer.name, layer.arguments, keras2):
            found.setdefault(placement.node, []).append(placement.given)
    for tensor in (tensor for model in program.models for made in model.objects for tensor in tensors_of(made)):
        applied = tensor.applied
        if applied is None or applied.source is not None or applied.node is None:
            continue
        if broadcasts(applied.function):
            found.setdefault(applied.node, []).append(_aligned(tensor.inputs))
        api = keras_api.lookup(applied.function)
        arguments = {argument.name: argument for argument in applied.arguments}
        if api is not None and api.merge and _compares(applied.function.rpartition(".")[2], arguments, keras2):
            found.setdefault(applied.node, []).append(tensor.inputs)
    return found


def _aligned(operands: tuple[Value, ...]) -> tuple[Value, ...]:
    """The operands whose batch sizes meet: not one of 1, which is broadcast, and none where their ranks differ."""
    tensors = [operand for operand in operands if isinstance(operand, Tensor)]
    if len({tensor.shape.rank for tensor in tensors}) != 1:
        return ()
    return tuple(tensor for tensor in tensors if tensor.shape.dims and tensor.shape.dims[0] != 1)


def _compares(name: str, arguments: Mapping[str, Argument], keras2: bool) -> bool:
    """Whether the batch sizes have to agree: they need not where they are what is concatenated."""
    if name in _ANY_BATCH_IN_KERAS_3 and not keras2:
        return False
    axis = arguments.get("axis")
    if axis is None or name.lower() != "concatenate":
        return name.lower() != "merge"
    return isinstance(axis.value, Constant) and axis.value.value in (-1, 1, 2, 3)
