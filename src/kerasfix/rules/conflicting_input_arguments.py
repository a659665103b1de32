"""# What it does

Finds the first layer of a `Sequential` that declares the input more than once: `input_dim` and `input_shape`, or
`batch_input_shape` and `input_shape`.

# Why is this bad?

Keras 2 takes `batch_input_shape` before `input_shape` before `input_dim` and says nothing, even where they differ.
Keras 3 raises:

    ValueError: Unrecognized keyword arguments passed to Dense: {'input_shape': (784,)}

# Example

```python
import keras
from keras import layers

model = keras.Sequential([layers.Dense(10, input_shape=(784,), input_dim=784)])
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([layers.Input(shape=(784,)), layers.Dense(10)])
```

# Fix safety

Where all arguments say the same, they become one `Input`, as safely as for KFX101. Where they differ, or are not
known to agree, there is no fix: only the author can say which one is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.input_on_first_layer import first_layer_finding, is_first
from kerasfix.rules.registry import INPUT_KEYWORDS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each first layer with several declarations."""
    for layer in program.layers:
        if is_first(layer) and layer.declaration is not None and layer.declaration.repeats:
            yield first_layer_finding(RULE, program, layer, target)


RULE = Rule(
    code="KFX109",
    name="conflicting-input-arguments",
    summary="One layer declares the input by several arguments",
    keywords=INPUT_KEYWORDS,
    names=frozenset(),
    check=check,
    fixable="sometimes",
)
