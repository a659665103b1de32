"""# What it does

Finds a shape that is a number, `shape=784` or `input_shape=(784)`, and an `input_dim` that is a tuple.

# Why is this bad?

A shape is a tuple, one entry for each axis but the batch. `(784)` is only the number 784 in parentheses. On the first
layer of a model, both Keras refuse it; Keras 2 and Keras 3 raise

    TypeError: 'int' object is not iterable

    ValueError: Cannot convert '784' to a shape.

`Input(shape=784)` and `InputLayer(784)` pass in Keras 2 only.

# Example

```python
import keras
from keras import layers

inputs = keras.Input(shape=(784))
model = keras.Model(inputs, layers.Dense(10)(inputs))
```

# Use instead

```python
import keras
from keras import layers

inputs = keras.Input(shape=(784,))
model = keras.Model(inputs, layers.Dense(10)(inputs))
```

# Fix safety

The number becomes a tuple of one, the tuple of `input_dim` a shape. There is nothing else that can be meant, so the
fix is safe; where the layer is the first of its model, it is that of KFX101. An `input_dim` of any other layer is
ignored, and what removes it is KFX102 or KFX104.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import INPUT_KEYWORDS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Layer, Program
    from kerasfix.diagnostics import Diagnostic, Fix, Severity
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each declaring argument of the wrong kind."""
    from kerasfix.analysis.declaration import is_scalar
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report

    for layer in program.layers:
        scalar = layer.declaration.scalar if layer.declaration is not None else None
        if scalar is not None:
            kind = "a number, not a tuple" if scalar.name == "input_shape" else "a tuple, not a number"
            severity, accepted = _accepted(layer, scalar, target)
            fix, doubt = _layer_fix(program, layer, scalar, target)
            message = f"`{scalar.name}` is {kind}{accepted}"
            yield report(RULE, program, scalar.node, message, severity, fix, doubt)
    for made in program.inputs:
        for name in ("shape", "input_shape"):
            argument = made.made.arguments.get(name)
            if argument is not None and is_scalar(argument.value):
                message = f"The shape of this `{made.made.function}` is a number, not a tuple"
                severity = Severity.ERROR if target.keras3 else Severity.WARNING
                yield report(RULE, program, argument.node, message, severity, _as_tuple(program, argument))


def _accepted(layer: Layer, scalar: Argument, target: Target) -> tuple[Severity, str]:
    """Who takes such an argument: every Keras refuses it where it counts, Keras 2 refuses a number anywhere."""
    from kerasfix.analysis.program import Standing
    from kerasfix.diagnostics import Severity

    if layer.standing is Standing.FIRST:
        return Severity.ERROR, "; no Keras accepts it"
    if scalar.name == "input_shape" and target.keras2:
        return Severity.ERROR, "; Keras 2 does not accept it"
    return Severity.WARNING, ""


def _layer_fix(program: Program, layer: Layer, scalar: Argument, target: Target) -> tuple[Fix | None, str]:
    from kerasfix.analysis.program import Standing
    from kerasfix.analysis.slots import Position
    from kerasfix.fixes.declaring import declare_input

    if layer.standing is Standing.FIRST:
        return declare_input(program, layer, layer.entries(Position.FIRST), target)
    return (_as_tuple(program, scalar) if scalar.name == "input_shape" else None), ""


def _as_tuple(program: Program, argument: Argument) -> Fix:
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import flat
    from kerasfix.fixes.edits import replace

    value = argument.node.value
    text = flat(program.code(value))
    if value.lpar:
        text = text[1:-1].strip()
    return Fix("Make it a tuple", Applicability.SAFE, (replace(program.positions, value, f"({text},)"),))


RULE = Rule(
    code="KFX204",
    name="scalar-shape",
    summary="A shape that is a number, or an input_dim that is a tuple",
    keywords=INPUT_KEYWORDS,
    names=frozenset({"Input", "InputLayer"}),
    check=check,
    fixable="sometimes",
)
