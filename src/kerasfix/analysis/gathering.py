"""Interprets a file and gathers what was noted on all ways through it into a `Program`."""

from __future__ import annotations

import ast
import bisect
import functools
import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from kerasfix.analysis import shapes
from kerasfix.analysis.declaration import Declaration, declaration
from kerasfix.analysis.events import Feed, Given, Insertion, Made, Placement, Read, Role, Where
from kerasfix.analysis.interpreter import Interpreter
from kerasfix.analysis.objects import Argument, FunctionalObject, InputObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.parsing import read, syntax_tree
from kerasfix.analysis.positions import Positions
from kerasfix.analysis.program import FunctionalModel, Input, Layer, Program, Sequential, Use, grouped
from kerasfix.analysis.slots import Position
from kerasfix.analysis.values import UNKNOWN_SHAPE, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import libcst as cst

    from kerasfix.analysis.objects import Spelling
    from kerasfix.source.document import Cell


_KERAS_1 = re.compile(r"\b(border_mode|nb_epoch|nb_filter|nb_row|samples_per_epoch)\b")
"""Words of programs for Keras 1, which had the colours first where its backend was Theano."""


@functools.lru_cache(maxsize=1)
def analyse(text: str, cells: tuple[Cell, ...] = ()) -> Program:
    """Interpret a program, or remember the last one; `cells` are those of a notebook, of which each need not be run.

    Raises `UnreadableError` where LibCST cannot read it.
    """
    module = read(text)
    positions = Positions(module, text)
    interpreter = Interpreter(functools.partial(is_bound_anywhere, text))
    interpreter.data_format_changes = re.search("image_data_format|image_dim_ordering", text) is not None
    interpreter.channels_last = not interpreter.data_format_changes and _KERAS_1.search(text) is None
    for cell, statements in _by_cell(module, positions, cells):
        interpreter.run_module(statements, cell)
    interpreter.end_module()
    return replace(_Gathering(interpreter).program(text, positions, interpreter.layers_reused), cells=cells)


def _by_cell(
    module: cst.Module, positions: Positions, cells: tuple[Cell, ...]
) -> Iterator[tuple[int | None, Sequence[cst.BaseStatement]]]:
    """The statements of each cell, in their order; of a file that is no notebook, all of them."""
    if not cells:
        return iter([(None, module.body)])
    starts = [cell.start for cell in cells]
    ends = [positions.span(statement)[1] - 1 for statement in module.body]
    numbers = [cells[bisect.bisect_right(starts, end) - 1].number for end in ends]
    pairs = itertools.groupby(zip(numbers, module.body, strict=True), key=lambda pair: pair[0])
    return ((number, [statement for _, statement in group]) for number, group in pairs)


@functools.lru_cache(maxsize=1)
def _bound_names(text: str) -> frozenset[str]:
    """Every name that the file binds or reads, but for those that it imports from Keras."""
    from kerasfix.analysis import keras_api

    names: set[str] = set()
    for node in ast.walk(syntax_tree(text)):
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


def is_bound_anywhere(text: str, name: str) -> bool:
    """Whether a file binds a name somewhere, so that it need not be the builtin or what Keras has under it."""
    return name in _bound_names(text)


Subject = TypeVar("Subject", LayerObject, InputObject, SequentialObject, FunctionalObject)


class _Gathering:
    """Joins what was noted of each call on all ways."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        events = interpreter.events
        self.made = [event for event in events if isinstance(event, Made)]
        self.placements = [event for event in events if isinstance(event, Placement)]
        self.by_subject: dict[object, list[Placement]] = {}
        self.by_call: dict[cst.CSTNode, list[Placement]] = {}
        for placement in self.placements:
            self.by_subject.setdefault(placement.subject, []).append(placement)
        for group in grouped(self.placements, lambda placement: placement.node).values():
            self.by_call[group[0].node] = [p for p in _best(group) if p.role is Role.ENTRY]
        self.entries = grouped(itertools.chain.from_iterable(self.by_call.values()), lambda placement: placement.holder)

    def program(self, text: str, positions: Positions, layers_reused: bool) -> Program:
        layers = [
            Layer(joined := _joined_layer(objects), self.uses(objects), _joined_declaration(joined, objects))
            for objects in self._objects(LayerObject)
        ]
        inputs = [Input(objects[0], self.uses(objects), tuple(objects)) for objects in self._objects(InputObject)]
        models = [
            Sequential(objects[0], self.uses(objects), self._entries(objects), tuple(objects))
            for objects in self._objects(SequentialObject)
        ]
        functional = [
            FunctionalModel(objects[0], self.uses(objects), tuple(objects))
            for objects in self._objects(FunctionalObject)
        ]
        feeds = tuple(feed for group in self._feeds() for feed in _best(group)[:1])
        return Program(
            text,
            positions,
            tuple(layers),
            tuple(inputs),
            tuple(models),
            tuple(functional),
            feeds,
            layers_reused,
            self.interpreter.finished,
            self.interpreter.trainable,
            tuple(map(self._with_sure_spelling, self.placements)),
            self.interpreter.layer_calls,
            tuple(given for group in self._given() for given in _best(group)),
            self.interpreter.arrays,
            self.interpreter.origins,
            tuple(read for group in self._reads() for read in _best(group)),
            tuple(event.subject for event in self.made if isinstance(event.subject, Tensor)),
        )

    def _given(self) -> Iterable[list[Given]]:
        given = [event for event in self.interpreter.events if isinstance(event, Given)]
        return grouped(given, lambda event: event.argument).values()

    def _reads(self) -> Iterable[list[Read]]:
        reads = [event for event in self.interpreter.events if isinstance(event, Read)]
        return grouped(reads, lambda event: event.node).values()

    def _feeds(self) -> Iterable[list[Feed]]:
        feeds = [event for event in self.interpreter.events if isinstance(event, Feed)]
        return grouped(feeds, lambda feed: feed.node).values()

    def _objects(self, kind: type[Subject]) -> list[list[Subject]]:
        """The objects of one kind by the call that makes them, where there is evidence of the better sort only that."""
        found = [(event, event.subject) for event in self.made if isinstance(event.subject, kind)]
        groups = grouped(found, lambda pair: pair[1].node)
        best = {id(event) for group in groups.values() for event in _best([event for event, _ in group])}
        return [[subject for event, subject in group if id(event) in best] for group in groups.values()]

    def _entries(self, objects: Sequence[SequentialObject]) -> tuple[Placement, ...]:
        return tuple(placement for made in objects for placement in self.entries.get(made, ()))

    def uses(self, subjects: Iterable[object], depth: int = 4) -> tuple[Use, ...]:
        """Where these objects, which one call made, are used."""
        placements = [p for subject in subjects for p in self.by_subject.get(subject, ())]
        groups = grouped(placements, lambda placement: (placement.role, placement.node))
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

    def _with_sure_spelling(self, placement: Placement) -> Placement:
        spelling = placement.spelling
        return placement if spelling is None or self._stays(spelling) else replace(placement, spelling=None)

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


AnyEvent = TypeVar("AnyEvent", Made, Placement, Feed, Given, Read)


def _best(group: Sequence[AnyEvent]) -> list[AnyEvent]:
    """Those for which the evidence is best."""
    rank = min(event.rank for event in group)
    return [event for event in group if event.rank == rank]
