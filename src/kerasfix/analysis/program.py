"""The Program: what a file builds, as rules see it.

One call in the source may have made a layer several times (in a loop, in a function called twice); here it is one
`Layer`, and what holds for it is what holds each time. `gathering.py` puts it together.
"""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from kerasfix.analysis import shapes
from kerasfix.analysis.events import Role
from kerasfix.analysis.objects import InputObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.slots import Position
from kerasfix.analysis.values import Constant
from kerasfix.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import libcst as cst

    from kerasfix.analysis.declaration import Declaration
    from kerasfix.analysis.events import Feed, Given, Insertion, Placement, Read
    from kerasfix.analysis.layer_shapes import LayerCall
    from kerasfix.analysis.objects import FunctionalObject
    from kerasfix.analysis.positions import Positions
    from kerasfix.analysis.state import Content
    from kerasfix.analysis.values import Shape, Value
    from kerasfix.source.document import Cell, Place


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One place of the source where a layer, input or model is used; the facts hold each time it is reached."""

    role: Role
    node: cst.CSTNode
    """The call that uses it."""
    position: Position
    arriving: Shape
    """The shape that reaches it there, the batch dimension included."""
    declared: Shape | None
    """The input shape that its Sequential has before it; None if none is declared."""
    declared_after: Shape | None
    insertion: Insertion | None
    """Where an Input can be put in front of it; None if no place is sure."""
    reason: str
    holder: LayerObject | SequentialObject | None
    """The wrapper or Sequential that it is put into."""
    enclosing: tuple[Use, ...] = ()
    """Where the Sequential or wrapper that it is put into is itself put into a Sequential."""


class Standing(enum.Enum):
    """What becomes of the input that a layer declares."""

    FIRST = "first"
    """It is the input of a Sequential that the layer begins."""
    LATER = "later"
    """It is ignored: something stands before the layer."""
    LATE = "late"
    """It is ignored, and the model has no input: something stands before the layer that declares none."""
    CALLED = "called"
    """It is ignored: the layer is called on a tensor."""
    WRAPPED = "wrapped"
    """It is ignored: the layer is inside another one."""
    DETACHED = "detached"
    """It is not known what becomes of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A call in the source that makes a layer."""

    made: LayerObject
    uses: tuple[Use, ...]
    declaration: Declaration | None
    """What its arguments declare of the input; None if they declare nothing."""

    @property
    def node(self) -> cst.Call:
        """The call."""
        return self.made.node

    def entries(self, *positions: Position) -> tuple[Use, ...]:
        """Its uses as an entry of a Sequential at one of `positions`."""
        return tuple(use for use in self.uses if use.role is Role.ENTRY and use.position in positions)

    @property
    def declares_nothing(self) -> bool:
        """Whether its arguments are of no effect: `input_shape=None`, or a `batch_size` without a shape."""
        given = (argument for argument in self.made.declares if argument.name != "batch_size")
        return self.declaration is None and all(argument.value == Constant(None) for argument in given)

    @property
    def standing(self) -> Standing:
        """What becomes of the input that it declares."""
        roles = {use.role for use in self.uses}
        if Role.WRAPPED in roles:
            return Standing.WRAPPED
        if self.entries(Position.FIRST):
            return Standing.FIRST
        if self.entries(Position.EITHER, Position.UNKNOWN):
            return Standing.DETACHED
        if Role.ENTRY in roles:
            return Standing.LATE if self._is_late else Standing.LATER
        return Standing.CALLED if Role.CALLED in roles else Standing.DETACHED

    @property
    def _is_late(self) -> bool:
        return self.declaration is not None and all(use.declared is None for use in self.entries(Position.LATER))

    @property
    def contradicted(self) -> tuple[Use, ...]:
        """The later entries that something else reaches than what the layer declares."""
        declared = self.declaration
        if declared is None:
            return ()
        later = self.entries(Position.LATER)
        return tuple(use for use in later if shapes.conflict(declared.shape, use.arriving))


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """A call of `Input` or `InputLayer`."""

    made: InputObject
    uses: tuple[Use, ...]
    objects: tuple[InputObject, ...] = ()
    """The input each time that the call is reached; the first is `made`."""

    def given(self, name: str) -> tuple[Value | None, ...]:
        """What an argument is each time; None where it is not given."""
        found = [made.arguments.get(name) for made in self.objects or (self.made,)]
        return tuple(argument.value if argument is not None else None for argument in found)

    @property
    def later_entries(self) -> tuple[Use, ...]:
        """Where it is an entry of a Sequential, but not the first."""
        return tuple(use for use in self.uses if use.role is Role.ENTRY and use.position is Position.LATER)

    def repeats(self, use: Use) -> bool:
        """Whether a later entry declares just what its model declares already and what arrives there."""
        shape = self.made.shape
        return use.declared is not None and shapes.same(shape, use.declared) and shapes.same(shape, use.arriving)


@dataclass(frozen=True, slots=True, eq=False)
class Sequential:
    """A call that makes a Sequential, or a class of the file that is one."""

    made: SequentialObject
    uses: tuple[Use, ...]
    entries: tuple[Placement, ...]
    """What is put into it, in the order in which it happens."""
    objects: tuple[SequentialObject, ...] = ()
    """The model each time that the call is reached; the first is `made`."""

    @property
    def begins_with_single_layer(self) -> bool:
        """Whether the call is given one layer in the place of a list."""
        layers = self.made.arguments.get("layers")
        return layers is not None and isinstance(layers.value, LayerObject | InputObject | SequentialObject)

    @property
    def declares_nothing(self) -> bool:
        """Whether no input is declared for it, by its first entry, a call on a tensor, `build` or a model around it."""
        first = [entry for entry in self.entries if entry.position is Position.FIRST]
        given = any(
            use.role in (Role.ENTRY, Role.BUILT) or (use.role is Role.CALLED and use.arriving.dims is not None)
            for use in self.uses
        )
        return bool(first) and not given and all(entry.declared_after is None for entry in first)


@dataclass(frozen=True, slots=True, eq=False)
class FunctionalModel:
    """A `Model(inputs=..., outputs=...)`."""

    made: FunctionalObject
    uses: tuple[Use, ...]
    objects: tuple[FunctionalObject, ...] = ()
    """The model each time that the call is reached; the first is `made`."""

    def tensors(self) -> tuple[Tensor, ...]:
        """The graph: its outputs and everything that they are computed from, each behind what it comes from.

        A tensor names its `source` (an input, layer or model) and its `inputs`, the tensors given to that.
        """
        return tensors_of(self.made)


def tensors_of(model: FunctionalObject) -> tuple[Tensor, ...]:
    """What a model's outputs are computed from, and they themselves, each tensor behind what it comes from."""
    return upstream(model.outputs)


def upstream(values: Sequence[Value]) -> tuple[Tensor, ...]:
    """The tensors among some values and what they are computed from, each tensor behind what it comes from."""
    found: dict[Tensor, None] = {}
    waiting: list[tuple[Value, bool]] = [(value, False) for value in reversed(values)]
    while waiting:
        value, ready = waiting.pop()
        if not isinstance(value, Tensor) or value in found:
            continue
        if ready:
            found[value] = None
        else:
            waiting.append((value, True))
            waiting.extend((before, False) for before in reversed(value.inputs))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """The layers, inputs and models of one file, in the order in which they are made."""

    text: str
    positions: Positions
    layers: tuple[Layer, ...]
    inputs: tuple[Input, ...]
    sequentials: tuple[Sequential, ...]
    models: tuple[FunctionalModel, ...] = ()
    feeds: tuple[Feed, ...] = ()
    """Calls of `fit`, `predict` and the like on models of the file."""
    layers_reused: bool = False
    """Whether the `.layers` of a model that is not known are put into another one."""
    contents: Mapping[SequentialObject, Content] = field(default_factory=dict)
    """What each Sequential holds in the end."""
    trainable: Mapping[Value, Value] = field(default_factory=dict)
    """What is assigned to `.trainable` of layers and models."""
    placements: tuple[Placement, ...] = ()
    """Every use of a layer, input or model, in the order in which it happens."""
    layer_calls: Mapping[LayerObject, LayerCall] = field(default_factory=dict)
    """What shapes and parameters follow from, of the layers that are known to get something."""
    given: tuple[Given, ...] = ()
    """What models are given, by the call and by the model each time."""
    arrays: Mapping[Value, Shape] = field(default_factory=dict)
    """The shapes of the arrays of the file, as far as they are known."""
    origins: Mapping[Value, cst.CSTNode | None] = field(default_factory=dict)
    """The statements that made them; None where several did."""
    reads: tuple[Read, ...] = ()
    """Reads of `.input` and the like, by the attribute in the source and by the object each time."""
    merged: tuple[Tensor, ...] = ()
    """What functions such as `concatenate` make of several tensors."""
    cells: tuple[Cell, ...] = ()
    """Those of a notebook."""

    def feeds_of(self, model: Value) -> Sequence[Feed]:
        """The feeds of one model."""
        return _feeds_by_model(self).get(model, ())

    def place(self, node: cst.CSTNode) -> Place:
        """Where a node begins, for the reader."""
        return _document(self).place(self.positions.span(node)[0])

    def code(self, node: cst.CSTNode) -> str:
        """The source of a node, its own parentheses included."""
        start, end = self.positions.outer_span(node)
        return self.text[start:end]


Item = TypeVar("Item")


def grouped(items: Iterable[Item], key: Callable[[Item], object]) -> dict[object, list[Item]]:
    """The items by their keys, both in the order in which they come."""
    groups: dict[object, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


@functools.lru_cache(maxsize=1)
def _feeds_by_model(program: Program) -> dict[object, list[Feed]]:
    return grouped(program.feeds, lambda feed: feed.model)


@functools.lru_cache(maxsize=1)
def _document(program: Program) -> Document:
    """The text with its lines, which are counted once for all findings."""
    return Document("", program.text, cells=program.cells)
