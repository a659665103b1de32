"""Layers of several inputs: merges, as classes and in their functional spelling, and attention."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from kerasfix.analysis.layer_shapes.calls import (
    LayerCall,
    NoShape,
    dims_of,
    flag,
    integer,
    integers,
    is_given,
    known_size,
    layer,
    sizes,
)
from kerasfix.analysis.shapes import add, batch_shape_of_value, common_dim, same_dim
from kerasfix.analysis.values import Constant, Dim, Items, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence


@layer(
    *("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"),
    *("add", "subtract", "multiply", "average", "maximum", "minimum"),
)
def elementwise_merge(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """Shapes of one rank, broadcast; a subtraction has two.

    Of None and a size above 1 Keras 3 makes None and Keras 2 the size; inputs of several ranks are aligned by
    their last axis in Keras 3 and by their first in Keras 2. Keras: `_compute_elemwise_op_output_shape` in
    `keras/src/layers/merging/base_merge.py`.
    """
    if len(inputs) < 2 or (call.name.lower() == "subtract" and len(inputs) != 2):
        raise NoShape
    shapes = [dims_of(shape) for shape in inputs]
    if len({len(dims) for dims in shapes}) != 1 or not shapes[0]:
        raise NoShape
    batch = reduce(_common_batch, (dims[0] for dims in shapes))
    rest = tuple(reduce(_broadcast, sizes) for sizes in zip(*(dims[1:] for dims in shapes), strict=True))
    return Shape((batch, *rest))


def _broadcast(a: Dim, b: Dim) -> Dim:
    if same_dim(a, b) or b == 1:
        return a
    if a == 1:
        return b
    if isinstance(a, int) and isinstance(b, int):
        raise NoShape
    return Unknown("it is broadcast from sizes that are not all known")


def _common_batch(a: Dim, b: Dim) -> Dim:
    """The batch size of two inputs: one that is known counts, except 1, which Keras 2 broadcasts."""
    if isinstance(a, int) and isinstance(b, int) and a != b:
        raise NoShape
    if a is None and isinstance(b, int) and b > 1:
        return b
    if b is None and isinstance(a, int) and a > 1:
        return a
    return common_dim(a, b)


@layer("Concatenate", "concatenate")
def concatenation(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """Shapes that agree but on `axis` (the last by default), on which their sizes are added."""
    shapes = [dims_of(shape) for shape in inputs]
    if len(shapes) < 2 or len({len(dims) for dims in shapes}) != 1:
        raise NoShape
    rank = len(shapes[0])
    axis = integer(call, "axis", -1)
    if not -rank <= axis < rank:
        raise NoShape
    joined = [
        add(*sizes) if position == axis % rank else reduce(agreed, sizes)
        for position, sizes in enumerate(zip(*shapes, strict=True))
    ]
    return Shape(tuple(joined))


def agreed(a: Dim, b: Dim) -> Dim:
    """A size on which two inputs agree. Of None in the first and a size in another Keras 3 makes None."""
    if isinstance(a, int) and isinstance(b, int) and a != b:
        raise NoShape
    return a if isinstance(a, int) else common_dim(a, b)


@layer("Dot", "dot")
def dot(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, *a) and (batch, *b) to (batch, *a less its axis, *b less its axis), or (batch, 1).

    Keras: `Dot.compute_output_shape` in `keras/src/layers/merging/dot.py`.
    """
    if len(inputs) != 2:
        raise NoShape
    first, second = (list(dims_of(shape)) for shape in inputs)
    axes = integers(call, "axes", -1 if call.name == "dot" else None)
    if len(axes) > 2:
        raise NoShape
    left, right = _axis(axes[0], first), _axis(axes[-1], second)
    _agreed_sum(first.pop(left), second.pop(right))
    batch = agreed(first.pop(0), second.pop(0))
    return Shape((batch, *(first + second or [1])))


def _axis(axis: int, dims: Sequence[Dim]) -> int:
    """`axis` counted from the front; it must not be the batch."""
    if not -len(dims) <= axis < len(dims) or axis % len(dims) == 0:
        raise NoShape
    return axis % len(dims)


def _agreed_sum(a: Dim, b: Dim) -> None:
    """Refuse two sizes that cannot be summed over together: None goes with None only."""
    if (isinstance(a, int) or a is None) and (isinstance(b, int) or b is None) and a != b:
        raise NoShape


@layer("Attention", "AdditiveAttention")
def attention(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """Query (batch, queries, dim), value (batch, values, out) and perhaps a key to (batch, queries, out)."""
    if not 2 <= len(inputs) <= 3 or _returns_scores(call):
        raise NoShape
    query, value = (_dims_of_rank_3(shape) for shape in inputs[:2])
    return Shape((_query_batch(query[0], value[0]), query[1], value[2]))


def _query_batch(query: Dim, value: Dim) -> Dim:
    """The query's batch size, which Keras 2 broadcasts with the value's."""
    if (isinstance(query, int) and query > 1) or (query is None and value == 1):
        return query
    return common_dim(query, value)


@layer("MultiHeadAttention")
def multi_head_attention(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """Query (batch, ..., dim), value and perhaps a key to that shape, or (batch, ..., *output_shape)."""
    if not 2 <= len(inputs) <= 3 or _returns_scores(call):
        raise NoShape
    query = dims_of(inputs[0])
    if len(query) < 3:
        raise NoShape
    known_size(query[-1])
    return Shape((*query[:-1], *(_projection(call) if is_given(call, "output_shape") else query[-1:])))


def _projection(call: LayerCall) -> tuple[Dim, ...]:
    value = call.arguments["output_shape"]
    if isinstance(value, Constant):
        return sizes(call, "output_shape", 1)
    shape = batch_shape_of_value(value) if isinstance(value, Items) else None
    if shape is None:
        raise NoShape
    return tuple(known_size(dim) for dim in dims_of(shape))


@layer("GroupQueryAttention")
def grouped_query_attention(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The query's shape (Keras 3 only)."""
    if not 2 <= len(inputs) <= 3 or _returns_scores(call):
        raise NoShape
    query, value = (_dims_of_rank_3(shape) for shape in inputs[:2])
    _agreed_sum(known_size(query[2]), known_size(value[2]))
    return Shape(query)


def _returns_scores(call: LayerCall) -> bool:
    """Whether the scores are asked for too: an argument of the call, which may be passed with the layer's."""
    return flag(call, "return_attention_scores")


def _dims_of_rank_3(shape: Shape) -> tuple[Dim, ...]:
    dims = dims_of(shape)
    if len(dims) != 3:
        raise NoShape
    return dims
