"""Declared inputs whose rank the first layer that cares does not take: what KFX203 and KFX210 have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.analysis.declaration import declaration
from kerasfix.analysis.flow import Flow, accepted, takes
from kerasfix.analysis.values import Constant
from kerasfix.rules.registry import TENSOR_ARGUMENTS
from kerasfix.rules.reporting import error_is_expected, places, refusing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kerasfix.analysis.flow import Step
    from kerasfix.analysis.keras_api import Version
    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Program
    from kerasfix.analysis.values import Shape
    from kerasfix.diagnostics import Related
    from kerasfix.target import Target

_BATCH_SHAPES = ("batch_shape", "batch_input_shape")
_OF_BATCH = re.compile(r"batch|\bbs\b|\blen\(|\.shape\[0\]|sample|\bn_?(examples|data|images|rows)\b", re.IGNORECASE)
"""What the source of a size looks like that is the batch's or the whole data's."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A declared shape, and the first layer behind it that does not take its rank."""

    argument: Argument
    """What declares the shape."""
    shape: Shape
    """It, the batch dimension included."""
    step: Step
    """The layer."""
    refuses: str
    """Who refuses it: `every Keras`, or one of them."""
    version: Version
    """One that refuses it."""

    @property
    def rank(self) -> int:
        """How many axes the declared shape has, the batch included."""
        assert self.shape.rank is not None
        return self.shape.rank

    def would_take(self, more: int) -> bool:
        """Whether the layer would take a shape with so many axes more."""
        return takes(self.step.layer, self.version, self.rank + more)

    def expectation(self, program: Program) -> str:
        """What the layer wants, in words."""
        low, high = accepted(self.step.layer, self.version)
        least = "" if low == high else "at least " if high is None else "at most " if low is None else ""
        wanted = (
            f"{low} to {high}" if None not in (low, high) and low != high else str(low if low is not None else high)
        )
        layer = self.step.layer
        return f"{least}{wanted} axes with the batch are expected by `{layer.name}` at {program.place(layer.node).line}"

    def related(self, program: Program) -> tuple[Related, ...]:
        """The layer, as another place of the finding."""
        layer = self.step.layer
        return places(program, (layer.node, f"`{layer.name}` does not take this rank"))


def misfits(program: Program, target: Target) -> Iterator[Misfit]:
    """One for each call that declares an input which fits the layers behind it no time that it is reached."""
    flow = Flow(program)
    for inputs in flow.inputs.values():
        found = [
            _misfit(_input_argument(made.arguments), made.shape, flow.behind_input(made, made.shape), target)
            for made in inputs
            if not made.unpacks
        ]
        yield from _joined(program, found, len(inputs))
    for layers in flow.first_layers.values():
        found = []
        for layer in layers:
            declared = declaration(layer)
            if declared is None or declared.scalar is not None or declared.disagrees or layer.unpacks:
                continue
            steps = flow.behind_first(layer, declared.shape)
            found.append(_misfit(layer.declares[0], declared.shape, steps, target))
        yield from _joined(program, found, len(layers))


def lacks_batch(program: Program, misfit: Misfit) -> bool:
    """Whether what is missing is the batch dimension of a batch shape (KFX203)."""
    leading = (misfit.shape.dims or ())[:1]
    return (
        misfit.argument.name in _BATCH_SHAPES
        and misfit.would_take(1)
        and leading not in ((), (None,))
        and not is_of_batch(program, misfit.argument)
    )


def is_of_batch(program: Program, argument: Argument) -> bool:
    """Whether the first size that an argument gives looks like that of the batch, or of all the data."""
    import libcst as cst

    node = argument.node.value
    if isinstance(node, cst.Tuple | cst.List) and node.elements:
        node = node.elements[0].value
    return _OF_BATCH.search(program.code(node)) is not None


def _joined(program: Program, found: list[Misfit | None], times: int) -> Iterator[Misfit]:
    misfits = [misfit for misfit in found if misfit is not None]
    if misfits and len(misfits) == times:
        first = misfits[0]
        if not error_is_expected(program, first.argument.node, first.step.layer.node):
            yield first


def _misfit(argument: Argument | None, shape: Shape, steps: Iterable[Step], target: Target) -> Misfit | None:
    if argument is None or shape.rank is None:
        return None
    rank = shape.rank
    for step in steps:

        def refuses(version: Version, step: Step = step) -> bool:
            return not takes(step.layer, version, rank)

        who = refusing(target, refuses)
        if who:
            return Misfit(argument, shape, step, who, "keras3" if refuses("keras3") else "keras2")
    return None


def _input_argument(arguments: Mapping[str, Argument]) -> Argument | None:
    """The argument by which an `Input` declares its shape; None where a tensor does."""
    if any(name in arguments for name in TENSOR_ARGUMENTS):
        return None
    for name in (*_BATCH_SHAPES, "shape", "input_shape"):
        argument = arguments.get(name)
        if argument is not None and argument.value != Constant(None):
            return argument
    return None
