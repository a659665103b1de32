"""A layer as written, how its arguments are read as sizes, and the table of what each layer does to a shape.

A module of this package adds its layers to the table with `@layer(names...)`. A shape function receives the
call and the shapes that arrive and returns the shape that leaves, or raises `NoShape`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kerasfix.analysis.values import Constant, Dim, Items, Shape, Symbol, Unknown, Value


@dataclass(frozen=True, slots=True)
class LayerCall:
    """A layer as the source makes it.

    `name` is the last part of its canonical name ("Conv2D"), `arguments` maps the names of the parameters
    that are written to their values. `wrapped` holds the layers it is made from: one for `TimeDistributed`
    and `SpectralNormalization`, one or two (`backward_layer`) for `Bidirectional`, the cell for `RNN`, where
    a list of cells is a `StackedRNNCells`, its cells for `StackedRNNCells`, its entries for `Sequential`.
    """

    name: str
    arguments: Mapping[str, Value]
    wrapped: tuple[LayerCall, ...] = ()


Output: TypeAlias = Shape | tuple[Shape, ...]
"""What leaves a layer: one shape, or one for each output where it has several."""

ShapeFunction: TypeAlias = Callable[[LayerCall, Sequence[Shape]], Output]

TABLE: dict[str, ShapeFunction] = {}


class NoShape(Exception):
    """The layer would refuse what it is given, or nothing can be said of what leaves it."""


def layer(*names: str) -> Callable[[ShapeFunction], ShapeFunction]:
    """Enter a shape function in the table under the names of the layers it speaks for."""

    def enter(function: ShapeFunction) -> ShapeFunction:
        for name in names:
            if name in TABLE:
                raise ValueError(f"{name} is in the table already")
            TABLE[name] = function
        return function

    return enter


def spatial_rank(call: LayerCall) -> int:
    """The number of spatial axes that a layer's name tells: 2 for Conv2DTranspose."""
    match = re.search("([123])D", call.name)
    if match is None:
        raise NoShape
    return int(match[1])


def only(inputs: Sequence[Shape]) -> Shape:
    """The one shape that arrives at a layer of one input."""
    if len(inputs) != 1:
        raise NoShape
    return inputs[0]


def dims_of(shape: Shape) -> tuple[Dim, ...]:
    """The sizes of a shape whose rank is known."""
    if shape.dims is None:
        raise NoShape
    return shape.dims


def dims_of_rank(shape: Shape, rank: int) -> tuple[Dim, ...]:
    """The sizes of a shape at a layer that takes this rank alone: it is known even where `shape` is not."""
    if shape.dims is None:
        return (Unknown("the shape that arrives is not known"),) * rank
    if len(shape.dims) != rank:
        raise NoShape
    return shape.dims


def known_size(dim: Dim) -> Dim:
    """`dim` where a layer makes weights of that size, and so refuses None."""
    if dim is None:
        raise NoShape
    return dim


def size(call: LayerCall, name: str, default: int | None = None) -> Dim:
    """An argument that is a positive int; unknown where it is required (no default) and not written."""
    value = call.arguments.get(name)
    if value is None:
        return default if default is not None else _missing(call, name)
    return _size_of(value, minimum=1)


def sizes(call: LayerCall, name: str, count: int, default: int | None = None, minimum: int = 1) -> tuple[Dim, ...]:
    """An argument that is an int or a tuple of `count` ints, as `standardize_tuple` in Keras 3 reads it."""
    value = call.arguments.get(name)
    if value is None:
        return (default if default is not None else _missing(call, name),) * count
    return sizes_of(value, count, minimum)


def sizes_of(value: Value, count: int, minimum: int = 1) -> tuple[Dim, ...]:
    """`value` as `count` sizes, none below `minimum`: an int stands for each of them."""
    match value:
        case Items(items=items):
            if len(items) != count:
                raise NoShape
            return tuple(_size_of(item, minimum) for item in items)
        case Symbol():
            return (Unknown("it may be a number or a tuple"),) * count
        case _:
            return (_size_of(value, minimum),) * count


def integer(call: LayerCall, name: str, default: int) -> int:
    """An argument that is an int of either sign and has to be known, such as an axis."""
    match call.arguments.get(name, Constant(default)):
        case Constant(value=int(number)) if not isinstance(number, bool):
            return number
        case _:
            raise NoShape


def integers(call: LayerCall, name: str, default: int | None = None) -> tuple[int, ...]:
    """An argument that is an int or a tuple of ints, all of which have to be known, such as axes."""
    value = call.arguments.get(name, Constant(default))
    numbers: list[int] = []
    for item in value.items if isinstance(value, Items) else (value,):
        if not isinstance(item, Constant) or not isinstance(item.value, int) or isinstance(item.value, bool):
            raise NoShape
        numbers.append(item.value)
    return tuple(numbers)


def flag(call: LayerCall, name: str, default: bool = False) -> bool:
    """An argument that is true or false and has to be known."""
    value = call.arguments.get(name, Constant(default))
    if not isinstance(value, Constant):
        raise NoShape
    return bool(value.value)


def choice(call: LayerCall, name: str, default: str, allowed: Sequence[str]) -> str:
    """An argument that is one of a few words and has to be known."""
    value = call.arguments.get(name, Constant(default))
    if not isinstance(value, Constant) or not isinstance(value.value, str) or value.value not in allowed:
        raise NoShape
    return value.value


def is_given(call: LayerCall, name: str) -> bool:
    """Whether an argument is written and is not the literal None."""
    return call.arguments.get(name, Constant(None)) != Constant(None)


def _missing(call: LayerCall, name: str) -> Unknown:
    return Unknown(f"{call.name} is made without {name}")


def _size_of(value: Value, minimum: int) -> Dim:
    match value:
        case Symbol() | Unknown():
            return value
        case Constant(value=int(number)) if not isinstance(number, bool) and number >= minimum:
            return number
        case Constant() | Items():
            raise NoShape
        case _:
            return Unknown("it is not a number that can be read")
