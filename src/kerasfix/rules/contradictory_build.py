"""# What it does

Finds a call of `build` on a `Sequential` with another shape than the one that is declared, or with a shape that lacks
the batch dimension.

# Why is this bad?

A declared input builds the model. What `build` then says Keras 2 ignores silently, and Keras 3 refuses where it is
another shape, even if only a size is given for an axis that may have any:

    ValueError: Sequential model 'sequential' has already been configured to use input shape (None, 4). You cannot build
    it with input_shape (None, 5)

The shape of `build` includes the batch. Without it, every Keras refuses the model:

    ValueError: Input 0 of layer "dense" is incompatible with the layer: expected min_ndim=2, found ndim=1. Full shape
    received: (4,)

Newer Keras 3 says the same with other words in front.

# Example

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(2)])
model.build((None, 5))
```

# Use instead

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(2)])
```

# Fix safety

There is no fix: only you know which of the two shapes is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.events import Placement
    from kerasfix.analysis.flow import Flow
    from kerasfix.analysis.program import Program
    from kerasfix.analysis.values import Dim, Shape
    from kerasfix.diagnostics import Diagnostic, Severity
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each `build` that contradicts its model each time that it is reached."""
    from kerasfix.analysis.batch_axis import carrying_batch
    from kerasfix.analysis.events import Role
    from kerasfix.analysis.feeding import inputs_of
    from kerasfix.analysis.flow import Flow, best_of
    from kerasfix.rules.reporting import error_is_expected, places, report

    built: dict[cst.CSTNode, list[Placement]] = {}
    for placement in best_of(program.placements):
        if placement.role is Role.BUILT and placement.arriving.dims is not None:
            built.setdefault(placement.node, []).append(placement)
    if not built:
        return
    flow = Flow(program)
    of_others = carrying_batch(program)  # KFX201 speaks of them
    for node, placements in built.items():
        if node in of_others:
            continue
        found = [_problem(placement, flow, target) for placement in placements]
        if found[0] is not None and None not in found and not error_is_expected(program, node):
            message, severity = found[0]
            declared = [one.node for one in inputs_of(program, placements[0].subject)]
            related = places(program, *((other, "The input is declared here") for other in declared))
            yield report(RULE, program, node, message, severity, related=related)


def _problem(placement: Placement, flow: Flow, target: Target) -> tuple[str, Severity] | None:
    from kerasfix.analysis.shapes import conflict
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import written

    said, declared = placement.arriving, placement.declared
    if declared is None:
        return _without_batch(placement, flow)
    if target.keras3 and _differ(said, declared):
        reason, severity = "Keras 3 refuses this", Severity.ERROR
    elif conflict(said, declared):
        reason, severity = "Keras 2 ignores this", Severity.WARNING
    else:
        return None
    return f"`build` is given {written(said)}, but the model's input is {written(declared)}; {reason}", severity


def _without_batch(placement: Placement, flow: Flow) -> tuple[str, Severity] | None:
    """What is wrong where the shape has too few axes for a layer, and would have enough with the batch."""
    from kerasfix.analysis.flow import takes
    from kerasfix.diagnostics import Severity

    said = placement.arriving
    if said.rank is None or not said.dims or said.dims[0] is None:
        return None
    for step in flow.inside(placement.subject, said):
        if not takes(step.layer, "keras3", said.rank) and not takes(step.layer, "keras2", said.rank):
            if takes(step.layer, "keras3", said.rank + 1):
                return f"The shape lacks the batch dimension; `{step.layer.name}` takes one axis more", Severity.ERROR
            return None
    return None


def _differ(said: Shape, declared: Shape) -> bool:
    """Whether two shapes are provably not equal; None is another size than any number."""

    def other(a: Dim, b: Dim) -> bool:
        return isinstance(a, int | None) and isinstance(b, int | None) and a != b

    if said.dims is None or declared.dims is None:
        return False
    return said.rank != declared.rank or any(map(other, said.dims, declared.dims))


RULE = Rule(
    code="KFX212",
    name="contradictory-build",
    summary="A Sequential is built with another shape than its input's, or without the batch dimension",
    keywords=frozenset(),
    names=frozenset({"build"}),
    check=check,
)
