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
from kerasfix.analysis.shapes import join, multiply
from kerasfix.analysis.values import UNKNOWN_SHAPE, Constant, Dim, Shape

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
    """As `recurrent`, with the units of the last cell; the states of an LSTM cell in a stack are unknown."""
    batch, time, features = dims_of_rank(_sequence(call, inputs), 3)
    known_size(features)
    if len(call.wrapped) != 1:
        raise NoShape
    cell = call.wrapped[0]
    stack = cell.wrapped if cell.name == "StackedRNNCells" else (cell,)
    if not stack or any(each.name not in _CELLS for each in stack):
        raise NoShape
    states = tuple(Shape((batch, size(each, "units"))) for each in stack)
    if cell.name == "StackedRNNCells":
        given = zip(stack, states, strict=True)
        states = tuple(state if _CELLS[each.name] == 1 else UNKNOWN_SHAPE for each, state in given)
    else:
        states *= _CELLS[cell.name]
    return _outputs(call, (batch, time), (size(stack[-1], "units"),), states)


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
    forward, *others = (_parts(through(way, inputs)) for way in call.wrapped)
    backward = forward
    for other in others:
        # Keras 3 takes the backward layer's shapes to be those of the forward layer, Keras 2 looks.
        if len(other) != len(forward):
            raise NoShape
        backward = tuple(map(join, forward, other))
    states = (*forward[1:], *backward[1:])
    if call.arguments.get("merge_mode") == Constant(None):
        return (forward[0], backward[0], *states)
    merged = _merged(call, backward[0])
    return (merged, *states) if states else merged


def _merged(call: LayerCall, direction: Shape) -> Shape:
    mode = choice(call, "merge_mode", "concat", ("concat", "sum", "mul", "ave"))
    if mode != "concat":
        return direction
    dims = dims_of(direction)
    if not dims:
        raise NoShape
    return Shape((*dims[:-1], multiply(2, dims[-1])))


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


def _outputs(call: LayerCall, leading: tuple[Dim, Dim], step: tuple[Dim, ...], states: tuple[Shape, ...]) -> Output:
    """What a recurrent layer returns, whose steps have the shape (batch, *step)."""
    output = Shape((*leading, *step) if flag(call, "return_sequences") else (leading[0], *step))
    return (output, *states) if flag(call, "return_state") else output


def _parts(output: Output) -> tuple[Shape, ...]:
    return output if isinstance(output, tuple) else (output,)
