"""What is in a model, in order: the steps that something which arrives goes through, with the shapes between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis.layer_shapes import LayerCall, output_shape
from kerasfix.analysis.objects import (
    Applied,
    FunctionalObject,
    InputObject,
    LayerObject,
    SequentialObject,
    Tensor,
)
from kerasfix.analysis.parameter_counts import parameter_count
from kerasfix.analysis.values import UNKNOWN_SHAPE, Shape, Value
from kerasfix.models.table import ONE, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kerasfix.analysis.program import Program

Model: TypeAlias = SequentialObject | FunctionalObject

_DEEPEST_MODELS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One layer, input, model, function or operator, as often as a model uses it."""

    subject: Value | Applied
    """What it is: an `Applied` for a function, an operator or a model's `.output`."""
    arriving: tuple[Shape, ...]
    leaving: tuple[Shape, ...]
    sources: tuple[int, ...]
    """The steps that it gets something from."""
    presence: str = ONE
    ways: tuple[Way, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether it is there, once, on every way."""
        return self.presence == ONE and not self.ways


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a model in order, and those that its outputs come from."""

    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    leaving: tuple[Shape, ...]


ChainSteps: TypeAlias = "Callable[[Flow, SequentialObject, Shape], Steps]"
"""The steps of a Sequential that a shape reaches."""
GraphSteps: TypeAlias = "Callable[[Flow, FunctionalObject], Steps]"
"""The steps of a functional model."""


class Flow:
    """Follows what arrives through the models of one program."""

    def __init__(self, program: Program, chain: ChainSteps, graph: GraphSteps) -> None:
        self.program = program
        self._chain = chain
        self._graph = graph
        self._depth = 0

    def steps(self, model: Model, arriving: Shape = UNKNOWN_SHAPE) -> Steps:
        """The steps of a model; `arriving` counts where the model itself declares no input."""
        if self._depth > _DEEPEST_MODELS:
            return Steps((), (), (UNKNOWN_SHAPE,))
        self._depth += 1
        try:
            if isinstance(model, SequentialObject):
                return self._chain(self, model, arriving)
            return self._graph(self, model)
        finally:
            self._depth -= 1

    def leaving(self, value: Value, arriving: Sequence[Shape]) -> tuple[Shape, ...]:
        """The shapes that leave a layer, input or model."""
        match value:
            case Tensor() | InputObject():
                return (value.shape,)
            case LayerObject() if value in self.program.layer_calls:
                output = output_shape(self.program.layer_calls[value], arriving)
                return output if isinstance(output, tuple) else (output,)
            case SequentialObject() if value in self.program.contents:
                known = self.program.contents[value].leaving
                return (known,) if known.dims is not None else self.steps(value, *arriving[:1]).leaving
            case FunctionalObject(outputs=(_, *_)):
                return tuple(map(shape_of, value.outputs))
        return (UNKNOWN_SHAPE,)

    def parameters(self, subject: Value | Applied, arriving: Sequence[Shape]) -> int | None:
        """The number of parameters of a step; None if that is not known."""
        match subject:
            case InputObject():
                return 0
            case LayerObject() if subject in self.program.layer_calls:
                return parameter_count(self.program.layer_calls[subject], arriving)
            case SequentialObject() | FunctionalObject():
                return self.total(self.steps(subject, *arriving[:1]))
            case Applied(source=None, function=function) if not function.startswith("keras.layers."):
                return 0
            case Applied(source=None):
                return parameter_count(LayerCall(subject.function.rpartition(".")[2], {}), arriving)
            case Applied(source=SequentialObject() | FunctionalObject() as model):
                return 0 if subject.function.startswith("input") else self.parameters(model, ())
        return None

    def total(self, found: Steps) -> int | None:
        """The parameters of a model, each layer counted once; None if a part is not known, or may not be there."""
        parts: dict[object, int | None] = {}
        for step in found.steps:
            number = self.parameters(step.subject, step.arriving)
            parts.setdefault(owner_of(step.subject), number if step.is_sure or number == 0 else None)
        return total(parts.values()) if found.steps else None


def owner_of(subject: Value | Applied) -> object:
    """The layer or model that has the parameters of a step."""
    if isinstance(subject, Applied) and subject.source is not None and not subject.function.startswith("input"):
        return subject.source
    return subject


def shape_of(value: Value) -> Shape:
    """The shape of a tensor, unknown for anything else."""
    return value.shape if isinstance(value, Tensor | InputObject) else UNKNOWN_SHAPE


def total(parts: Iterable[int | None]) -> int | None:
    """The sum, None if a part is not known."""
    found = list(parts)
    known = [part for part in found if part is not None]
    return sum(known) if len(known) == len(found) else None
