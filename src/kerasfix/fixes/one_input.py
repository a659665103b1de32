"""Gives a model one input in the place of several that are always fed the same.

Everything that speaks of the inputs that go has to be seen: the variables that hold them, the inputs of the model, and
whatever the model is fed, all over the file. Where anything is out of sight there is no fix, and the reason is told.
"""

from __future__ import annotations

import itertools
import re
from types import MappingProxyType
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.branches import own_input
from kerasfix.analysis.declaration import declaration
from kerasfix.analysis.feeding import display_fed, inputs_of, nodes_for
from kerasfix.analysis.libraries import FEEDING
from kerasfix.analysis.objects import InputObject, Tensor
from kerasfix.analysis.purity import is_pure
from kerasfix.analysis.values import Constant
from kerasfix.analysis.variables import Variable, attributes_of, reads_as, variable_of
from kerasfix.diagnostics import Applicability, Edit, Fix
from kerasfix.fixes import declaring, edits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kerasfix.analysis.branches import OwnInput
    from kerasfix.analysis.feeding import Element
    from kerasfix.analysis.objects import FunctionalObject
    from kerasfix.analysis.program import FunctionalModel, Program
    from kerasfix.analysis.values import Value
    from kerasfix.target import Target

    Display = cst.List | cst.Tuple | cst.Dict

_KEEPS_IN_SIGHT = FEEDING | frozenset(
    [
        *("compile", "summary", "count_params", "get_weights", "set_weights", "load_weights", "save_weights"),
        *("reset_states", "trainable", "optimizer", "loss", "metrics", "metrics_names", "history", "name"),
        "stop_training",
    ]
)
"""What may be done with a model, or read of it, that tells nothing of its inputs to anyone who cannot be seen."""
_OF_BRANCH = _KEEPS_IN_SIGHT - FEEDING | {"add", "input", "inputs", "output", "outputs"}
"""What may be done with a branch, or read of it, where it is nothing but a part of the model."""


class _NoFix(Exception):
    """Something stands in the way; the text says what."""


def with_one_input(
    program: Program, model: FunctionalModel, groups: Sequence[Sequence[int]], target: Target
) -> tuple[Fix | None, str]:
    """The fix that leaves one input of each group, or the reason why there is none.

    `groups` are places among the model's inputs; those of one group are one tensor, or are fed the same everywhere.
    """
    try:
        found = dict.fromkeys(_edits(program, model, groups, target))
    except _NoFix as reason:
        return None, str(reason)
    # What goes in at one place stays in this order: the name is bound before it is used.
    in_order = sorted(found, key=lambda edit: (edit.start, edit.end))
    return Fix("Give the model one input", Applicability.UNSAFE, tuple(in_order)), ""


def _edits(program: Program, model: FunctionalModel, groups: Sequence[Sequence[int]], target: Target) -> Iterator[Edit]:
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
    names: dict[Element, str] = {}
    for group in groups:
        tensors = {place: made.inputs[place] for place in group}
        own = {written[place]: one for place, tensor in tensors.items() if (one := own_input(program, tensor))}
        if len(set(tensors.values())) == 1:
            gone += group[1:]
        elif len(own) == len(group):
            begins = {place: program.positions.span(own[written[place]].entry.node) for place in group}
            first = min(group, key=begins.__getitem__)
            name = names[written[first]] = _free_name(program, names.values())
            yield from _shared(program, made, own, written[first], name, target)
            gone += [place for place in group if place != first]
        else:
            stays, others = _first_bound(program, made, tensors)
            yield from _merged(program, made, stays, others, display)
            gone += [place for place, tensor in tensors.items() if tensor is not stays[0]]
    yield from _without(program, display, [written[place] for place in gone], names)
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
        if _is_named_elsewhere(program, model, tensor.source):
            raise _NoFix("the name of an input is used elsewhere")
        yield from edits.remove_statement(program.positions, variable.statement)
        for read in variable.reads:
            if not begin <= program.positions.span(read)[0] < end:
                yield edits.replace(program.positions, read, stays[1].name)


def _is_named_elsewhere(program: Program, model: FunctionalObject, source: Value | None) -> bool:
    """Whether the name of an input is said by anything but itself and what the model is fed by it."""
    name = source.arguments.get("name") if isinstance(source, InputObject) else None
    if name is None:
        return False
    if not isinstance(name.value, Constant):
        return True
    said = len(re.findall(rf"""["']{re.escape(str(name.value.value))}["']""", program.text))
    feeds = {given.argument for given in program.given if given.model is model}
    return said > 1 + sum(isinstance(display_fed(argument), cst.Dict) for argument in feeds)


# --- the inputs of branches ------------------------------------------------------------------------------------


def _shared(
    program: Program,
    model: FunctionalObject,
    own: Mapping[Element, OwnInput],
    first: Element,
    name: str,
    target: Target,
) -> Iterator[Edit]:
    """Binds what the first branch declares to a name before it, and has all branches begin with that.

    In this form, with the `Input` inside the Sequentials, saved weights of every format can still be loaded.
    """
    if target.input_style == "InputLayer":
        raise _NoFix("not every Keras takes a tensor in a `Sequential`")
    variables = {element: _variable_of_branch(program, one, element) for element, one in own.items()}
    if any(variable.block is not variables[first].block for variable in variables.values()):
        raise _NoFix("the branches are not made in one block")
    for element, one in own.items():
        statement = _statement(program, variables[element], one)
        if element is first:
            text, imports = _declared(program, one, target)
            yield from edits.insert_statement_before(program.positions, statement, f"{name} = {text}")
            yield from imports
        elif _is_named_elsewhere(program, model, one.made):
            raise _NoFix("the name of an input is used elsewhere")
        yield from _begin_with(program, one, name)
        for read in attributes_of(program.positions.module, variables[element]):
            if read.attr.value == "output":
                yield edits.replace(program.positions, read.attr, "outputs[0]")


def _variable_of_branch(program: Program, one: OwnInput, element: Element) -> Variable:
    """The variable of a branch that is made once, of which the model alone has the input, at `element`."""
    once = any(made.objects == (one.branch,) for made in program.sequentials)
    variable = variable_of(program.positions.module, one.branch.node) if once else None
    if variable is None:
        raise _NoFix("a branch is not kept in a variable of its own")
    reads = attributes_of(program.positions.module, variable)
    if len(reads) < len(variable.reads) or any(read.attr.value not in _OF_BRANCH for read in reads):
        raise _NoFix(f"`{variable.name}` is used for more than to be joined")
    taken = element.value.value if isinstance(element.value, cst.Subscript) else element.value
    if [read for read in reads if read.attr.value.startswith("input")] != [taken]:
        raise _NoFix(f"the input of `{variable.name}` is used elsewhere")
    return variable


def _statement(program: Program, variable: Variable, one: OwnInput) -> cst.BaseSmallStatement:
    """The statement that puts the input into a branch, right in the block that makes the branch."""
    start = program.positions.span(one.entry.node)[0]

    def holding(nodes: Iterable[cst.CSTNode]) -> cst.CSTNode | None:
        spans = ((node, program.positions.span(node)) for node in nodes)
        return next((node for node, (begin, end) in spans if begin <= start < end), None)

    line = holding(variable.block)
    statement = holding(line.body) if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(statement, cst.BaseSmallStatement):
        raise _NoFix("the branches are not made in one block")
    return statement


def _begin_with(program: Program, one: OwnInput, name: str) -> Iterator[Edit]:
    """Puts the shared input into a branch, in the place of what declares its own."""
    call, made = one.entry.node, one.made
    given = [argument.value for argument in call.args] if isinstance(call, cst.Call) else []
    begins = [value.elements[0].value if isinstance(value, cst.List | cst.Tuple) else value for value in given]
    declaring_arguments = made.arguments.values() if isinstance(made, InputObject) else made.declares
    pure = all(is_pure(argument.node.value) for argument in declaring_arguments)
    if made.node not in begins or not pure or ":=" in program.code(call):
        raise _NoFix("an input is not declared where its branch is made")
    if isinstance(made, InputObject):
        if "#" in program.code(made.node) or made.function != "Input":
            raise _NoFix("a branch does not begin with a plain `Input`")
        yield edits.replace(program.positions, made.node, name)
    elif one.entry.insertion is not None:
        yield from edits.remove_arguments(program.positions, made.node, [each.node for each in made.declares])
        yield from declaring.insert_entry(program, one.entry.insertion, name)
    else:
        raise _NoFix("there is no place for the tensor that is sure to be right")


def _declared(program: Program, one: OwnInput, target: Target) -> tuple[str, tuple[Edit, ...]]:
    """The `Input` that a branch has, or that says what its first layer declares, and the imports that this takes."""
    if isinstance(one.made, InputObject):
        given = (declaring.flat(program.code(argument)) for argument in one.made.node.args)
        return f"{program.code(one.made.node.func)}({', '.join(given)})", ()
    declared = declaration(one.made)
    spelling = one.entry.insertion.spellings.get("Input") if one.entry.insertion is not None else None
    if declared is None or declared.disagrees or declared.overrides_batch_size or spelling is None:
        raise _NoFix("no way to write `Input` here is sure")
    text = declaring.input_call(program, one.made, declared, target, spelling)
    return text, declaring.import_edits(program, spelling)


def _free_name(program: Program, taken: Iterable[str]) -> str:
    """A name that the file does not say: `x`, `x1`, ..."""
    said = {*re.findall(r"\w+", program.text), *taken}
    return next(name for name in itertools.chain("x", map("x{}".format, itertools.count(1))) if name not in said)


# --- lists that become shorter ---------------------------------------------------------------------------------


def _fed_without(program: Program, model: FunctionalObject, argument: cst.Arg, gone: Sequence[int]) -> Iterator[Edit]:
    display, written = display_fed(argument), nodes_for(inputs_of(program, model), argument)
    if display is None or written is None:
        raise _NoFix("what the model is fed is not written where it is fed")
    yield from _without(program, display, [written[place] for place in gone])


def _without(
    program: Program, display: Display, gone: Sequence[Element], names: Mapping[Element, str] = MappingProxyType({})
) -> Iterator[Edit]:
    """A list without some of its elements, or the only one that is left; others get names in their place."""
    left = [element for element in display.elements if element not in gone]
    if len(left) == 1 and not isinstance(display, cst.Dict):
        yield edits.replace(program.positions, display, next(iter(names.values()), program.code(left[0].value)))
        return
    yield from edits.remove_elements(program.positions, display, gone)
    for element, name in names.items():
        yield edits.replace(program.positions, element.value, name)
