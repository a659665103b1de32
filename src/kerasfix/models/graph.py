"""The steps of a functional model: its graph from the inputs to the outputs, each step behind what it gets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from kerasfix.analysis import shapes
from kerasfix.analysis.objects import Applied, FunctionalObject, InputObject, Tensor, has_tensor
from kerasfix.analysis.values import UNKNOWN_SHAPE, Choice, Constant, Items, Shape, Symbol, Unknown, Value
from kerasfix.models.flow import Flow, Step, Steps, shape_of
from kerasfix.models.table import MAYBE

if TYPE_CHECKING:
    from collections.abc import Sequence


def graph_steps(flow: Flow, model: FunctionalObject) -> Steps:
    """The steps of a `Model(inputs, outputs)`; a tensor of another model that is an input is where it begins."""
    graph = _Graph(flow)
    sure: set[int] = set()
    for value in model.inputs:
        sure |= graph.begin(value).sure
    reached = [graph.reach(value) for value in model.outputs]
    sure.update(*(one.sure for one in reached))
    steps = [step if number in sure else replace(step, presence=MAYBE) for number, step in enumerate(graph.steps)]
    outputs = dict.fromkeys(number for one in reached for number in one.sources)
    return Steps(tuple(steps), tuple(outputs), tuple(map(shape_of, model.outputs)) or (UNKNOWN_SHAPE,))


@dataclass(frozen=True, slots=True)
class _Reached:
    """The steps that a value comes from, and all those before it that are there on every way."""

    sources: tuple[int, ...] = ()
    sure: frozenset[int] = frozenset()


class _Graph:
    """The graph behind the outputs of one model."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.steps: list[Step] = []
        self.known: dict[object, _Reached] = {}
        """By call, input or value, what has been reached."""

    def begin(self, value: Value) -> _Reached:
        """Start at an input of the model, whatever comes before it."""
        key = _key(value)
        if key not in self.known and isinstance(value, Tensor) and value.applied and value.applied.node is not None:
            self._add(key, Step(BEGINNING, (), (value.shape,), ()))
        return self.reach(value)

    def reach(self, value: Value) -> _Reached:
        """The steps that a value comes from, made if they are not there yet."""
        match value:
            case Items(items=items):
                found = [self.reach(item) for item in items]
                return _Reached(_united(found), frozenset().union(*(one.sure for one in found)))
            case Constant():
                return _Reached()
            case Symbol(key=("unpacked" | "item", Tensor() as tensor, *_)):
                return self.reach(tensor)
        key = _key(value)
        if key not in self.known:
            self.known[key] = _Reached()
            self._make(value, key)
        return self.known[key]

    def _make(self, value: Value, key: object) -> None:
        match value:
            case Choice(options=options):
                found = [self.reach(option) for option in options]
                sure = frozenset.intersection(*(one.sure for one in found))
                self.known[key] = _Reached(_united(found), sure)
            case Tensor(applied=None, source=InputObject() as made):
                self._add(key, Step(made, (), (value.shape,), ()))
            case Tensor(applied=Applied(node=None) as applied):
                self._add(key, self._attribute(value, applied))
            case Tensor(applied=Applied() as applied):
                self._add(key, *self._application(value, applied))
            case _:
                self._add(key, Step(value, (), (shape_of(value),), ()))

    def _attribute(self, tensor: Tensor, applied: Applied) -> Step:
        """`model.output` comes behind `model.input`, where that is the input of this model."""
        others = [step.subject for step in self.steps]
        sources = tuple(
            number
            for number, other in enumerate(others)
            if isinstance(other, Applied) and other.source is applied.source and other is not applied
        )
        return Step(applied, (), (tensor.shape,), sources)

    def _application(self, tensor: Tensor, applied: Applied) -> tuple[Step, frozenset[int]]:
        if applied.source is None:
            tensors = tuple(filter(has_tensor, tensor.inputs))
            before = self.reach(Items(tensors))
            return Step(applied, tuple(map(self._shape, tensors)), (tensor.shape,), before.sources), before.sure
        given = [argument.value for argument in applied.arguments if not argument.positional]
        before = self.reach(Items((*tensor.inputs, *filter(has_tensor, given))))
        arriving = tuple(map(self._shape, tensor.inputs))
        leaving = self.flow.leaving(applied.source, arriving)
        if tensor.place is None and leaving == (UNKNOWN_SHAPE,):
            leaving = (tensor.shape,)
        return Step(applied.source, arriving, leaving, before.sources), before.sure

    def _shape(self, value: Value) -> Shape:
        """The shape of a tensor as the step that it comes from tells it, what is common to the options of a choice."""
        if isinstance(value, Choice):
            return reduce(shapes.join, map(self._shape, value.options))
        known = self.known.get(_key(value)) if isinstance(value, Tensor) and value.place is None else None
        if known is None or len(known.sources) != 1:
            return shape_of(value)
        leaving = self.steps[known.sources[0]].leaving
        return leaving[0] if len(leaving) == 1 else shape_of(value)

    def _add(self, key: object, step: Step, before: frozenset[int] = frozenset()) -> None:
        number = len(self.steps)
        self.steps.append(step)
        self.known[key] = _Reached((number,), before | {number})


BEGINNING = Unknown("a tensor of another model, where this one begins")
"""What stands in a model for a tensor that is computed before it."""


def _united(found: Sequence[_Reached]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for one in found for number in one.sources))


def _key(value: Value) -> object:
    """One call, and one input, is one step, however many tensors it gives."""
    if isinstance(value, Tensor):
        return value.applied or value.source or value
    return value
