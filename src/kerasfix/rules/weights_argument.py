"""# What it does

Finds `weights=[...]` on a layer that Keras 3 refuses it on. Of the built-in layers Keras 3 takes it on `Embedding`
(since 3.3) and `Bidirectional` alone; what an application is given by `weights` is its own.

# Why is this bad?

In Keras 2 every layer takes the values of its weights as an argument. Keras 3 raises:

    ValueError: Unrecognized keyword arguments passed to Dense: {'weights':

# Example

```python
import keras
import numpy
from keras import layers

kernel, bias = numpy.ones((4, 2)), numpy.zeros(2)
model = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(2, weights=[kernel, bias])])
```

# Use instead

Set the weights when the layer is built:

```python
import keras
import numpy
from keras import layers

kernel, bias = numpy.ones((4, 2)), numpy.zeros(2)
model = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(2)])
model.layers[0].set_weights([kernel, bias])
```

For one weight an initializer may do, such as `kernel_initializer=keras.initializers.Constant(kernel)`.

# Fix safety

There is no fix: the weights can only be set once the layer is built, and where that is depends on the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.objects import LayerObject
    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each layer that is given weights and does not take them in Keras 3."""
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, report

    for layer in program.layers if target.keras3 else ():
        weights = layer.made.arguments.get("weights")
        if weights is None or not _refuses(layer.made) or error_is_expected(program, layer.node):
            continue
        message = f"Keras 3 takes no `weights` on `{layer.made.name}`; set them when the layer is built"
        yield report(RULE, program, weights.node, message, Severity.ERROR)


def _refuses(made: LayerObject) -> bool:
    api = made.api
    if api is None or "weights" in api.own_meaning or api.keras3_input_shape == "swallows":
        return False
    signature = api.signature("keras3")
    return signature is not None and signature.parameter("weights") is None


RULE = Rule(
    code="KFX401",
    name="weights-argument",
    summary="A layer is given its weights as an argument, which Keras 3 refuses",
    keywords=frozenset({"weights"}),
    names=frozenset(),
    check=check,
)
