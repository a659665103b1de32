"""# What it does

Finds one raw value (`tf.placeholder`, `tf.constant`, `tf.convert_to_tensor`, an array) that is given by hand to several
layers, or to several `Sequential`s without an input, whose results are then joined by Keras or put in a `Model`.

# Why is this bad?

A model begins with an `Input`. Without one, what the layers are called on is data: it is computed with at once, the
result is a number and no part of a model, and neither Keras makes a `Model` of it. Keras 3 says

    ValueError: All `inputs` values must be KerasTensors.

and Keras 2

    ValueError: Found unexpected instance while processing input tensors for keras functional model.

The value must also be fed by hand to every branch alike; an `Input` can go to as many as one likes.

Calling layers and models on data is right in a `call` or training step, under a `GradientTape`, in tests, and to look
at what a layer does; no such code is reported.

Such code is rare: in the 47 public repositories that kerasfix is tried on (some 6,000 files with Keras or TensorFlow),
the rule has no finding.

# Example

```python
import keras
import tensorflow as tf
from keras import layers

signal = tf.zeros((32, 784))
narrow = layers.Dense(16, activation="relu")(signal)
wide = layers.Dense(64, activation="relu")(signal)
model = keras.Model(signal, layers.concatenate([narrow, wide]))
```

# Use instead

```python
import keras
import tensorflow as tf
from keras import layers

signal = tf.zeros((32, 784))
signal_input = layers.Input(shape=(784,))
narrow = layers.Dense(16, activation="relu")(signal_input)
wide = layers.Dense(64, activation="relu")(signal_input)
model = keras.Model(signal_input, layers.concatenate([narrow, wide]))
```

# Fix safety

The fix declares one `Input` before the first call, and gives it to the layers and to the `Model`. There is one only
where a `Model` takes the value as its input, which no Keras accepts, so that nothing that works is changed; where the
shape and the type of the numbers are known; and where all of it stands in one place of the program. It is unsafe
because the size of the batch is left open, and because what the value was meant for is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.events import Placement
    from kerasfix.analysis.objects import FunctionalObject
    from kerasfix.analysis.program import Program
    from kerasfix.analysis.values import Value
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target

_PREPROCESSING = (
    *("Random", "Resizing", "Rescaling", "CenterCrop", "Normalization", "CategoryEncoding", "Hashing"),
    *("Discretization", "TextVectorization", "StringLookup", "IntegerLookup"),
)
"""Layers that are meant to be called on data."""
_STEPS = frozenset({"call", "__call__", "train_step", "test_step", "predict_step"})


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """A raw value, and the calls on it whose results meet."""

    value: Value
    calls: tuple[Placement, ...]

    @property
    def argument(self) -> cst.Arg:
        """What is given to the first of them."""
        return _arguments(self.calls[0])[0]


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each raw value that several branches of a model are called on."""
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, places, report

    for shared in _shared(program):
        argument = shared.argument
        if error_is_expected(program, argument) or _is_step(program, argument):
            continue
        message = "One raw value is given to several layers of a model: give it an `Input`"
        others = (_arguments(call)[0] for call in shared.calls[1:])
        related = places(program, *((other, "It is given to another one here") for other in others))
        fix, doubt = _fix(program, shared)
        yield report(RULE, program, argument, message, Severity.WARNING, fix, doubt, related)


def _shared(program: Program) -> Iterator[_Shared]:
    from kerasfix.analysis.branches import joins

    candidates = {placement.subject: placement for placement in _calls(program)}
    by_value: dict[Value, dict[Placement, None]] = {}
    for tensors in joins(program) if len(candidates) > 1 else ():
        meeting: dict[Value, list[Placement]] = {}
        for tensor in tensors:
            call = candidates.get(tensor.source) if tensor.source is not None else None
            if call is not None and tensor.inputs == call.given:
                meeting.setdefault(call.given[0], []).append(call)
        for value, calls in meeting.items():
            if len({call.subject for call in calls}) > 1:
                by_value.setdefault(value, {}).update(dict.fromkeys(calls))
    for value, found in by_value.items():
        yield _Shared(value, tuple(sorted(found, key=lambda call: program.positions.span(call.node))))


def _calls(program: Program) -> Iterator[Placement]:
    """Calls of layers and Sequentials on a raw value that nothing has built before, by a name."""
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.flow import best_of
    from kerasfix.analysis.objects import LayerObject, SequentialObject

    uses: dict[Value, int] = {}
    for placement in program.placements:
        uses[placement.subject] = uses.get(placement.subject, 0) + 1
    for placement in best_of(program.placements):
        subject = placement.subject
        if placement.role is not Role.CALLED or uses[subject] != 1 or len(_arguments(placement)) != 1:
            continue
        if len(placement.given) != 1 or placement.given[0] not in program.arrays:
            continue
        content = program.contents.get(subject) if isinstance(subject, SequentialObject) else None
        layer = isinstance(subject, LayerObject) and not subject.name.startswith(_PREPROCESSING)
        if layer or (content is not None and content.declared is None):
            yield placement


def _arguments(placement: Placement) -> list[cst.Arg]:
    """The arguments of a call, if they are one name."""
    import libcst as cst

    arguments = placement.node.args if isinstance(placement.node, cst.Call) else ()
    named = all(isinstance(a.value, cst.Name) and not a.star and a.keyword is None for a in arguments)
    return [*arguments] if named else []


def _is_step(program: Program, node: cst.CSTNode) -> bool:
    """Whether a node is in what computes on data: a `call`, a training step, under a tape, in a test."""
    import libcst as cst

    from kerasfix.fixes.statements import enclosing, in_test

    path = enclosing(program.positions, node)
    for around in path:
        match around:
            case cst.FunctionDef(name=cst.Name(value=name), decorators=decorators):
                if name in _STEPS or decorators:
                    return True
            case cst.With(items=items) if any("Tape" in program.code(item.item) for item in items):
                return True
    return in_test(path)


# --- the fix ---------------------------------------------------------------------------------------------------


def _fix(program: Program, shared: _Shared) -> tuple[Fix | None, str]:
    import libcst as cst

    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import import_edits
    from kerasfix.fixes.edits import insert_statement_before, replace

    models = [made for model in program.models for made in model.objects if shared.value in made.inputs]
    arguments = [_input_argument(made, shared.value) for made in models]
    if not models:
        return None, "no `Model` is seen to take it as its input"
    spelling = shared.calls[0].spelling
    shape = _written_shape(program, shared.value)
    dtype = _written_dtype(program, shared.value)
    statement = _statement(program, [call.node for call in shared.calls] + [made.node for made in models])
    names = [_arguments(call)[0].value for call in shared.calls] + [a.value for a in arguments if a is not None]
    written = {name.value for name in names if isinstance(name, cst.Name)}
    if spelling is None or shape is None or dtype is None:
        return None, "its shape or the type of its numbers is not known"
    if statement is None or None in arguments or len(written) != 1:
        return None, "there is no place for an `Input` that is sure to be right"
    name = f"{written.pop()}_input"
    if name in program.text:
        return None, f"`{name}` is in use"
    text = f"{name} = {spelling.text}(shape={shape}{dtype})"
    edits = [*insert_statement_before(program.positions, statement, text), *import_edits(program, spelling)]
    edits += [replace(program.positions, node, name) for node in names]
    return Fix("Declare one `Input`", Applicability.UNSAFE, tuple(sorted(edits))), "the size of the batch is left open"


def _input_argument(model: FunctionalObject, value: Value) -> cst.Arg | None:
    """The argument that gives a model the value as its only input, by a name."""
    import libcst as cst

    argument = model.arguments.get("inputs") or model.arguments.get("input")
    if argument is None or model.inputs != (value,) or not isinstance(argument.node.value, cst.Name):
        return None
    return argument.node


def _written_shape(program: Program, value: Value) -> str | None:
    """The shape of one sample, in numbers and None."""
    from kerasfix.analysis.shapes import in_words

    dims = program.arrays[value].dims
    if not dims or not all(size is None or isinstance(size, int) for size in dims):
        return None
    return in_words([size for size in dims[1:] if size is None or isinstance(size, int)])


_FLOATS = ("zeros", "ones", *(f"random.{name}" for name in ("normal", "uniform", "rand", "randn", "random")))
"""Functions whose numbers are floats where no dtype is given."""


def _written_dtype(program: Program, value: Value) -> str | None:
    """The argument that says the type of the numbers; nothing for floats, None where it is not known."""
    import libcst as cst

    origin = program.origins.get(value)
    call = origin.value if isinstance(origin, cst.Assign) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    function = program.code(call.func)
    given = next((arg for arg in call.args if arg.keyword is not None and arg.keyword.value == "dtype"), None)
    if given is None and function.endswith(".placeholder") and call.args and call.args[0].keyword is None:
        given = call.args[0]
    if given is None:
        return "" if function.endswith(_FLOATS) else None
    dtype = program.code(given.value).strip("\"'").rpartition(".")[2]
    if not dtype.isidentifier() or not dtype.startswith(("float", "int", "uint", "bool", "string")):
        return None
    return "" if dtype in ("float32", "float") else f', dtype="{dtype}"'


def _statement(program: Program, nodes: list[cst.CSTNode]) -> cst.BaseSmallStatement | None:
    """The statement of the first node, if its block holds all the others too."""
    import libcst as cst

    from kerasfix.fixes.statements import enclosing

    paths = [enclosing(program.positions, node) for node in nodes]
    first = paths[0]
    found = [place for place, node in enumerate(first) if isinstance(node, cst.SimpleStatementLine)]
    if not found or not isinstance(first[found[-1] + 1], cst.BaseSmallStatement):
        return None
    around = first[: found[-1]]
    functions = [[node for node in path if isinstance(node, cst.FunctionDef | cst.ClassDef)] for path in paths]
    same = all(path[: len(around)] == around for path in paths) and all(each == functions[0] for each in functions)
    statement = first[found[-1] + 1]
    return statement if same and isinstance(statement, cst.BaseSmallStatement) else None


RULE = Rule(
    code="KFX305",
    name="raw-tensor-shared",
    summary="One raw value is given by hand to several branches of a model",
    keywords=frozenset(),
    names=frozenset({"Model", "placeholder", "concatenate", "Concatenate", "add", "Add"}),
    check=check,
    fixable="sometimes",
)
