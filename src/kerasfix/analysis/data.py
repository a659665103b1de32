"""Follows arrays through the program: where they are made, changed, taken apart and given to models.

What is known of an array is its shape, kept by its value. A shape that is changed in place (`x.shape = ...`,
`x.resize(...)`) is not known any more, wherever in the program that happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis import batches, data_sets
from kerasfix.analysis.array_functions import FUNCTIONS, METHODS, ON_ANYTHING, OPERATORS, RESIZING, SPLITTING
from kerasfix.analysis.data_shapes import BATCH, DATASET, GENERATED, ArrayCall, data_shape, indexed
from kerasfix.analysis.events import Given
from kerasfix.analysis.keras_calls import KerasCalls
from kerasfix.analysis.layer_shapes.calls import NoShape
from kerasfix.analysis.libraries import FEEDING
from kerasfix.analysis.objects import FunctionalObject, SequentialObject
from kerasfix.analysis.values import UNKNOWN_SHAPE, Constant, Items, Shape, Symbol, Unknown, Value, options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kerasfix.analysis.array_functions import SplittingFunction
    from kerasfix.analysis.calls import CallArgument
    from kerasfix.analysis.data_shapes import Dims
    from kerasfix.analysis.values import Dim

_GENERATORS = frozenset(["numpy.random.default_rng", "numpy.random.RandomState"])
_SPLIT = "sklearn.model_selection.train_test_split"
_SPLITS = (_SPLIT, "sklearn.cross_validation.train_test_split", "sklearn.model_selection._split.train_test_split")


class Data(KerasCalls):
    """The shapes of arrays, and what models are given."""

    def __init__(self, is_bound_anywhere: Callable[[str], bool] = lambda name: False) -> None:
        super().__init__(is_bound_anywhere)
        self.arrays: dict[Value, Shape] = {}
        """What is known of each array; `UNKNOWN_SHAPE` for one whose shape changes."""
        self.elements: dict[Value, Dims] = {}
        """The shape of what generators and datasets yield."""
        self.origins: dict[Value, cst.CSTNode | None] = {}
        """The statement that made each array; None where several did, from the same values."""
        self.channels_last = True
        """Whether the data sets of coloured images are sure to have the colours in the last axis."""

    # --- arrays ------------------------------------------------------------------------------------------------

    def shaped(self, value: Value, compute: Callable[[], Dims]) -> Value:
        """`value`, of which it is noted that it is an array of the shape that `compute` gives or refuses."""
        try:
            dims = compute()
        except NoShape:
            if value in self.arrays:
                self.arrays[value] = UNKNOWN_SHAPE
            return value
        if self.arrays.get(value) is not UNKNOWN_SHAPE:
            self.arrays[value] = Shape(dims)
            if self.statement is not None and self.origins.setdefault(value, self.statement) is not self.statement:
                self.origins[value] = None
        return value

    def new_array(self, dims: Dims | None) -> Value:
        """An array that is no other one."""
        value = Symbol(("array", object()))
        return value if dims is None else self.shaped(value, lambda: dims)

    def derived(self, operation: str, *operands: Value) -> Value:
        value = super().derived(operation, *operands)
        if operation == "call len" and len(operands) == 1:
            dims = self._dims(operands[0])
            return Constant(dims[0]) if dims and isinstance(dims[0], int) else value
        if operation in OPERATORS:
            return self.shaped(value, lambda: OPERATORS[operation](*map(self.sure_dims, operands)))
        if operation == "item" and isinstance(operands[0], Symbol) and self._dims(operands[0]):
            return self.shaped(value, lambda: indexed(self.sure_dims(operands[0]), operands[1], self.arrays))
        return value

    def is_array(self, value: Value) -> bool:
        return isinstance(value, Symbol) and value in self.arrays

    def _dims(self, value: Value) -> Dims | None:
        return data_shape(value, self.arrays).dims

    def sure_dims(self, value: Value) -> Dims:
        """The sizes of an array or tensor; raises `NoShape` where not even its rank is known."""
        dims = self._dims(value)
        if dims is None:
            raise NoShape
        return dims

    def attribute(self, owner: Value, name: str) -> Value:
        value = super().attribute(owner, name)
        dims = self._dims(owner) if isinstance(owner, Symbol) else None
        if dims is None or (owner, name) in self.alive.attributes:
            return value
        if name == "T":
            return self.shaped(value, lambda: dims[::-1])
        if name == "shape":
            return Items(tuple(self._entry(value, place, size) for place, size in enumerate(dims)))
        if name == "ndim":
            return Constant(len(dims))
        return value

    def _entry(self, shape: Value, place: int, size: Dim) -> Value:
        """An entry of `array.shape`; one that is not known is told from others."""
        if isinstance(size, Unknown):
            return Symbol(("item", shape, Constant(place)))
        return size if isinstance(size, Value) else Constant(size)

    def assign(self, target: cst.BaseExpression, value: Value) -> None:
        if isinstance(target, cst.Attribute) and target.attr.value == "shape":
            self._forget_shapes(self.value(target.value))
        super().assign(target, value)

    def _forget_shapes(self, value: Value) -> None:
        self.arrays.update(dict.fromkeys((option for option in options(value)), UNKNOWN_SHAPE))

    # --- calls -------------------------------------------------------------------------------------------------

    def derived_call(self, node: cst.Call, name: str, arguments: Sequence[CallArgument]) -> Value:
        value = super().derived_call(node, name, arguments)
        if any(argument.star for argument in arguments):
            return value
        if name in _GENERATORS:
            return Symbol(("generator", object()))
        if name == batches.IMAGE_GENERATOR:
            first = any(argument.keyword == "data_format" for argument in arguments) or not self.channels_last
            return value if first else Symbol(("image generator", object()))
        call = self.array_call(arguments)
        source = self._source(DATASET, lambda: batches.made_by_function(name, call))
        if source is not None:
            return source
        if name in _SPLITS:
            return Items(tuple(map(self.new_array, data_sets.split(call))), "list")
        if name in SPLITTING:
            return self._split(SPLITTING[name], call) or value
        given = data_sets.data_set(name, plain=not arguments, channels_last=self.channels_last)
        if given is not None:
            return Items(tuple(Items(tuple(map(self.new_array, pair))) for pair in given))
        return self._made_by(FUNCTIONS.get(name), call, value)

    def _split(self, function: SplittingFunction, call: ArrayCall) -> Value | None:
        try:
            return Items(tuple(map(self.new_array, function(call))), "list")
        except NoShape:
            return None

    def array_call(self, arguments: Sequence[CallArgument]) -> ArrayCall:
        """A call as the functions of arrays read it."""
        positional = [self.freeze(argument.value) for argument in arguments if argument.keyword is None]
        keywords = {a.keyword: self.freeze(a.value) for a in arguments if a.keyword is not None}
        return ArrayCall(positional, keywords, self.arrays)

    def _source(self, kind: str, compute: Callable[[], Dims | None]) -> Value | None:
        """A generator or dataset, if it is known of which shape its elements are."""
        try:
            element = compute()
        except NoShape:
            return None
        if element is None:
            return None
        value = Symbol((kind, object()))
        self.elements[value] = element
        return value

    def _made_by(self, function: Callable[[ArrayCall], Dims] | None, call: ArrayCall, value: Value) -> Value:
        """`value`, the result of a call, or a value of its own if that is `Unknown` and the shape is not."""
        if function is None:
            return value
        own = Symbol(("array", object())) if isinstance(value, Unknown) else value
        self.shaped(own, lambda: function(call))
        return own if own in self.arrays else value

    def call(self, node: cst.Call, callee: Value, arguments: Sequence[CallArgument]) -> Value:
        match callee:
            case SequentialObject() | FunctionalObject():
                self._note_given(node, callee, "__call__", arguments)
            case Symbol(key=("attribute", Symbol(key=("generator", _)), str() as name)):
                return self.derived_call(node, f"numpy.random.{name}", arguments)
            case Symbol(key=("attribute", Symbol() as owner, str() as name)) if self._yields(owner):
                source = self._call_source_method(owner, name, arguments)
                if source is not None:
                    return source
            case Symbol(key=("attribute", Symbol() | Unknown() as owner, str() as name)):
                found = self._call_array_method(owner, name, arguments)
                if found is not None:
                    return found
        return super().call(node, callee, arguments)

    def _yields(self, value: Symbol) -> bool:
        return value in self.elements or (isinstance(value.key, tuple) and value.key[0] == "image generator")

    def _call_source_method(self, owner: Symbol, name: str, arguments: Sequence[CallArgument]) -> Value | None:
        if any(argument.star for argument in arguments):
            return None
        call, element = self.array_call(arguments), self.elements.get(owner)
        if element is None:
            return self._source(GENERATED, lambda: batches.made_by_generator(name, call))
        if owner.key[0] == GENERATED:  # type: ignore[index]
            return None
        return self._source(DATASET, lambda: batches.after_method(element, name))

    def _call_array_method(self, owner: Value, name: str, arguments: Sequence[CallArgument]) -> Value | None:
        if name in RESIZING:
            self._forget_shapes(owner)
        if name not in METHODS or any(argument.star for argument in arguments):
            return None
        if self._dims(owner) is None and name not in ON_ANYTHING:
            return None
        call = self.array_call(arguments)
        call = ArrayCall([owner, *call.positional], call.keywords, self.arrays)
        found = self._made_by(METHODS[name], call, Unknown(f"what .{name}() gives"))
        return None if isinstance(found, Unknown) else found

    # --- what models are given ---------------------------------------------------------------------------------

    def call_method(self, node: cst.Call, owner: Value, name: str, arguments: Sequence[CallArgument]) -> Value:
        if isinstance(owner, SequentialObject | FunctionalObject) and name in FEEDING:
            self._note_given(node, owner, name, arguments)
        return super().call_method(node, owner, name, arguments)

    def _note_given(self, node: cst.Call, model: Value, method: str, arguments: Sequence[CallArgument]) -> None:
        if any(argument.star for argument in arguments):
            return
        for place, argument in enumerate(arguments):
            if argument.node is None:
                continue
            data = argument.value
            if argument.keyword == "validation_data":
                pair = (data,) if data in self.elements else self.elements_of(data)
                if not pair:
                    continue
                data = pair[0]
            elif not (argument.keyword in ("x", "inputs", "generator") or (place == 0 and argument.keyword is None)):
                continue
            if method.endswith("_generator") and data not in self.elements:
                continue
            self.events.append(Given(model, method, node, argument.node, self.freeze_data(data), self.rank))

    def freeze_data(self, value: Value) -> Value:
        """Of what yields batches, one of them."""
        if value in self.elements:
            batch = Symbol((BATCH, value))
            return self.shaped(batch, lambda: self.elements[value])
        return super().freeze_data(value)
