"""What can be said of tensor shapes without running anything: sizes, their arithmetic, what two shapes share.

A `Shape` counts the batch dimension. A size that is not known stays unknown: nothing here guesses or raises.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING

from kerasfix.analysis.values import (
    UNKNOWN_SHAPE,
    Choice,
    Constant,
    Dim,
    Items,
    Shape,
    Symbol,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def conflict(a: Shape, b: Shape) -> bool:
    """Whether `a` and `b` provably cannot be one tensor's shape: ranks, or sizes on one axis, differ.

    `None` conflicts with nothing: in Keras it stands for any size.
    """
    if a.dims is None or b.dims is None:
        return False
    return len(a.dims) != len(b.dims) or any(map(_differ, a.dims, b.dims))


def same(a: Shape, b: Shape) -> bool:
    """Whether `a` and `b` are provably one shape, axis by axis: equal ints, equal symbols, None and None."""
    if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
        return False
    return all(map(same_dim, a.dims, b.dims))


def join(a: Shape, b: Shape) -> Shape:
    """What is known of a tensor's shape when either `a` or `b` may hold, as after a branch."""
    if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
        return UNKNOWN_SHAPE
    return Shape(tuple(map(common_dim, a.dims, b.dims)))


def shape_of_value(value: Value) -> Shape | None:
    """The shape that `shape=value` or `input_shape=value` declares, a batch dimension of None put before it.

    A value that cannot be read declares a shape of unknown rank. None where the value is no shape at all: an
    int, a string, None, or a tuple that holds a negative or non-integer size (Keras 3: `standardize_shape` in
    `keras/src/backend/common/variables.py`).
    """
    shape = batch_shape_of_value(value)
    if shape is None or shape.dims is None:
        return shape
    return Shape((None, *shape.dims))


def batch_shape_of_value(value: Value) -> Shape | None:
    """The shape that `batch_shape=value` or `batch_input_shape=value` declares, the batch dimension in it.

    None where the value is no shape at all, as for `shape_of_value`.
    """
    match value:
        case Constant():
            return None
        case Items(items=items):
            return None if any(map(_is_no_size, items)) else Shape(tuple(map(_dim, items)))
        case Choice(options=options):
            shapes = [batch_shape_of_value(option) for option in options]
            found = [shape for shape in shapes if shape is not None]
            if not found:
                return None
            return reduce(join, found) if len(found) == len(shapes) else UNKNOWN_SHAPE
        case _:
            return UNKNOWN_SHAPE


def in_words(sizes: Sequence[object]) -> str:
    """Sizes as Keras writes a shape: `(None, 28, 28)`, `(784,)`."""
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"


def same_dim(a: Dim, b: Dim) -> bool:
    """Whether two sizes are provably equal; one that is not known equals nothing."""
    return not isinstance(a, Unknown) and not isinstance(b, Unknown) and a == b


def common_dim(a: Dim, b: Dim) -> Dim:
    """The size of an axis that is either `a` or `b`."""
    return a if same_dim(a, b) else Unknown("it has more than one possible size")


def add(*dims: Dim) -> Dim:
    """The sum of sizes; None as soon as one is None, as Keras has it."""
    return _fold("+", sum(_numbers(dims)), dims, neutral=0)


def multiply(*dims: Dim) -> Dim:
    """The product of sizes; None as soon as one is None, as Keras has it."""
    return _fold("*", math.prod(_numbers(dims)), dims, neutral=1)


def derive(operation: str, compute: Callable[..., int], *dims: Dim) -> Dim:
    """The size `compute(*dims)`, which `operation` names: what is computed from symbols is told apart by it.

    None where a size is None, unknown where one is unknown, a symbol where one is a symbol.
    """
    if None in dims:
        return None
    for dim in dims:
        if isinstance(dim, Unknown):
            return dim
    if any(isinstance(dim, Symbol) for dim in dims):
        return Symbol((operation, *dims))
    return compute(*dims)


def _fold(operation: str, number: int, dims: Sequence[Dim], neutral: int) -> Dim:
    """`derive` where order does not count: `number` is what the ints make.

    So `a + 1 + b` and `b + a + 1` are one symbol.
    """
    symbols = Counter(dim for dim in dims if isinstance(dim, Symbol))
    if not symbols or None in dims or any(isinstance(dim, Unknown) for dim in dims):
        return derive(operation, lambda *_: number, *dims)
    if number == neutral and symbols.total() == 1:
        return next(iter(symbols))
    return Symbol((operation, number, frozenset(symbols.items())))


def _numbers(dims: Sequence[Dim]) -> list[int]:
    return [dim for dim in dims if isinstance(dim, int)]


def _differ(a: Dim, b: Dim) -> bool:
    return isinstance(a, int) and isinstance(b, int) and a != b


def _is_no_size(item: Value) -> bool:
    """Whether Keras refuses `item` as a size of a declared shape."""
    if not isinstance(item, Constant):
        return isinstance(item, Items)
    size = item.value
    return not (size is None or (isinstance(size, int) and not isinstance(size, bool) and size >= 0))


def _dim(item: Value) -> Dim:
    match item:
        case Constant(value=int() | None as size):
            return size
        case Symbol() | Unknown():
            return item
        case _:
            return Unknown("it is not a number that can be read")
