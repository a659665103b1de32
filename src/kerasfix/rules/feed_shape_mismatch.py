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

A list of numbers, `model.predict([[1, 2, 3]])`, is no array. Keras 2 makes one of it in `fit`, `evaluate` and
`predict`; Keras 3 takes each number for an array of its own, whatever shape the list has:

    ValueError: Unrecognized data type: x=[[1, 2, 3]] (of type <class 'list'>)

Only arrays are compared whose shape follows from the file: from numbers that are written, the functions that make
arrays and change their shape, Keras's own data sets, and what yields batches of these or of images read from files
(`flow_from_directory`, `image_dataset_from_directory`, `tf.data.Dataset.from_tensor_slices`). And only what Keras
refuses is reported: a last axis of size 1 may be missing or too many, and Keras 2 lets other ranks pass as well.

# Example

```python
import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(784,)), keras.layers.Dense(10)])


def preview():
    images = np.zeros((4, 28, 28))
    return model.predict(images)
```

```python
import keras

model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])


def table():
    return model.predict([[0, 0], [0, 1], [1, 0], [1, 1]])
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

```python
import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])


def table():
    return model.predict(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
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
    """A finding for each argument that is refused each time that it is given: arrays, then lists."""
    from kerasfix.analysis.acceptance import refusing, refusing_list
    from kerasfix.analysis.feeding import fed, lists_fed
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, places, report, written

    times: dict[object, int] = {}
    for given in program.given:
        times[given.argument] = times.get(given.argument, 0) + 1
    for every, refuses, message in ((fed, refusing, _message), (lists_fed, refusing_list, _message_for_list)):
        groups: dict[object, list[Fed]] = {}
        for one in every(program):
            groups.setdefault(one.given.argument, []).append(one)
        for group in groups.values():
            found = [(one, versions) for one in group if (versions := _asked(refuses(program, one), target))]
            if not found or len({one.given for one, _ in found}) != times[group[0].given.argument]:
                continue
            one, versions = found[0]
            if _is_explained(program, one) or error_is_expected(program, one.given.node):
                continue
            related = places(
                program,
                (one.input.node, f"The model takes {written(one.input.shape)}"),
                (program.origins.get(one.value), f"What it is given has the shape {written(one.shape)}"),
            )
            text = message(program, one, versions)
            yield report(RULE, program, one.given.argument, text, Severity.ERROR, related=related)


def _is_explained(program: Program, one: Fed) -> bool:
    """Whether the model declares the batch dimension, which is KFX201's."""
    from kerasfix.analysis.batch_axis import batch_axes

    made = one.input.declared_by
    return made is not None and any(declared.call is made.node for declared, _ in batch_axes(program))


def _asked(versions: Sequence[Version], target: Target) -> list[Version]:
    """Those of the versions that are the target's."""
    asked = ["keras2"] * target.keras2 + ["keras3"] * target.keras3
    return [version for version in versions if version in asked]


def _message(program: Program, one: Fed, versions: Sequence[Version]) -> str:
    from kerasfix.analysis.data_shapes import is_batch

    if is_batch(one.value):
        return _what_is_given(program, one, "batches", "", versions)
    origin = program.origins.get(one.value)
    made = f", made in {program.place(origin).line}" if origin is not None else ""
    return f"{_what_is_given(program, one, 'an array', made, versions)}{_advice(program, one)}"


def _message_for_list(program: Program, one: Fed, versions: Sequence[Version]) -> str:
    advice = "give it an array, as `np.array` makes one"
    return f"{_what_is_given(program, one, 'a list of numbers', '', versions)}; {advice}"


def _what_is_given(program: Program, one: Fed, data: str, made: str, versions: Sequence[Version]) -> str:
    from kerasfix.rules.reporting import written

    who = " and ".join(f"Keras {version[-1]}" for version in versions)
    verb = "refuses" if len(versions) == 1 else "refuse"
    what = "The model is called on" if one.given.method == "__call__" else f"`{one.given.method}` is given"
    given = f"{data} of shape {written(one.shape)}{made}" if one.shape.dims is not None else data
    node = one.input.node
    declared = f", declared in {program.place(node).line}" if node is not None else ""
    takes = f", where the model takes {written(one.input.shape)}{declared}" if one.input.shape.dims is not None else ""
    return f"{what} {given}{takes}; {who} {verb} it"


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
