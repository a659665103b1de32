"""What the arguments of one layer declare of the model's input, as Keras 2 reads them.

Keras 2 (`Layer.__init__`, `Embedding`, `RNN`) takes `batch_input_shape` before `input_shape` before `input_dim`,
adds `batch_size` to the latter two, reads `input_dim` and `input_length` of the recurrent layers as `(length, dim)`
and gives Embedding the shape `(input_length,)`. Keras 1 did the same for Conv1D. Every rule about these arguments
asks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis.shapes import batch_shape_of_value, same, shape_of_value
from kerasfix.analysis.values import UNKNOWN_SHAPE, Constant, Items, Shape, Symbol, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kerasfix.analysis.objects import Argument, LayerObject

_BATCH_SHAPES = ("batch_input_shape", "batch_shape")
_LENGTH_AND_DIM = frozenset({"Conv1D", "LocallyConnected1D", "AtrousConvolution1D"})
"""Layers for which Keras 1 read `input_dim` and `input_length` together; Keras 2 and 3 refuse them there."""

Piece: TypeAlias = "str | Argument"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One input declared by a layer's arguments."""

    keyword: str
    """What `Input` takes it as: `shape` or `batch_shape`."""
    pieces: tuple[Piece, ...]
    """How its value is written, from text and from the source of arguments."""
    shape: Shape
    """The declared shape, the batch dimension included."""
    value: Value
    batch_size: Argument | None = None
    scalar: Argument | None = None
    """An argument that should be a tuple and is a number, or the reverse (KFX204)."""
    repeats: bool = False
    """Several arguments declare it (KFX109)."""
    disagrees: bool = False
    """They are not known to agree."""
    overrides_batch_size: bool = False
    """A `batch_size` beside a batch shape is not known to agree with it; Keras 2 ignores it."""


def declaration(layer: LayerObject) -> Declaration | None:
    """What the layer declares; None where it declares nothing (`input_shape=None`, a lone `batch_size`)."""
    given = {argument.name: argument for argument in layer.declares if argument.value != Constant(None)}
    found = [*_candidates(layer, given)]
    if not found:
        return None
    first = found[0]
    rest = [other for other in found[1:] if not _agree(first, other)]
    return Declaration(
        first.keyword,
        first.pieces,
        first.shape,
        first.value,
        _batch_size(first, given),
        first.scalar,
        repeats=len(found) > 1,
        disagrees=bool(rest),
        overrides_batch_size=_batch_size_disagrees(first, given),
    )


def _candidates(layer: LayerObject, given: Mapping[str, Argument]) -> list[Declaration]:
    found = []
    for name in _BATCH_SHAPES:
        if name in given:
            argument = given[name]
            shape = batch_shape_of_value(argument.value) or UNKNOWN_SHAPE
            found.append(Declaration("batch_shape", (argument,), shape, argument.value))
    if "input_shape" in given:
        found.append(_from_shape(given["input_shape"], given))
    name = layer.api.name.rpartition(".")[2] if layer.api is not None else ""
    recurrent = layer.api is not None and layer.api.recurrent
    dim, length = given.get("input_dim"), given.get("input_length")
    if dim is not None and (recurrent or (name in _LENGTH_AND_DIM and length is not None)):
        found.append(_from_length_and_dim(length, dim, given))
    elif dim is not None:
        found.append(_from_size(dim, given))
    elif length is not None and name == "Embedding":
        found.append(_from_size(length, given))
    return found


def _from_shape(argument: Argument, given: Mapping[str, Argument]) -> Declaration:
    if is_scalar(argument.value):
        single = _shape((argument.value,), given)
        return Declaration("shape", ("(", argument, ",)"), single, argument.value, scalar=argument)
    shape = shape_of_value(argument.value) or UNKNOWN_SHAPE
    return Declaration("shape", (argument,), batch_size_of(shape, given.get("batch_size")), argument.value)


def _from_size(argument: Argument, given: Mapping[str, Argument]) -> Declaration:
    """`input_dim=` or Embedding's `input_length=`: one size, though a tuple is sometimes written."""
    if isinstance(argument.value, Items):
        shape = batch_size_of(shape_of_value(argument.value) or UNKNOWN_SHAPE, given.get("batch_size"))
        scalar = argument if argument.name == "input_dim" else None
        return Declaration("shape", (argument,), shape, argument.value, scalar=scalar)
    return Declaration("shape", ("(", argument, ",)"), _shape((argument.value,), given), argument.value)


def _from_length_and_dim(length: Argument | None, dim: Argument, given: Mapping[str, Argument]) -> Declaration:
    if length is None:
        values: tuple[Value, ...] = (Constant(None), dim.value)
        return Declaration("shape", ("(None, ", dim, ")"), _shape(values, given), Items(values))
    values = (length.value, dim.value)
    return Declaration("shape", ("(", length, ", ", dim, ")"), _shape(values, given), Items(values))


def _shape(values: tuple[Value, ...], given: Mapping[str, Argument]) -> Shape:
    return batch_size_of(shape_of_value(Items(values)) or UNKNOWN_SHAPE, given.get("batch_size"))


def batch_size_of(shape: Shape, size: Argument | None) -> Shape:
    """`shape` with the batch dimension that a `batch_size` argument gives it."""
    if size is None or shape.dims is None:
        return shape
    batch = size.value.value if isinstance(size.value, Constant) else size.value
    if isinstance(batch, Symbol) or (isinstance(batch, int) and not isinstance(batch, bool)):
        return Shape((batch, *shape.dims[1:]))
    return UNKNOWN_SHAPE


def _batch_size(first: Declaration, given: Mapping[str, Argument]) -> Argument | None:
    return given.get("batch_size") if first.keyword == "shape" else None


def _batch_size_disagrees(first: Declaration, given: Mapping[str, Argument]) -> bool:
    """`batch_size` beside a batch shape: Keras 2 ignores it silently."""
    size = given.get("batch_size")
    if size is None or first.keyword == "shape":
        return False
    return not (
        first.shape.dims is not None and isinstance(size.value, Constant) and size.value.value == first.shape.dims[0]
    )


def _agree(first: Declaration, other: Declaration) -> bool:
    return first.value == other.value or same(first.shape, other.shape)


def is_scalar(value: Value) -> bool:
    """Whether a value is known to be one number, not a tuple: a literal, an entry of a shape, a length."""
    match value:
        case Constant(value=bool()):
            return False
        case Constant(value=int()):
            return True
        case Symbol(key=("item", Symbol(key=("attribute", _, "shape")), Constant(value=int()))):
            return True
        case Symbol(key=("call len" | "call int", *_)):
            return True
        case Symbol(key=("Add" | "Subtract" | "Multiply" | "FloorDivide", Value() as left, Value() as right)):
            return is_scalar(left) and is_scalar(right)
    return False
