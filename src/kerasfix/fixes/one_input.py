"""Gives a model one input in the place of several that are always fed the same.

Everything that speaks of the inputs that go has to be seen: the variables that hold them, the inputs of the model, and
whatever the model is fed, all over the file. Where anything is out of sight there is no fix, and the reason is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.feeding import display_fed, inputs_of, nodes_for
from kerasfix.analysis.libraries import FEEDING
from kerasfix.analysis.objects import InputObject, Tensor
from kerasfix.analysis.values import Constant
from kerasfix.analysis.variables import Variable, reads_as, variable_of
from kerasfix.diagnostics import Applicability, Edit, Fix
from kerasfix.fixes import edits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.analysis.objects import FunctionalObject
    from kerasfix.analysis.program import FunctionalModel, Program
    from kerasfix.analysis.values import Value

    Display = cst.List | cst.Tuple | cst.Dict

_KEEPS_IN_SIGHT = FEEDING | frozenset(
    [
        *("compile", "summary", "count_params", "get_weights", "set_weights", "load_weights", "save_weights"),
        *("reset_states", "trainable", "optimizer", "loss", "metrics", "metrics_names", "history", "name"),
        "stop_training",
    ]
)
"""What may be done with a model, or read of it, that tells nothing of its inputs to anyone who cannot be seen."""


class _NoFix(Exception):
    """Something stands in the way; the text says what."""


def with_one_input(program: Program, model: FunctionalModel, groups: Sequence[Sequence[int]]) -> tuple[Fix | None, str]:
    """The fix that leaves one input of each group, or the reason why there is none.

    `groups` are places among the model's inputs; those of one group are one tensor, or are fed the same everywhere.
    """
    try:
        found = tuple(sorted(set(_edits(program, model, groups))))
    except _NoFix as reason:
        return None, str(reason)
    return Fix("Give the model one input", Applicability.UNSAFE, found), ""


def _edits(program: Program, model: FunctionalModel, groups: Sequence[Sequence[int]]) -> Iterator[Edit]:
    made = model.made
    if len(model.objects) > 1:
        raise _NoFix("the model is made several times")
    _stays_in_sight(program, made)
    inputs = made.inputs_argument
    written = nodes_for(inputs_of(program, made), inputs.node) if inputs is not None else None
    display = display_fed(inputs.node) if inputs is not None else None
    if written is None or display is None:
        raise _NoFix("the inputs of the model are not written in its call")
    gone: list[int] = []
    for group in groups:
        tensors = {place: made.inputs[place] for place in group}
        if len(set(tensors.values())) > 1:
            stays, others = _first_bound(program, made, tensors)
            yield from _merged(program, made, stays, others, display)
            gone += [place for place, tensor in tensors.items() if tensor is not stays[0]]
        else:
            gone += group[1:]
    yield from _without(program, display, [written[place] for place in gone])
    for given in program.given:
        if given.model is made:
            yield from _fed_without(program, made, given.argument, gone)


def _stays_in_sight(program: Program, model: FunctionalObject) -> None:
    """Raise `_NoFix` unless everything that is done with a model is seen."""
    module = program.positions.module
    variable = variable_of(module, model.node)
    if variable is None:
        raise _NoFix("the model is not kept in a variable of its own")
    if not reads_as(module, variable, _KEEPS_IN_SIGHT):
        raise _NoFix(f"`{variable.name}` is passed on, saved or looked into")
    seen = {given.node for given in program.given if given.model is model}
    if any(feed.node not in seen for feed in program.feeds_of(model)):
        raise _NoFix("not everything that the model is fed can be seen")


# --- the inputs ------------------------------------------------------------------------------------------------


def _first_bound(
    program: Program, model: FunctionalObject, tensors: dict[int, Value]
) -> tuple[tuple[Tensor, Variable], list[tuple[Tensor, Variable]]]:
    """Of the inputs of a group the one that is bound first, and the others, with their variables."""
    found: list[tuple[Tensor, Variable]] = []
    for tensor in dict.fromkeys(tensors.values()):
        variable = _variable_of_input(program, tensor)
        if variable is None or not isinstance(tensor, Tensor):
            raise _NoFix("an input is not kept in a variable of its own")
        found.append((tensor, variable))
    first = next((one for one in found if all(one is o or one[1].precedes(o[1]) for o in found)), None)
    if first is None:
        raise _NoFix("the inputs are not bound one after the other")
    used = {id(one) for other in program.models for made in other.objects if made is not model for one in made.inputs}
    if any(id(tensor) in used for tensor, _ in found):
        raise _NoFix("another model has one of these inputs")
    return first, [one for one in found if one is not first]


def _variable_of_input(program: Program, tensor: Value) -> Variable | None:
    source = tensor.source if isinstance(tensor, Tensor) else None
    once = [made for made in program.inputs if made.made is source and len(made.objects) == 1]
    if not isinstance(source, InputObject) or not once:
        return None
    return variable_of(program.positions.module, source.node)


def _merged(
    program: Program,
    model: FunctionalObject,
    stays: tuple[Tensor, Variable],
    others: Sequence[tuple[Tensor, Variable]],
    display: Display,
) -> Iterator[Edit]:
    """Reads the variable of the first input wherever another one was read."""
    begin, end = program.positions.outer_span(display)
    for tensor, variable in others:
        if _is_named_elsewhere(program, model, tensor):
            raise _NoFix("the name of an input is used elsewhere")
        yield from edits.remove_statement(program.positions, variable.statement)
        for read in variable.reads:
            if not begin <= program.positions.span(read)[0] < end:
                yield edits.replace(program.positions, read, stays[1].name)


def _is_named_elsewhere(program: Program, model: FunctionalObject, tensor: Tensor) -> bool:
    """Whether the name of an input is said by anything but itself and what the model is fed by it."""
    name = tensor.source.arguments.get("name") if isinstance(tensor.source, InputObject) else None
    if name is None:
        return False
    if not isinstance(name.value, Constant):
        return True
    said = len(re.findall(rf"""["']{re.escape(str(name.value.value))}["']""", program.text))
    feeds = {given.argument for given in program.given if given.model is model}
    return said > 1 + sum(isinstance(display_fed(argument), cst.Dict) for argument in feeds)


# --- lists that become shorter ---------------------------------------------------------------------------------


def _fed_without(program: Program, model: FunctionalObject, argument: cst.Arg, gone: Sequence[int]) -> Iterator[Edit]:
    display, written = display_fed(argument), nodes_for(inputs_of(program, model), argument)
    if display is None or written is None:
        raise _NoFix("what the model is fed is not written where it is fed")
    yield from _without(program, display, [written[place] for place in gone])


def _without(program: Program, display: Display, gone: Sequence[cst.Element | cst.DictElement]) -> tuple[Edit, ...]:
    """A list without some of its elements, or the only one that is left."""
    left = [element for element in display.elements if element not in gone]
    if len(left) == 1 and not isinstance(display, cst.Dict):
        return (edits.replace(program.positions, display, program.code(left[0].value)),)
    return edits.remove_elements(program.positions, display, gone)
