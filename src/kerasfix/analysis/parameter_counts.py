"""How many numbers a layer learns or keeps, where that follows from its arguments and the shape that arrives.

A count is that of `layer.count_params()` in Keras 3 and in Keras 2.16: trainable weights and others, without seeds.
A layer that is not in the table, and one that some size is missing for, has no count: that is None, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis.layer_shapes.calls import (
    LayerCall,
    NoShape,
    choice,
    dims_of,
    flag,
    integer,
    integers,
    is_given,
    only,
    size,
    sizes,
    spatial_rank,
)
from kerasfix.analysis.layer_shapes.core import through
from kerasfix.analysis.layer_shapes.spatial import image
from kerasfix.analysis.values import Dim, Items, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable

Count: TypeAlias = Callable[[LayerCall, Sequence[Shape]], int]

_TABLE: dict[str, Count] = {}
_LORA = "lora_rank"
"""An argument of Keras 3 that adds weights to a layer."""


def parameter_count(call: LayerCall, inputs: Sequence[Shape]) -> int | None:
    """The number of parameters of a layer that `inputs`, batch dimension included, arrive at; None if not known."""
    try:
        return _count(call, inputs)
    except NoShape:
        return None


def _count(call: LayerCall, inputs: Sequence[Shape]) -> int:
    if call.name not in _TABLE or is_given(call, _LORA):
        raise NoShape
    return _TABLE[call.name](call, inputs)


def _of(*names: str) -> Callable[[Count], Count]:
    def enter(function: Count) -> Count:
        _TABLE.update(dict.fromkeys(names, function))
        return function

    return enter


def _product(*dims: Dim) -> int:
    """The number of elements of a weight, whose sizes have to be known."""
    known = [dim for dim in dims if isinstance(dim, int)]
    if len(known) != len(dims):
        raise NoShape
    return math.prod(known)


def _bias(call: LayerCall, *dims: Dim, name: str = "use_bias") -> int:
    return _product(*dims) if flag(call, name, True) else 0


def _axes(call: LayerCall, inputs: Sequence[Shape], axes: Iterable[int]) -> tuple[Dim, ...]:
    """The sizes that arrive on some axes, each of them once."""
    dims = dims_of(only(inputs))
    if any(not -len(dims) <= axis < len(dims) for axis in axes):
        raise NoShape
    return tuple(dims[axis] for axis in dict.fromkeys(axis % len(dims) for axis in axes))


def _features(shape: Shape) -> Dim:
    dims = dims_of(shape)
    if len(dims) < 2:
        raise NoShape
    return dims[-1]


@_of(
    *("Activation", "ActivityRegularization", "AlphaDropout", "Dropout", "ELU", "Flatten", "GaussianDropout"),
    *("GaussianNoise", "Identity", "Input", "InputLayer", "LeakyReLU", "Masking", "Permute", "ReLU", "RepeatVector"),
    *("Rescaling", "Reshape", "Softmax", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
    *("ThresholdedReLU", "UnitNormalization"),
    *("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"),
    *("add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"),
    *(f"{kind}{rank}D" for kind in ("Cropping", "UpSampling", "ZeroPadding") for rank in (1, 2, 3)),
    *(f"{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3)),
    *(f"Global{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3)),
    *("CenterCrop", "RandomCrop", "RandomFlip", "RandomRotation", "RandomZoom", "Resizing"),
)
def _none(call: LayerCall, inputs: Sequence[Shape]) -> int:
    return 0


@_of("Dense")
def _dense(call: LayerCall, inputs: Sequence[Shape]) -> int:
    units = size(call, "units")
    return _product(_features(only(inputs)), units) + _bias(call, units)


@_of("Embedding")
def _embedding(call: LayerCall, inputs: Sequence[Shape]) -> int:
    return _product(size(call, "input_dim"), size(call, "output_dim"))


# --- convolutions ----------------------------------------------------------------------------------------------------


def _channels(call: LayerCall, inputs: Sequence[Shape], more: int = 2) -> Dim:
    dims = dims_of(only(inputs))
    if len(dims) != spatial_rank(call) + more:
        raise NoShape
    return image(call, dims).channels


def _kernel(call: LayerCall) -> int:
    return _product(*sizes(call, "kernel_size", spatial_rank(call)))


@_of("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def _convolution(call: LayerCall, inputs: Sequence[Shape]) -> int:
    filters = size(call, "filters")
    channels = _product(_channels(call, inputs)) // _product(size(call, "groups", 1))
    return _product(_kernel(call), channels, filters) + _bias(call, filters)


@_of("DepthwiseConv1D", "DepthwiseConv2D")
def _depthwise(call: LayerCall, inputs: Sequence[Shape]) -> int:
    leaving = _product(_channels(call, inputs), size(call, "depth_multiplier", 1))
    return _kernel(call) * leaving + _bias(call, leaving)


@_of("SeparableConv1D", "SeparableConv2D")
def _separable(call: LayerCall, inputs: Sequence[Shape]) -> int:
    filters = size(call, "filters")
    between = _product(_channels(call, inputs), size(call, "depth_multiplier", 1))
    return _kernel(call) * between + _product(between, filters) + _bias(call, filters)


# --- normalizations and activations ----------------------------------------------------------------------------------


@_of("BatchNormalization")
def _batch_normalization(call: LayerCall, inputs: Sequence[Shape]) -> int:
    """Scale and centre, and the mean and variance of what was seen."""
    weights = flag(call, "scale", True) + flag(call, "center", True) + 2
    return weights * _product(*_axes(call, inputs, integers(call, "axis", -1)))


@_of("LayerNormalization")
def _layer_normalization(call: LayerCall, inputs: Sequence[Shape]) -> int:
    if is_given(call, "rms_scaling"):
        raise NoShape  # of some Keras 3; what it does to `center` changed
    weights = flag(call, "scale", True) + flag(call, "center", True)
    return weights * _product(*_axes(call, inputs, integers(call, "axis", -1)))


@_of("GroupNormalization")
def _group_normalization(call: LayerCall, inputs: Sequence[Shape]) -> int:
    weights = flag(call, "scale", True) + flag(call, "center", True)
    return weights * _product(*_axes(call, inputs, [integer(call, "axis", -1)]))


@_of("PReLU")
def _prelu(call: LayerCall, inputs: Sequence[Shape]) -> int:
    shared = integers(call, "shared_axes") if is_given(call, "shared_axes") else ()
    return _product(*(1 if axis in shared else dim for axis, dim in enumerate(dims_of(only(inputs))) if axis))


# --- recurrent layers, cells and wrappers ----------------------------------------------------------------------------

_GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}


@_of(*_GATES, *(f"{name}Cell" for name in _GATES))
def _recurrent(call: LayerCall, inputs: Sequence[Shape]) -> int:
    """A kernel, a recurrent kernel and a bias for each gate; GRU's `reset_after`, True since TF 2, has two biases."""
    if not inputs:
        raise NoShape
    name = call.name.removesuffix("Cell")
    units, features = _product(size(call, "units")), _product(_features(inputs[0]))
    biases = 2 if name == "GRU" and flag(call, "reset_after", True) else 1
    return _GATES[name] * (features * units + units * units + _bias(call, biases, units))


@_of("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def _convolutional_lstm(call: LayerCall, inputs: Sequence[Shape]) -> int:
    batch, _, *rest = dims_of(inputs[0] if inputs else Shape(None))
    channels = _channels(call, [Shape((batch, *rest))])
    filters = _product(size(call, "filters"))
    return 4 * (_kernel(call) * filters * (_product(channels) + filters) + _bias(call, filters))


@_of("RNN")
def _cells(call: LayerCall, inputs: Sequence[Shape]) -> int:
    if len(call.wrapped) != 1 or not inputs:
        raise NoShape
    dims = dims_of(inputs[0])
    if len(dims) != 3:
        raise NoShape
    return _count(call.wrapped[0], [Shape((dims[0], dims[2]))])


@_of("StackedRNNCells")
def _stacked_cells(call: LayerCall, inputs: Sequence[Shape]) -> int:
    if not call.wrapped:
        raise NoShape
    total = 0
    for cell in call.wrapped:
        total += _count(cell, inputs)
        inputs = [Shape((None, size(cell, "units")))]
    return total


@_of("Bidirectional")
def _bidirectional(call: LayerCall, inputs: Sequence[Shape]) -> int:
    """Both directions; what is not written of the backward one is as the forward one's."""
    if not 1 <= len(call.wrapped) <= 2:
        raise NoShape
    return sum(_count(way, inputs) for way in (call.wrapped[0], call.wrapped[-1]))


@_of("TimeDistributed")
def _time_distributed(call: LayerCall, inputs: Sequence[Shape]) -> int:
    if len(call.wrapped) != 1:
        raise NoShape
    batch, *rest = dims_of(only(inputs))
    return _count(call.wrapped[0], [Shape((batch, *rest[1:]))])


@_of("Sequential")
def _sequential(call: LayerCall, inputs: Sequence[Shape]) -> int:
    total = 0
    for entry in call.wrapped:
        total += _count(entry, inputs)
        leaving = through(entry, inputs)
        inputs = leaving if isinstance(leaving, tuple) else (leaving,)
    return total


# --- attention -------------------------------------------------------------------------------------------------------


@_of("Attention")
def _attention(call: LayerCall, inputs: Sequence[Shape]) -> int:
    concatenates = choice(call, "score_mode", "dot", ("dot", "concat")) == "concat"
    return flag(call, "use_scale") + concatenates


@_of("AdditiveAttention")
def _additive_attention(call: LayerCall, inputs: Sequence[Shape]) -> int:
    if not flag(call, "use_scale", True):
        return 0
    return _product(_features(inputs[0] if inputs else Shape(None)))


@_of("MultiHeadAttention")
def _multi_head_attention(call: LayerCall, inputs: Sequence[Shape]) -> int:
    """Projections of query, key and value to the heads, and of the heads to the output."""
    if not 2 <= len(inputs) <= 3 or isinstance(call.arguments.get("output_shape"), Items):
        raise NoShape
    query, value, key = (_product(_features(shape)) for shape in (*inputs, inputs[1])[:3])
    heads, key_size = size(call, "num_heads"), size(call, "key_dim")
    value_size = size(call, "value_dim") if is_given(call, "value_dim") else key_size
    leaving = _product(size(call, "output_shape")) if is_given(call, "output_shape") else query
    inner, outer = _product(heads, key_size), _product(heads, value_size)
    kernels = (query + key) * inner + value * outer + outer * leaving
    return kernels + _bias(call, 2 * inner + outer + leaving)


COUNTED_LAYERS = frozenset(_TABLE)
"""The names of the layers whose parameters are counted."""
