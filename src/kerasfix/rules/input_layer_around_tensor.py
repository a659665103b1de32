"""# What it does

Finds a `Sequential` that begins with `InputLayer(input_tensor=...)`: a layer around a tensor that is there already.

# Why is this bad?

The layer claims the tensor as its own. Other models that were built on the tensor then no longer know where it comes
from: they still predict, but can no longer be saved or loaded. Keras 3 says of a model that was built on `a` before

    RuntimeError: Internal error: could not find node key

Keras 3.0 to 3.6 refuse the layer unless a shape is said as well, and every Keras 3 refuses a tensor that is not its
own:

    ValueError: Argument `input_tensor` must be a KerasTensor.

A tensor is best applied as it is: a `Sequential` takes an `Input` as its first entry, and any model can be called on a
tensor.

# Example

```python
import keras
from keras import layers

a = keras.Input(shape=(784,))
model = keras.Sequential([layers.InputLayer(input_tensor=a), layers.Dense(10)])
```

# Use instead

```python
import keras
from keras import layers

a = keras.Input(shape=(784,))
model = keras.Sequential([a, layers.Dense(10)])
```

# Fix safety

The fix puts the tensor itself in the place of the layer, if it is that of an `Input`. It is unsafe because the input is
then shared with whatever else is built on the tensor, and keeps its own name. There is no fix for a tensor of any other
kind: call the model on it. With `input-style = "InputLayer"` there is none either, as Keras 2.3 and older take no
tensor in a `Sequential`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Input, Program
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each `InputLayer` around a tensor that begins a model."""
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.slots import Position
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report
    from kerasfix.rules.shape_beside_tensor import is_tensor

    for made in program.inputs:
        tensor = made.made.arguments.get("input_tensor")
        entries = [use for use in made.uses if use.role is Role.ENTRY and use.position is not Position.LATER]
        if made.made.function != "InputLayer" or tensor is None or not entries:
            continue
        if not all(is_tensor(program, value) for value in made.given("input_tensor")):
            continue
        message = "This `InputLayer` claims a tensor as its own, which breaks other models that are built on it"
        fix, doubt = _fix(program, made, tensor, target)
        yield report(RULE, program, made.made.node, message, Severity.WARNING, fix, doubt)


def _fix(program: Program, made: Input, tensor: Argument, target: Target) -> tuple[Fix | None, str]:
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.objects import InputObject, Tensor
    from kerasfix.analysis.slots import Position
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import flat
    from kerasfix.fixes.edits import replace

    value = tensor.value
    if not isinstance(value, Tensor) or not isinstance(value.source, InputObject) or value.inputs:
        return None, "the tensor is not seen to be that of an `Input`"
    if target.input_style == "InputLayer":
        return None, "not every Keras takes the tensor itself there"
    if any(use.role is not Role.ENTRY or use.position is not Position.FIRST for use in made.uses):
        return None, "the layer is used elsewhere too"
    start, end = program.positions.span(made.made.node)
    calls = [program.positions.span(use.node) for use in made.uses]
    if any(not (first <= start and end <= last) for first, last in calls):
        return None, "the layer is kept before it is used"
    if "#" in program.code(made.made.node):
        return None, "there is a comment in the call"
    text = flat(program.code(tensor.node.value))
    edit = replace(program.positions, made.made.node, text)
    return Fix("Put the tensor itself there", Applicability.UNSAFE, (edit,)), "the input is then a shared one"


RULE = Rule(
    code="KFX211",
    name="input-layer-around-tensor",
    summary="A Sequential begins with an InputLayer around a tensor",
    keywords=frozenset({"input_tensor"}),
    names=frozenset(),
    check=check,
    fixable="sometimes",
)
