"""# What it does

Finds `weights=[...]` on a layer that Keras 3 refuses it on. Of the built-in layers Keras 3 takes it on `Embedding`
(since 3.3) and `Bidirectional` alone; what an application is given by `weights` is its own.

# Why is this bad?

In Keras 2 every layer takes the values of its weights as an argument. Keras 3 raises:

    ValueError: Unrecognized keyword arguments passed to Dense: {'weights':

Set the weights when the layer is built:

```python
model = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(2)])
model.layers[0].set_weights([kernel, bias])
```

For one weight an initializer may do, such as `kernel_initializer=keras.initializers.Constant(kernel)`.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(2, weights=None)])
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(2)])
```

# Fix safety

`weights=None` is removed, which is safe: it is what Keras 2 takes when nothing is given. There is no fix for weights
that are given: they can only be set once the layer is built, and where that is depends on the program.
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
    from kerasfix.analysis.values import Constant
    from kerasfix.diagnostics import Applicability, Fix, Severity
    from kerasfix.fixes.edits import remove_arguments
    from kerasfix.rules.reporting import error_is_expected, report

    for layer in program.layers if target.keras3 else ():
        weights = layer.made.arguments.get("weights")
        if weights is None or not _refuses(layer.made) or error_is_expected(program, layer.node):
            continue
        if weights.value == Constant(None):
            message = f"Keras 3 takes no `weights` on `{layer.made.name}`, not even None"
            edits = remove_arguments(program.positions, layer.node, [weights.node])
            fix = Fix("Remove `weights`", Applicability.SAFE, edits)
            yield report(RULE, program, weights.node, message, Severity.ERROR, fix)
        else:
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
    fixable="sometimes",
)
