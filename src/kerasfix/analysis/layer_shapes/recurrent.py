"""Recurrent layers and the wrappers around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.layer_shapes.calls import (
    LayerCall,
    NoShape,
    Output,
    choice,
    dims_of,
    dims_of_rank,
    flag,
    is_given,
    known_size,
    layer,
    size,
    spatial_rank,
)
from kerasfix.analysis.layer_shapes.core import through
from kerasfix.analysis.layer_shapes.spatial import convolved, image
from kerasfix.analysis.shapes import multiply, same
from kerasfix.analysis.values import UNKNOWN_SHAPE, Constant, Dim, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATES = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2, "CuDNNGRU": 1, "CuDNNLSTM": 2}
_CELLS = {"SimpleRNNCell": 1, "GRUCell": 1, "LSTMCell": 2}


@layer(*_STATES)
def recurrent(call: LayerCall, inputs: Sequence[Shape]) -> Output:
    """(batch, time, features) to (batch, units) or, with `return_sequences`, (batch, time, units).

    With `return_state` also each state, (batch, units). Further inputs are initial states.
    """
    batch, time, features = dims_of_rank(_sequence(call, inputs), 3)
    known_size(features)
    units = size(call, "units")
    return _outputs(call, (batch, time), (units,), (Shape((batch, units)),) * _STATES[call.name])


@layer("RNN")
def cells(call: LayerCall, inputs: Sequence[Shape]) -> Output:
    """As `recurrent`, with the units of the (last) cell; in a stack, what a cell of two states gives is unknown."""
    batch, time, features = dims_of_rank(_sequence(call, inputs), 3)
    known_size(features)
    stack = _stack(call)
    states = tuple(
        Shape((batch, size(cell, "units"))) if _CELLS[cell.name] == 1 else UNKNOWN_SHAPE for cell in stack
    )
    if len(stack) == 1:
        states = (Shape((batch, size(stack[0], "units"))),) * _CELLS[stack[0].name]
    return _outputs(call, (batch, time), (size(stack[-1], "units"),), states)


def _stack(call: LayerCall) -> tuple[LayerCall, ...]:
    """The cells of an RNN, those of a StackedRNNCells in its place."""
    stack = call.wrapped
    if len(stack) == 1 and stack[0].name == "StackedRNNCells":
        stack = stack[0].wrapped
    if not stack or any(cell.name not in _CELLS for cell in stack):
        raise NoShape
    return stack


@layer("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def convolutional_lstm(call: LayerCall, inputs: Sequence[Shape]) -> Output:
    """(batch, time, *image) to the convolved image, as `recurrent`, with two states of the image's shape."""
    batch, time, *rest = dims_of_rank(_sequence(call, inputs), spatial_rank(call) + 3)
    arriving = image(call, (batch, *rest))
    known_size(arriving.channels)
    step = convolved(call, arriving, size(call, "filters")).shape
    return _outputs(call, (batch, time), dims_of(step)[1:], (step, step))


@layer("Bidirectional")
def bidirectional(call: LayerCall, inputs: Sequence[Shape]) -> Output:
    """What leaves the wrapped layer, its last axis doubled by the `merge_mode` "concat".

    The `merge_mode` None gives both directions apart. With `return_state` the states of both follow.
    """
    if not 1 <= len(call.wrapped) <= 2:
        raise NoShape
    ways = [_parts(through(way, inputs)) for way in call.wrapped]
    forward, backward = ways[0], ways[-1]
    if len(forward) != len(backward):
        raise NoShape
    outputs = _merged(call, forward[0], backward[0])
    states = (*forward[1:], *backward[1:])
    return (*outputs, *states) if len(outputs) + len(states) > 1 else outputs[0]


def _merged(call: LayerCall, forward: Shape, backward: Shape) -> tuple[Shape, ...]:
    if call.arguments.get("merge_mode") == Constant(None):
        return forward, backward
    mode = choice(call, "merge_mode", "concat", ("concat", "sum", "mul", "ave"))
    dims = dims_of(forward)
    if not same(forward, backward) and len(call.wrapped) == 2:
        return (Shape((*dims[:-1], Unknown("the two directions may differ in size"))),)
    return (Shape((*dims[:-1], multiply(2, dims[-1]))),) if mode == "concat" else (forward,)


@layer("TimeDistributed")
def time_distributed(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, time, ...) to (batch, time, *what leaves the wrapped layer for (batch, ...))."""
    if len(inputs) != 1 or len(call.wrapped) != 1:
        raise NoShape
    dims = dims_of(inputs[0])
    if len(dims) < 3:
        raise NoShape
    batch, time, *rest = dims
    child = through(call.wrapped[0], (Shape((batch, *rest)),))
    if isinstance(child, tuple):
        raise NoShape
    return Shape((batch, time, *dims_of(child)[1:]))


def _sequence(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The sequence that arrives, the first of the inputs; a stateful layer has to know its batch size."""
    if not inputs or flag(call, "time_major"):
        raise NoShape
    sequence = inputs[0]
    if sequence.dims and sequence.dims[0] is None and is_given(call, "stateful") and flag(call, "stateful"):
        raise NoShape
    return sequence


def _outputs(
    call: LayerCall, leading: tuple[Dim, Dim], step: tuple[Dim, ...], states: tuple[Shape, ...]
) -> Output:
    """What a recurrent layer returns, whose steps have the shape (batch, *step)."""
    output = Shape((*leading, *step) if flag(call, "return_sequences") else (leading[0], *step))
    return (output, *states) if flag(call, "return_state") else output


def _parts(output: Output) -> tuple[Shape, ...]:
    return output if isinstance(output, tuple) else (output,)
