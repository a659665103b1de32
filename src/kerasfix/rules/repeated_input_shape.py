"""# What it does

Finds a layer of a `Sequential` that declares an input though it is not the first: it stands behind another layer,
or behind an explicit `Input`.

# Why is this bad?

The argument does nothing. Both Keras 2 and Keras 3 look at the first entry only and never check what later layers
say, so the shape is one more thing to keep in step with the code, to no effect. Keras 3 warns of `input_shape` and
`input_dim` all the same, and raises for the other arguments:

    ValueError: Unrecognized keyword arguments passed to Dense: {'batch_input_shape': (None, 784)}

# Example

```python
from keras.layers import Dense
from keras.models import Sequential
from keras import Input

model = Sequential([Input(shape=(784,)), Dense(32, input_shape=(784,)), Dense(10, input_dim=32)])
```

# Use instead

```python
from keras.layers import Dense
from keras.models import Sequential
from keras import Input

model = Sequential([Input(shape=(784,)), Dense(32), Dense(10)])
```

# Fix safety

The arguments are removed. This is unsafe where the layer is used elsewhere too, or where the layers of some model
are put into another one in the same file: there the layer may come first, and then its arguments count.
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
    """A finding for each later layer that does not contradict what arrives."""
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.program import Standing
    from kerasfix.diagnostics import Applicability
    from kerasfix.fixes.declaring import remove_declaration
    from kerasfix.rules.reporting import arguments_of, declaring, report, severity_of

    for layer in declaring(program, Standing.LATER):
        if layer.contradicted:
            continue
        arguments = arguments_of(layer)
        doubt = ""
        if not layer.made.is_keras:
            doubt = f"`{layer.made.name}` is not Keras's own, and may look at the argument itself"
        elif program.layers_reused or any(use.role is not Role.ENTRY for use in layer.uses):
            doubt = "the layer may come first in another model"
        safety = Applicability.UNSAFE if doubt else Applicability.SAFE
        fix = remove_declaration(program, layer, safety, f"Remove {arguments}")
        message = f"{arguments} of `{layer.made.name}` is ignored: it is not the first layer of its model"
        node = layer.made.declares[0].node
        yield report(RULE, program, node, message, severity_of(layer, target), fix, doubt)


RULE = Rule(
    code="KFX102",
    name="repeated-input-shape",
    summary="A layer that is not the first declares an input; Keras ignores it",
    keywords=INPUT_KEYWORDS,
    names=frozenset(),
    check=check,
    fixable="always",
)
