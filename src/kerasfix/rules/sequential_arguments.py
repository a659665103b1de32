"""# What it does

Finds `Sequential(layers, "name")`, where the name is the second positional argument, and `Sequential(layer)`, where
a single layer stands for a list.

# Why is this bad?

Both work in Keras 2 only. In Keras 3 the second argument is `trainable`: up to 3.14 the model silently gets
`trainable="name"` and no name, and 3.15 raises

    ValueError: Expected `trainable` to be a boolean. Received: trainable=digits (of type <class 'str'>)

For a single layer it raises

    TypeError: 'Dense' object is not iterable

# Example

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(784,)), layers.Dense(10)], "digits")
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(784,)), layers.Dense(10)], name="digits")
```

# Fix safety

Safe: the name gets its keyword, the layer its list. Keras 2 builds the same model as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each Sequential with a positional name, and for each with a layer in the place of a list."""
    from kerasfix.analysis.values import Constant
    from kerasfix.diagnostics import Applicability, Edit, Fix, Severity
    from kerasfix.fixes.edits import replace
    from kerasfix.rules.reporting import report

    severity = Severity.ERROR if target.keras3 else Severity.WARNING
    for model in program.sequentials:
        second = model.made.arguments.get("trainable")
        if second is not None and second.positional and isinstance(second.value, Constant):
            if not isinstance(second.value.value, str):
                continue
            edit = replace(program.positions, second.node.value, f"name={program.code(second.node.value)}")
            fix = Fix("Name it `name`", Applicability.SAFE, (edit,))
            message = "The second argument of `Sequential` is its name in Keras 2 and `trainable` in Keras 3"
            yield report(RULE, program, second.node, message, severity, fix)
        layers = model.made.arguments.get("layers")
        if layers is not None and model.begins_with_single_layer:
            start, end = program.positions.outer_span(layers.node.value)
            fix = Fix("Make it a list", Applicability.SAFE, (Edit(start, start, "["), Edit(end, end, "]")))
            message = "`Sequential` takes a list of layers; Keras 3 refuses a single one"
            yield report(RULE, program, layers.node, message, severity, fix)


RULE = Rule(
    code="KFX403",
    name="sequential-arguments",
    summary="Sequential with its name as second argument, or with a single layer",
    keywords=frozenset(),
    names=frozenset({"Sequential"}),
    check=check,
    fixable="always",
)
