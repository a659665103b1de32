"""# What it does

Finds an `Input` or `InputLayer` in a `Sequential` that is not its first entry, or that comes after another one.

# Why is this bad?

A model has one place where things come in. Keras 2 accepts the second input and makes a layer of it that does
nothing, or lets it pass as an identity in the middle. Keras 3 raises when it is added,

    ValueError: Sequential model 'sequential' has already been configured to use input shape (None, 784). You cannot add
    a different Input layer to it.

or, where only layers stand before it, when the model is first called:

    ValueError: Layers added to a Sequential model should have a single positional argument, the input tensor. Layer
    InputLayer has no positional arguments.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(784,)), keras.Input(shape=(784,)), layers.Dense(10)])
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(784,)), layers.Dense(10)])
```

# Fix safety

A second input in a list that declares what the first one does, and what arrives there, is removed. This is safe for
Keras 3, which refuses the model as written, and unsafe for Keras 2, which counts the second input among
`model.layers`. Where the two differ, or where the model has no input in front, only the author can say what was meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Input, Program, Use
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each input that is a later entry of a Sequential."""
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report

    for made in program.inputs:
        later = made.later_entries
        if not later:
            continue
        severity = Severity.ERROR if target.keras3 else Severity.WARNING
        message = f"This `{made.made.function}` is not the first entry of its model"
        fix, doubt = _fix(program, made, later[0], target)
        yield report(RULE, program, made.made.node, message, severity, fix, doubt)


def _fix(program: Program, made: Input, use: Use, target: Target) -> tuple[Fix | None, str]:
    from kerasfix.diagnostics import Applicability
    from kerasfix.fixes.declaring import remove_element

    if len(made.uses) != 1 or not made.repeats(use):
        return None, ""
    safety = Applicability.UNSAFE if target.keras2 else Applicability.SAFE
    fix = remove_element(program, use.node, made.made.node, safety, "Remove the second input")
    return fix, "Keras 2 counts it among the model's layers" if fix is not None else ""


RULE = Rule(
    code="KFX106",
    name="misplaced-input",
    summary="An Input that is not the first entry of its Sequential",
    keywords=frozenset(),
    names=frozenset({"Input", "InputLayer"}),
    check=check,
    fixable="sometimes",
)
