"""Follows Keras tensors through what is no layer: operators, slices, and functions of Keras and TensorFlow.

Keras 3 takes its own functions alone, Keras 2 those of TensorFlow; what either accepts has the shape that it gives
there. What an operation makes is a tensor even where its shape is not known, so that the graph goes on behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.array_functions import FUNCTIONS, OPERATORS, SPLITTING, keeps_shape
from kerasfix.analysis.binding import bind
from kerasfix.analysis.data import Data
from kerasfix.analysis.data_shapes import SCALAR, data_shape, indexed
from kerasfix.analysis.layer_shapes.calls import NoShape
from kerasfix.analysis.objects import Applied, Tensor, has_tensor
from kerasfix.analysis.values import UNKNOWN_SHAPE, Choice, Constant, Items, Shape, Symbol, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import libcst as cst

    from kerasfix.analysis.calls import CallArgument
    from kerasfix.analysis.data_shapes import Dims


class TensorOperations(Data):
    """What operations make of Keras tensors."""

    def operated(self, node: cst.CSTNode, operation: str, *operands: Value) -> Value:
        frozen = tuple(map(self.freeze, operands))
        if operation == "item" and isinstance(frozen[0], Tensor) and frozen[0].shape.dims is not None:
            shape = _shape_of(lambda: self._sliced(*frozen))
            return Tensor(shape, None, frozen, Applied(None, operation, (), node))
        if operation in OPERATORS and any(map(has_tensor, frozen)) and not any(map(_is_text, frozen)):
            keeps = self._keeps_shape(operation, frozen)
            shape = _shape_of(lambda: OPERATORS[operation](*map(self.sure_dims, frozen)))
            return Tensor(shape, None, frozen, Applied(None, operation, (), node, keeps))
        return super().operated(node, operation, *operands)

    def derived_call(self, node: cst.Call, name: str, arguments: Sequence[CallArgument]) -> Value:
        known = (name in FUNCTIONS or name in SPLITTING) and not name.startswith("numpy.")
        if not known or any(argument.star for argument in arguments):
            return super().derived_call(node, name, arguments)
        call = self.array_call(arguments)
        given = [*call.positional, *call.keywords.values()]
        tensors = tuple(_tensors_in(given))
        if not tensors:
            return super().derived_call(node, name, arguments)
        bound = tuple(bind(self, None, arguments).values())
        if name in FUNCTIONS:
            applied = Applied(None, name, bound, node, self._keeps_shape(name, given))
            return Tensor(_shape_of(lambda: FUNCTIONS[name](call)), None, tensors, applied)
        applied = Applied(None, name, bound, node)
        try:
            parts = enumerate(SPLITTING[name](call))
        except NoShape:
            return super().derived_call(node, name, arguments)
        return Items(tuple(Tensor(Shape(dims), None, tensors, applied, place) for place, dims in parts), "list")

    def _keeps_shape(self, operation: str, given: Sequence[Value]) -> bool:
        """Whether one tensor alone is operated on and keeps its shape, whatever that is."""
        others = [value for value in given if not has_tensor(value)]
        numbers = all(isinstance(value, Constant) or data_shape(value, self.arrays) == SCALAR for value in others)
        return len(given) - len(others) == 1 and keeps_shape(operation, beside_numbers=numbers)

    def _sliced(self, tensor: Value, index: Value) -> Dims:
        """The sizes of `tensor[index]`; Keras tensors take no lists of places."""
        parts = index.items if isinstance(index, Items) and index.kind == "tuple" else (index,)
        if any(isinstance(part, Symbol) or (isinstance(part, Items) and part.kind != "slice") for part in parts):
            raise NoShape
        return indexed(self.sure_dims(tensor), index, self.arrays)


def _shape_of(compute: Callable[[], Dims]) -> Shape:
    try:
        return Shape(compute())
    except NoShape:
        return UNKNOWN_SHAPE


def _tensors_in(values: Sequence[Value]) -> Iterator[Value]:
    """The tensors among values and in the lists and tuples among them, what is one of several as it is."""
    for value in values:
        if isinstance(value, Items):
            yield from _tensors_in(value.items)
        elif isinstance(value, Tensor | Choice | Symbol) and has_tensor(value):
            yield value


def _is_text(value: Value) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, str | bytes)
