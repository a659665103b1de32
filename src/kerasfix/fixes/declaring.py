"""Moves an input from the arguments of a layer to an explicit `Input`, wherever the model and those around it begin.

The same edits serve every rule that ends in an Input, so that two findings on one layer share one fix.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.events import Where
from kerasfix.analysis.slots import Position
from kerasfix.analysis.values import Constant, Reference
from kerasfix.diagnostics import Applicability, Edit, Fix
from kerasfix.fixes import edits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerasfix.analysis.declaration import Declaration, Piece
    from kerasfix.analysis.events import Insertion
    from kerasfix.analysis.objects import Argument, LayerObject, Spelling
    from kerasfix.analysis.program import Layer, Program, Use
    from kerasfix.target import Target

MESSAGE = "Declare the input with an explicit `Input`"

_FLOAT = frozenset({"float32"})


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a fix is not safe, or why there is none."""

    applicability: Applicability | None
    """What it makes of the fix; None if there can be no fix."""
    reason: str


def declare_input(program: Program, layer: Layer, uses: Iterable[Use], target: Target) -> tuple[Fix | None, str]:
    """The fix that puts an Input in front of each of `uses`, and the reason why it is not safe or there is none."""
    declared = layer.declaration
    assert declared is not None
    every = [*uses]
    doubts = [*_doubts(program, layer, declared, target), *_doubts_of_places(layer, every, declared)]
    for use in every:
        every.extend(outer for outer in use.enclosing if outer.insertion is not None)
    impossible = next((doubt.reason for doubt in doubts if doubt.applicability is None), None)
    if impossible is not None:
        return None, impossible
    made: dict[Edit, None] = dict.fromkeys(
        edits.remove_arguments(program.positions, layer.node, [argument.node for argument in layer.made.declares])
    )
    for use in every:
        insertion = use.insertion
        spelling = insertion.spellings.get(target.input_style) if insertion is not None else None
        if insertion is None or spelling is None:
            return None, f"no way to write `{target.input_style}` here is sure"
        text = input_call(program, layer.made, declared, target, spelling)
        made.update(dict.fromkeys(insert_entry(program, insertion, text)))
        made.update(dict.fromkeys(import_edits(program, spelling)))
    worst = min((d.applicability for d in doubts if d.applicability), key=_ORDER.index, default=Applicability.SAFE)
    reason = next((doubt.reason for doubt in doubts if doubt.applicability is worst), "")
    return Fix(MESSAGE, worst, tuple(sorted(made))), reason


_ORDER = [Applicability.DISPLAY, Applicability.UNSAFE, Applicability.SAFE]


def remove_declaration(program: Program, layer: Layer, applicability: Applicability, message: str) -> Fix:
    """The fix that only takes the declaring arguments away."""
    arguments = [argument.node for argument in layer.made.declares]
    return Fix(message, applicability, edits.remove_arguments(program.positions, layer.node, arguments))


# --- doubts ----------------------------------------------------------------------------------------------------


def _doubts(program: Program, layer: Layer, declared: Declaration, target: Target) -> Iterable[Doubt]:
    made = layer.made
    unsafe = Applicability.UNSAFE
    if declared.disagrees:
        yield Doubt(None, "its arguments say different things")
    if declared.overrides_batch_size:
        yield Doubt(unsafe, "its `batch_size` says something else, which Keras 2 ignores")
    if made.unpacks:
        yield Doubt(unsafe, "the call unpacks more arguments")
    if not made.is_keras:
        yield Doubt(unsafe, f"`{made.name}` is not Keras's own, and may look at the argument itself")
    if program.layers_reused:
        yield Doubt(unsafe, "the layers of a model are put into another one in this file")
    yield from _doubts_about_dtype(made, target)
    if target.keras2 and _is_fed_by_name(program, made):
        yield Doubt(unsafe, "the file may use the name that Keras 2 gives to this input")


def _doubts_about_dtype(made: LayerObject, target: Target) -> Iterable[Doubt]:
    dtype = made.arguments.get("dtype")
    implied = made.api.input_dtype("keras2") if made.api is not None else None
    if implied is not None and implied != "string":
        yield Doubt(Applicability.UNSAFE, f"Keras 2 gives this input the dtype {implied}")
    if dtype is None or _is_text(dtype) or target.keras2 is not target.keras3:
        return
    if not (isinstance(dtype.value, Constant) and dtype.value.value in _FLOAT):
        yield Doubt(Applicability.UNSAFE, "the layer's dtype is the input's in Keras 2 and not in Keras 3")


def _doubts_of_places(layer: Layer, uses: list[Use], declared: Declaration) -> Iterable[Doubt]:
    if len(layer.uses) > len(uses):
        yield Doubt(Applicability.UNSAFE, "the layer is used elsewhere too")
    if len(uses) > 1:
        yield Doubt(Applicability.UNSAFE, "the layer is shared by several models")
    for use in uses:
        if use.insertion is None:
            yield Doubt(None, "there is no place for an `Input` that is sure to be right")
            continue
        if not _moved(layer.made, declared) <= use.insertion.readable:
            yield Doubt(Applicability.DISPLAY, "the value may not mean the same where the `Input` stands")
        yield from _doubts_of_enclosing(layer, use, declared)


def _doubts_of_enclosing(layer: Layer, use: Use, declared: Declaration) -> Iterable[Doubt]:
    for outer in use.enclosing:
        if outer.position is Position.LATER:
            continue
        if outer.insertion is None:
            yield Doubt(Applicability.UNSAFE, "the model may begin another one, which then needs an `Input` too")
        elif not _moved(layer.made, declared) <= outer.insertion.readable:
            yield Doubt(Applicability.DISPLAY, "the value may not mean the same in the enclosing model")
        yield from _doubts_of_enclosing(layer, outer, declared)


def _moved(made: LayerObject, declared: Declaration) -> frozenset[cst.Arg]:
    """The arguments whose expressions move to the Input; a literal may go anywhere."""
    pieces: list[Piece | None] = [*declared.pieces, declared.batch_size, _input_dtype(made)]
    arguments = [piece for piece in pieces if piece is not None and not isinstance(piece, str)]
    return frozenset(argument.node for argument in arguments if not _is_literal(argument.node.value))


def _is_literal(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Tuple | cst.List):
        return all(isinstance(e, cst.Element) and _is_literal(e.value) for e in node.elements)
    return isinstance(node, cst.BaseNumber | cst.SimpleString) or (
        isinstance(node, cst.Name) and node.value in ("None", "True", "False")
    )


def _is_text(dtype: Argument) -> bool:
    value = dtype.value
    return (isinstance(value, Constant) and value.value == "string") or (
        isinstance(value, Reference) and value.dotted.endswith(".string")
    )


def _input_dtype(made: LayerObject) -> Argument | None:
    """The `dtype` argument that the input shares with the layer."""
    dtype = made.arguments.get("dtype")
    if (
        dtype is None
        or dtype.positional
        or (isinstance(dtype.value, Constant) and dtype.value.value in (*_FLOAT, None))
    ):
        return None
    return dtype


def _is_fed_by_name(program: Program, made: LayerObject) -> bool:
    """Whether the file has a string like `dense_input`, or reads `input_names`."""
    name = made.arguments.get("name")
    base = _snake_case(made.name)
    if name is not None and isinstance(name.value, Constant) and isinstance(name.value.value, str):
        base = name.value.value
    return _mentions_input_of(program.text, base)


@functools.lru_cache(maxsize=64)
def _mentions_input_of(text: str, base: str) -> bool:
    pattern = rf"""["']{re.escape(base)}(_\d+)?_input|\binput_names\b|\bmodel_to_estimator\b"""
    return re.search(pattern, text) is not None


def _snake_case(name: str) -> str:
    """The way Keras names a layer after its class: `Conv2D` is `conv2d`, `MaxPooling2D` is `max_pooling2d`."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


# --- text ------------------------------------------------------------------------------------------------------


def input_call(program: Program, made: LayerObject, declared: Declaration, target: Target, spelling: Spelling) -> str:
    """The call of `Input` or `InputLayer` that declares the same."""
    value = "".join(_piece(program, piece, alone=len(declared.pieces) == 1) for piece in declared.pieces)
    size = flat(program.code(declared.batch_size.node.value)) if declared.batch_size is not None else ""
    if target.input_style == "Input":
        parts = [f"{declared.keyword}={value}"]
        parts += [f"batch_size={size}"] if size else []
    else:
        parts = [value if declared.keyword == "shape" else f"batch_input_shape={value}"]
        parts += [size] if size else []
    dtype = _input_dtype(made)
    implied = made.api.input_dtype("keras2") if made.api is not None else None
    if dtype is not None and (target.keras2 or _is_text(dtype)):
        parts.append(f"dtype={flat(program.code(dtype.node.value))}")
    elif implied is not None and dtype is None:
        parts.append(f'dtype="{implied}"')
    return f"{spelling.text}({', '.join(parts)})"


def _piece(program: Program, piece: Piece, *, alone: bool) -> str:
    """A part of the shape; a number in parentheses that becomes an entry of a tuple needs them no more."""
    if isinstance(piece, str):
        return piece
    code = flat(program.code(piece.node.value))
    plain = isinstance(piece.node.value, cst.BaseNumber | cst.Name | cst.Attribute)
    return code.lstrip("( \t").rstrip(") \t") if plain and not alone else code


def flat(code: str) -> str:
    """An expression on one line, without its comments (they stay where it stood), unless strings forbid it."""
    if "\n" not in code and "\r" not in code:
        return code
    if "\\" in code or (("'" in code or '"' in code) and ("#" in code or '"""' in code or "'''" in code)):
        return code
    code = re.sub(r"#[^\r\n]*", "", code)
    code = re.sub(r"([(\[{])\s*[\r\n]\s*", r"\1", code)
    code = re.sub(r",?\s*[\r\n]\s*([)\]}])", _closing, code)
    code = re.sub(r"[ \t]*[\r\n]\s*", " ", code)
    return re.sub(r"(,[^()\[\]{},]+),([)\]])", r"\1\2", code)


def _closing(match: re.Match[str]) -> str:
    """A closing bracket taken up from a line of its own; the comma may be what makes a tuple."""
    return match[0].strip().replace("\n", "").replace("\r", "").replace(" ", "").replace("\t", "")


def insert_entry(program: Program, insertion: Insertion, text: str) -> tuple[Edit, ...]:
    """The edits that put `text` first into a Sequential."""
    positions = program.positions
    match insertion.where, insertion.node:
        case Where.ELEMENT, cst.List() | cst.Tuple() as display:
            return edits.insert_first_element(positions, display, text)
        case Where.BESIDE, cst.Arg() as argument:
            start, end = positions.outer_span(argument.value)
            return Edit(start, start, f"[{text}, "), Edit(end, end, "]")
        case Where.AROUND, cst.Arg() as argument:
            return _spread(program, argument.value, text)
        case Where.STATEMENT, cst.BaseSmallStatement() as statement if insertion.receiver is not None:
            receiver = program.code(insertion.receiver)
            return edits.insert_statement_before(positions, statement, f"{receiver}.add({text})")
    raise AssertionError(insertion.where)


def _spread(program: Program, node: cst.BaseExpression, text: str) -> tuple[Edit, ...]:
    """`layers` becomes `[Input(...), *layers]`, `first + [last]` becomes `[Input(...), *first, last]`."""
    source = program.text
    found: list[Edit] = []
    lead, behind = f"[{text}, ", program.positions.outer_span(_summands(node)[0])[0]
    for operand in _summands(node):
        start, end = program.positions.outer_span(operand)
        before, after = _brackets_for_star(operand)
        if not before and source[start] == "[":
            start, inner_end = start + 1, end - 1
        else:
            inner_end = end
        found.append(Edit(behind, start, lead + before))
        lead, behind = f"{after}, ", inner_end
        last = (inner_end, end, after)
    return *found, Edit(last[0], last[1], f"{last[2]}]")


def _brackets_for_star(operand: cst.BaseExpression) -> tuple[str, str]:
    """What goes before and behind an operand to spread it: nothing for a list display, whose brackets go instead."""
    display = isinstance(operand, cst.List) and not operand.lpar and operand.elements
    if display and isinstance(display[-1].comma, cst.MaybeSentinel):
        return "", ""
    simple = cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.List | cst.Tuple | cst.ListComp
    return ("*", "") if isinstance(operand, simple) or operand.lpar else ("*(", ")")


def _summands(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add) and not node.lpar:
        return [*_summands(node.left), node.right]
    return [node]


def import_edits(program: Program, spelling: Spelling) -> tuple[Edit, ...]:
    """The imports that a spelling takes."""
    found: tuple[Edit, ...] = ()
    for change in spelling.imports:
        if change.text:
            found += edits.insert_import_after(program.positions, change.statement, change.text)
        elif isinstance(change.statement, cst.ImportFrom):
            found += edits.extend_import(program.positions, change.statement, change.name)
    return found


def remove_element(
    program: Program, call: cst.CSTNode, element: cst.CSTNode, applicability: Applicability, message: str
) -> Fix | None:
    """The fix that takes one element out of the list display that `call` is given; None where it is not in one."""
    for argument in call.args if isinstance(call, cst.Call) else ():
        display = argument.value
        if isinstance(display, cst.List | cst.Tuple):
            found = [item for item in display.elements if item.value is element]
            if found:
                return Fix(message, applicability, edits.remove_elements(program.positions, display, found))
    return None
