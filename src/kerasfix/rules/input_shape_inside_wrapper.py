"""# What it does

Finds a layer inside `Bidirectional`, `TimeDistributed`, `RNN` or another wrapper that declares an input.

# Why is this bad?

Keras looks at the wrapper, never at what is inside it: the declaration does nothing, and a model that starts with
such a wrapper is not built until it sees data. Before that it has no weights to count, to save or to load. For
`TimeDistributed` the inner shape lacks the time axis, so that it would be wrong for the model, too. Keras 3 warns
of `input_shape` and `input_dim`, and raises for the other arguments:

    ValueError: Unrecognized keyword arguments passed to LSTM: {'batch_input_shape': (32, 10, 3)}

# Example

```python
import keras
from keras import layers

model = keras.Sequential([layers.Bidirectional(layers.LSTM(4, input_shape=(10, 3))), layers.Dense(1)])
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([layers.Input(shape=(10, 3)), layers.Bidirectional(layers.LSTM(4)), layers.Dense(1)])
```

# Fix safety

Inside `Bidirectional`, whose input is that of the layer inside, the shape is lifted into an `Input` in front where
the wrapper comes first and declares nothing itself; elsewhere the argument is removed. The fix is unsafe: the model
is then built at once, and will refuse data of another shape, which it took before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import INPUT_KEYWORDS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Layer, Program, Use
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each layer that is given to a wrapper."""
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.program import Standing
    from kerasfix.rules.reporting import arguments_of, declaring, report, severity_of

    for layer in declaring(program, Standing.WRAPPED):
        holder = next(use.holder for use in layer.uses if use.role is Role.WRAPPED)
        wrapper = getattr(holder, "name", "another layer")
        message = f"{arguments_of(layer)} of `{layer.made.name}` is ignored: the layer is inside `{wrapper}`"
        fix, doubt = _fix(program, layer, target)
        node = layer.made.declares[0].node
        yield report(RULE, program, node, message, severity_of(layer, target), fix, doubt)


def _fix(program: Program, layer: Layer, target: Target) -> tuple[Fix | None, str]:
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import MESSAGE, declare_input, remove_declaration
    from kerasfix.rules.reporting import arguments_of

    uses = _entries_of_wrapper(layer)
    if uses and layer.declaration is not None:
        lifted, doubt = declare_input(program, layer, uses, target)
        if lifted is not None and lifted.applicability is not Applicability.DISPLAY:
            return Fix(MESSAGE, Applicability.UNSAFE, lifted.edits), "the model is built earlier"
        return lifted, doubt
    fix = remove_declaration(program, layer, Applicability.UNSAFE, f"Remove {arguments_of(layer)}")
    return fix, "the input may have been meant for the model"


def _entries_of_wrapper(layer: Layer) -> tuple[Use, ...]:
    """Where the wrapper is first in its model and the layer inside could give it its input."""
    from kerasfix.analysis.slots import Position

    if len(layer.uses) != 1 or getattr(layer.uses[0].holder, "name", "") != "Bidirectional":
        return ()
    wrapper = layer.uses[0]
    if getattr(wrapper.holder, "declares", ()):
        return ()
    outer = wrapper.enclosing
    return outer if all(use.position is Position.FIRST for use in outer) else ()


RULE = Rule(
    code="KFX105",
    name="input-shape-inside-wrapper",
    summary="A layer inside a wrapper declares an input; Keras ignores it",
    keywords=INPUT_KEYWORDS,
    names=frozenset(),
    check=check,
    fixable="sometimes",
)
