"""The steps of a Sequential: its entries, with the ways that a branch takes and what a loop may add."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from kerasfix.analysis import shapes
from kerasfix.analysis.events import Role
from kerasfix.analysis.objects import InputObject, Tensor
from kerasfix.analysis.slots import Entry, Fork, Presence, every_value
from kerasfix.analysis.values import UNKNOWN_SHAPE, Choice, Shape, Value
from kerasfix.models.flow import Flow, Step, Steps
from kerasfix.models.table import MANY, MAYBE, ONE, Way

if TYPE_CHECKING:
    from kerasfix.analysis.objects import SequentialObject
    from kerasfix.analysis.slots import Slots

_PRESENCES = {Presence.ONE: ONE, Presence.MAYBE: MAYBE, Presence.MANY: MANY}


def chain_steps(flow: Flow, model: SequentialObject, arriving: Shape) -> Steps:
    """The steps of a Sequential that `arriving` reaches, unless it declares an input of its own."""
    content = flow.program.contents.get(model)
    if content is None:
        return Steps((), (), (UNKNOWN_SHAPE,))
    if content.declared is not None and content.declared.dims is not None:
        arriving = content.declared
    elif arriving.dims is None:
        arriving = _given_elsewhere(flow, model)
    chain = _Chain(flow)
    end = chain.walk(content.slots, _Point(arriving, ()))
    known = content.leaving.dims is not None and end.shape.dims is None
    return Steps(tuple(chain.steps), end.sources, (content.leaving if known else end.shape,))


def _given_elsewhere(flow: Flow, model: SequentialObject) -> Shape:
    """The shape that the model is built for, called on or reached by inside another one."""
    roles = (Role.BUILT, Role.CALLED, Role.ENTRY)
    uses = [use for use in flow.program.placements if use.subject is model and use.role in roles]
    given = [use.arriving for use in uses if use.arriving.dims is not None]
    return reduce(shapes.join, given) if given else UNKNOWN_SHAPE


@dataclass(frozen=True, slots=True)
class _Point:
    """A place between two entries: the shape there, and the steps that it comes from."""

    shape: Shape
    sources: tuple[int, ...]

    def join(self, other: _Point) -> _Point:
        sources = dict.fromkeys((*self.sources, *other.sources))
        return _Point(shapes.join(self.shape, other.shape), tuple(sources))


class _Chain:
    """Walks along the slots of one Sequential."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.steps: list[Step] = []
        self.forks = 0

    def walk(self, slots: Slots, point: _Point, ways: tuple[Way, ...] = (), presence: str = ONE) -> _Point:
        """The place behind the slots."""
        for slot, repeated in _runs(slots):
            if isinstance(slot, Entry) and not isinstance(slot.value, Choice):
                point = self._entry(slot, point, ways, presence)
                continue
            options = self._options(slot)
            if len(options) == 2 and not options[-1]:
                often = MANY if repeated or presence == MANY else MAYBE
                start = self._after_one_round(options[0], point) if repeated else point
                end = self.walk(options[0], replace(start, sources=point.sources), ways, often)
                point = point.join(end)
            else:
                point = self._fork(options, point, ways, presence)
        return point

    def _options(self, slot: Entry | Fork) -> list[Slots]:
        """The ways of a fork in the order of the source, one that adds nothing last."""
        if isinstance(slot, Entry):
            values = slot.value.options if isinstance(slot.value, Choice) else (slot.value,)
            return [(replace(slot, value=value),) for value in values]
        return sorted(_flat(slot), key=lambda way: (not way, self._start(way)))

    def _start(self, way: Slots) -> int:
        positions = self.flow.program.positions
        nodes = [node for value in every_value(way) if (node := getattr(value, "node", None)) is not None]
        return min((positions.span(node)[0] for node in nodes), default=0)

    def _fork(self, options: list[Slots], point: _Point, ways: tuple[Way, ...], presence: str) -> _Point:
        self.forks += 1
        fork = self.forks
        ends = [
            self.walk(option, point, (*ways, Way(fork, number, len(options))), presence)
            for number, option in enumerate(options, start=1)
        ]
        return reduce(_Point.join, ends)

    def _after_one_round(self, slots: Slots, point: _Point) -> _Point:
        """The place where a loop begins, for the first time or again."""
        return point.join(_Chain(self.flow).walk(slots, point))

    def _entry(self, entry: Entry, point: _Point, ways: tuple[Way, ...], presence: str) -> _Point:
        subject = _subject(entry.value)
        arriving = () if isinstance(subject, InputObject) else (point.shape,)
        leaving = self.flow.leaving(subject, arriving)
        often = max(_PRESENCES[entry.presence], presence, key=(ONE, MAYBE, MANY).index)
        self.steps.append(Step(subject, arriving, leaving, point.sources, often, ways))
        behind = _Point(leaving[0] if len(leaving) == 1 else UNKNOWN_SHAPE, (len(self.steps) - 1,))
        if entry.presence is Presence.MANY:
            return _Point(UNKNOWN_SHAPE, (*behind.sources, *point.sources))
        return behind.join(point) if entry.presence is Presence.MAYBE else behind


def _runs(slots: Slots) -> list[tuple[Entry | Fork, bool]]:
    """The slots, each with whether it stands for the rounds of a loop, which are alike and may all be left out."""
    found: list[tuple[Entry | Fork, bool]] = []
    for slot in slots:
        if found and isinstance(slot, Fork) and () in slot.ways and _calls(slot) == _calls(found[-1][0]):
            found[-1] = (found[-1][0], True)
        else:
            found.append((slot, False))
    return found


def _calls(slot: Entry | Fork) -> object:
    """The calls whose results are in a slot, in its own structure."""
    if isinstance(slot, Fork):
        return tuple(tuple(map(_calls, way)) for way in slot.ways)
    return getattr(slot.value, "node", None) or type(slot.value)


def _flat(fork: Fork) -> list[Slots]:
    """The ways of a fork, those of a fork that is all of a way among them."""
    found: list[Slots] = []
    for way in fork.ways:
        only = way[0] if len(way) == 1 else None
        found += _flat(only) if isinstance(only, Fork) else [way]
    return found


def _subject(value: Value) -> Value:
    """An `Input` in the place of the tensor that it gives."""
    if isinstance(value, Tensor) and value.applied is None and value.source is not None:
        return value.source
    return value
