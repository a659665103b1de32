"""# What it does

Finds a `Sequential` that declares no input at all. Off by default; select it by its code.

# Why is this bad?

Such a model is built when it first sees data. Until then it has no weights, no summary and no shapes, and a mistake
in a shape shows far from the layer that made it. What it is then built for includes the batch: after `fit` in batches
of 32 the model's `input_shape` is `(32, 3)`, and Keras 2's `export()` freezes the signature to it.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([layers.Dense(32), layers.Dense(10)])
```

# Fix safety

There is no fix: the shape is not in the source.
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
    """A finding for each Sequential whose first entry is known and declares nothing."""
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report

    for model in program.sequentials:
        if model.declares_nothing:
            message = "This Sequential declares no input, so that it is not built before it sees data"
            yield report(RULE, program, model.made.node, message, Severity.WARNING)


RULE = Rule(
    code="KFX110",
    name="missing-input",
    summary="A Sequential declares no input at all",
    keywords=frozenset(),
    names=frozenset({"Sequential"}),
    check=check,
    default=False,
)
