"""# What it does

Finds `Input` and `InputLayer` with an argument that only one Keras takes: `InputLayer(input_shape=...)` and
`InputLayer(batch_input_shape=...)` of Keras 2, `InputLayer(shape=...)` and `InputLayer(batch_shape=...)` of Keras
3, and `Input(input_shape=...)` or `Input(batch_input_shape=...)`.

# Why is this bad?

Of `InputLayer(input_shape=...)` Keras 3 warns, and what it advises breaks Keras 2:

    UserWarning: Argument `input_shape` is deprecated. Use `shape` instead.

    ValueError: Unrecognized keyword arguments: ['shape']

`InputLayer(batch_input_shape=...)` it still takes without a word, though its documentation knows no such argument.
Of `Input`, Keras 2 alone takes `batch_input_shape`, and neither takes `input_shape`; Keras 3 raises for both:

    TypeError: Input() got an unexpected keyword argument 'batch_input_shape'

`Input(shape=...)` and `Input(batch_shape=...)` mean the same to every Keras, and in a `Sequential` they make the same
model.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([layers.InputLayer(input_shape=(784,)), layers.Dense(10)])
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([layers.Input(shape=(784,)), layers.Dense(10)])
```

# Fix safety

Safe: in a `Sequential`, `Input` and `InputLayer` make the same model in both Keras, name and dtype included. There
is no fix for an `InputLayer` that is used in any other way, as `Input` gives a tensor. With `input-style =
"InputLayer"` or for `target = "keras2"` or `"keras3"` the forms that the chosen style or Keras takes are left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import TENSOR_ARGUMENTS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.objects import Argument, InputObject
    from kerasfix.analysis.program import Input, Program
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target

_OLD = {"input_shape": "shape", "batch_input_shape": "batch_shape"}
_SAID = {
    ("Input", "input_shape"): "refused by every Keras",
    ("Input", "batch_input_shape"): "refused by Keras 3",
    ("InputLayer", "input_shape"): "deprecated in Keras 3",
    ("InputLayer", "batch_input_shape"): "no longer documented in Keras 3",
    ("InputLayer", "shape"): "refused by Keras 2",
    ("InputLayer", "batch_shape"): "refused by Keras 2",
}
"""What becomes of the arguments; what Keras refuses is an error."""


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each input with an argument that the target does not take, or that it warns of."""
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report

    for made in program.inputs:
        argument = _at_fault(made.made, target)
        if argument is None or argument.positional or any(name in made.made.arguments for name in TENSOR_ARGUMENTS):
            continue
        function = made.made.function
        said = _SAID[function, argument.name]
        severity = Severity.ERROR if "refused" in said else Severity.WARNING
        message = f"`{argument.name}` of `{function}` is {said}"
        fix, doubt = _fix(program, made, argument)
        yield report(RULE, program, argument.node, message, severity, fix, doubt)


def _at_fault(made: InputObject, target: Target) -> Argument | None:
    if made.function == "Input":
        names = ["input_shape"] + ["batch_input_shape"] * target.keras3
    elif target.input_style == "InputLayer":
        names = ["input_shape"] * target.keras3 + ["shape", "batch_shape"] * target.keras2
    else:
        names = [*_OLD] * target.keras3 + ["shape", "batch_shape"] * target.keras2
    return next((a for name, a in made.arguments.items() if name in names and not a.positional), None)


def _fix(program: Program, made: Input, argument: Argument) -> tuple[Fix | None, str]:
    from kerasfix.analysis.events import Role
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import import_edits
    from kerasfix.fixes.edits import replace

    positions, node = program.positions, made.made.node
    renamed = [
        replace(positions, given.node.keyword, _OLD[name])
        for name, given in made.made.arguments.items()
        if name in _OLD and given.node.keyword is not None
    ]
    if len(made.made.arguments.keys() & {"shape", "input_shape", "batch_shape", "batch_input_shape"}) > 1:
        return None, "the shape is given twice"
    if made.made.function == "Input":
        return Fix(f"Use `{_OLD[argument.name]}`", Applicability.SAFE, tuple(renamed)), ""
    spelling = made.made.spelling
    if spelling is None:
        return None, "no way to write `Input` here is sure"
    if any(use.role is not Role.ENTRY for use in made.uses) or not made.uses:
        return None, "the `InputLayer` is used as a layer"
    if any(given.positional for given in made.made.arguments.values()):
        return None, "the call has positional arguments"
    changed = (replace(positions, node.func, spelling.text), *renamed, *import_edits(program, spelling))
    return Fix("Use `Input`, which every Keras takes", Applicability.SAFE, changed), ""


RULE = Rule(
    code="KFX206",
    name="deprecated-input-layer-argument",
    summary="An argument of Input or InputLayer that only one Keras takes",
    keywords=frozenset(),
    names=frozenset({"Input", "InputLayer"}),
    check=check,
    fixable="sometimes",
)
