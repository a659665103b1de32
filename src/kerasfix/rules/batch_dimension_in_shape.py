"""# What it does

Finds a `shape` or `input_shape` that carries the batch dimension: `Input(shape=(None, 784))` for data of 784 columns,
`input_shape=X.shape` for the array that the model is fitted with, `InputLayer(input_tensor=a, input_shape=(None,
784))` around a tensor of that shape.

# Why is this bad?

A shape says what one sample looks like; Keras puts the batch before it. With the batch in it, the model has one axis
more than the data. Keras 3 refuses the data when they come, or the layer that takes one axis less:

    ValueError: Exception encountered when calling Sequential.call().
    Invalid input shape for input Tensor("data:0", shape=(32, 784), dtype=float32)

    ValueError: Input 0 with name 'None' of layer 'lstm' is incompatible with the layer: expected ndim=3, found ndim=4.

Keras 2 lets the data pass where the first entry is None, and `model.output_shape` is then wrong. Around a tensor the
shape is not needed at all; Keras 2 ignores it even where it is wrong, and Keras 3 says

    ValueError: When providing the `input_tensor` argument, you cannot provide an incompatible `shape` argument.

A leading None may as well be a real axis: `Input(shape=(None, 16))` before an LSTM is right. So the first entry is
reported only where something says that it is the batch: the tensor that stands beside it has this very shape; a layer
takes one axis less, and the entry is None or is the number of samples or the `batch_size`; an array that the model is
given, or `build`, has this very shape; the only entry is the length of what the model is given; or `X.shape` stands
here, and `X.shape[1:]` before the same layer in another model, which is given `X` or begins with a layer that takes
but one rank.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(None, 10, 3)), layers.LSTM(8), layers.Dense(1)])
```

```python
import keras
import numpy as np
from keras import layers

columns = np.zeros((100, 8))
model = keras.Sequential([keras.Input(shape=columns.shape), layers.Dense(1)])
model.compile("sgd", "mse")


def train():
    model.fit(columns, np.zeros((100, 1)))
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(10, 3)), layers.LSTM(8), layers.Dense(1)])
```

```python
import keras
import numpy as np
from keras import layers

columns = np.zeros((100, 8))
model = keras.Sequential([keras.Input(shape=columns.shape[1:]), layers.Dense(1)])
model.compile("sgd", "mse")


def train():
    model.fit(columns, np.zeros((100, 1)))
```

# Fix safety

The fix takes the first entry away, or the whole argument beside a tensor that has the shape. Beside a tensor it is
safe, and where no Keras of the target can build the model as it is: nothing that works can change. Otherwise it is
unsafe, as Keras 2 builds such a model, and the data may not be all that it is given. There is no fix where the value
is an expression out of which the first entry cannot be taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.batch_axis import Declared, Evidence
    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Applicability, Diagnostic, Edit, Fix
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each declared shape whose first entry is shown to be the batch."""
    from kerasfix.analysis.batch_axis import FromTensor, batch_axes
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, places, report

    for declared, why in batch_axes(program):
        if error_is_expected(program, declared.call):
            continue
        message = f"`{declared.argument.name}` of `{declared.function}` carries the batch dimension: "
        fix = _without_shape(program, declared) if isinstance(why, FromTensor) else _fix(program, declared, why, target)
        doubt = "" if fix is not None else "the first entry cannot be taken out of this expression"
        severity = Severity.ERROR if target.keras3 else Severity.WARNING
        message += _reason(program, why)
        related = places(program, (_node(why), "This shows that the first entry is the batch"))
        yield report(RULE, program, declared.argument.node, message, severity, fix, doubt, related)


def _node(why: Evidence) -> cst.CSTNode:
    """Where the evidence stands."""
    from kerasfix.analysis.batch_axis import FromBuild, FromLayer, FromOther, FromTensor

    match why:
        case FromTensor(tensor=tensor):
            return tensor.node
        case FromLayer(layer=layer):
            return layer.node
        case FromBuild(node=node):
            return node
        case FromOther(other=other):
            return other.argument.node
    return why.fed.given.argument


def _reason(program: Program, why: Evidence) -> str:
    """What shows that the first entry is the batch."""
    from kerasfix.analysis.batch_axis import FromBuild, FromLayer, FromLength, FromOther, FromTensor
    from kerasfix.fixes.declaring import flat
    from kerasfix.rules.reporting import written

    match why:
        case FromTensor(tensor=tensor, shape=shape):
            return f"the tensor `{program.code(tensor.node.value)}` has the shape {written(shape)}, and needs no other"
        case FromLayer(layer=layer, rank=rank):
            return f"`{layer.name}` would get {rank} axes, the batch among them, and does not take so many"
        case FromBuild(node=node):
            return f"`build` says the same in {program.place(node).line}, with the batch in it"
        case FromOther(other=other):
            sliced = flat(program.code(other.argument.node.value))
            return f"`{sliced}` in {program.place(other.argument.node).line} leaves it out before the same layer"
    given = why.fed.given
    array = flat(program.code(given.argument.value))
    known = f" of shape {written(why.fed.shape)}" if why.fed.shape.dims is not None else ""
    line = program.place(given.node).line
    if isinstance(why, FromLength):
        return f"it is the length of `{array}`{known}, which the model is given in {line}"
    return f"`{array}`{known}, which the model is given in {line}, has no axis more"


def _without_shape(program: Program, declared: Declared) -> Fix:
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.edits import remove_arguments

    edits = remove_arguments(program.positions, declared.call, [declared.argument.node])
    return Fix(f"Remove `{declared.argument.name}`", Applicability.SAFE, edits)


def _fix(program: Program, declared: Declared, why: Evidence, target: Target) -> Fix | None:
    from kerasfix.analysis.batch_axis import FromLayer, FromLength
    from kerasfix.diagnostics import Applicability, Fix

    safe = isinstance(why, FromLayer) and all(
        version in why.refused_by for version in ["keras2"] * target.keras2 + ["keras3"] * target.keras3
    )
    applicability: Applicability = Applicability.SAFE if safe else Applicability.UNSAFE
    edits = _of_what_is_given(program, declared) if isinstance(why, FromLength) else _sliced(program, declared)
    return Fix("Leave the batch dimension out", applicability, edits) if edits else None


def _sliced(program: Program, declared: Declared) -> tuple[Edit, ...]:
    """`(None, 784)` becomes `(784,)`, `X.shape` becomes `X.shape[1:]`."""
    import libcst as cst

    from kerasfix.diagnostics import Edit
    from kerasfix.fixes.edits import remove_elements

    value = declared.argument.node.value
    if isinstance(value, cst.Tuple | cst.List):
        first = value.elements[0]
        if len(value.elements) < 2 or not isinstance(first, cst.Element):
            return ()
        return remove_elements(program.positions, value, [first])
    if isinstance(value, cst.Name | cst.Attribute):
        end = program.positions.outer_span(value)[1]
        return (Edit(end, end, "[1:]"),)
    return ()


def _of_what_is_given(program: Program, declared: Declared) -> tuple[Edit, ...]:
    """`(len(X),)` and `(X.shape[0],)` become `X.shape[1:]`, `input_dim=X.shape[0]` becomes `X.shape[1]`."""
    import libcst as cst

    from kerasfix.fixes.edits import replace

    value = declared.argument.node.value
    whole = value
    if isinstance(value, cst.Tuple | cst.List) and len(value.elements) == 1:
        value = value.elements[0].value
    match value:
        case cst.Call(args=[cst.Arg(value=array)]):
            pass
        case cst.Subscript(value=cst.Attribute(value=array)):
            pass
        case _:
            return ()
    if not isinstance(array, cst.Name | cst.Attribute):
        return ()
    index = "1" if declared.argument.name == "input_dim" else "1:"
    return (replace(program.positions, whole, f"{program.code(array)}.shape[{index}]"),)


RULE = Rule(
    code="KFX201",
    name="batch-dimension-in-shape",
    summary="A shape carries the batch dimension",
    keywords=frozenset({"input_shape", "input_dim"}),
    names=frozenset({"Input", "InputLayer"}),
    check=check,
    fixable="sometimes",
)
