"""What the arguments of a layer declare of the input, as Keras 2 reads them: every form of KERAS.md 1.1 and 1.2."""

from __future__ import annotations

import pytest
from annotated import program, shape_in_words

from kerasfix.analysis.declaration import Declaration, declaration
from kerasfix.analysis.values import Constant, Items, Symbol, Value


def declared(call: str, before: str = "") -> Declaration | None:
    """What one layer, or the outer one of two, declares."""
    *_, layer = program(
        f"import numpy as np\nfrom keras.layers import Conv1D, GRU, ConvLSTM1D\n{before}\n{call}"
    ).layers
    assert layer.declaration == declaration(layer.made)
    return layer.declaration


def in_words(call: str, before: str = "") -> str:
    """The argument of `Input` that declares the same, and the shape."""
    found = declared(call, before)
    if found is None:
        return "nothing"
    pieces = "".join(piece if isinstance(piece, str) else f"<{piece.name}>" for piece in found.pieces)
    size = f", batch_size=<{found.batch_size.name}>" if found.batch_size is not None else ""
    return f"{found.keyword}={pieces}{size} {shape_in_words(found.shape)}".strip()


SHAPES = {
    "Dense(8, input_shape=(784,))": "shape=<input_shape> (None, 784)",
    "Dense(8, input_shape=[784])": "shape=<input_shape> (None, 784)",
    "Dense(8, input_shape=(28, None, 3))": "shape=<input_shape> (None, 28, None, 3)",
    "Dense(8, input_shape=())": "shape=<input_shape> (None,)",
    "Dense(8, input_shape=X.shape[1:])": "shape=<input_shape>",
    "Dense(8, input_shape=(X.shape[1], 3))": "shape=<input_shape> (None, ?, 3)",
    "Dense(8, input_shape=tuple([4, 5]))": "shape=<input_shape> (None, 4, 5)",
    "Dense(8, input_shape=(4, *rest))": "shape=<input_shape>",
    "Dense(8, input_shape=(2 * 14,))": "shape=<input_shape> (None, 28)",
    "Dense(8, input_shape=shape)": "shape=<input_shape>",
    "Dense(8, input_shape=True)": "shape=<input_shape>",
    "Dense(8, input_dim=784)": "shape=(<input_dim>,) (None, 784)",
    "Dense(8, input_dim=X.shape[1])": "shape=(<input_dim>,) (None, ?)",
    "Dense(8, batch_input_shape=(32, 784))": "batch_shape=<batch_input_shape> (32, 784)",
    "Dense(8, batch_input_shape=[None, 784])": "batch_shape=<batch_input_shape> (None, 784)",
    "Dense(8, batch_shape=(32, 784))": "batch_shape=<batch_shape> (32, 784)",
    "Dense(8, batch_size=32, input_shape=(784,))": "shape=<input_shape>, batch_size=<batch_size> (32, 784)",
    "Dense(8, batch_size=b, input_dim=784)": "shape=(<input_dim>,), batch_size=<batch_size> (?, 784)",
    "Dense(8, batch_size=None, input_dim=784)": "shape=(<input_dim>,) (None, 784)",
}

TIME = {
    "LSTM(8, input_dim=3)": "shape=(None, <input_dim>) (None, None, 3)",
    "GRU(8, input_dim=3, input_length=10)": "shape=(<input_length>, <input_dim>) (None, 10, 3)",
    "GRU(8, input_length=10, input_dim=3)": "shape=(<input_length>, <input_dim>) (None, 10, 3)",
    "RNN(cell, input_dim=d, input_length=n)": "shape=(<input_length>, <input_dim>) (None, ?, ?)",
    "LSTM(8, input_dim=3, batch_size=2)": "shape=(None, <input_dim>), batch_size=<batch_size> (2, None, 3)",
    "LSTM(8, input_shape=(10, 3))": "shape=<input_shape> (None, 10, 3)",
    "LSTM(8, input_length=10)": "nothing",
    "Conv1D(8, 3, input_dim=3)": "shape=(<input_dim>,) (None, 3)",
    "Conv1D(8, 3, input_dim=3, input_length=10)": "shape=(<input_length>, <input_dim>) (None, 10, 3)",
    "Dense(8, input_dim=3, input_length=10)": "shape=(<input_dim>,) (None, 3)",
    "TimeDistributed(Dense(8), input_shape=(10, 3))": "shape=<input_shape> (None, 10, 3)",
}

EMBEDDING = {
    "Embedding(1000, 8)": "nothing",
    "Embedding(input_dim=1000, output_dim=8)": "nothing",
    "Embedding(1000, 8, input_length=10)": "shape=(<input_length>,) (None, 10)",
    "Embedding(1000, 8, input_length=(10, 2))": "shape=<input_length> (None, 10, 2)",
    "Embedding(1000, 8, input_length=None)": "nothing",
    "Embedding(1000, 8, batch_input_shape=[32, None])": "batch_shape=<batch_input_shape> (32, None)",
    "Embedding(1000, 8, input_shape=(10,), input_length=12)": "shape=<input_shape> (None, 10)",
}

NOTHING = {
    "Dense(8)": "nothing",
    "Dense(8, input_shape=None)": "nothing",
    "Dense(8, input_dim=None)": "nothing",
    "Dense(8, batch_size=32)": "nothing",
    "Dense(8, input_shape=None, input_dim=4)": "shape=(<input_dim>,) (None, 4)",
    "Dense(8, **options)": "nothing",
}

MEANT = {
    "Dense(8, input_shape=784)": "shape=(<input_shape>,) (None, 784)",
    "Dense(8, input_shape=(784))": "shape=(<input_shape>,) (None, 784)",
    "Dense(8, input_shape=X.shape[1])": "shape=(<input_shape>,) (None, ?)",
    "Dense(8, input_shape=len(columns))": "shape=(<input_shape>,) (None, ?)",
    "Dense(8, input_dim=(784,))": "shape=<input_dim> (None, 784)",
    "Dense(8, input_shape=784, batch_size=2)": "shape=(<input_shape>,), batch_size=<batch_size> (2, 784)",
}

FORMS = SHAPES | TIME | EMBEDDING | NOTHING | MEANT


@pytest.mark.parametrize("call", FORMS)
def test_what_a_layer_declares(call: str) -> None:
    assert in_words(call) == FORMS[call]


@pytest.mark.parametrize("call", FORMS)
def test_a_number_in_the_place_of_a_tuple_is_noted_and_the_reverse(call: str) -> None:
    found = declared(call)
    assert (found is not None and found.scalar is not None) is (call in MEANT)


@pytest.mark.parametrize(
    ("call", "words", "disagrees"),
    [
        ("Dense(8, input_dim=784, input_shape=(784,))", "shape=<input_shape> (None, 784)", False),
        ("Dense(8, input_dim=784, input_shape=(28, 28))", "shape=<input_shape> (None, 28, 28)", True),
        ("Dense(8, input_dim=n, input_shape=(n,))", "shape=<input_shape> (None, ?)", False),
        ("Dense(8, input_dim=n, input_shape=(m,))", "shape=<input_shape> (None, ?)", True),
        (
            "Dense(8, input_shape=(4,), batch_input_shape=(None, 4))",
            "batch_shape=<batch_input_shape> (None, 4)",
            False,
        ),
        ("Dense(8, input_shape=(4,), batch_input_shape=(2, 4))", "batch_shape=<batch_input_shape> (2, 4)", True),
        (
            "Dense(8, input_dim=4, batch_size=2, batch_input_shape=(2, 4))",
            "batch_shape=<batch_input_shape> (2, 4)",
            False,
        ),
        ("LSTM(8, input_dim=3, input_shape=(None, 3))", "shape=<input_shape> (None, None, 3)", False),
        ("LSTM(8, input_dim=3, input_shape=(10, 3))", "shape=<input_shape> (None, 10, 3)", True),
        ("Embedding(9, 8, input_shape=(10,), input_length=10)", "shape=<input_shape> (None, 10)", False),
    ],
)
def test_of_several_arguments_the_first_in_keras_2_s_order_counts(call: str, words: str, disagrees: bool) -> None:
    assert in_words(call) == words
    found = declared(call)
    assert found is not None and found.repeats and found.disagrees is disagrees


@pytest.mark.parametrize(("size", "overrides"), [("32", False), ("16", True), ("b", True), ("None", False)])
def test_keras_2_ignores_a_batch_size_beside_a_batch_shape(size: str, overrides: bool) -> None:
    found = declared(f"Dense(8, batch_input_shape=(32, 4), batch_size={size})")
    assert found is not None and found.batch_size is None and not found.repeats
    assert found.overrides_batch_size is overrides


def test_the_value_is_what_the_expression_holds_there() -> None:
    def value(call: str, before: str = "") -> Value:
        found = declared(call, before)
        assert found is not None
        return found.value

    four = Items((Constant(4),))
    assert value("Dense(8, input_shape=(4,))") == four
    assert value("Dense(8, input_shape=shape)", "shape = (4,)") == four
    assert value("Dense(8, input_shape=(n,))", "n = 3\nn = n + 1") == four
    assert value("Dense(8, input_shape=[4])") == Items((Constant(4),), "list")
    assert value("Dense(8, input_dim=X.shape[1])") == Symbol(
        ("item", Symbol(("attribute", Symbol(("name", "X")), "shape")), Constant(1))
    )


def test_positional_arguments_declare_nothing() -> None:
    assert in_words("Embedding(1000, 8, 'uniform', None, None, None, False, None, 10)") == "nothing"
