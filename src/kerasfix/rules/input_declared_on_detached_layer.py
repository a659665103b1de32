"""# What it does

Finds a layer that declares an input, where it cannot be known which place the layer has in its model: it is added
in a loop or on one of two branches, to a model that comes from elsewhere, it is passed to a function that kerasfix
does not follow, or it is not seen to enter a model at all.

# Why is this bad?

If the layer comes first, it declares the model's input, which an explicit `Input` should do (KFX101). If it does
not, the argument is ignored (KFX102). That this cannot be told from the source is a reason in itself to move the
declaration to where the model begins.

# Example

```python
import keras
from keras import layers

model = keras.Sequential()
for units in (64, 32, 10):
    model.add(layers.Dense(units, input_shape=(784,)))
```

# Use instead

Put the input in front of the loop:

```python
import keras
from keras import layers

model = keras.Sequential()
model.add(keras.Input(shape=(784,)))
for units in (64, 32, 10):
    model.add(layers.Dense(units))
```

# Fix safety

There is no fix: the right place for the `Input` is not known. The message gives the reason.
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
    """A finding for each layer whose position is not known."""
    from kerasfix.analysis.program import Standing
    from kerasfix.rules.reporting import arguments_of, declaring, report, severity_of

    for layer in declaring(program, Standing.DETACHED):
        if layer.declares_nothing:
            continue
        reason = next((use.reason for use in layer.uses if use.reason), "is not seen to enter a model")
        reason = f"it {reason}" if reason.startswith("is ") else reason
        message = (
            f"`{layer.made.name}` declares an input by {arguments_of(layer)}, but its place is not known: {reason}"
        )
        yield report(RULE, program, layer.made.declares[0].node, message, severity_of(layer, target))


RULE = Rule(
    code="KFX107",
    name="input-declared-on-detached-layer",
    summary="A layer whose place in its model cannot be known declares an input",
    keywords=INPUT_KEYWORDS,
    names=frozenset(),
    check=check,
)
