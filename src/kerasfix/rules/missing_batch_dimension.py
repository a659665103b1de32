"""# What it does

Finds a `batch_shape` or `batch_input_shape` that has no batch dimension. What proves it is the layer behind: it takes
no input of that rank, and would take one with one axis more.

# Why is this bad?

`shape` leaves the batch out, `batch_shape` includes it. Every Keras refuses the model:

    ValueError: Input 0 of layer "dense" is incompatible with the layer: expected min_ndim=2, found ndim=1. Full shape
    received: (784,)

# Example

```python
import keras
from keras import layers

inputs = keras.Input(batch_shape=(784,))
model = keras.Model(inputs, layers.Dense(10)(inputs))
```

# Use instead

```python
import keras
from keras import layers

inputs = keras.Input(batch_shape=(None, 784))
model = keras.Model(inputs, layers.Dense(10)(inputs))
```

# Fix safety

The fix puts `None` first, for any batch size. It is unsafe: a certain batch size may have been meant, or another axis
may be the one that is missing. There is no fix where the shape is not written out in the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each batch shape that the layer behind it shows to be none."""
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.misfits import lacks_batch, misfits
    from kerasfix.rules.reporting import report

    for misfit in misfits(program, target):
        argument = misfit.argument
        if not lacks_batch(program, misfit):
            continue
        message = f"`{argument.name}` lacks the batch dimension; {misfit.expectation(program)}"
        doubt = "another axis may be the one that is missing"
        fix = _fix(program, argument)
        if fix is None:
            doubt = "the shape is not written out here"
        yield report(RULE, program, argument.node, message, Severity.ERROR, fix, doubt, misfit.related(program))


def _fix(program: Program, argument: Argument) -> Fix | None:
    import libcst as cst

    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.edits import insert_first_element

    display = argument.node.value
    if not isinstance(display, cst.Tuple | cst.List) or not (display.lpar or isinstance(display, cst.List)):
        return None
    edits = insert_first_element(program.positions, display, "None")
    return Fix("Put `None` first, for any batch size", Applicability.UNSAFE, edits)


RULE = Rule(
    code="KFX203",
    name="missing-batch-dimension",
    summary="A batch_shape or batch_input_shape without the batch dimension",
    keywords=frozenset({"batch_shape", "batch_input_shape"}),
    names=frozenset(),
    check=check,
    fixable="sometimes",
)
