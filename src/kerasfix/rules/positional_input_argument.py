"""# What it does

Finds positional arguments of `Input` and `InputLayer` that Keras 2 and Keras 3 read differently.

# Why is this bad?

The third argument of `Input` is the name in Keras 2 and the dtype in Keras 3, and from there on the orders differ.
So `Input((784,), None, "pixels")` is an input named "pixels" in Keras 2, and in Keras 3

    ValueError: Invalid dtype: pixels

while `Input((784,), None, "float64")` is silently a name in Keras 2.

# Example

```python
import keras
from keras import layers

inputs = keras.Input((784,), None, "float64")
model = keras.Model(inputs, layers.Dense(10)(inputs))
```

# Use instead

```python
import keras
from keras import layers

inputs = keras.Input((784,), None, dtype="float64")
model = keras.Model(inputs, layers.Dense(10)(inputs))
```

# Fix safety

The fix names the argument: as a dtype where the value is the name of one, else as the name that Keras 2 takes it
for. It is unsafe, because one of the two Keras reads the program differently from then on. `None` means the same in
every place and is not reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.keras_api import Version
    from kerasfix.analysis.program import Input, Program
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target

_NUMBERS = {f"{kind}{bits}" for kind in ("float", "int", "uint") for bits in (8, 16, 32, 64)}
_DTYPES = _NUMBERS - {"float8"} | {"bfloat16", "bool", "string", "complex64"}


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for the first positional argument that two Keras bind to different parameters."""
    from kerasfix.analysis.values import Constant
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report

    for made in program.inputs:
        older, newer = _names(made, "keras2"), _names(made, "keras3")
        for place, argument in enumerate(made.made.node.args):
            if argument.keyword is not None or argument.star or place >= max(len(older), len(newer)):
                break
            old = older[place] if place < len(older) else "nothing"
            new = newer[place] if place < len(newer) else "nothing"
            value = next(a.value for a in made.made.arguments.values() if a.node is argument)
            if old == new or _same_parameter(old, new) or value == Constant(None):
                continue
            message = f"This argument of `{made.made.function}` is `{old}` in Keras 2 and `{new}` in Keras 3"
            fix = _fix(program, made, place, value.value if isinstance(value, Constant) else None, (old, new))
            severity = Severity.WARNING
            yield report(RULE, program, argument, message, severity, fix, "Keras 2 and Keras 3 read it differently")
            break


def _names(made: Input, version: Version) -> tuple[str, ...]:
    from kerasfix.analysis.keras_api import lookup

    name = "keras.Input" if made.made.function == "Input" else "keras.layers.InputLayer"
    class_ = lookup(name)
    signature = class_.signature(version) if class_ is not None else None
    return signature.positional if signature is not None else ()


def _same_parameter(old: str, new: str) -> bool:
    return {old, new} in ({"shape", "input_shape"}, {"tensor", "input_tensor"})


def _fix(program: Program, made: Input, place: int, value: object, names: tuple[str, str]) -> Fix | None:
    """Name the argument, if it is the last positional one and its value tells what it is."""
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.edits import replace

    arguments: list[cst.Arg] = list(made.made.node.args)
    behind = arguments[place + 1 :]
    if not isinstance(value, str) or any(arg.keyword is None for arg in behind):
        return None
    name = "dtype" if value in _DTYPES else "name"
    if name not in names or name in made.made.arguments.keys() - {names[1]}:
        return None
    node = arguments[place].value
    edit = replace(program.positions, node, f"{name}={program.code(node)}")
    return Fix(f"Name it `{name}`", Applicability.UNSAFE, (edit,))


RULE = Rule(
    code="KFX207",
    name="positional-input-argument",
    summary="A positional argument of Input that Keras 2 and Keras 3 read differently",
    keywords=frozenset(),
    names=frozenset({"Input", "InputLayer"}),
    check=check,
    fixable="sometimes",
)
