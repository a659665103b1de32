"""What is known of a value, and what is left of it where two ways of the program meet."""

from __future__ import annotations

import gc

import pytest

from kerasfix.analysis.values import (
    MOST_OPTIONS,
    UNKNOWN_SHAPE,
    Choice,
    Constant,
    Items,
    Reference,
    Shape,
    Symbol,
    Unknown,
    Value,
    join_values,
    options,
)

ONE, TWO, THREE = Constant(1), Constant(2), Constant(3)
DENSE = Reference("keras.layers.Dense")


# --- symbols ---------------------------------------------------------------------------------------------------


def test_one_key_has_one_symbol() -> None:
    assert Symbol(("name", "width")) is Symbol(("name", "width"))
    assert Symbol(("name", "width")) != Symbol(("name", "height"))


def test_symbols_are_made_of_symbols() -> None:
    def area(width: str, height: str) -> Symbol:
        return Symbol(("Multiply", Symbol(("name", width)), Symbol(("name", height))))

    assert area("w", "h") is area("w", "h")
    assert area("w", "h") is not area("h", "w")


def test_symbols_compare_in_no_time_however_deep_they_are() -> None:
    def deep() -> Symbol:
        symbol = Symbol(("name", "x"))
        for _ in range(10_000):
            symbol = Symbol(("Add", symbol, symbol))  # compared by value, this would take 2 ** 10,000 steps
        return symbol

    kept = deep()
    assert deep() is kept
    assert {kept: "found"}[deep()] == "found"


def test_symbols_that_nobody_holds_are_forgotten() -> None:
    key = ("name", "held by nobody")
    Symbol(key)
    gc.collect()
    assert key not in Symbol._known


def test_an_unknown_is_equal_to_nothing_but_itself() -> None:
    unknown = Unknown("it comes from a file")
    assert unknown == unknown
    assert unknown != Unknown("it comes from a file")
    assert len({unknown, Unknown("it comes from a file")}) == 2


# --- other values ----------------------------------------------------------------------------------------------


def test_where_a_name_was_imported_does_not_count() -> None:
    assert Reference("keras.Input", imports=(object(),)) == Reference("keras.Input")  # type: ignore[arg-type]
    assert Reference("keras.Input") != Reference("tf_keras.Input")


def test_a_list_is_no_tuple() -> None:
    assert Items((ONE, TWO)) == Items((ONE, TWO), "tuple")
    assert Items((ONE, TWO)) != Items((ONE, TWO), "list")


def test_items_know_how_deep_they_are() -> None:
    assert Items(()).depth == Items((ONE,)).depth == 1
    assert Items((ONE, Items((Items((TWO,)), THREE)))).depth == 3


def test_the_batch_counts_for_the_rank() -> None:
    assert Shape((None, 28, 28)).rank == 3
    assert Shape(()).rank == 0
    assert UNKNOWN_SHAPE.rank is None


# --- choices ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "joined"),
    [
        ([ONE], ONE),
        ([ONE, Constant(1), ONE], ONE),
        ([ONE, TWO], Choice((ONE, TWO))),
        ([TWO, ONE], Choice((TWO, ONE))),
        ([Choice((ONE, TWO)), THREE], Choice((ONE, TWO, THREE))),
        ([Choice((ONE, TWO)), TWO, Choice((TWO, THREE))], Choice((ONE, TWO, THREE))),
        ([DENSE, Constant(None)], Choice((DENSE, Constant(None)))),
        ([Items((ONE,)), Items((ONE,))], Items((ONE,))),
    ],
)
def test_a_join_offers_each_value_once_in_order(values: list[Value], joined: Value) -> None:
    assert join_values(values) == joined


def test_one_unknown_way_makes_the_whole_unknown() -> None:
    unknown = Unknown("it comes from a file")
    for joined in (join_values([ONE, unknown]), join_values([Choice((ONE, TWO)), Choice((THREE, unknown))])):
        assert isinstance(joined, Unknown)
        assert joined.reason == unknown.reason


def test_what_meets_in_two_places_need_not_be_the_same_there() -> None:
    unknown = Unknown("it comes from a file")
    assert join_values([ONE, unknown]) != join_values([TWO, unknown])
    assert join_values([unknown, unknown]) is unknown


def test_too_many_possible_values_are_an_unknown() -> None:
    most = [Constant(number) for number in range(MOST_OPTIONS)]
    assert join_values(most) == Choice(tuple(most))
    assert isinstance(join_values([*most, Constant("one more")]), Unknown)
    assert isinstance(join_values([]), Unknown)


def test_the_options_of_a_value() -> None:
    assert options(Choice((ONE, TWO))) == (ONE, TWO)
    assert options(Items((ONE, TWO))) == (Items((ONE, TWO)),)
