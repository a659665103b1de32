"""The shapes of arrays: what the functions and methods of numpy, TensorFlow and Keras's data sets make of them.

Nothing is guessed: where one step is not known, the whole shape is not, and a size that is not known stays so. The
first axis of an array is the samples, as the first of a Keras shape is the batch. A shape function is given the call
and returns the shape, or one for each of several results; it raises `NoShape` where there is none to tell.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis.layer_shapes.calls import NoShape
from kerasfix.analysis.layer_shapes.merging import agreed
from kerasfix.analysis.objects import FunctionalObject, Tensor
from kerasfix.analysis.shapes import add, derive, join, multiply, same_dim
from kerasfix.analysis.values import (
    UNKNOWN_SHAPE,
    Choice,
    Constant,
    Dim,
    Items,
    Reference,
    Shape,
    Symbol,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Dims: TypeAlias = tuple[Dim, ...]
Known: TypeAlias = "Mapping[Value, Shape]"
"""The shapes of the arrays that are known so far."""

SCALAR = Shape(())
BATCH = "batch of"
"""What the symbol of one of the batches that a generator or dataset yields begins with."""
GENERATED, DATASET = "generated", "dataset"
"""What the symbols of generators of batches and of datasets begin with."""
LISTS = ("list", "tuple", "range")
"""The kinds of `Items` that numpy makes arrays of."""


def data_shape(value: Value, known: Known) -> Shape:
    """The shape of an array or tensor, the axis of the samples included; a number has none but `()`."""
    match value:
        case Symbol():
            return known.get(value, UNKNOWN_SHAPE)
        case Tensor(source=FunctionalObject(outputs=outputs), place=None) if len(outputs) != 1:
            return UNKNOWN_SHAPE  # it is a list of tensors
        case Tensor():
            return value.shape
        case Constant(value=int() | float() | complex()):
            return SCALAR
        case Choice(options=(first, *others)):
            shape = data_shape(first, known)
            for other in others:
                shape = join(shape, data_shape(other, known))
            return shape
    return UNKNOWN_SHAPE


def is_batch(value: Value) -> bool:
    """Whether a value is one of the batches that a generator or dataset yields."""
    return isinstance(value, Symbol) and isinstance(value.key, tuple) and value.key[0] == BATCH


def is_from_generator(value: Value) -> bool:
    """Whether a batch comes from a Python generator, so that TensorFlow knows no sizes before it is there."""
    return isinstance(value, Symbol) and is_batch(value) and value.key[1].key[0] == GENERATED  # type: ignore[index]


def is_list_of_numbers(value: Value) -> bool:
    """Whether a value is a list or tuple of numbers, or of such lists: no array, though one can be made of it."""
    return (
        isinstance(value, Items)
        and value.kind in LISTS
        and bool(value.items)
        and all(
            is_list_of_numbers(item) or (isinstance(item, Constant) and isinstance(item.value, int | float))
            for item in value.items
        )
    )


@dataclass(frozen=True, slots=True)
class ArrayCall:
    """A call of a function, or of a method of an array, which then is the first argument."""

    positional: Sequence[Value]
    keywords: Mapping[str, Value]
    known: Known

    def value(self, place: int, *names: str) -> Value | None:
        """The argument at a place or under one of some names; None where it is not given, or is None."""
        given = self.positional[place] if place < len(self.positional) else None
        for name in names:
            given = self.keywords.get(name, given)
        return None if given == Constant(None) else given

    def dims(self, place: int, *names: str) -> Dims:
        """The sizes of an argument that is an array whose rank is known."""
        given = self.value(place, *names)
        dims = None if given is None else self.dims_of(given)
        if dims is None:
            raise NoShape
        return dims

    def dims_of(self, value: Value) -> Dims | None:
        """The sizes of an array, or of nested lists that numpy would make one of."""
        if not isinstance(value, Items):
            return data_shape(value, self.known).dims
        inner = {self.dims_of(item) for item in value.items}
        if len(inner) != 1 or value.kind not in LISTS:
            return None
        (dims,) = inner
        return None if dims is None else (len(value.items), *dims)

    def integer(self, place: int, *names: str, default: int | None = None) -> int:
        """An argument that is a number written in the source."""
        given = self.value(place, *names)
        if given is None and default is not None:
            return default
        if isinstance(given, Constant) and type(given.value) is int:
            return given.value
        raise NoShape

    def only_takes(self, *names: str) -> None:
        """Raise `NoShape` if there are other keywords, which may change the shape."""
        if not self.keywords.keys() <= {*names}:
            raise NoShape


def sizes(value: Value | None) -> Dims:
    """The sizes that a shape argument says: a number, or a tuple or list of sizes. -1 stays as it is."""
    match value:
        case Constant(value=int() as size):
            return (size,)
        case Items(items=items):
            return tuple(map(size_of, items))
    raise NoShape


def size_of(value: Value) -> Dim:
    """One size: a number that is written, a symbol, or one that is not known."""
    match value:
        case Constant(value=int() | None as size):
            return size
        case Symbol() | Unknown():
            return value
    raise NoShape


def axis_of(axis: int, rank: int) -> int:
    """The place of an axis that may be counted from the end."""
    if not -rank <= axis < rank:
        raise NoShape
    return axis % rank


# --- what makes arrays of arrays -------------------------------------------------------------------------------


def reshaped(dims: Dims | None, wanted: Dims) -> Dims:
    """The sizes behind `reshape(wanted)`; they are known even where those of the array are not."""
    open_places = [place for place, size in enumerate(wanted) if size == -1]
    if any(isinstance(size, int) and size < -1 for size in wanted) or len(open_places) > 1:
        raise NoShape
    others = multiply(*(size for size in wanted if size != -1))
    elements = multiply(*dims) if dims is not None else Unknown("nothing is known of the array")
    if isinstance(elements, int) and isinstance(others, int):
        _check_elements(elements, others, exactly=not open_places)
    rest: Dim = Unknown("it follows from the number of elements")
    if isinstance(others, int) and others:
        if isinstance(elements, int):
            rest = elements // others
        elif dims and multiply(*dims[1:]) == others:
            rest = dims[0]
    if elements is None:
        rest = None
    return tuple(rest if size == -1 else size for size in wanted)


def _check_elements(elements: int, others: int, *, exactly: bool) -> None:
    """Refuse a shape that cannot hold the elements of an array, all of them or as many as `others` goes into."""
    if (elements != others) if exactly else (others and elements % others):
        raise NoShape


def broadcast(left: Dims, right: Dims) -> Dims:
    """The sizes of a sum, product or the like."""
    rank = max(len(left), len(right))
    padded = ((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right)
    return tuple(map(_wider, *padded))


def _wider(left: Dim, right: Dim) -> Dim:
    if left == 1 or right == 1:
        return right if left == 1 else left
    if same_dim(left, right):
        return left
    if isinstance(left, int) and isinstance(right, int):
        raise NoShape
    if None in (left, right):  # a size that is known and not 1 counts, in Keras as in TensorFlow
        known = right if left is None else left
        return known if isinstance(known, int) else Unknown("a size that may be 1")
    return Unknown("two sizes that must be one")


def multiplied(left: Dims, right: Dims) -> Dims:
    """The sizes behind `matmul`: the last two axes are multiplied, those before them are broadcast."""
    if len(left) < 2 or len(right) < 2:
        raise NoShape
    _common(left[-1], right[-2])
    return (*broadcast(left[:-2], right[:-2]), left[-2], right[-1])


def _common(left: Dim, right: Dim) -> None:
    """Refuse two sizes that have to be one and are not."""
    if isinstance(left, int) and isinstance(right, int) and left != right:
        raise NoShape


def indexed(dims: Dims, index: Value, known: Known) -> Dims:
    """The sizes of `array[index]`."""
    parts = list(index.items) if isinstance(index, Items) and index.kind == "tuple" else [index]
    taken = sum(not _is_new_axis(part) and part != Constant(...) for part in parts)
    if taken > len(dims) or parts.count(Constant(...)) > 1:
        raise NoShape
    everything = Items((Constant(None),) * 3, "slice")
    if Constant(...) not in parts:
        parts.append(Constant(...))
    place = parts.index(Constant(...))
    parts[place : place + 1] = [everything] * (len(dims) - taken)
    result: list[Dim] = []
    left = list(dims)
    for part in parts:
        result += [1] if _is_new_axis(part) else _taken(left.pop(0), part, known, alone=len(parts) == len(dims))
    return tuple(result)


def _is_new_axis(part: Value) -> bool:
    return part == Constant(None) or (isinstance(part, Reference) and part.dotted.endswith(".newaxis"))


def _taken(size: Dim, part: Value, known: Known, *, alone: bool) -> list[Dim]:
    """What an index makes of one axis: nothing is left of it, some of it, or as many entries as there are indices."""
    match part:
        case Constant(value=bool()):
            raise NoShape
        case Constant(value=int(place)):
            if isinstance(size, int):
                axis_of(place, size)
            return []
        case Items(kind="slice", items=bounds):
            return [_sliced(size, bounds)]
        case Items(kind="list", items=items) if alone and all(_is_number(item) for item in items):
            return [len(items)]
        case Symbol() if alone and len(data_shape(part, known).dims or ()) == 1:
            return [*(data_shape(part, known).dims or ())]
    raise NoShape


def _is_number(value: Value) -> bool:
    return isinstance(value, Constant) and type(value.value) is int


def _sliced(size: Dim, bounds: Sequence[Value]) -> Dim:
    nothing = Constant(None)
    if all(bound == nothing for bound in bounds[:2]) and bounds[2] in (nothing, Constant(-1), Constant(1)):
        return size
    written = [bound.value for bound in bounds if isinstance(bound, Constant)]
    numbers = [number if isinstance(number, int) else None for number in written]
    readable = len(written) == len(bounds) and all(number is None or type(number) is int for number in written)
    if size is None and readable:
        return None
    if not isinstance(size, int) or not readable or numbers[2] == 0:
        return Unknown("a part of an axis")
    return len(range(size)[slice(*numbers)])


def joined(parts: Sequence[Dims], axis: int) -> Dims:
    """The sizes behind `concatenate`: those on which the parts agree, but for the one axis, which is the sum."""
    axis = axis_of(axis, len(parts[0]))
    if any(len(part) != len(parts[0]) for part in parts):
        raise NoShape
    return tuple(
        add(*found) if place == axis else reduce(agreed, found) for place, found in enumerate(zip(*parts, strict=True))
    )


def stacked(parts: Sequence[Dims], axis: int) -> Dims:
    """The sizes behind `stack`: those on which the parts agree, and how many parts there are."""
    return joined([with_axis(part, axis) for part in parts], axis)


def permuted(dims: Dims, axes: Value | None) -> Dims:
    """The sizes behind `transpose`."""
    if axes is None:
        return dims[::-1]
    order = sizes(axes)
    places = [axis_of(place, len(dims)) for place in order if isinstance(place, int)]
    if sorted(places) != list(range(len(dims))):
        raise NoShape
    return tuple(dims[place] for place in places)


def with_axis(dims: Dims, axis: int) -> Dims:
    """The sizes behind `expand_dims`."""
    place = axis_of(axis, len(dims) + 1)
    return (*dims[:place], 1, *dims[place:])


def squeezed(dims: Dims, axis: Value | None) -> Dims:
    """The sizes behind `squeeze`."""
    if axis is None:
        if not all(isinstance(size, int) for size in dims):
            raise NoShape
        return tuple(size for size in dims if size != 1)
    gone = _axes(axis, len(dims))
    if any(isinstance(dims[place], int) and dims[place] != 1 for place in gone):
        raise NoShape
    return tuple(size for place, size in enumerate(dims) if place not in gone)


def reduced(dims: Dims, axis: Value | None, keeps: Value | None) -> Dims:
    """The sizes behind `mean`, `max` and the like; `keeps` says whether an axis of 1 stays for each that is gone."""
    if keeps not in (None, Constant(False), Constant(True)):
        raise NoShape
    gone = {*range(len(dims))} if axis is None else _axes(axis, len(dims))
    if keeps == Constant(True):
        return tuple(1 if place in gone else size for place, size in enumerate(dims))
    return tuple(size for place, size in enumerate(dims) if place not in gone)


def _axes(axis: Value, rank: int) -> set[int]:
    """The places of one axis or several, all of which have to be known."""
    found: set[int] = set()
    for place in sizes(axis):
        if not isinstance(place, int):
            raise NoShape
        found.add(axis_of(place, rank))
    return found


def between(size: Dim, places: Sequence[Dim]) -> list[Dim]:
    """The sizes of the parts of an axis that is cut at some places."""
    ends = [0, *places, size]
    numbers = [end for end in ends if isinstance(end, int)]
    if len(numbers) != len(ends):
        raise NoShape
    return [len(range(numbers[-1])[low:high]) for low, high in itertools.pairwise(numbers)]


def cut(size: Dim, parts: int) -> Dim:
    """The size of each of several equal parts of an axis."""
    if isinstance(size, int) and size % parts:
        raise NoShape
    return derive("//", int.__floordiv__, size, parts)
