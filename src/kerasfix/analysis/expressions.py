"""Evaluates expressions to what is known of their values, with the effects that they have on the state."""

from __future__ import annotations

import ast
import functools
import operator
import warnings
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.events import READ
from kerasfix.analysis.machine import Machine
from kerasfix.analysis.objects import Frame, FunctionObject, ListObject
from kerasfix.analysis.slots import Entry, Presence, bounded
from kerasfix.analysis.state import Content
from kerasfix.analysis.values import Choice, Constant, Items, Symbol, Unknown, Value, items_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kerasfix.analysis.slots import Fork, Slots

_ARITHMETIC: dict[type[cst.BaseBinaryOp], Callable[[int, int], int | float]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
}
_NAMED_CONSTANTS = {"None": None, "True": True, "False": False}
_LARGEST_FOLDED = 10**12
_MOST_COMPREHENDED = 2000
"""Elements of comprehensions followed one by one in a file."""
LONGEST_UNROLLED = 32
"""Loops over known lists up to this length are followed element by element."""


class Expressions(Machine):
    """One `visit_` method for each kind of expression."""

    comprehending_left = _MOST_COMPREHENDED

    # --- leaves ------------------------------------------------------------------------------------------------

    def visit_Name(self, node: cst.Name) -> Value:
        if node.value in _NAMED_CONSTANTS:
            return Constant(_NAMED_CONSTANTS[node.value])
        return self.lookup(node.value)

    def visit_Integer(self, node: cst.Integer) -> Value:
        try:
            return Constant(int(node.value.replace("_", ""), 0))
        except ValueError:  # more digits than int() accepts
            return Unknown("a number too long to read")

    def visit_Float(self, node: cst.Float) -> Value:
        return Constant(float(node.value.replace("_", "")))

    def visit_SimpleString(self, node: cst.SimpleString) -> Value:
        return _string(node.value)

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> Value:
        value = node.evaluated_value
        return Unknown("a formatted string") if value is None else Constant(value)

    def visit_Ellipsis(self, node: cst.Ellipsis) -> Value:
        return Constant(...)

    # --- displays ----------------------------------------------------------------------------------------------

    def visit_Tuple(self, node: cst.Tuple) -> Value:
        slots = self.slots_of_elements(node.elements)
        if all(isinstance(slot, Entry) and slot.presence is Presence.ONE for slot in slots):
            return items_of(tuple(slot.value for slot in slots if isinstance(slot, Entry)))
        return self.new_list(node, slots)

    def visit_List(self, node: cst.List) -> Value:
        return self.new_list(node, self.slots_of_elements(node.elements))

    def visit_Set(self, node: cst.Set) -> Value:
        self.slots_of_elements(node.elements)
        return Unknown("a set")

    def visit_Dict(self, node: cst.Dict) -> Value:
        result = ListObject(node)
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                key = self.value(element.key)
                self.alive.attributes[result, ("item", key)] = self.value(element.value)
            else:
                self.copy_dict(self.value(element.value), result)
        return result

    def copy_dict(self, source: Value, target: ListObject) -> None:
        """What `**source` in a dict display or `update(source)` does."""
        if not isinstance(source, ListObject):
            self.alive.attributes[target, "**"] = source
            return
        for (owner, key), value in list(self.alive.attributes.items()):
            if owner is source:
                self.alive.attributes[target, key] = value

    def slots_of_elements(self, elements: Sequence[cst.BaseElement]) -> Slots:
        """The slots of a list or tuple display, starred elements spread out."""
        slots: list[Entry | Fork] = []
        for element in elements:
            value = self.value(element.value)
            slots += self.slots_of(value) if isinstance(element, cst.StarredElement) else (Entry(value),)
        return tuple(slots)

    def new_list(self, node: cst.CSTNode | None, slots: Slots) -> ListObject:
        """A new list that holds `slots`."""
        result = ListObject(node)
        self.alive.contents[result] = Content(bounded(slots))
        return result

    # --- comprehensions ----------------------------------------------------------------------------------------

    def visit_ListComp(self, node: cst.ListComp) -> Value:
        return self.new_list(node, self.comprehended(node.elt, node.for_in))

    def visit_GeneratorExp(self, node: cst.GeneratorExp) -> Value:
        return self.new_list(node, self.comprehended(node.elt, node.for_in))

    def visit_SetComp(self, node: cst.SetComp) -> Value:
        self.comprehended(node.elt, node.for_in)
        return Unknown("a set")

    def visit_DictComp(self, node: cst.DictComp) -> Value:
        self.comprehended(cst.Tuple((cst.Element(node.key), cst.Element(node.value))), node.for_in)
        return Unknown("a dict comprehension")

    def comprehended(self, element: cst.BaseExpression, clause: cst.CompFor) -> Slots:
        """What `element for ... in ...` yields: exactly, over a known list without conditions; else any number."""
        outer, self.frame = self.frame, Frame(self.frame)
        try:
            return self._comprehended(element, clause)
        finally:
            self.frame = outer

    def _comprehended(self, element: cst.BaseExpression, clause: cst.CompFor) -> Slots:
        iterable = self.value(clause.iter)
        known = self.elements_of(iterable)
        exact = known is not None and len(known) <= min(LONGEST_UNROLLED, self.comprehending_left) and not clause.ifs
        self.comprehending_left -= len(known) if known is not None and exact else 0
        slots: Slots = ()
        for item in known if known is not None and exact else (self.any_element(iterable),):
            self.assign(clause.target, item)
            for condition in clause.ifs:
                self.value(condition.test)
            if clause.inner_for_in is not None:
                slots += self._comprehended(element, clause.inner_for_in)
            else:
                slots += (Entry(self.value(element)),)
        if exact:
            return slots
        return tuple(
            Entry(slot.value, Presence.MANY if slot.presence is Presence.MANY else Presence.MAYBE)
            if isinstance(slot, Entry)
            else slot
            for slot in slots
        )

    # --- operators ---------------------------------------------------------------------------------------------

    def visit_BinaryOperation(self, node: cst.BinaryOperation) -> Value:
        operations = [node]  # a sum of a thousand terms is as deep as it is long
        while isinstance(operations[-1].left, cst.BinaryOperation):
            operations.append(operations[-1].left)
        result = self.value(operations[-1].left)
        for operation in reversed(operations):
            result = self._operate(operation, result, self.value(operation.right))
        return result

    def _operate(self, node: cst.BinaryOperation, left: Value, right: Value) -> Value:
        operation = type(node.operator)
        if isinstance(left, Constant) and isinstance(right, Constant):
            folded = _fold(_ARITHMETIC.get(operation), left.value, right.value)
            if folded is not None:
                return folded
        if self.is_list(left) or self.is_list(right):
            return self._list_arithmetic(node, operation, left, right)
        return self.operated(node, operation.__name__, left, right)

    def _list_arithmetic(
        self, node: cst.CSTNode, operation: type[cst.BaseBinaryOp], left: Value, right: Value
    ) -> Value:
        if operation is cst.Add:
            if isinstance(left, Items) and isinstance(right, Items):
                return items_of(left.items + right.items, left.kind)
            return self.new_list(node, self.slots_of(left) + self.slots_of(right))
        if operation is cst.Multiply:
            times = right if self.is_list(left) else left
            repeated = self.slots_of(left if self.is_list(left) else right)
            if isinstance(times, Constant) and isinstance(times.value, int) and 0 <= times.value <= 32:
                repeated *= times.value
                values = self.certain(repeated)
                if values is not None and not isinstance(left, ListObject) and not isinstance(right, ListObject):
                    return items_of(values)
                return self.new_list(node, repeated)
        return Unknown("an operation on a list")

    def visit_UnaryOperation(self, node: cst.UnaryOperation) -> Value:
        value = self.value(node.expression)
        if isinstance(value, Constant) and isinstance(value.value, int | float):
            if isinstance(node.operator, cst.Minus):
                return Constant(-value.value)
            if isinstance(node.operator, cst.Not):
                return Constant(not value.value)
        return self.operated(node, type(node.operator).__name__, value)

    def visit_BooleanOperation(self, node: cst.BooleanOperation) -> Value:
        left = self.value(node.left)
        truth = self.truth(left)
        if truth is not None and isinstance(node.operator, cst.And | cst.Or):
            if truth is isinstance(node.operator, cst.Or):
                return left
            return self.value(node.right)
        return self.on_each_way((lambda: left, lambda: self.value(node.right)))

    def visit_Comparison(self, node: cst.Comparison) -> Value:
        left = self.value(node.left)
        results = [self.value(target.comparator) for target in node.comparisons]
        if len(results) == 1:
            return _compare(node.comparisons[0].operator, left, results[0])
        return Unknown("a comparison")

    def visit_IfExp(self, node: cst.IfExp) -> Value:
        truth = self.truth(self.value(node.test))
        if truth is not None:
            return self.value(node.body if truth else node.orelse)
        return self.on_each_way((lambda: self.value(node.body), lambda: self.value(node.orelse)))

    # --- the rest ----------------------------------------------------------------------------------------------

    def visit_Attribute(self, node: cst.Attribute) -> Value:
        owner = self.value(node.value)
        if node.attr.value in READ:
            self.note_read(node, owner)
        return self.attribute(owner, node.attr.value)

    def note_read(self, node: cst.Attribute, owner: Value) -> None:
        """Note that an attribute of `owner` is read that rules ask for."""
        raise NotImplementedError

    def visit_Subscript(self, node: cst.Subscript) -> Value:
        base = self.value(node.value)
        return self.subscript(node, base, self.index(node))

    def index(self, node: cst.Subscript) -> Value:
        """What stands between the brackets; a slice is `Items` of kind `slice`."""
        indices = [self._index(element.slice) for element in node.slice]
        return indices[0] if len(indices) == 1 else Items(tuple(indices))

    def _index(self, index: cst.BaseSlice) -> Value:
        if isinstance(index, cst.Index):
            return self.freeze(self.value(index.value))
        if isinstance(index, cst.Slice):
            return Items(
                tuple(
                    Constant(None) if part is None else self.freeze(self.value(part))
                    for part in (index.lower, index.upper, index.step)
                ),
                "slice",
            )
        return Unknown("an index")

    def visit_Lambda(self, node: cst.Lambda) -> Value:
        self.capture()
        return FunctionObject(node, self.frame, self.defaults_of(node.params))

    def visit_Yield(self, node: cst.Yield) -> Value:
        if isinstance(node.value, cst.From):
            self.value(node.value.item)
        elif node.value is not None:
            self.value(node.value)
        self.frame.yields = True
        return Unknown("what is sent to a generator")

    def visit_NamedExpr(self, node: cst.NamedExpr) -> Value:
        value = self.value(node.value)
        self.assign(node.target, value)
        self.walrus = self.statement
        return value

    def defaults_of(self, parameters: cst.Parameters) -> dict[str, Value]:
        """The default values of a function, evaluated where it is defined."""
        return {
            parameter.name.value: self.value(parameter.default)
            for parameter in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
            if parameter.default is not None
        }


def _fold(operation: Callable[[int, int], int | float] | None, left: object, right: object) -> Constant | None:
    numbers = (int, float)
    if operation is None or not isinstance(left, numbers) or not isinstance(right, numbers):
        return None
    if abs(left) > _LARGEST_FOLDED or abs(right) > _LARGEST_FOLDED:
        return None
    try:
        return Constant(operation(left, right))  # type: ignore[arg-type]
    except ArithmeticError:
        return None


def _compare(operation: cst.BaseCompOp, left: Value, right: Value) -> Value:
    if isinstance(left, Choice) or isinstance(right, Choice):
        return Unknown("a comparison")
    known = isinstance(left, Constant) and isinstance(right, Constant)
    nothing = Constant(None)
    if isinstance(operation, cst.Is | cst.Equal | cst.IsNot | cst.NotEqual):
        negative = isinstance(operation, cst.IsNot | cst.NotEqual)
        if known:
            return Constant((left == right) is not negative)
        if (
            nothing in (left, right)
            and not isinstance(left, Symbol | Unknown)
            and not isinstance(right, Symbol | Unknown)
        ):
            return Constant(negative)  # an object of the program is not None
    if known and isinstance(left, Constant) and isinstance(right, Constant):
        a, b = left.value, right.value
        if isinstance(a, int | float) and isinstance(b, int | float):
            match operation:
                case cst.LessThan():
                    return Constant(a < b)
                case cst.GreaterThan():
                    return Constant(a > b)
                case cst.LessThanEqual():
                    return Constant(a <= b)
                case cst.GreaterThanEqual():
                    return Constant(a >= b)
    return Unknown("a comparison")


@functools.lru_cache(maxsize=1024)
def _string(written: str) -> Value:
    """The value of a string as it is written; the same few are read again and again."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Constant(ast.literal_eval(written))
    except (ValueError, SyntaxError):
        return Unknown("a string that cannot be read")
