"""# What it does

Finds a keyword of `InputLayer` that Keras 3 does not know.

# Why is this bad?

Keras 3 swallows every keyword that its `InputLayer` does not know and says nothing, so that a typing error such as
`btach_size=32`, or an `input_dim` that is no argument of it, silently has no effect. Keras 2 raises:

    ValueError: Unrecognized keyword arguments: ['btach_size']

# Example

```python
import keras
from keras import layers

model = keras.Sequential([layers.InputLayer((784,), btach_size=32), layers.Dense(10)])
```

# Fix safety

There is no fix: what was meant is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target

_OLDER = frozenset({"input_shape", "batch_input_shape"})
"""What Keras 3's InputLayer takes by `**kwargs` and does not swallow."""


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for the first keyword that Keras 3's InputLayer does not know."""
    from kerasfix.analysis.keras_api import lookup
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report

    class_ = lookup("keras.layers.InputLayer")
    versions = [v for v, wanted in (("keras2", target.keras2), ("keras3", target.keras3)) if wanted]
    newer = class_.signature("keras3") if class_ is not None else None
    if newer is None or "keras3" not in versions:
        return
    known = {parameter.name for parameter in newer.parameters} | _OLDER
    for made in program.inputs:
        if made.made.function != "InputLayer":
            continue
        unknown = [a for name, a in made.made.arguments.items() if not a.positional and name not in known]
        if unknown:
            message = f"`InputLayer` has no argument `{unknown[0].name}`; Keras 3 ignores it without a word"
            yield report(RULE, program, unknown[0].node, message, Severity.WARNING)


RULE = Rule(
    code="KFX209",
    name="unknown-input-layer-argument",
    summary="A keyword of InputLayer that Keras 3 swallows silently",
    keywords=frozenset(),
    names=frozenset({"InputLayer"}),
    check=check,
)
