"""What holds at one point of the program: names, attributes, and what lists and Sequentials contain.

A state forks where the program branches and joins where its ways meet again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from kerasfix.analysis import shapes
from kerasfix.analysis.slots import Slots, join_slots
from kerasfix.analysis.values import UNBOUND, UNKNOWN_SHAPE, Shape, Value, join_values

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from kerasfix.analysis.objects import Frame


@dataclass(frozen=True, slots=True)
class Content:
    """What a list or a Sequential holds; for a Sequential also what comes in and what leaves its last layer."""

    slots: Slots = ()
    declared: Shape | None = None
    """The input shape that is declared so far; None if none is, `UNKNOWN_SHAPE` if that is not sure."""
    leaving: Shape = UNKNOWN_SHAPE
    """The shape behind the last entry."""

    def join(self, other: Content) -> Content:
        """What it holds when it was filled in one of two ways."""
        if self == other:
            return self
        if self.declared is None or other.declared is None:
            declared = self.declared if self.declared is other.declared else UNKNOWN_SHAPE
        else:
            declared = shapes.join(self.declared, other.declared)
        return Content(join_slots(self.slots, other.slots), declared, shapes.join(self.leaving, other.leaving))


_JOINED = 20
"""What joining two values costs beside comparing them."""


@dataclass(slots=True)
class Effort:
    """How much was copied and compared where ways parted and met: what the analysis of a file takes its time for."""

    spent: int = 0


class State:
    """Names by frame, attributes by object, contents by list or Sequential; all states of a file share an effort."""

    __slots__ = ("attributes", "contents", "effort", "names")

    def __init__(self, effort: Effort | None = None) -> None:
        self.effort = effort or Effort()
        self.names: dict[tuple[Frame, str], Value] = {}
        self.attributes: dict[tuple[Value, Hashable], Value] = {}
        self.contents: dict[Value, Content] = {}

    def forget(self, frame: Frame) -> None:
        """Drop the names of a function that has returned and that nothing can read any more; other states, such as
        those in which it may have raised an exception, lose them where they are joined."""
        frame.over = True
        for key in [key for key in self.names if key[0] is frame]:
            del self.names[key]

    def fork(self) -> State:
        """A copy that can go its own way."""
        copy = State(self.effort)
        self._spend()
        copy.names = dict(self.names)
        copy.attributes = dict(self.attributes)
        copy.contents = dict(self.contents)
        return copy

    def _spend(self) -> None:
        self.effort.spent += len(self.names) + len(self.attributes) + len(self.contents)

    def join(self, other: State) -> None:
        """Let this state also stand for `other`."""
        other._spend()
        one_sided = self.names.keys() ^ other.names.keys()
        joined = _join_values_into(self.names, other.names) + _join_values_into(self.attributes, other.attributes)
        for name in one_sided:
            if name[0].over:
                del self.names[name]
            else:
                self.names[name] = join_values((self.names[name], UNBOUND))
        joined += len(one_sided)
        for key, content in _changed(self.contents, other.contents):
            joined += 5 + len(content.slots)
            known = self.contents.get(key)
            self.contents[key] = content if known is None else known.join(content)
        self.effort.spent += _JOINED * joined


Key = TypeVar("Key")
Held = TypeVar("Held")


def _join_values_into(mine: dict[Key, Value], others: dict[Key, Value]) -> int:
    """Join what others hold into mine; how much that was."""
    changed = _changed(mine, others)
    for key, value in changed:
        known = mine.get(key)
        mine[key] = value if known is None else join_values((known, value))
    return len(changed)


def _changed(mine: dict[Key, Held], others: dict[Key, Held]) -> list[tuple[Key, Held]]:
    """What others have that is not the same here; two ways differ little, and this looks at much."""
    return [(key, value) for key, value in others.items() if mine.get(key) is not value]


def join_states(states: Iterable[State | None]) -> State | None:
    """The state where several ways meet; None stands for a way that is never taken."""
    joined: State | None = None
    for state in states:
        if state is None:
            continue
        if joined is None:
            joined = state
        else:
            joined.join(state)
    return joined
