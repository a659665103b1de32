"""# What it does

Finds a declared input whose number of axes the first layer that cares about it does not take: an image without
channels before `Conv2D`, single steps before `LSTM`. Layers that keep the number of axes, such as `Dropout`, may stand
between them.

# Why is this bad?

The model is not built. The message names the layer that refuses its input; the shape that has to be changed may
stand far above it. Keras 2 and Keras 3 raise

    ValueError: Input 0 of layer "conv2d" is incompatible with the layer: expected min_ndim=4, found ndim=3. Full shape
    received: (None, 28, 28)

and newer Keras 3 the same with other words in front. Some layers of Keras 2 take more axes than they need and treat
them as a larger batch; Keras 3 does not.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(28, 28)), layers.Dropout(0.2), layers.Conv2D(8, 3)])
```

# Use instead

Declare what the layer takes, and give the data that shape:

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(28, 28, 1)), layers.Dropout(0.2), layers.Conv2D(8, 3)])
```

# Fix safety

There is no fix: only you know whether the shape or the layer is the wrong one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import INPUT_KEYWORDS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.rules.misfits import Misfit
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each declared shape with a rank that a layer behind it does not take."""
    from kerasfix.analysis.batch_axis import carrying_batch
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.misfits import lacks_batch, misfits
    from kerasfix.rules.reporting import report, written

    of_others = carrying_batch(program)  # KFX201 speaks of them
    for misfit in misfits(program, target):
        if misfit.argument.node in of_others or lacks_batch(program, misfit) or _has_batch_twice(program, misfit):
            continue
        who = "" if misfit.refuses == "every Keras" else f" by {misfit.refuses}"
        message = f"The declared input is {written(misfit.shape)}, but {misfit.expectation(program)}{who}"
        node = misfit.argument.node
        yield report(RULE, program, node, message, Severity.ERROR, related=misfit.related(program))


def _has_batch_twice(program: Program, misfit: Misfit) -> bool:
    """Whether what is too much may be a batch dimension that the shape carries: KFX201 speaks of that."""
    from kerasfix.rules.misfits import is_of_batch

    dims = misfit.shape.dims
    if misfit.argument.name in ("batch_shape", "batch_input_shape") or not misfit.would_take(-1) or not dims:
        return False
    leading = dims[1:2]
    return leading == (None,) or is_of_batch(program, misfit.argument) or leading[0] in _batch_sizes(program)


def _batch_sizes(program: Program) -> set[object]:
    """The batch sizes that the program trains or predicts with."""
    from kerasfix.analysis.values import Constant

    sizes = (feed.arguments.get("batch_size") for feed in program.feeds)
    return {size.value.value for size in sizes if size is not None and isinstance(size.value, Constant)}


RULE = Rule(
    code="KFX210",
    name="input-rank-mismatch",
    summary="A declared input has a rank that the first layer that cares does not take",
    keywords=INPUT_KEYWORDS,
    names=frozenset({"Input", "InputLayer"}),
    check=check,
)
