"""# What it does

Finds a recurrent layer with `stateful=True` in a model whose input has no fixed batch size.

# Why is this bad?

A stateful layer keeps one state for each place in the batch, so that it has to know how many there are. Keras 3 and
Keras 2 refuse the model:

    ValueError: When using `stateful=True` in a RNN, the batch size must be static. Found dynamic batch size:
    sequence.shape=(None, 10, 3)

    ValueError: If a RNN is stateful, it needs to know its batch size.

Wrappers such as `Bidirectional` and `TimeDistributed` change nothing about it. A `Sequential` that declares no input
takes the batch size of the first data that it sees in Keras 3. Keras 2 does not, and it gives a model that begins with
`Embedding` an input without a batch size.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(10, 3)), layers.LSTM(4, stateful=True)])
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(10, 3), batch_size=32), layers.LSTM(4, stateful=True)])
```

# Fix safety

There is no fix: only you know the batch size, which has to be that of all data the model is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.program import Program
    from kerasfix.analysis.recurrence import Arrival
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each stateful layer that an input without a batch size reaches each time."""
    from kerasfix.analysis.recurrence import arrivals, behind_embedding
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, report

    found: dict[cst.CSTNode, list[Arrival]] = {}
    for arrival in arrivals(program):
        found.setdefault(arrival.layer.node, []).append(arrival)
    for every in found.values():
        layer = every[0].layer
        nodes = [layer.node, *(arrival.node for arrival in every)]
        if not all((arrival.shape.dims or (0,))[0] is None for arrival in every) or error_is_expected(program, *nodes):
            continue
        message = f"`{layer.name}` is stateful, but the input that reaches it has no fixed batch size"
        yield report(RULE, program, layer.arguments["stateful"].node, message, Severity.ERROR)
    for node, layer in {layer.node: layer for layer in behind_embedding(program) if target.keras2}.items():
        if not error_is_expected(program, node):
            message = f"`{layer.name}` is stateful, but in Keras 2 the input of this model has no fixed batch size"
            yield report(RULE, program, layer.arguments["stateful"].node, message, Severity.ERROR)


RULE = Rule(
    code="KFX208",
    name="stateful-without-batch-size",
    summary="A stateful recurrent layer that no fixed batch size reaches",
    keywords=frozenset({"stateful"}),
    names=frozenset(),
    check=check,
)
