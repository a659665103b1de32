"""# What it does

Finds `InputLayer(input_tensor=...)` and `Input(tensor=...)` that say a shape or a batch size beside the tensor.

# Why is this bad?

The tensor knows its shape, so that what is said beside it is a repetition or a contradiction. Keras 2 ignores it
silently, even if it is wrong. Keras 3 compares it with the tensor since 3.7, and takes a list for another shape than a
tuple:

    ValueError: When providing the `input_tensor` argument, you cannot provide an incompatible `shape` argument.

    ValueError: When providing the `input_tensor` argument, you cannot provide an incompatible `batch_size` argument.

Where the shape carries the batch dimension of the tensor too, as in `input_shape=(None, 784)`, KFX201 says so.

# Example

```python
import keras
from keras import layers

a = keras.Input(shape=(784,))
b = keras.Input(tensor=a, shape=[784])
model = keras.Model(a, layers.Dense(10)(b))
```

# Use instead

```python
import keras
from keras import layers

a = keras.Input(shape=(784,))
b = keras.Input(tensor=a)
model = keras.Model(a, layers.Dense(10)(b))
```

# Fix safety

Safe: the model is the one that Keras 2 builds with or without the shape, and Keras 3 builds it too. Keras 3.0 to 3.6
alone refuse a tensor without a shape (and take any shape beside it); for them, put the tensor itself in the model, as
KFX211 does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import TENSOR_ARGUMENTS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Input, Program
    from kerasfix.analysis.values import Value
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target

_SHAPES = ("shape", "input_shape", "batch_shape", "batch_input_shape", "batch_size")


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each input that says a shape beside its tensor."""
    from kerasfix.analysis.batch_axis import carrying_batch
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, report

    of_others = carrying_batch(program)  # KFX201 speaks of them
    for made in program.inputs:
        arguments = _beside_tensor(program, made)
        if not arguments or arguments[0].node in of_others or error_is_expected(program, made.made.node):
            continue
        contradicts = any(_contradicts(made, argument) for argument in arguments)
        refused = target.keras3 and (contradicts or any(map(_is_list, arguments)))
        tensor = next(name for name in TENSOR_ARGUMENTS if name in made.made.arguments)
        said = "contradicts the tensor" if contradicts else "is for the tensor to say"
        message = f"`{arguments[0].name}` beside `{tensor}` {said}"
        fix = _fix(program, made, arguments)
        doubt = "" if fix is not None else "the call has positional arguments"
        severity = Severity.ERROR if refused else Severity.WARNING
        yield report(RULE, program, arguments[0].node, message, severity, fix, doubt)


def _beside_tensor(program: Program, made: Input) -> list[Argument]:
    from kerasfix.analysis.values import Constant

    given = {name: a for name, a in made.made.arguments.items() if a.value != Constant(None)}
    if not any(all(is_tensor(program, value) for value in made.given(name)) for name in TENSOR_ARGUMENTS):
        return []
    return [argument for name, argument in given.items() if name in _SHAPES]


def is_tensor(program: Program, value: Value | None) -> bool:
    """Whether a tensor is given for sure; a parameter may be None, which means that there is none."""
    from kerasfix.analysis.objects import Tensor
    from kerasfix.analysis.values import is_result

    return isinstance(value, Tensor) or value in program.arrays or (value is not None and is_result(value))


def _contradicts(made: Input, argument: Argument) -> bool:
    from kerasfix.analysis.shapes import batch_shape_of_value, conflict, shape_of_value
    from kerasfix.analysis.values import Constant

    if argument.name == "batch_size":
        known = (made.made.shape.dims or ())[:1]
        number = argument.value.value if isinstance(argument.value, Constant) else None
        return isinstance(number, int) and known != () and isinstance(known[0], int | None) and number != known[0]
    read = shape_of_value if argument.name in ("shape", "input_shape") else batch_shape_of_value
    said = read(argument.value)
    return said is not None and conflict(said, made.made.shape)


def _is_list(argument: Argument) -> bool:
    """Whether a shape is a list: Keras 3 refuses it though it agrees with the tensor."""
    from kerasfix.analysis.values import Items

    return isinstance(argument.value, Items) and argument.value.kind == "list"


def _fix(program: Program, made: Input, arguments: list[Argument]) -> Fix | None:
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.edits import remove_arguments

    removed = [argument.node for argument in arguments]
    kept = [argument for argument in made.made.node.args if argument not in removed]
    if any(argument.keyword is None for argument in kept):
        return None
    edits = remove_arguments(program.positions, made.made.node, removed)
    return Fix("Leave the shape to the tensor", Applicability.SAFE, edits)


RULE = Rule(
    code="KFX205",
    name="shape-beside-tensor",
    summary="An input is given a tensor and a shape beside it",
    keywords=frozenset(TENSOR_ARGUMENTS),
    names=frozenset(),
    check=check,
    fixable="sometimes",
)
