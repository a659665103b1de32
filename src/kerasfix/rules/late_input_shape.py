"""# What it does

Finds a `Sequential` whose first layer declares nothing while a later one declares an input.

# Why is this bad?

Keras looks at the first entry only. The declaration is ignored, and the model is not built: it has no weights until
it sees data, and then takes whatever shape comes first. Before that `model.count_params()` fails, in Keras 3 also
`model.save_weights()`, in Keras 2 also `model.summary()`:

    ValueError: You are saving a model that has not yet been built. Try building the model first by calling it on some
    data or by using `build()`.

    ValueError: This model has not yet been built. Build the model first by calling `build()` or by calling the model
    on a batch of data.

The summary of Keras 3 has a question mark for every shape.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([layers.Flatten(), layers.Dense(32, input_shape=(784,)), layers.Dense(10)])
```

# Use instead

Declare what enters the *first* layer, which only you can know:

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(28, 28)), layers.Flatten(), layers.Dense(32), layers.Dense(10)])
```

# Fix safety

There is no fix: the shape describes what enters the later layer, not what enters the model.
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
    """A finding for each later layer that declares an input in a model that has none."""
    from kerasfix.analysis.program import Standing
    from kerasfix.rules.reporting import arguments_of, declaring, report, severity_of

    for layer in declaring(program, Standing.LATE):
        message = (
            f"{arguments_of(layer)} of `{layer.made.name}` is ignored, and the model is not built: "
            "its first layer declares no input"
        )
        yield report(RULE, program, layer.made.declares[0].node, message, severity_of(layer, target))


RULE = Rule(
    code="KFX108",
    name="late-input-shape",
    summary="A later layer declares an input and the first does not: the model is not built",
    keywords=INPUT_KEYWORDS,
    names=frozenset(),
    check=check,
)
