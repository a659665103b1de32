"""# What it does

Finds a layer that is called on a tensor, in the functional API or in a subclassed model, and declares an input.

# Why is this bad?

A tensor is applied as it is: the layer sees its shape and looks at nothing else. Keras ignores the argument even
where it contradicts the tensor. Keras 3 warns of `input_shape` and `input_dim`, and raises for the other arguments:

    ValueError: Unrecognized keyword arguments passed to Dense: {'batch_input_shape': (None, 784)}

# Example

```python
import keras
from keras import layers

inputs = keras.Input(shape=(784,))
hidden = layers.Dense(32, activation="relu", input_shape=(784,))(inputs)
model = keras.Model(inputs, layers.Dense(10)(hidden))
```

# Use instead

```python
import keras
from keras import layers

inputs = keras.Input(shape=(784,))
hidden = layers.Dense(32, activation="relu")(inputs)
model = keras.Model(inputs, layers.Dense(10)(hidden))
```

# Fix safety

The argument is removed, which changes nothing. The fix is unsafe where the layer is also used in some other way.
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
    """A finding for each layer that is called, and put into no Sequential or wrapper."""
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.program import Standing
    from kerasfix.diagnostics import Applicability
    from kerasfix.fixes.declaring import remove_declaration
    from kerasfix.rules.reporting import arguments_of, declaring, report, severity_of

    for layer in declaring(program, Standing.CALLED):
        arguments = arguments_of(layer)
        escapes = not layer.made.is_keras or any(use.role is not Role.CALLED for use in layer.uses)
        safety = Applicability.UNSAFE if escapes else Applicability.SAFE
        doubt = "the layer may be used elsewhere too" if escapes else ""
        fix = remove_declaration(program, layer, safety, f"Remove {arguments}")
        message = f"{arguments} of `{layer.made.name}` is ignored: the layer is called on a tensor"
        node = layer.made.declares[0].node
        yield report(RULE, program, node, message, severity_of(layer, target), fix, doubt)


RULE = Rule(
    code="KFX104",
    name="input-shape-in-functional-call",
    summary="A layer that is called on a tensor declares an input; Keras ignores it",
    keywords=INPUT_KEYWORDS,
    names=frozenset(),
    check=check,
    fixable="always",
)
