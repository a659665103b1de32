"""What a list or a Sequential holds, and which position a layer gets behind that."""

from __future__ import annotations

import itertools

import pytest

from kerasfix.analysis.slots import (
    Entry,
    Fork,
    Position,
    Presence,
    Slots,
    certain_values,
    every_value,
    join_slots,
    next_position,
    without_last,
)
from kerasfix.analysis.values import Constant

FIRST, LATER, EITHER, UNKNOWN = Position
A, B, C = Constant("a"), Constant("b"), Constant("c")

ONE, OTHER, LAST = Entry(A), Entry(B), Entry(C)
MAYBE = Entry(A, Presence.MAYBE)
MANY = Entry(A, Presence.MANY)

# model = Sequential()
# if deep:
#     model.add(Dense(64))
# model.add(Dense(10))         what stands in front of this one is IF
IF = Fork(((ONE,), ()))
IF_ELSE = Fork(((ONE,), (OTHER,)))


# --- positions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slots", "position"),
    [
        ((), FIRST),
        ((ONE,), LATER),
        ((MAYBE,), EITHER),
        ((MANY,), UNKNOWN),
        ((IF,), EITHER),
        ((IF_ELSE,), LATER),
        ((Fork(((), ())),), FIRST),
        ((Fork(((MANY,), ())),), UNKNOWN),
        ((Fork(((MANY,), (ONE,))),), UNKNOWN),
        ((Fork(((MAYBE,), (ONE,))),), EITHER),
        ((Fork(((IF,), (ONE,))),), EITHER),
        ((Fork(((IF_ELSE,), (ONE,))),), LATER),
    ],
)
def test_the_position_behind_one_slot(slots: Slots, position: Position) -> None:
    assert next_position(slots) is position


@pytest.mark.parametrize("uncertain", [MAYBE, MANY, IF, Fork(((MANY,), ()))])
def test_behind_a_sure_entry_everything_is_later(uncertain: Entry | Fork) -> None:
    assert next_position((ONE, uncertain)) is LATER
    assert next_position((uncertain, ONE)) is LATER
    assert next_position((uncertain, IF_ELSE)) is LATER


def test_any_number_of_entries_outweigh_one_that_may_be_there() -> None:
    assert next_position((MAYBE, MANY)) is next_position((MANY, MAYBE)) is UNKNOWN
    assert next_position((MAYBE, MAYBE)) is EITHER


def test_positions_join_to_what_holds_on_both_ways() -> None:
    assert {(a, b): a.join(b) for a, b in itertools.product((FIRST, LATER, EITHER), repeat=2)} == {
        (FIRST, FIRST): FIRST,
        (LATER, LATER): LATER,
        (FIRST, LATER): EITHER,
        (LATER, FIRST): EITHER,
        (FIRST, EITHER): EITHER,
        (EITHER, FIRST): EITHER,
        (LATER, EITHER): EITHER,
        (EITHER, LATER): EITHER,
        (EITHER, EITHER): EITHER,
    }
    for position in Position:
        assert position.join(UNKNOWN) is UNKNOWN.join(position) is UNKNOWN


# --- joins -----------------------------------------------------------------------------------------------------


def test_two_equal_ways_leave_no_fork() -> None:
    assert join_slots((ONE, OTHER), (Entry(A), Entry(B))) == (ONE, OTHER)


def test_what_stood_there_before_the_branch_stays_in_front_of_the_fork() -> None:
    assert join_slots((ONE, OTHER), (ONE, LAST)) == (ONE, Fork(((OTHER,), (LAST,))))
    assert join_slots((ONE, OTHER), (ONE,)) == (ONE, Fork(((OTHER,), ())))
    assert join_slots((), (ONE,)) == (Fork(((), (ONE,))),)


def test_entries_that_only_look_alike_are_told_apart() -> None:
    assert join_slots((ONE,), (MAYBE,)) == (Fork(((ONE,), (MAYBE,))),)


# --- what they hold --------------------------------------------------------------------------------------------


def test_the_values_are_certain_only_if_every_one_is_there() -> None:
    assert certain_values((ONE, OTHER)) == (A, B)
    assert certain_values(()) == ()
    for uncertain in (MAYBE, MANY, IF, IF_ELSE):
        assert certain_values((ONE, uncertain)) is None


def test_every_value_that_may_be_there() -> None:
    assert every_value((LAST, IF_ELSE, MAYBE, Fork(((Fork(((OTHER,), ())),), ())))) == [C, A, B, A, B]


def test_pop_takes_away_a_last_entry_that_is_sure() -> None:
    assert without_last((ONE, OTHER)) == (ONE,)
    assert without_last((IF, ONE)) == (IF,)
    for nothing in ((), (ONE, MAYBE), (MANY,), (IF_ELSE,)):
        assert without_last(nothing) is None
