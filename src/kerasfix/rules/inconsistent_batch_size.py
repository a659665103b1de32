"""# What it does

Finds batch sizes that contradict each other: a `batch_size` beside a `batch_shape`, inputs of different fixed batch
sizes in one model, whether they are merged or not, and a `batch_size` of `fit`, `evaluate` or `predict` that is not
the one of a stateful model. What merges them may be a layer, a function or an operator such as `+`.

# Why is this bad?

The batch size is a part of `batch_shape`. What is said beside it Keras 2 ignores silently, and Keras 3 refuses even if
the two agree:

    ValueError: You cannot pass both `batch_size` and `batch_shape` at the same time.

Tensors of different batch sizes cannot be merged:

    ValueError: A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis.

    ValueError: Cannot merge tensors with different batch sizes.

Inputs that are not merged may differ: both Keras build the model without a word. But `fit`, `evaluate` and `predict`
give every input the same number of samples, so that at least one of the sizes is never right; this is a warning. Models
that are called, or given batches one by one, are left alone: there each input can get its own number.

A stateful layer holds one state for each place in the batch, and takes no other number of samples at a time: neither
all of them at once, nor fewer in the last batch, nor the 32 that `fit` and the like take where they are not told. To
other models a fixed batch size means nothing while they are fed: they take any.

# Example

```python
import keras
from keras import layers

inputs = keras.Input(batch_shape=(32, 10, 3), batch_size=32)
model = keras.Model(inputs, layers.LSTM(4, stateful=True)(inputs))
```

# Use instead

```python
import keras
from keras import layers

inputs = keras.Input(batch_shape=(32, 10, 3))
model = keras.Model(inputs, layers.LSTM(4, stateful=True)(inputs))
```

# Fix safety

A `batch_size` that agrees with the shape beside it is removed, which is safe. There is no fix where two batch sizes
differ: only you know which one is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import TENSOR_ARGUMENTS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.events import Feed, Given
    from kerasfix.analysis.feeding import Fed
    from kerasfix.analysis.objects import Argument, FunctionalObject
    from kerasfix.analysis.program import FunctionalModel, Input, Program
    from kerasfix.analysis.values import Value
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target

_BATCH_SHAPES = ("batch_shape", "batch_input_shape")
_POSITIONAL = {"fit": "#2", "evaluate": "#2", "predict": "#1"}
"""Where the methods that feed a model take a batch size without its name."""
_AT_ONCE = frozenset({"__call__", "train_on_batch", "test_on_batch", "predict_on_batch"})
"""The methods that take all samples as one batch."""
_USUAL_SIZE = 32
_PARTS = frozenset({"validation_split", "steps_per_epoch", "steps"})
"""Arguments by which a method takes a part of the samples only."""


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """Findings about inputs, about merges, about models, and about what feeds a stateful model."""
    for made in program.inputs:
        yield from _beside_shape(program, made, target)
    yield from _merges(program, target)
    for model in program.models:
        yield from _inputs_of_model(program, model)
    for feed in program.feeds:
        yield from _feed(program, feed)
    yield from _batches(program, target)


def _beside_shape(program: Program, made: Input, target: Target) -> Iterator[Diagnostic]:
    from kerasfix.analysis.values import Constant
    from kerasfix.diagnostics import Applicability, Fix, Severity
    from kerasfix.fixes.edits import remove_arguments
    from kerasfix.rules.reporting import error_is_expected, report

    given = {name: a for name, a in made.made.arguments.items() if a.value != Constant(None)}
    size = given.get("batch_size")
    beside = next((given[name] for name in _BATCH_SHAPES if name in given), None)
    if (
        size is None
        or beside is None
        or any(name in given for name in TENSOR_ARGUMENTS)
        or error_is_expected(program, made.made.node)
    ):
        return
    pairs = [_sizes(*pair) for pair in zip(made.given("batch_size"), made.given(beside.name), strict=True)]
    agree = all(one is not None and one == other for one, other in pairs)
    differ = all(isinstance(one, int) and isinstance(other, int | None) and one != other for one, other in pairs)
    if not target.keras3 and not differ:
        return
    fix, doubt = None, "it is not known whether they agree" if not differ else ""
    if agree and not size.positional:
        edits = remove_arguments(program.positions, made.made.node, [size.node])
        fix, doubt = Fix("Remove `batch_size`", Applicability.SAFE, edits), ""
    who = "Keras 3 refuses both together" if target.keras3 else "Keras 2 ignores it"
    what = "another batch size than" if differ else "a batch size beside"
    severity = Severity.ERROR if target.keras3 else Severity.WARNING
    yield report(RULE, program, size.node, f"This is {what} `{beside.name}` has; {who}", severity, fix, doubt)


def _sizes(size: Value | None, shape: Value | None) -> tuple[object, object]:
    """A batch size, and the one in a batch shape; what is not known is equal to nothing."""
    from kerasfix.analysis.shapes import batch_shape_of_value
    from kerasfix.analysis.values import Constant, Unknown

    read = batch_shape_of_value(shape) if shape is not None else None
    known = read.dims[0] if read is not None and read.dims else Unknown("its shape is not known")
    return size.value if isinstance(size, Constant) else size, known


def _merges(program: Program, target: Target) -> Iterator[Diagnostic]:
    """Merges of tensors whose fixed batch sizes differ, each time that they are reached."""
    from kerasfix.analysis.merging import merges
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, places, report

    for node, groups in merges(program, target.keras2).items():
        sizes = [_fixed_sizes(tensors) for tensors in groups]
        if all(len(found) > 1 for found in sizes) and not error_is_expected(program, node):
            numbers = " and ".join(map(str, sizes[0]))
            message = f"Tensors with different batch sizes are merged: {numbers}"
            related = places(program, *_declarations(groups[0]))
            yield report(RULE, program, node, message, Severity.ERROR, related=related)


def _declarations(tensors: tuple[Value, ...]) -> Iterator[tuple[cst.CSTNode, str]]:
    """The inputs that tensors of fixed batch sizes come from."""
    from kerasfix.analysis.objects import InputObject
    from kerasfix.analysis.program import upstream

    for tensor in upstream(tensors):
        if isinstance(tensor.source, InputObject):
            for size in _fixed_sizes((tensor,)):
                yield tensor.source.node, f"This input has the batch size {size}"


def _fixed_sizes(tensors: tuple[Value, ...]) -> list[int]:
    from kerasfix.analysis.objects import Tensor

    shapes = [tensor.shape for tensor in tensors if isinstance(tensor, Tensor)]
    return list(dict.fromkeys(shape.dims[0] for shape in shapes if shape.dims and isinstance(shape.dims[0], int)))


def _inputs_of_model(program: Program, model: FunctionalModel) -> Iterator[Diagnostic]:
    """A model whose inputs have different batch sizes and never meet, each time that it is made."""
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, places, report

    sizes = [_fixed_sizes(made.inputs) for made in model.objects]
    if not all(len(found) > 1 for found in sizes) or error_is_expected(program, model.made.node):
        return
    one_by_one = ("__call__", "train_on_batch", "test_on_batch", "predict_on_batch")
    if any(given.model in model.objects and given.method in one_by_one for given in program.given):
        return
    if all(map(_are_apart, model.objects)):
        numbers = " and ".join(map(str, sizes[0]))
        message = f"Inputs of one model have different batch sizes: {numbers}; Keras builds it, and feeds them alike"
        related = places(program, *_declarations(model.made.inputs))
        yield report(RULE, program, model.made.node, message, Severity.WARNING, related=related)


def _are_apart(model: FunctionalObject) -> bool:
    """Whether nothing is computed from two inputs of different batch sizes, as far as all of the graph is known."""
    from kerasfix.analysis.objects import Tensor
    from kerasfix.analysis.program import tensors_of

    sizes: dict[Value, set[int]] = {}
    for tensor in tensors_of(model):
        own = _fixed_sizes((tensor,)) if tensor in model.inputs else ()
        sizes[tensor] = {*own, *(size for before in tensor.inputs for size in sizes.get(before, ()))}
        if len(sizes[tensor]) > 1 or not all(isinstance(before, Tensor) for before in tensor.inputs):
            return False
    return all(isinstance(output, Tensor) for output in model.outputs)


def _feed(program: Program, feed: Feed) -> Iterator[Diagnostic]:
    from kerasfix.analysis.recurrence import batch_size_of_stateful
    from kerasfix.analysis.values import Constant
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, report

    size = _size_told(feed)
    fixed = batch_size_of_stateful(program, feed.model)
    if size is None or fixed is None or not isinstance(size.value, Constant):
        return
    number = size.value.value
    if isinstance(number, int) and number != fixed and not error_is_expected(program, feed.node):
        message = f"The model is stateful and takes {fixed} samples at a time, not {number}"
        yield report(RULE, program, size.node, message, Severity.ERROR)


def _size_told(feed: Feed) -> Argument | None:
    """The batch size that a method is told."""
    return feed.arguments.get("batch_size") or feed.arguments.get(_POSITIONAL.get(feed.method, ""))


def _batches(program: Program, target: Target) -> Iterator[Diagnostic]:
    """Arrays that a stateful model is given in batches of another size, each time that they are given."""
    from kerasfix.analysis.feeding import fed
    from kerasfix.analysis.recurrence import batch_size_of_stateful
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, report

    groups: dict[object, list[Fed]] = {}
    for one in fed(program):
        groups.setdefault(one.given.argument, []).append(one)
    for group in groups.values():
        found: dict[Given, tuple[int, int]] = {}
        for one in group:
            fixed = batch_size_of_stateful(program, one.given.model)
            for size in _sizes_given(program, one):
                if size != fixed and fixed is not None and (size > 1 or target.keras3):  # Keras 2 repeats a single one
                    found.setdefault(one.given, (fixed, size))
        if found and len(found) == len({one.given for one in group}):
            given, (fixed, size) = next(iter(found.items()))
            if not error_is_expected(program, given.node):
                message = f"The model is stateful and takes {fixed} samples at a time; here it is given {size}"
                yield report(RULE, program, given.argument, message, Severity.ERROR)


def _sizes_given(program: Program, one: Fed) -> set[int]:
    """The sizes of the batches in which an array reaches a model; none where unknown, or reported by `_feed`."""
    from kerasfix.analysis.objects import Tensor
    from kerasfix.analysis.values import Constant

    declared, dims = one.input.shape.dims or (), one.shape.dims or ()
    samples = dims[0] if dims else None
    if not isinstance(samples, int) or samples < 1 or len(dims) != len(declared) or isinstance(one.value, Tensor):
        return set()
    if one.given.method in _AT_ONCE:
        return {samples}
    keyword = one.given.argument.keyword
    feeds = [feed for feed in program.feeds_of(one.given.model) if feed.node is one.given.node]
    told = {size.value if (size := _size_told(feed)) is not None else Constant(None) for feed in feeds}
    parted = any(feed.arguments.keys() & _PARTS for feed in feeds)
    if len(told) != 1 or parted or (keyword is not None and keyword.value == "validation_data"):
        return set()
    (said,) = told
    if not isinstance(said, Constant) or said.value not in (None, declared[0]):
        return set()
    batch = _USUAL_SIZE if said.value is None else said.value
    return {min(batch, samples), samples % batch or batch} if isinstance(batch, int) else set()


RULE = Rule(
    code="KFX202",
    name="inconsistent-batch-size",
    summary="Batch sizes of one model contradict each other",
    keywords=frozenset({"batch_shape", "batch_input_shape", "batch_size", "stateful"}),
    names=frozenset(),
    check=check,
    fixable="sometimes",
)
