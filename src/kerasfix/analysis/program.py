"""The Program: what a file builds, gathered from all the ways in which the interpreter went through it.

One call in the source may have made a layer several times (in a loop, in a function called twice); here it is one
`Layer`, and what holds for it is what holds each time.
"""

from __future__ import annotations

import ast
import enum
import functools
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from kerasfix.analysis import shapes
from kerasfix.analysis.declaration import Declaration, declaration
from kerasfix.analysis.events import Insertion, Made, Placement, Role, Where
from kerasfix.analysis.interpreter import Interpreter
from kerasfix.analysis.objects import Argument, InputObject, LayerObject, SequentialObject
from kerasfix.analysis.positions import Positions
from kerasfix.analysis.slots import Position
from kerasfix.analysis.values import UNKNOWN_SHAPE, Constant, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kerasfix.analysis.events import Spelling


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
class Program:
    """The layers, inputs and models of one file, in the order in which they are made."""

    text: str
    positions: Positions
    layers: tuple[Layer, ...]
    inputs: tuple[Input, ...]
    sequentials: tuple[Sequential, ...]
    layers_reused: bool = False
    """Whether the `.layers` of a model that is not known are put into another one."""
    _texts: dict[int, str] = field(default_factory=dict, repr=False)

    def code(self, node: cst.CSTNode) -> str:
        """The source of a node, its own parentheses included."""
        start, end = self.positions.outer_span(node)
        return self.text[start:end]


def analyse(text: str) -> Program:
    """Interpret a program. Raises `libcst.ParserSyntaxError` where LibCST cannot read it."""
    with _deep_recursion():
        return _analyse(text)


DEEPEST_RECURSION = 6000
"""LibCST and the interpreter call themselves several times for each level of nesting."""


@contextmanager
def _deep_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST_RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _analyse(text: str) -> Program:
    module = cst.parse_module(text)
    interpreter = Interpreter(functools.partial(_is_bound_anywhere, text))
    interpreter.data_format_changes = re.search("image_data_format|image_dim_ordering", text) is not None
    interpreter.run_module(module)
    return _Gathering(interpreter).program(text, Positions(module, text), interpreter.layers_reused)


@functools.lru_cache(maxsize=1)
def _bound_names(text: str) -> frozenset[str]:
    """Every name that the file binds or reads, but for those that it imports from Keras."""
    from kerasfix.analysis import keras_api

    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name) if isinstance(node.ctx, ast.Store | ast.Del):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.Import():
                names.update(alias.asname or alias.name for alias in node.names)
            case ast.ImportFrom():
                keras = keras_api.canonical_module(node.module or "") is not None and not node.level
                names.update(alias.asname or alias.name for alias in node.names if not keras)
    return frozenset(names)


def _is_bound_anywhere(text: str, name: str) -> bool:
    return name in _bound_names(text)


Subject = TypeVar("Subject", LayerObject, InputObject, SequentialObject)


class _Gathering:
    """Joins what was noted of each call on all ways."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        events = interpreter.events
        self.made = [event for event in events if isinstance(event, Made)]
        placements = [event for event in events if isinstance(event, Placement)]
        self.by_subject: dict[object, list[Placement]] = {}
        self.by_call: dict[cst.CSTNode, list[Placement]] = {}
        for placement in placements:
            self.by_subject.setdefault(placement.subject, []).append(placement)
        for group in _grouped(placements, lambda placement: placement.node).values():
            self.by_call[group[0].node] = [p for p in _best(group) if p.role is Role.ENTRY]

    def program(self, text: str, positions: Positions, layers_reused: bool) -> Program:
        layers = [
            Layer(joined := _joined_layer(objects), self.uses(objects), _joined_declaration(joined, objects))
            for objects in self._objects(LayerObject)
        ]
        inputs = [Input(objects[0], self.uses(objects)) for objects in self._objects(InputObject)]
        models = [
            Sequential(objects[0], self.uses(objects), self._entries(objects))
            for objects in self._objects(SequentialObject)
        ]
        return Program(text, positions, tuple(layers), tuple(inputs), tuple(models), layers_reused)

    def _objects(self, kind: type[Subject]) -> list[list[Subject]]:
        """The objects of one kind by the call that makes them, where there is evidence of the better sort only that."""
        found = [(event, event.subject) for event in self.made if isinstance(event.subject, kind)]
        groups = _grouped(found, lambda pair: pair[1].node)
        best = {id(event) for group in groups.values() for event in _best([event for event, _ in group])}
        return [[subject for event, subject in group if id(event) in best] for group in groups.values()]

    def _entries(self, objects: Sequence[SequentialObject]) -> tuple[Placement, ...]:
        wanted = set(objects)
        return tuple(
            placement for placements in self.by_call.values() for placement in placements if placement.holder in wanted
        )

    def uses(self, subjects: Iterable[object], depth: int = 4) -> tuple[Use, ...]:
        """Where these objects, which one call made, are used."""
        placements = [p for subject in subjects for p in self.by_subject.get(subject, ())]
        groups = _grouped(placements, lambda placement: (placement.role, placement.node))
        return tuple(self._use(_best(group), depth) for group in groups.values())

    def _use(self, placements: Sequence[Placement], depth: int) -> Use:
        first = placements[0]
        position, arriving, declared = first.position, first.arriving, first.declared
        for other in placements[1:]:
            position = position.join(other.position)
            arriving = shapes.join(arriving, other.arriving)
            declared = _join_declared(declared, other.declared)
        holders = {placement.holder: None for placement in placements}
        holder = first.holder if isinstance(first.holder, LayerObject | SequentialObject) else None
        enclosing: tuple[Use, ...] = ()
        if first.role in (Role.ENTRY, Role.WRAPPED) and depth:
            enclosing = tuple(use for use in self.uses(holders, depth - 1) if use.role is Role.ENTRY)
        return Use(
            first.role,
            first.node,
            position,
            arriving,
            declared,
            first.declared_after,
            self._insertion(placements) if position is Position.FIRST else None,
            _reason(placements, position),
            holder,
            enclosing,
        )

    def _insertion(self, placements: Sequence[Placement]) -> Insertion | None:
        """The place for an Input, if nothing else is ever added first, or at all, by the call that adds this entry."""
        insertions = [p.insertion for p in placements if p.insertion is not None]
        if len(insertions) != len(placements):
            return None
        first = insertions[0]
        subject = _node(placements[0].subject)
        for other in self.by_call.get(placements[0].node, ()):
            alone = first.where is Where.STATEMENT
            if (alone or other.position is not Position.LATER) and _node(other.subject) is not subject:
                return None
            if alone and other.position is not Position.FIRST:
                return None
        readable = frozenset.intersection(*(insertion.readable for insertion in insertions))
        texts = {
            what: {i.spellings[what].text if what in i.spellings else None for i in insertions}
            for what in first.spellings
        }
        spellings = {
            what: spelling
            for what, spelling in first.spellings.items()
            if len(texts[what]) == 1 and all(self._stays(i.spellings[what]) for i in insertions)
        }
        return replace(first, readable=readable, spellings=spellings)

    def _stays(self, spelling: Spelling) -> bool:
        """Whether the spelling means the same whenever a function that uses it runs."""
        return spelling.read is None or self.interpreter.stays(*spelling.read)


def _reason(placements: Sequence[Placement], position: Position) -> str:
    """Why the position is not known; the call may add a layer first one time and later another."""
    reason = next((p.reason for p in placements if p.reason), "")
    return reason or ("it is the first layer one time and a later one another" if position is Position.EITHER else "")


def _node(subject: object) -> object:
    return getattr(subject, "node", subject)


def _join_declared(left: Shape | None, right: Shape | None) -> Shape | None:
    if left is None or right is None:
        return left if left is right else UNKNOWN_SHAPE
    return shapes.join(left, right)


def _joined_layer(objects: Sequence[LayerObject]) -> LayerObject:
    """The layer as it is each time: an argument whose value changes is not known."""
    first = objects[0]
    if len(objects) == 1:
        return first
    arguments: dict[str, Argument] = {}
    for name, argument in first.arguments.items():
        others = [other.arguments.get(name) for other in objects[1:]]
        same = all(other is not None and other.value == argument.value for other in others)
        arguments[name] = argument if same else replace(argument, value=Unknown("it changes"))
    return replace(
        first,
        arguments=arguments,
        declares=tuple(arguments[argument.name] for argument in first.declares),
    )


def _joined_declaration(layer: LayerObject, objects: Sequence[LayerObject]) -> Declaration | None:
    """What the layer declares; where its class or a None makes it differ from time to time, it disagrees."""
    declared = declaration(layer)
    if declared is not None and any(_spelled(declaration(other)) != _spelled(declared) for other in objects):
        return replace(declared, disagrees=True)
    return declared


def _spelled(declared: Declaration | None) -> list[object]:
    """The keyword of `Input` and the pieces of its value, as they stand in the source."""
    if declared is None:
        return []
    return [declared.keyword, *(piece if isinstance(piece, str) else piece.node for piece in declared.pieces)]


Item = TypeVar("Item")
AnyEvent = TypeVar("AnyEvent", Made, Placement)


def _grouped(items: Iterable[Item], key: Callable[[Item], object]) -> dict[object, list[Item]]:
    groups: dict[object, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _best(group: Sequence[AnyEvent]) -> list[AnyEvent]:
    """Those for which the evidence is best."""
    rank = min(event.rank for event in group)
    return [event for event in group if event.rank == rank]
