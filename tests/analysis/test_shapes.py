"""The algebra of sizes and shapes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfix.analysis.shapes import (
    add,
    batch_shape_of_value,
    conflict,
    derive,
    join,
    multiply,
    same,
    shape_of_value,
)
from kerasfix.analysis.values import (
    UNKNOWN_SHAPE,
    Choice,
    Constant,
    Dim,
    Items,
    Reference,
    Shape,
    Symbol,
    Unknown,
    Value,
)

N, M = Symbol("n"), Symbol("m")
HIDDEN = Unknown("hidden")

DIMS: st.SearchStrategy[Dim] = st.one_of(
    st.none(), st.integers(0, 4), st.sampled_from([N, M]), st.builds(Unknown, st.just("drawn"))
)
SHAPES = st.one_of(st.just(UNKNOWN_SHAPE), st.lists(DIMS, max_size=3).map(lambda dims: Shape(tuple(dims))))
CONCRETE = st.lists(st.integers(1, 3), max_size=3).map(tuple)


def seen(data: st.DataObject, sizes: tuple[int, ...]) -> Shape:
    """What may be known of a tensor that has these sizes, where n is 2 and m is 3."""
    if data.draw(st.integers(0, 5)) == 0:
        return UNKNOWN_SHAPE
    names: dict[int, Dim] = {2: N, 3: M}
    return Shape(tuple(data.draw(st.sampled_from([size, None, HIDDEN, names.get(size, size)])) for size in sizes))


@given(CONCRETE, CONCRETE, st.data())
def test_views_of_one_tensor_never_conflict(
    sizes: tuple[int, ...], others: tuple[int, ...], data: st.DataObject
) -> None:
    a, b, other = seen(data, sizes), seen(data, sizes), seen(data, others)
    assert not conflict(a, b)
    if conflict(a, other):
        assert sizes != others
    if same(a, other) and a.dims is not None and None not in a.dims:
        assert sizes == others


@given(CONCRETE, CONCRETE, st.data())
def test_a_join_holds_on_either_way(sizes: tuple[int, ...], others: tuple[int, ...], data: st.DataObject) -> None:
    joined = join(seen(data, sizes), seen(data, others))
    assert not conflict(joined, Shape(sizes))
    assert not conflict(joined, Shape(others))


@given(SHAPES, SHAPES)
def test_relations_are_symmetric_and_exclude_each_other(a: Shape, b: Shape) -> None:
    assert conflict(a, b) == conflict(b, a)
    assert same(a, b) == same(b, a)
    assert not (same(a, b) and conflict(a, b))
    if same(a, b):
        assert join(a, b) == a == b


def test_what_is_known_decides() -> None:
    assert conflict(Shape((None, 3)), Shape((None, 4)))
    assert conflict(Shape((None, 3)), Shape((None, 3, 1)))
    assert not conflict(Shape((None, 3)), Shape((32, None)))
    assert not conflict(Shape((None, N)), Shape((None, M)))
    assert same(Shape((None, N, 3)), Shape((None, N, 3)))
    assert not same(Shape((None, 3)), Shape((32, 3)))
    assert not same(Shape((HIDDEN,)), Shape((HIDDEN,)))
    assert not same(UNKNOWN_SHAPE, UNKNOWN_SHAPE)
    joined = join(Shape((None, 3, N)), Shape((None, 4, N)))
    assert joined.dims is not None
    assert (joined.dims[0], joined.dims[2]) == (None, N)
    assert isinstance(joined.dims[1], Unknown)
    assert join(Shape((None, 3)), Shape((None,))) == UNKNOWN_SHAPE


@given(st.lists(st.integers(0, 9), max_size=4))
def test_ints_are_added_and_multiplied(numbers: list[int]) -> None:
    assert add(*numbers) == sum(numbers)
    assert multiply(*numbers) == math.prod(numbers)


@given(st.lists(st.one_of(st.integers(0, 3), st.sampled_from([N, M])), min_size=1, max_size=5), st.randoms())
def test_order_does_not_count(dims: list[Dim], random: object) -> None:
    shuffled = list(dims)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert add(*dims) == add(*shuffled)
    assert multiply(*dims) == multiply(*shuffled)
    values = {N: 5, M: 7}
    exact = [values[dim] if isinstance(dim, Symbol) else dim for dim in dims]
    for result, number in ((add(*dims), sum(exact)), (multiply(*dims), math.prod(exact))):  # type: ignore[arg-type]
        assert isinstance(result, Symbol) or result == number
        assert values.get(result, number) == number  # type: ignore[arg-type]


def test_sizes_that_are_not_numbers() -> None:
    assert add(N, 0) == N == multiply(1, N)
    assert add(N, 1) != add(N, 2)
    assert add(N, M) != multiply(N, M)
    assert add(None, HIDDEN, 1) is None
    assert multiply(None, N) is None
    assert isinstance(add(HIDDEN, 1), Unknown)
    assert derive("halved", lambda size: size // 2, 9) == 4
    assert derive("halved", lambda size: size // 2, N) == derive("halved", lambda size: size // 2, N) != N
    assert derive("halved", lambda size: size // 2, N) != derive("doubled", lambda size: size * 2, N)


def items(*values: object) -> Items:
    """A tuple as written."""
    return Items(tuple(value if isinstance(value, Value) else Constant(value) for value in values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "dims"),
    [
        (items(), ()),
        (items(784), (784,)),
        (items(None, 3), (None, 3)),
        (items(N, 28, 0), (N, 28, 0)),
        (items(HIDDEN, 3), (HIDDEN, 3)),
    ],
)
def test_a_declared_shape(value: Value, dims: tuple[Dim, ...]) -> None:
    assert batch_shape_of_value(value) == Shape(dims)
    assert shape_of_value(value) == Shape((None, *dims))


@pytest.mark.parametrize(
    "value",
    [
        *(Constant(784), Constant(None), Constant("784"), items(-1), items(2.0), items("784"), items(True)),
        *(items(items(784)), Choice((Constant(784), Constant(None)))),
    ],
)
def test_what_is_no_shape(value: Value) -> None:
    assert shape_of_value(value) is None
    assert batch_shape_of_value(value) is None


@pytest.mark.parametrize("value", [N, HIDDEN, Reference("numpy.pi"), Choice((Constant(784), items(784)))])
def test_a_shape_that_cannot_be_read(value: Value) -> None:
    assert shape_of_value(value) == UNKNOWN_SHAPE == batch_shape_of_value(value)


def test_a_choice_of_shapes_is_what_they_share() -> None:
    shape = shape_of_value(Choice((items(28, 28, 1), items(32, 28, 1))))
    assert shape is not None
    assert shape.dims is not None
    assert (shape.dims[0], *shape.dims[2:]) == (None, 28, 1)
    assert isinstance(shape.dims[1], Unknown)
    declared = shape_of_value(items(Choice((Constant(1), Constant(3)))))
    assert declared is not None
    assert declared.dims is not None
    assert isinstance(declared.dims[1], Unknown)
