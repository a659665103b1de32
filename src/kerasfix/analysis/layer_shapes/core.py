"""Layers that keep the shape or change its last axis, normalizations, and models inside of models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kerasfix.analysis.layer_shapes.calls import (
    TABLE,
    LayerCall,
    NoShape,
    Output,
    dims_of,
    dims_of_rank,
    integer,
    integers,
    is_given,
    known_size,
    layer,
    only,
    size,
    spatial_rank,
)
from kerasfix.analysis.shapes import batch_shape_of_value, conflict, shape_of_value
from kerasfix.analysis.values import Constant, Dim, Items, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence


@layer(
    *(
        "Activation",
        "ActivityRegularization",
        "AlphaDropout",
        "Dropout",
        "ELU",
        "GaussianDropout",
        "GaussianNoise",
    ),
    *("Identity", "LeakyReLU", "Masking", "ReLU", "Rescaling", "Softmax", "ThresholdedReLU"),
)
def unchanged(_: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives."""
    return only(inputs)


@layer("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def spatial_dropout(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives, of rank 3, 4 or 5."""
    return Shape(dims_of_rank(only(inputs), spatial_rank(call) + 2))


@layer("Dense")
def dense(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(..., features) to (..., units); the features have to be known and the rank at least 2."""
    dims = dims_of(only(inputs))
    if len(dims) < 2:
        raise NoShape
    known_size(dims[-1])
    return Shape((*dims[:-1], size(call, "units")))


@layer("Embedding", "ReversibleEmbedding")
def embedding(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(...) to (..., output_dim); Keras 2's `input_length` is not a part of it."""
    return Shape((*dims_of(only(inputs)), size(call, "output_dim")))


@layer("EinsumDense")
def einsum_dense(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, ...) to (batch, *output_shape), with what `equation` elides as `...` between or at the end.

    Keras: `_analyze_split_string` in `keras/src/layers/core/einsum_dense.py`.
    """
    dims = dims_of(only(inputs))
    left, read, right, weight, written = _einsum_parts(call)
    elided = len(dims) - len(read)
    if elided < 0 or (elided > 0) != bool(left or right) or elided > 2:
        raise NoShape
    declared = _einsum_sizes(call)
    if left:
        output = (*dims[:elided], *declared)
        axes = {letter: axis + elided for axis, letter in enumerate(read)}
    else:
        output = (dims[0], *declared, *dims[len(read) :])
        axes = {letter: axis for axis, letter in enumerate(read)}
    if len(output) != len(written) + elided:
        raise NoShape
    first = elided if left else 0
    sizes = dict(zip(written, output[first:], strict=False))
    for letter in weight:
        known_size(sizes[letter] if letter in sizes else _at(dims, axes.get(letter, len(dims))))
    agreed = [
        _einsum_size(sizes[letter], dims[axes[letter]]) if letter in axes else sizes[letter] for letter in written
    ]
    return Shape((*output[:first], *agreed, *output[first + len(written) :]))


def _einsum_parts(call: LayerCall) -> tuple[str, str, str, str, str]:
    """The equation as (left ellipsis, letters read, right ellipsis, letters of the weight, those written)."""
    equation = call.arguments.get("equation")
    if not isinstance(equation, Constant) or not isinstance(equation.value, str):
        raise NoShape
    parts = re.fullmatch(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?", equation.value)
    if parts is None or (parts[1], parts[3]) != (parts[5], parts[7]) or (parts[1] and parts[3]):
        raise NoShape
    return parts[1] or "", parts[2], parts[3] or "", parts[4], parts[6]


def _einsum_sizes(call: LayerCall) -> tuple[Dim, ...]:
    value = call.arguments.get("output_shape")
    if isinstance(value, Constant):
        return (size(call, "output_shape"),)
    shape = batch_shape_of_value(value) if isinstance(value, Items) else None
    if shape is None:
        raise NoShape
    return dims_of(shape)


def _einsum_size(declared: Dim, arriving: Dim) -> Dim:
    """The size of one axis written: as declared, unless that is None and the axis is read with a size."""
    if declared is None and arriving is not None:
        return Unknown("Keras 2 takes the size that arrives, Keras 3 takes None")
    if isinstance(declared, int) and (arriving is None or (isinstance(arriving, int) and arriving != declared)):
        raise NoShape
    return declared


@layer("BatchNormalization", "LayerNormalization", "Normalization", "RMSNormalization")
def normalization(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives; the sizes of `axis` (the last by default) have weights, so have to be known."""
    dims = dims_of(only(inputs))
    keeps_no_axis = call.name == "Normalization" and call.arguments.get("axis") == Constant(None)
    for axis in () if keeps_no_axis else integers(call, "axis", -1):
        known_size(_at(dims, axis))
    return Shape(dims)


@layer("UnitNormalization")
def unit_normalization(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives, which has to have `axis`."""
    dims = dims_of(only(inputs))
    for axis in integers(call, "axis", -1):
        _at(dims, axis)
    return Shape(dims)


@layer("GroupNormalization")
def group_normalization(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives; `axis` has to be a multiple of `groups` (32; -1 for one group per channel)."""
    dims = dims_of(only(inputs))
    channels = known_size(_at(dims, integer(call, "axis", -1)))
    groups = integer(call, "groups", 32)
    if isinstance(channels, int) and groups != -1 and (groups < 1 or channels % groups):
        raise NoShape
    return Shape(dims)


@layer("PReLU")
def prelu(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives; sizes but for the batch and `shared_axes` have weights, so have to be known."""
    dims = dims_of(only(inputs))
    shared = integers(call, "shared_axes") if is_given(call, "shared_axes") else ()
    for axis in range(1, len(dims)):
        if axis not in shared:
            known_size(dims[axis])
    return Shape(dims)


@layer("SpectralNormalization")
def spectral_normalization(call: LayerCall, inputs: Sequence[Shape]) -> Output:
    """What leaves the wrapped layer."""
    return through(_wrapped(call), inputs)


@layer("Sequential")
def sequential(call: LayerCall, inputs: Sequence[Shape]) -> Output:
    """What leaves the last of the wrapped layers."""
    output: Output = only(inputs)
    for entry in call.wrapped:
        output = through(entry, output if isinstance(output, tuple) else (output,))
    return output


@layer("Input", "InputLayer")
def input_layer(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives at an `Input` of a nested model, which must not contradict what it declares."""
    shape = only(inputs)
    for name, read in (
        ("shape", shape_of_value),
        ("input_shape", shape_of_value),
        ("batch_shape", batch_shape_of_value),
        ("batch_input_shape", batch_shape_of_value),
    ):
        declared = read(call.arguments[name]) if is_given(call, name) else shape
        if declared is None or conflict(declared, shape):
            raise NoShape
    return shape


def through(call: LayerCall, inputs: Sequence[Shape]) -> Output:
    """What leaves a layer that another one is made of."""
    if call.name not in TABLE:
        raise NoShape
    return TABLE[call.name](call, inputs)


def _wrapped(call: LayerCall) -> LayerCall:
    if len(call.wrapped) != 1:
        raise NoShape
    return call.wrapped[0]


def _at(dims: tuple[Dim, ...], axis: int) -> Dim:
    if not -len(dims) <= axis < len(dims):
        raise NoShape
    return dims[axis]
