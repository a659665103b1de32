"""Layers that reorder, repeat, pad, crop or enlarge axes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from kerasfix.analysis.layer_shapes.calls import (
    LayerCall,
    NoShape,
    dims_of_rank,
    integers,
    layer,
    only,
    size,
    sizes,
    sizes_of,
    spatial_rank,
)
from kerasfix.analysis.layer_shapes.spatial import arriving_image
from kerasfix.analysis.shapes import add, common_dim, derive, multiply
from kerasfix.analysis.values import Constant, Dim, Items, Shape, Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence


@layer("Flatten")
def flatten(_: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, ...) to (batch, product of the rest); (batch,) to (batch, 1)."""
    shape = only(inputs)
    if shape.dims is None:
        return Shape(dims_of_rank(shape, 2))
    if not shape.dims:
        raise NoShape
    return Shape((shape.dims[0], multiply(*shape.dims[1:])))


@layer("Reshape")
def reshape(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, ...) to (batch, *target_shape), -1 being what is left, or None if a size that arrives is None.

    Keras: `compute_reshape_output_shape` in `keras/src/ops/operation_utils.py`.
    """
    shape = only(inputs)
    batch, *arriving = shape.dims if shape.dims else dims_of_rank(shape, 1)
    target = _target(call)
    if target.count(-1) > 1:
        raise NoShape
    if shape.dims is None:
        left: Dim = batch
    elif None in arriving:
        left = None
    else:
        left = _left(arriving, target)
    return Shape((batch, *(left if dim == -1 else dim for dim in target)))


def _target(call: LayerCall) -> tuple[Dim, ...]:
    value = call.arguments.get("target_shape")
    if not isinstance(value, Items):
        raise NoShape
    return tuple(_target_size(item) for item in value.items)


def _target_size(item: Value) -> Dim:
    match item:
        case Constant(value=int(number)) if not isinstance(number, bool) and (number > 0 or number == -1):
            return number
        case Symbol():
            return Unknown("it may be -1")
        case Unknown():
            return item
        case _:
            raise NoShape


def _left(arriving: Sequence[Dim], target: tuple[Dim, ...]) -> Dim:
    """The size that -1 stands for, when no size that arrives is None."""
    if any(not isinstance(dim, int) for dim in (*arriving, *target)):
        return Unknown("a size that it is computed from is not known")
    total, known = math.prod(_numbers(arriving)), abs(math.prod(_numbers(target)))
    if total % known or (-1 not in target and total != known):
        raise NoShape
    return total // known


def _numbers(dims: Sequence[Dim]) -> list[int]:
    return [dim for dim in dims if isinstance(dim, int)]


@layer("Permute")
def permute(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, ...) with its axes in the order of `dims`, which counts them from 1."""
    order = integers(call, "dims")
    if sorted(order) != list(range(1, len(order) + 1)):
        raise NoShape
    dims = dims_of_rank(only(inputs), len(order) + 1)
    return Shape((dims[0], *(dims[axis] for axis in order)))


@layer("RepeatVector")
def repeat_vector(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, features) to (batch, n, features)."""
    batch, features = dims_of_rank(only(inputs), 2)
    return Shape((batch, size(call, "n"), features))


@layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """Every spatial size plus its padding on both sides, which is 1 unless written."""
    arriving = arriving_image(call, inputs)
    padded = tuple(add(dim, *edge) for dim, edge in zip(arriving.sizes, _edges(call, "padding", 1), strict=True))
    return replace(arriving, sizes=padded).shape


@layer("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """Every spatial size less what is cropped on both sides: 1 unless written, in 2D 0."""
    arriving = arriving_image(call, inputs)
    edges = _edges(call, "cropping", 0 if spatial_rank(call) == 2 else 1)
    return replace(arriving, sizes=tuple(map(_cropped, arriving.sizes, edges))).shape


def _cropped(dim: Dim, edge: tuple[Dim, ...]) -> Dim:
    cropped = derive("cropped", lambda whole, edge: whole - edge, dim, add(*edge))
    if isinstance(cropped, int) and cropped <= 0:
        raise NoShape
    return cropped


def _edges(call: LayerCall, name: str, default: int) -> tuple[tuple[Dim, ...], ...]:
    """An argument that says how much there is before and after on each spatial axis.

    In 1D an int or (before, after); else an int, or for each axis an int or (before, after).
    """
    rank = spatial_rank(call)
    value = call.arguments.get(name, Constant(default))
    if rank == 1:
        return (sizes_of(value, 2, minimum=0),)
    if not isinstance(value, Items):
        return (sizes_of(value, 2, minimum=0),) * rank
    if len(value.items) != rank:
        raise NoShape
    return tuple(sizes_of(item, 2, minimum=0) for item in value.items)


@layer("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """Every spatial size times `size`, which is 2 unless written; in 2D Keras 2 keeps both or none."""
    arriving = arriving_image(call, inputs)
    enlarged = tuple(map(multiply, arriving.sizes, sizes(call, "size", len(arriving.sizes), 2)))
    if len(enlarged) == 2 and any(dim is None or isinstance(dim, Unknown) for dim in arriving.sizes):
        enlarged = tuple(common_dim(dim, None) for dim in enlarged)
    return replace(arriving, sizes=enlarged).shape
