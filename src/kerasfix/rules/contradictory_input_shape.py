"""# What it does

Finds a layer of a `Sequential` that is not the first and declares another input than the one that reaches it.

# Why is this bad?

Keras ignores the argument, whatever it says, and never compares it with the tensor that arrives. So one of the two
is not what its author meant: either the declaration is left over from a layer that was moved or copied, or the
model is not the one that was intended. Keras 3 gives no more than its general warning:

    UserWarning: Do not pass an `input_shape`/`input_dim` argument to a layer.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(28, 28, 1)), layers.Flatten(), layers.Dense(10, input_shape=(100,))])
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(28, 28, 1)), layers.Flatten(), layers.Dense(10)])
```

# Fix safety

The fix removes the argument, which keeps the model as it is. It is unsafe because the model may not be what was
meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import INPUT_KEYWORDS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each later layer whose declared shape cannot be the one that arrives."""
    from kerasfix.analysis.program import Standing
    from kerasfix.diagnostics import Applicability
    from kerasfix.fixes.declaring import remove_declaration
    from kerasfix.rules.reporting import arguments_of, declaring, report, severity_of, written

    for layer in declaring(program, Standing.LATER):
        if not layer.contradicted or layer.declaration is None:
            continue
        arguments = arguments_of(layer)
        arriving = layer.contradicted[0].arriving
        message = (
            f"{arguments} of `{layer.made.name}` is ignored and says {written(layer.declaration.shape)}, "
            f"but {written(arriving)} arrives"
        )
        fix = remove_declaration(program, layer, Applicability.UNSAFE, f"Remove {arguments}")
        node = layer.made.declares[0].node
        doubt = "the model may not be what was meant"
        yield report(RULE, program, node, message, severity_of(layer, target), fix, doubt)


RULE = Rule(
    code="KFX103",
    name="contradictory-input-shape",
    summary="A later layer declares another input than the one that reaches it",
    keywords=INPUT_KEYWORDS,
    names=frozenset(),
    check=check,
    fixable="always",
)
