"""# What it does

Finds data that cannot be what the model declares, in rank or in a fixed size: an array given to `fit`, `predict`,
`evaluate`, `train_on_batch` and the like, or to the model itself.

# Why is this bad?

The program ends where the data reach the model. Keras 3 says

    ValueError: Exception encountered when calling Sequential.call().
    Invalid input shape for input Tensor("data:0", shape=(4, 28, 28), dtype=float32)

and Keras 2

    ValueError: Input 0 of layer "sequential" is incompatible with the layer: expected shape=(None, 784), found
    shape=(4, 28, 28)

Only arrays are compared whose shape follows from the file: from numbers that are written, the functions that make
arrays and change their shape, and Keras's own data sets. And only what Keras refuses is reported: a last axis of
size 1 may be missing or too many, and Keras 2 lets other ranks pass as well.

# Example

```python
import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(784,)), keras.layers.Dense(10)])


def preview():
    images = np.zeros((4, 28, 28))
    return model.predict(images)
```

# Use instead

```python
import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(784,)), keras.layers.Dense(10)])


def preview():
    images = np.zeros((4, 28, 28)).reshape(-1, 784)
    return model.predict(images)
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.analysis.feeding import Fed
    from kerasfix.analysis.keras_api import Version
    from kerasfix.analysis.program import Program
    from kerasfix.analysis.values import Shape
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each argument that is refused each time that it is given."""
    from kerasfix.analysis.feeding import fed
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, report

    groups: dict[object, list[Fed]] = {}
    for one in fed(program):
        groups.setdefault(one.given.argument, []).append(one)
    for group in groups.values():
        found = [(one, versions) for one in group if (versions := refused_by(program, one, target))]
        calls = {one.given for one in group}
        if not found or {one.given for one, _ in found} != calls:
            continue
        one, versions = found[0]
        if _is_explained(program, one):
            continue
        if not error_is_expected(program, one.given.node):
            yield report(RULE, program, one.given.argument, _message(program, one, versions), Severity.ERROR)


def _is_explained(program: Program, one: Fed) -> bool:
    """Whether the model declares the batch dimension, which is KFX201's."""
    from kerasfix.analysis.batch_axis import declared_shapes, evidence

    made = one.input.declared_by
    return made is not None and any(
        declared.call is made.node and evidence(program, declared) is not None for declared in declared_shapes(program)
    )


def refused_by(program: Program, one: Fed, target: Target) -> list[Version]:
    """The versions of Keras among the target's that refuse an array."""
    from kerasfix.analysis.acceptance import refusing

    asked = ["keras2"] * target.keras2 + ["keras3"] * target.keras3
    return [version for version in refusing(program, one) if version in asked]


def _message(program: Program, one: Fed, versions: Sequence[Version]) -> str:
    from kerasfix.rules.reporting import written

    who = " and ".join(f"Keras {version[-1]}" for version in versions)
    verb = "refuses" if len(versions) == 1 else "refuse"
    what = "the model is called on" if one.given.method == "__call__" else f"`{one.given.method}` is given"
    origin = program.origins.get(one.value)
    made = f", made in {program.place(origin).line}" if origin is not None else ""
    node = one.input.node
    declared = f", declared in {program.place(node).line}" if node is not None else ""
    advice = _advice(program, one)
    return (
        f"{what[0].upper()}{what[1:]} an array of shape {written(one.shape)}{made}, where the model takes "
        f"{written(one.input.shape)}{declared}; {who} {verb} it{advice}"
    )


def _advice(program: Program, one: Fed) -> str:
    """What would agree: another shape of the data, or another declaration."""
    from kerasfix.analysis.acceptance import chains, refusing_rank
    from kerasfix.analysis.shapes import same_dim
    from kerasfix.rules.reporting import written

    declared, given = one.input.shape.dims or (), one.shape.dims or ()
    if len(given) == len(declared) - 1 and all(map(same_dim, given, declared[1:])):
        return "; a single sample needs an axis for the batch: `[None, ...]`"
    if len(given) < len(declared) + 2 and _size(declared[1:]) and _size(declared[1:]) == _size(given):
        return f"; a single sample needs an axis for the batch: `.reshape(1, {', '.join(map(str, declared[1:]))})`"
    if _size(declared[1:]) and _size(declared[1:]) == _size(given[1:]):
        sizes = ", ".join(str(size) for size in declared[1:])
        return f"; `.reshape(-1, {sizes})` makes it agree"
    takes = not any(
        refusing_rank(chain, len(given), "keras3") for chain in chains(program, one.given.model, one.input.declared_by)
    )
    if takes and all(isinstance(size, int) for size in given[1:]) and len(given) > 1:
        return f"; data of this shape need the shape {written(_without_batch(one.shape))}"
    return ""


def _size(dims: Sequence[object]) -> int:
    """The number of elements; 0 where it is not known."""
    import math

    numbers = [dim for dim in dims if isinstance(dim, int)]
    return math.prod(numbers) if len(numbers) == len(dims) else 0


def _without_batch(shape: Shape) -> Shape:
    from kerasfix.analysis.values import Shape

    return Shape((shape.dims or ())[1:])


RULE = Rule(
    code="KFX213",
    name="feed-shape-mismatch",
    summary="The data that a model is given cannot be what it declares",
    keywords=frozenset(),
    names=frozenset({"Sequential", "Model"}),
    check=check,
)
