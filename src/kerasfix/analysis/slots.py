"""What a list or a Sequential holds, in order, when a branch or a loop may or may not have added to it.

The position of a layer in its Sequential follows from what stood there before it, so the lattice
FIRST / LATER / EITHER / UNKNOWN is nothing but the occupancy of the slots in front.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.values import Value

LONGEST_LIST = 4096
MOST_WAYS = 256
"""Entries on all the ways of one fork that are told apart."""


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
    size: int = field(init=False, compare=False)
    """How many ways there are, and entries on them."""
    behind: Position = field(init=False, compare=False)
    """The position of an entry behind it."""

    def __post_init__(self) -> None:
        size = sum(slot.size if isinstance(slot, Fork) else 1 for way in self.ways for slot in way)
        object.__setattr__(self, "size", size + len(self.ways))
        joined = next_position(self.ways[0])
        for way in self.ways[1:]:
            joined = joined.join(next_position(way))
        object.__setattr__(self, "behind", joined)


Slots: TypeAlias = tuple[Entry | Fork, ...]


def next_position(slots: Slots) -> Position:
    """The position of an entry added behind `slots`."""
    found = Position.FIRST
    for slot in slots:
        position = _position_behind(slot)
        if position is Position.LATER:
            return position
        if position is Position.UNKNOWN or found is Position.FIRST:
            found = position
    return found


def _position_behind(slot: Entry | Fork) -> Position:
    if isinstance(slot, Entry):
        match slot.presence:
            case Presence.ONE:
                return Position.LATER
            case Presence.MAYBE:
                return Position.EITHER
            case Presence.MANY:
                return Position.UNKNOWN
    return slot.behind


def join_slots(left: Slots, right: Slots) -> Slots:
    """What a list holds when it was filled in one of two ways."""
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    if shared == len(left) == len(right):
        return left
    fork = Fork((left[shared:], right[shared:]))
    if fork.size <= MOST_WAYS:
        return (*left[:shared], fork)
    return (*left[:shared], *_anything(fork, "it may be filled in too many ways"))


def in_any_order(slots: Slots) -> Slots:
    """The entries of a list of which some may be gone, or stand in another place."""
    return tuple(
        Entry(entry.value, Presence.MANY if entry.presence is Presence.MANY else Presence.MAYBE)
        for entry in every_entry(slots)
    )


def bounded(slots: Slots) -> Slots:
    """`slots`, unless they are so many that the program must have made them by repeating itself."""
    return slots if len(slots) <= LONGEST_LIST else _anything(Fork((slots,)), "it is too long")


def _anything(fork: Fork, reason: str) -> Slots:
    """Entries of which nothing is known but what position comes behind them."""
    unknown = Unknown(reason)
    many = Entry(unknown, Presence.MANY)
    return (Entry(unknown), many) if _position_behind(fork) is Position.LATER else (many,)


def certain_values(slots: Slots) -> tuple[Value, ...] | None:
    """The values in order, or None where it is not sure which are there."""
    values = []
    for slot in slots:
        if not isinstance(slot, Entry) or slot.presence is not Presence.ONE:
            return None
        values.append(slot.value)
    return tuple(values)


def every_entry(slots: Slots) -> Iterator[Entry]:
    """All the entries that may be there."""
    for slot in slots:
        if isinstance(slot, Entry):
            yield slot
        else:
            for way in slot.ways:
                yield from every_entry(way)


def every_value(slots: Slots) -> list[Value]:
    """All the values that may be there."""
    return [entry.value for entry in every_entry(slots)]


def without_last(slots: Slots) -> Slots | None:
    """What is left after `pop()`, or None where it is not sure what the last entry is."""
    if slots and isinstance(slots[-1], Entry) and slots[-1].presence is Presence.ONE:
        return slots[:-1]
    return None
