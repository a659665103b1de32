"""What a list or a Sequential holds, in order, when a branch or a loop may or may not have added to it.

The position of a layer in its Sequential follows from what stood there before it, so the lattice
FIRST / LATER / EITHER / UNKNOWN is nothing but the occupancy of the slots in front.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from kerasfix.analysis.values import Value


class Position(enum.Enum):
    """Where an entry stands in its Sequential."""

    FIRST = "first"
    LATER = "later"
    EITHER = "either"
    """First or later, depending on a branch or a loop."""
    UNKNOWN = "unknown"
    """What stands before it is not known."""

    def join(self, other: Position) -> Position:
        """The position of an entry that is reached in both ways."""
        if self is other:
            return self
        return Position.UNKNOWN if Position.UNKNOWN in (self, other) else Position.EITHER


class Presence(enum.Enum):
    """How often the value of a slot is there."""

    ONE = "one"
    MAYBE = "maybe"
    MANY = "many"
    """Any number of values, of which only the origin is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value, there for sure, perhaps, or any number of times."""

    value: Value
    presence: Presence = Presence.ONE


@dataclass(frozen=True, slots=True)
class Fork:
    """What was added on each of the ways that lead here."""

    ways: tuple[Slots, ...]


Slots: TypeAlias = tuple[Entry | Fork, ...]


def next_position(slots: Slots) -> Position:
    """The position of an entry added behind `slots`."""
    positions = [_position_behind(slot) for slot in slots]
    for position in (Position.LATER, Position.UNKNOWN, Position.EITHER):
        if position in positions:
            return position
    return Position.FIRST


def _position_behind(slot: Entry | Fork) -> Position:
    if isinstance(slot, Entry):
        match slot.presence:
            case Presence.ONE:
                return Position.LATER
            case Presence.MAYBE:
                return Position.EITHER
            case Presence.MANY:
                return Position.UNKNOWN
    positions = [next_position(way) for way in slot.ways]
    joined = positions[0]
    for position in positions[1:]:
        joined = joined.join(position)
    return joined


def join_slots(left: Slots, right: Slots) -> Slots:
    """What a list holds when it was filled in one of two ways."""
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    if shared == len(left) == len(right):
        return left
    return (*left[:shared], Fork((left[shared:], right[shared:])))


def certain_values(slots: Slots) -> tuple[Value, ...] | None:
    """The values in order, or None where it is not sure which are there."""
    values = []
    for slot in slots:
        if not isinstance(slot, Entry) or slot.presence is not Presence.ONE:
            return None
        values.append(slot.value)
    return tuple(values)


def every_value(slots: Slots) -> list[Value]:
    """All the values that may be there."""
    values: list[Value] = []
    for slot in slots:
        if isinstance(slot, Entry):
            values.append(slot.value)
        else:
            for way in slot.ways:
                values.extend(every_value(way))
    return values


def without_last(slots: Slots) -> Slots | None:
    """What is left after `pop()`, or None where it is not sure what the last entry is."""
    if slots and isinstance(slots[-1], Entry) and slots[-1].presence is Presence.ONE:
        return slots[:-1]
    return None
