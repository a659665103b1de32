"""Inputs of one model that are one: the same tensor twice among them, or always fed the same.

A model that is fed one array twice on purpose is no duplicate: where a layer or model is shared between the inputs
(twins), where both go to an attention layer, where they differ in anything but the name, where one is a state that a
recurrent layer begins with, or where another feed tells them apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kerasfix.analysis.branches import is_plain, own_input
from kerasfix.analysis.connections import connections
from kerasfix.analysis.feeding import inputs_of, nodes_for, values_for
from kerasfix.analysis.objects import FunctionalObject, InputObject, LayerObject, Tensor
from kerasfix.analysis.purity import is_pure
from kerasfix.analysis.shapes import same
from kerasfix.analysis.values import Constant, Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import libcst as cst

    from kerasfix.analysis.connections import Connections
    from kerasfix.analysis.events import Given
    from kerasfix.analysis.program import Program

    Groups = tuple[tuple[int, ...], ...]

Item = TypeVar("Item")

_ONE_OBJECT = ("array", "parameter")
"""Symbols of a value that was made once; others stand for an expression, which may have been read twice."""


def repeated_inputs(model: FunctionalObject) -> Groups:
    """The places among the inputs of a model at which the same tensor stands."""
    return _groups(model.inputs, lambda one, other: one is other and isinstance(one, Tensor))


def inputs_fed_the_same(program: Program, model: FunctionalObject) -> Groups:
    """The places of inputs that are told apart by nothing, and are fed one value each time that it can be seen."""
    feeds = [given for given in program.given if given.model is model]
    known = [given for given in feeds if None not in values_for(inputs_of(program, model), given.data)]
    if len(model.inputs) < 2 or not known:
        return ()
    wired = connections(model)
    if not wired.known:
        return ()

    def alike(one: int, other: int) -> bool:
        left, right = model.inputs[one], model.inputs[other]
        return _could_be_one(program, wired, left, right) and all(feeds_the_same(program, g, one, other) for g in known)

    return _groups(range(len(model.inputs)), alike)


def feeds_the_same(program: Program, given: Given, one: int, other: int) -> bool:
    """Whether a feed gives the inputs at two places one value."""
    inputs = inputs_of(program, given.model)
    values = values_for(inputs, given.data)
    left, right = values[one], values[other]
    if left is None or right is None or isinstance(left, Constant):
        return False
    if left is right and (isinstance(left, Tensor | Unknown) or _is_one_object(left)):
        return True
    nodes = nodes_for(inputs, given.argument)
    return nodes is not None and _is_one_expression(program, nodes[one].value, nodes[other].value)


def _is_one_object(value: Value) -> bool:
    return isinstance(value, Symbol) and isinstance(value.key, tuple) and value.key[0] in _ONE_OBJECT


def _is_one_expression(program: Program, one: cst.BaseExpression, other: cst.BaseExpression) -> bool:
    return is_pure(one) and program.code(one) == program.code(other)


def declared_by(program: Program, tensor: Value) -> InputObject | LayerObject | None:
    """What declares an input of a model: an `Input`, or what the Sequential begins with that it is the input of."""
    if isinstance(tensor, Tensor) and isinstance(tensor.source, InputObject):
        return tensor.source
    own = own_input(program, tensor)
    return own.made if own is not None else None


def _could_be_one(program: Program, wired: Connections, one: Value, other: Value) -> bool:
    """Whether nothing tells two inputs of a model apart but that they are two."""
    if not isinstance(one, Tensor) or not isinstance(other, Tensor) or one is other:
        return False
    made, twin = declared_by(program, one), declared_by(program, other)
    if made is None or twin is None or made is twin or made.unpacks or twin.unpacks:
        return False
    if isinstance(made, InputObject) and isinstance(twin, InputObject):
        alike = _said(made) == _said(twin)
    else:
        alike = is_plain(made) and is_plain(twin) and same(one.shape, other.shape)
    if not alike or wired.shares_layer(one, other, program.contents) or wired.attends(one, other):
        return False
    return not any(_is_state(wired, tensor) for tensor in (one, other))


def _said(made: InputObject) -> dict[str, Value]:
    """The arguments of an input but its name; what is not known is equal to nothing else."""
    return {name: argument.value for name, argument in made.arguments.items() if name != "name"}


def _is_state(wired: Connections, tensor: Tensor) -> bool:
    """Whether a recurrent layer begins with it: it is its `initial_state`, or stands behind the sequence in a list."""
    for behind in wired.consumers(tensor):
        layer = behind.source
        recurrent = isinstance(layer, LayerObject) and layer.api is not None and layer.api.recurrent
        if recurrent and behind.inputs[:1] != (tensor,):
            return True
    return False


def _groups(items: Sequence[Item], alike: Callable[[Item, Item], bool]) -> Groups:
    """The places of items that are alike, where there is more than one."""
    groups: list[list[int]] = []
    for place, item in enumerate(items):
        group = next((group for group in groups if all(alike(items[other], item) for other in group)), None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    return tuple(tuple(group) for group in groups if len(group) > 1)
