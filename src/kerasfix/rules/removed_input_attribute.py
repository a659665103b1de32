"""# What it does

Finds `.input` and `.output` of a Sequential that was not called on a tensor, and `.input_shape` and `.output_shape` of
a single layer.

# Why is this bad?

Keras 3 does not have them. A Sequential is not its own graph there, and says until it is called

    AttributeError: The layer sequential has never been called and thus has no defined input.

Once it was called, `.input` is the tensor that it was called on, and no longer its own. `.inputs[0]` and `.outputs[0]`
are its own in every Keras. A single layer has no shapes but those of its tensors:

    AttributeError: 'Dense' object has no attribute 'output_shape'

Reads that join several branches are KFX303. On models `.input_shape` and `.output_shape` are still there.

# Example

```python
import keras
from keras import layers

base = keras.Sequential([keras.Input(shape=(784,)), layers.Dense(32), layers.Dense(10)])
hidden = keras.Model(base.input, base.layers[0].output)
```

```python
import keras
from keras import layers

base = keras.Sequential([keras.Input(shape=(784,)), layers.Dense(32), layers.Dense(10)])
width = base.layers[0].output_shape[1]
```

# Use instead

```python
import keras
from keras import layers

base = keras.Sequential([keras.Input(shape=(784,)), layers.Dense(32), layers.Dense(10)])
hidden = keras.Model(base.inputs[0], base.layers[0].output)
```

```python
import keras
from keras import layers

base = keras.Sequential([keras.Input(shape=(784,)), layers.Dense(32), layers.Dense(10)])
width = base.layers[0].output.shape[1]
```

# Fix safety

The fix is safe. It is made for a Sequential that declares its input, and for a layer that is used once and has one
input and one output; a whole shape becomes `tuple(layer.output.shape)`, which is the same in every Keras. For anything
else there is no fix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.analysis.events import Read
    from kerasfix.analysis.objects import LayerObject
    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic, Edit, Fix
    from kerasfix.target import Target

_INDEX = re.compile(r"\[-?\d+\]")


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each read that Keras 3 refuses each time that it is reached."""
    from kerasfix.analysis.branches import joined_reads
    from kerasfix.analysis.objects import LayerObject
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import error_is_expected, report

    if not target.keras3:
        return
    by_node: dict[object, list[Read]] = {}
    joined = joined_reads(program)
    for read in program.reads:
        if read.node not in joined:
            by_node.setdefault(read.node, []).append(read)
    for reads in by_node.values():
        first = reads[0]
        if not all(map(_is_refused, reads)) or error_is_expected(program, first.node):
            continue
        if isinstance(first.owner, LayerObject):
            message = f"Keras 3 has no `.{first.name}` of a layer such as `{first.owner.name}`"
            fix, doubt = _of_layer(program, reads), "the layer is not sure to have one input and one output"
        else:
            message = f"Keras 3 has no `.{first.name}` of a Sequential that was not called on a tensor"
            fix, doubt = _of_model(program, reads), "the model is not sure to declare its input"
        yield report(RULE, program, first.node.attr, message, Severity.ERROR, fix, doubt if fix is None else "")


def _is_refused(read: Read) -> bool:
    from kerasfix.analysis.objects import LayerObject

    if isinstance(read.owner, LayerObject):
        return read.name.endswith("_shape") and read.owner.api is not None
    return read.name in ("input", "output") and not read.called


def _of_model(program: Program, reads: Sequence[Read]) -> Fix | None:
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.edits import replace

    if any(read.declared is None or read.declared.dims is None for read in reads):
        return None
    attribute = f"{reads[0].name}s[0]"
    return Fix(f"Use `.{attribute}`", Applicability.SAFE, (replace(program.positions, reads[0].node.attr, attribute),))


def _of_layer(program: Program, reads: Sequence[Read]) -> Fix | None:
    from kerasfix.analysis.gathering import is_bound_anywhere
    from kerasfix.analysis.objects import LayerObject
    from kerasfix.diagnostics import Applicability, Edit, Fix

    owners = [read.owner for read in reads if isinstance(read.owner, LayerObject)]
    if not all(_has_one_shape(program, owner, reads[0].name) for owner in owners):
        return None
    node = reads[0].node
    start, end = program.positions.span(node)
    attribute = reads[0].name.replace("_", ".")
    edits: tuple[Edit, ...] = (Edit(program.positions.span(node.attr)[0], end, attribute),)
    if not _INDEX.match(program.text, end):
        if is_bound_anywhere(program.text, "tuple"):
            return None
        edits = Edit(start, start, "tuple("), Edit(edits[0].start, end, f"{attribute})")
    return Fix(f"Use `.{attribute}`", Applicability.SAFE, edits)


def _has_one_shape(program: Program, layer: LayerObject, attribute: str) -> bool:
    """Whether a layer is used once, where its input is known, and has one input or output."""
    from kerasfix.analysis.events import Role

    uses = [placement for placement in program.placements if placement.subject is layer]
    if len(uses) != 1 or layer.api is None or layer.unpacks:
        return False
    (use,) = uses
    if use.role is Role.ENTRY:
        built = use.declared_after is not None and use.declared_after.dims is not None
    else:
        built = use.role is Role.CALLED
    if attribute == "output_shape":
        return built and not _gives_states(layer)
    return built and len(use.given) < 2 and not layer.api.merge and "Attention" not in layer.name


def _gives_states(layer: LayerObject) -> bool:
    """Whether more than one tensor leaves a layer; one that is made of others may hide it."""
    from kerasfix.analysis.objects import LayerObject

    inner = layer.wrapped
    return "return_state" in layer.arguments or (isinstance(inner, LayerObject) and _gives_states(inner))


RULE = Rule(
    code="KFX402",
    name="removed-input-attribute",
    summary="An attribute about inputs that Keras 3 has removed",
    keywords=frozenset(),
    names=frozenset({"Sequential", "input_shape", "output_shape"}),
    check=check,
    fixable="sometimes",
)
