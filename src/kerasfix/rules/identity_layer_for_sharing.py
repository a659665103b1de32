"""# What it does

Finds layers that do nothing and stand between an input and what uses it: `Lambda(lambda t: t)`,
`Activation("linear")`, `Identity()`, `Dropout(0)`, or a `Reshape` to the shape that arrives,

- called on an `Input`, the result given to two or more layers;
- first in a `Sequential`, to carry the `input_shape`, or right behind its `Input`.

# Why is this bad?

An input can be shared as it is: an `Input` goes to as many layers as one likes, and a `Sequential` may begin with it.
An identity put there to have something to share is one more layer in the summary, and a `Lambda` one that Keras 3 does
not load without being told to trust the file:

    ValueError: Requested the deserialization of a `Lambda` layer whose `function` is a Python lambda.

Such layers are rare: in the 47 public repositories that kerasfix is tried on (some 6,000 files with Keras or
TensorFlow), the rule has no finding. The one identity there that begins a model is in a file that looks up the
layers of the model by their places.

# Example

```python
import keras
from keras import layers

signal = keras.Input(shape=(64, 2))
shared = layers.Lambda(lambda t: t)(signal)
fine = layers.Conv1D(8, 3, padding="same")(shared)
coarse = layers.Conv1D(8, 9, padding="same")(shared)
model = keras.Model(signal, layers.concatenate([fine, coarse]))
```

# Use instead

```python
import keras
from keras import layers

signal = keras.Input(shape=(64, 2))
shared = signal
fine = layers.Conv1D(8, 3, padding="same")(shared)
coarse = layers.Conv1D(8, 9, padding="same")(shared)
model = keras.Model(signal, layers.concatenate([fine, coarse]))
```

# Fix safety

Outputs are the same and saved weights of all formats load, as the layer has none. The fix is unsafe because the list of
layers is one shorter, and what loads a whole saved model by its architecture sees another one. The layer is not
reported where the file looks layers up by index or name (`.layers`, `get_layer`), where its own name or any other
argument is used, where its result is an output of the model, where the input is not of the default dtype (Keras casts
at a layer), or where the value that makes it an identity is a variable, which may mean something else tomorrow. An
identity that declares the input of its model becomes an explicit `Input`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.events import Placement
    from kerasfix.analysis.objects import LayerObject
    from kerasfix.analysis.program import Layer, Program, Use
    from kerasfix.analysis.values import Shape, Value
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target

_KINDS = frozenset({"Lambda", "Activation", "Identity", "Dropout", "Reshape"})
_LOOKED_UP = re.compile(
    r"\bget_layer\b|^(?!\s*(?:from|import)\b).*(?<!keras)\.layers\b(?!\s*\.\s*\w)|\.layers\s*\.\s*(?:pop|append|insert|index)\b",
    re.MULTILINE,
)
"""Where layers of a model are looked up; `keras.layers.Dense` is none of that."""


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each identity between an input and what uses it."""
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report

    if _LOOKED_UP.search(program.text):
        return
    placements = _placements(program)
    for layer in program.layers:
        if layer.made.name not in _KINDS or len(layer.uses) != 1 or layer.made.node not in placements:
            continue
        use, each = layer.uses[0], placements[layer.made.node]
        what = f"This `{layer.made.name}` changes nothing"
        if all(_is_shared(program, placement) for placement in each):
            fix, doubt = _replaced(program, layer, use), "it is kept in a variable"
            message = f"{what}: the input itself can be shared by the layers that use it"
        elif all(_is_first(program, placement) for placement in each):
            fix, doubt = _removed(program, layer, use, target), "it does not stand by itself"
            message = f"{what}: the model can begin with its input"
        else:
            continue
        doubt = doubt if fix is None else "the model has one layer less"
        yield report(RULE, program, layer.node, message, Severity.WARNING, fix, doubt)


def _placements(program: Program) -> dict[object, list[Placement]]:
    """The uses of the layers that may be identities, by the call that makes them."""
    from kerasfix.analysis.flow import best_of
    from kerasfix.analysis.objects import LayerObject

    found: dict[object, list[Placement]] = {}
    for placement in best_of(program.placements):
        if isinstance(placement.subject, LayerObject) and placement.subject.name in _KINDS:
            found.setdefault(placement.subject.node, []).append(placement)
    return found


# --- what is an identity ---------------------------------------------------------------------------------------


def _is_identity(program: Program, layer: Value, arriving: Shape) -> bool:
    """Whether a layer hands on what it gets, by arguments that are written out."""
    import libcst as cst

    from kerasfix.analysis.objects import FunctionObject, LayerObject
    from kerasfix.analysis.values import Constant

    if not isinstance(layer, LayerObject) or layer.api is None or layer.unpacks or layer.name not in _KINDS:
        return False
    declares = {argument.name for argument in layer.declares}
    own = [argument for name, argument in layer.arguments.items() if name not in {*declares, "name"}]
    if layer.name == "Identity" or len(own) != 1:
        return layer.name == "Identity" and not own and _is_unnamed(program, layer)
    (argument,) = own
    match layer.name, argument.name, argument.value, argument.node.value:
        case "Lambda", "function", FunctionObject(node=cst.Lambda() as function), _:
            same = _hands_on(function)
        case "Activation", "activation", Constant("linear"), cst.SimpleString():
            same = True
        case "Dropout", "rate" | "p", Constant(0 | 0.0), cst.BaseNumber():
            same = True
        case "Reshape", "target_shape", value, _:
            same = _keeps_shape(value, arriving)
        case _:
            same = False
    return same and _is_unnamed(program, layer)


def _is_unnamed(program: Program, layer: LayerObject) -> bool:
    """Whether nothing else in the file has the name that the layer is given."""
    from kerasfix.analysis.values import Constant

    name = layer.arguments.get("name")
    if name is None:
        return True
    return isinstance(name.value, Constant) and program.text.count(str(name.value.value)) == 1


def _hands_on(function: object) -> bool:
    """Whether a lambda is `lambda t: t`."""
    import libcst as cst

    match function:
        case cst.Lambda(
            params=cst.Parameters(
                params=[cst.Param(name=cst.Name(value=given), default=None)],
                kwonly_params=[],
                posonly_params=[],
                star_kwarg=None,
            ),
            body=cst.Name(value=returned),
        ):
            return given == returned
    return False


def _keeps_shape(target: Value, arriving: Shape) -> bool:
    """Whether a target shape is that which arrives, in numbers."""
    from kerasfix.analysis.shapes import shape_of_value

    wanted = shape_of_value(target)
    dims = wanted.dims[1:] if wanted is not None and wanted.dims else ()
    known = bool(dims) and all(isinstance(size, int) and size > 0 for size in dims)
    return known and arriving.dims is not None and dims == arriving.dims[1:]


# --- between an input and its branches -------------------------------------------------------------------------


def _is_shared(program: Program, placement: Placement) -> bool:
    """Whether the identity is called on an input, and the result goes to several layers and is no output."""
    from kerasfix.analysis.branches import is_plain
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.objects import InputObject, Tensor
    from kerasfix.analysis.program import tensors_of

    match placement.role, placement.given:
        case Role.CALLED, (Tensor(source=InputObject() as made, applied=None) as given,):
            if not is_plain(made) or not _is_identity(program, placement.subject, given.shape):
                return False
        case _:
            return False
    consumers: set[Tensor] = set()
    for model in (made for each in program.models for made in each.objects):
        for tensor in tensors_of(model):
            if tensor.source is placement.subject and tensor in model.outputs:
                return False
            if any(isinstance(value, Tensor) and value.source is placement.subject for value in tensor.inputs):
                consumers.add(tensor)
    return len(consumers) > 1


def _replaced(program: Program, layer: Layer, use: Use) -> Fix | None:
    """The fix that puts what the identity is called on in its place."""
    import libcst as cst

    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import flat
    from kerasfix.fixes.edits import replace

    call = use.node
    if not isinstance(call, cst.Call) or call.func is not layer.node or len(call.args) != 1 or call.args[0].star:
        return None
    if "#" in program.code(call):
        return None
    edit = replace(program.positions, call, flat(program.code(call.args[0].value)))
    return Fix("Use the input itself", Applicability.UNSAFE, (edit,))


# --- at the beginning of a Sequential --------------------------------------------------------------------------


def _is_first(program: Program, placement: Placement) -> bool:
    """Whether the identity is the first layer of a Sequential that does something behind it."""
    from kerasfix.analysis.branches import is_plain
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.objects import InputObject, LayerObject, SequentialObject, Tensor
    from kerasfix.analysis.slots import certain_values

    holder = placement.holder
    content = program.contents.get(holder) if isinstance(holder, SequentialObject) else None
    entries = certain_values(content.slots) if content is not None else None
    if placement.role is not Role.ENTRY or not entries or content is None or content.declared is None:
        return False
    made = entries[0].source if isinstance(entries[0], Tensor) else entries[0]
    behind_input = isinstance(made, InputObject) and is_plain(made)
    place = 1 if behind_input else 0
    if entries[place : place + 1] != (placement.subject,) or not (behind_input or _declares(placement.subject)):
        return False
    works = any(isinstance(entry, LayerObject) and entry.name not in _KINDS for entry in entries[place + 1 :])
    return works and _is_identity(program, placement.subject, content.declared)


def _declares(layer: Value) -> bool:
    from kerasfix.analysis.objects import LayerObject

    return isinstance(layer, LayerObject) and bool(layer.declares)


def _removed(program: Program, layer: Layer, use: Use, target: Target) -> Fix | None:
    """The fix that takes the identity out of its model."""
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import remove_element
    from kerasfix.fixes.statements import remove_statement

    if layer.made.declares:
        return _input_instead(program, layer, use, target)
    message = "Remove the identity"
    fix = remove_element(program, use.node, layer.node, Applicability.UNSAFE, message)
    if fix is None and any(argument.value is layer.node for argument in getattr(use.node, "args", ())):
        edits = remove_statement(program.positions, use.node)
        fix = Fix(message, Applicability.UNSAFE, edits) if edits else None
    return fix


def _input_instead(program: Program, layer: Layer, use: Use, target: Target) -> Fix | None:
    """The fix that puts an `Input` in the place of an identity that declares one."""
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import declare_input, import_edits, input_call
    from kerasfix.fixes.edits import replace

    spelling = use.insertion.spellings.get(target.input_style) if use.insertion is not None else None
    if spelling is None or layer.declaration is None or use.enclosing or "#" in program.code(layer.node):
        return None
    fix = declare_input(program, layer, [use], target)[0]
    start, end = program.positions.span(use.node)
    inner, last = program.positions.span(layer.node)
    if fix is None or fix.applicability is not Applicability.SAFE or not (start <= inner and last <= end):
        return None
    text = input_call(program, layer.made, layer.declaration, target, spelling)
    edits = (replace(program.positions, layer.node, text), *import_edits(program, spelling))
    return Fix("Put an `Input` in its place", Applicability.UNSAFE, tuple(sorted(edits)))


RULE = Rule(
    code="KFX304",
    name="identity-layer-for-sharing",
    summary="A layer that changes nothing stands between an input and what uses it",
    keywords=frozenset(),
    names=_KINDS,
    check=check,
    fixable="sometimes",
)
