"""Convolutions and pooling: layers that slide a window over one to three spatial axes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kerasfix.analysis.layer_shapes.calls import (
    LayerCall,
    NoShape,
    choice,
    dims_of_rank,
    flag,
    is_given,
    known_size,
    layer,
    only,
    size,
    sizes,
    spatial_rank,
)
from kerasfix.analysis.shapes import common_dim, derive, multiply
from kerasfix.analysis.values import Constant, Dim, Shape, Symbol, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Image:
    """A shape by its meaning: (batch, *sizes, channels), or with channels first (batch, channels, *sizes)."""

    batch: Dim
    sizes: tuple[Dim, ...]
    channels: Dim
    channels_first: bool

    @property
    def shape(self) -> Shape:
        """The shape in the order of its data format."""
        if self.channels_first:
            return Shape((self.batch, self.channels, *self.sizes))
        return Shape((self.batch, *self.sizes, self.channels))


def image(call: LayerCall, dims: tuple[Dim, ...]) -> Image:
    """`dims` as the `data_format` of the layer reads them."""
    if channels_first(call):
        return Image(dims[0], dims[2:], dims[1], channels_first=True)
    return Image(dims[0], dims[1:-1], dims[-1], channels_first=False)


def arriving_image(call: LayerCall, inputs: Sequence[Shape]) -> Image:
    """The one shape that arrives, of the rank that the layer's name tells."""
    return image(call, dims_of_rank(only(inputs), spatial_rank(call) + 2))


def channels_first(call: LayerCall) -> bool:
    """The `data_format` written; where there is none, Keras's default, which is channels_last."""
    if not is_given(call, "data_format"):
        return False
    return choice(call, "data_format", "", ("channels_last", "channels_first")) == "channels_first"


_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D")
_SEPARABLE = ("SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D")
_TRANSPOSED = tuple(f"{name}Transpose" for name in _CONVOLUTIONS)


@layer(*_CONVOLUTIONS)
def convolution(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, *sizes, channels) to (batch, *windows, filters); 1D also knows the padding "causal"."""
    arriving = arriving_image(call, inputs)
    filters, groups = size(call, "filters"), size(call, "groups", 1)
    for channels in (filters, known_size(arriving.channels)):
        if isinstance(channels, int) and isinstance(groups, int) and channels % groups:
            raise NoShape
    return convolved(call, arriving, filters).shape


@layer(*_SEPARABLE)
def separable_convolution(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, *sizes, channels) to (batch, *windows, filters)."""
    arriving = arriving_image(call, inputs)
    known_size(arriving.channels)
    size(call, "depth_multiplier", 1)
    return convolved(call, arriving, size(call, "filters")).shape


@layer("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise_convolution(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, *sizes, channels) to (batch, *windows, channels * depth_multiplier)."""
    arriving = arriving_image(call, inputs)
    channels = multiply(known_size(arriving.channels), size(call, "depth_multiplier", 1))
    return convolved(call, arriving, channels).shape


@layer("LocallyConnected1D", "LocallyConnected2D")
def locally_connected(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """As a convolution, but every size has to be known (Keras 2 only)."""
    arriving = arriving_image(call, inputs)
    for dim in (arriving.channels, *arriving.sizes):
        known_size(dim)
    return convolved(call, arriving, size(call, "filters")).shape


def convolved(call: LayerCall, arriving: Image, filters: Dim) -> Image:
    """The image that leaves a convolution with `filters` filters.

    Keras: `compute_conv_output_shape` in `keras/src/ops/operation_utils.py`.
    """
    rank = len(arriving.sizes)
    strides, dilation = sizes(call, "strides", rank, 1), sizes(call, "dilation_rate", rank, 1)
    if _exceeds_one(strides) and _exceeds_one(dilation):
        raise NoShape
    causal = ("causal",) if rank == 1 and call.name in _CONVOLUTIONS else ()
    windows = _windows(arriving.sizes, sizes(call, "kernel_size", rank), strides, dilation, _padding(call, *causal))
    return replace(arriving, sizes=windows, channels=filters)


@layer(*_TRANSPOSED)
def transposed_convolution(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, *sizes, channels) to (batch, *larger, filters).

    Keras: `compute_conv_transpose_output_shape` in `keras/src/backend/common/backend_utils.py`.
    """
    arriving = arriving_image(call, inputs)
    known_size(arriving.channels)
    rank = len(arriving.sizes)
    kernel, strides = sizes(call, "kernel_size", rank), sizes(call, "strides", rank, 1)
    dilation = sizes(call, "dilation_rate", rank, 1)
    if _exceeds_one(strides) and _exceeds_one(dilation):
        raise NoShape
    larger = _larger(call, arriving.sizes, kernel, strides, dilation)
    if rank == 3:
        # Keras 2 takes a dilation in 3D and ignores it.
        larger = tuple(map(common_dim, larger, _larger(call, arriving.sizes, kernel, strides, (1,) * rank)))
    return replace(arriving, sizes=larger, channels=size(call, "filters")).shape


def _larger(
    call: LayerCall,
    lengths: tuple[Dim, ...],
    kernel: tuple[Dim, ...],
    strides: tuple[Dim, ...],
    dilation: tuple[Dim, ...],
) -> tuple[Dim, ...]:
    """The sizes that leave a transposed convolution."""
    padding, rank = _padding(call), len(lengths)
    windows = (lengths, kernel, strides, dilation)
    if is_given(call, "output_padding"):
        extra = sizes(call, "output_padding", rank, minimum=0)
        if any(isinstance(e, int) and isinstance(s, int) and e >= s for e, s in zip(extra, strides, strict=True)):
            raise NoShape
        length = _padded_valid if padding == "valid" else _padded_same
        return tuple(derive(length.__name__, length, *axis) for axis in zip(*windows, extra, strict=True))
    if padding == "same":
        return tuple(map(multiply, lengths, strides))
    return tuple(derive("transposed", _transposed_valid, *axis) for axis in zip(*windows, strict=True))


_POOLING = tuple(
    f"{kind}{rank}D" for kind in ("MaxPooling", "MaxPool", "AveragePooling", "AvgPool") for rank in (1, 2, 3)
)
_GLOBAL_POOLING = tuple(f"Global{name}" for name in _POOLING)
_ADAPTIVE_POOLING = tuple(f"Adaptive{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3))


@layer(*_POOLING)
def pooling(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, *sizes, channels) to (batch, *windows, channels); strides are the pool's size unless written.

    Keras: `compute_pooling_output_shape` in `keras/src/ops/operation_utils.py`.
    """
    arriving = arriving_image(call, inputs)
    rank = len(arriving.sizes)
    pool = sizes(call, "pool_size", rank, 2)
    strides = sizes(call, "strides", rank) if is_given(call, "strides") else pool
    padding = choice(call, "padding", "valid", ("valid", "same"))
    windows = _windows(arriving.sizes, pool, strides, (1,) * rank, padding)
    return replace(arriving, sizes=windows).shape


@layer(*_GLOBAL_POOLING)
def global_pooling(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, *sizes, channels) to (batch, channels), or every size to 1 with `keepdims`."""
    arriving = arriving_image(call, inputs)
    kept = (1,) * len(arriving.sizes) if flag(call, "keepdims") else ()
    return replace(arriving, sizes=kept).shape


@layer(*_ADAPTIVE_POOLING)
def adaptive_pooling(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, *sizes, channels) to (batch, *output_size, channels) (Keras 3 only)."""
    arriving = arriving_image(call, inputs)
    return replace(arriving, sizes=sizes(call, "output_size", len(arriving.sizes))).shape


def _padding(call: LayerCall, *further: str) -> str:
    """The padding in lower case, as Keras reads it in a convolution (`standardize_padding`)."""
    value = call.arguments.get("padding", Constant("valid"))
    if not isinstance(value, Constant) or not isinstance(value.value, str):
        raise NoShape
    padding = value.value.lower()
    if padding not in ("valid", "same", *further):
        raise NoShape
    return padding


def _windows(
    lengths: tuple[Dim, ...],
    window: tuple[Dim, ...],
    strides: tuple[Dim, ...],
    dilation: tuple[Dim, ...],
    padding: str,
) -> tuple[Dim, ...]:
    """How many windows fit on each axis."""
    each = zip(lengths, window, strides, dilation, strict=True)
    return tuple(_window_count(*axis, padding) for axis in each)


def _window_count(length: Dim, window: Dim, stride: Dim, dilation: Dim, padding: str) -> Dim:
    if length is None:
        return None
    if padding != "valid":
        return length if stride == 1 else derive("ceil", _ceil, length, stride)
    count = derive("windows", _windows_inside, length, window, stride, dilation)
    if isinstance(count, int) and count <= 0:
        raise NoShape
    return count


def _ceil(length: int, stride: int) -> int:
    return -(-length // stride)


def _windows_inside(length: int, window: int, stride: int, dilation: int) -> int:
    return (length - dilation * (window - 1) - 1) // stride + 1


def _transposed_valid(length: int, kernel: int, stride: int, dilation: int) -> int:
    return (length - 1) * stride + max((kernel - 1) * dilation + 1, stride)


def _padded_valid(length: int, kernel: int, stride: int, dilation: int, extra: int) -> int:
    return (length - 1) * stride + (kernel - 1) * dilation + 1 + extra


def _padded_same(length: int, kernel: int, stride: int, dilation: int, extra: int) -> int:
    return (length - 1) * stride + ((kernel - 1) * dilation + 1) % 2 + extra


def _exceeds_one(dims: tuple[Dim, ...]) -> bool:
    """Whether one of the sizes is known to be above 1."""
    return any(not isinstance(dim, (Symbol, Unknown)) and dim is not None and dim > 1 for dim in dims)
