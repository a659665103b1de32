"""What real Keras says of models, in the tables that the analysis makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from modelling import document, line

from kerasfix.analysis.gathering import analyse
from kerasfix.models.building import built
from kerasfix.models.overview import tables_of
from kerasfix.target import Target
from kerasfix.verify.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.models.table import ModelOverview

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def keras() -> Iterator[Session]:
    with Session() as session:
        yield session


def build(text: str, session: Session, target: Target | None = None) -> list[tuple[ModelOverview, ModelOverview]]:
    """The models of a program as they are read, and as they are built."""
    source = document(text)
    program = analyse(source.text)
    read = tables_of(program, source, [])
    return list(zip(read, built(read, program, source, target or Target(), session), strict=True))


KNOWN = {
    "a chain": """
        model = Sequential()
        model.add(Conv2D(4, 3, input_shape=(12, 12, 3)))
        model.add(keras.layers.BatchNormalization())
        model.add(Flatten())
        model.add(Dropout(0.5))
        model.add(Dense(10))
    """,
    "an explicit input": "model = Sequential([Input((5, 3)), Bidirectional(LSTM(4)), Dense(2)])",
    "a loop that is counted": """
        model = Sequential([Input((3,))])
        for units in (4, 5, 6):
            model.add(Dense(units))
    """,
    "two inputs and a merge": """
        a, b = Input((4,)), Input((3,), name="b")
        both = Concatenate()([Dense(8)(a), Dense(8)(b)])
        model = Model([a, b], [Dense(1)(both), keras.layers.add([both, both])])
    """,
    "a shared layer": """
        a, b, shared = Input((3,)), Input((3,)), Dense(4)
        model = Model([a, b], Add()([shared(a), shared(b)]))
    """,
    "layers with several outputs": """
        x = Input((5, 3))
        y, h, c = LSTM(4, return_state=True)(x)
        model = Model(x, LSTM(2)(Reshape((2, 2))(y), initial_state=None))
    """,
    "a model inside another": """
        inner = Sequential([Dense(8, input_shape=(4,)), Dense(2)])
        x = Input((4,))
        outer = Model(x, Dense(1)(inner(x)))
    """,
    "an embedding": "model = Sequential([Input((7,)), Embedding(50, 4), LSTM(3, return_sequences=True)])",
}


@pytest.mark.parametrize("target", [Target(), Target(keras3=False)], ids=["keras3", "keras2"])
@pytest.mark.parametrize("name", KNOWN)
def test_what_is_read_is_what_is_built(name: str, target: Target, keras: Session) -> None:
    for read, made in build(KNOWN[name], keras, target):
        assert [line(row) for row in read.rows] == [line(row) for row in made.rows]
        assert read.parameters == made.parameters is not None
        assert made.build is not None
        assert made.build.keras.startswith("Keras 3." if target.keras3 else "tf_keras 2.")
        assert (made.build.refusals, made.build.problem, made.build.notes) == ((), "", ())


@pytest.mark.parametrize("target", [Target(), Target(keras3=False)], ids=["keras3", "keras2"])
def test_operators_slices_and_activations_are_built(target: Target, keras: Session) -> None:
    text = """
        x = Input((5, 3))
        y = LSTM(4, return_sequences=True)(x)
        z = keras.activations.relu(y[:, -1] * 2.0 - y[..., 0:1, None][:, 0, 0]) ** 2
        pair = Model(x, [Dense(2)(z), y @ keras.layers.Permute((2, 1))(y)])
        small, square = pair(x)
        model = Model(x, Dense(1)(-small // 3 % 2))
    """
    for read, made in build(text, keras, target):
        assert [row.leaving for row in made.rows] == [row.leaving for row in read.rows]
        assert made.parameters == read.parameters is not None
        assert made.build is not None
        assert (made.build.refusals, made.build.problem) == ((), "")
        assert made.build.keras.startswith("Keras 3." if target.keras3 else "tf_keras 2.")
    assert [row.kind for row in read.rows if "Model" in row.kind] == ["Model"]


def test_sizes_that_are_not_known_get_numbers_that_are_told(keras: Session) -> None:
    text = "def make(X, n):\n    return Sequential([Dense(n, input_shape=(X.shape[1],)), Dense(2 * n)])"
    ((read, made),) = build(text, keras)
    assert read.parameters is None and made.build is not None
    numbers = dict(made.build.stand_ins)
    assert set(numbers) == {"X.shape[1]", "n"}
    given, units = int(numbers["X.shape[1]"]), int(numbers["n"])
    assert made.rows[0].arriving == ((None, given),)
    assert made.rows[1].leaving == ((None, 2 * units),)
    assert made.parameters == (given + 1) * units + (units + 1) * 2 * units


def test_what_keras_refuses_is_told_with_its_line(keras: Session) -> None:
    text = "model = Sequential()\nmodel.add(Dense(2, input_shape=(4,)))\nmodel.add(Conv2D(3, 3))"
    ((read, made),) = build(text, keras)
    assert made.build is not None and made.build.keras == ""
    assert made.rows == read.rows
    first, second = made.build.refusals
    assert first.startswith("Keras 3.") and "refuses line 6: ValueError: " in first
    assert second.startswith("tf_keras 2.") and "refuses line 6: ValueError: " in second


def test_a_refusal_tells_the_numbers_that_were_tried_and_is_plain_text(keras: Session) -> None:
    text = "def make(n):\n    return Sequential([Dense(n, input_shape=(4,)), Reshape((1000003,))])"
    ((_, made),) = build(text, keras)
    assert made.build is not None
    for refusal in made.build.refusals:
        assert re.search(r"refuses line 5 \(with n = \d+\): ValueError: ", refusal)
        assert "\x1b" not in refusal


def test_what_one_keras_refuses_the_other_may_build(keras: Session) -> None:
    ((_, made),) = build("model = Sequential([Dense(2, batch_input_shape=(8, 4))])", keras)
    assert made.build is not None and made.build.keras.startswith("tf_keras 2.")
    assert len(made.build.refusals) == 1 and "batch_input_shape" in made.build.refusals[0]
    assert made.parameters == 10


def test_what_cannot_be_built(keras: Session) -> None:
    text = "class Mine(keras.layers.Layer):\n    pass\nmodel = Sequential([Mine(3, input_shape=(4,)), Dense(1)])"
    ((_, made),) = build(text, keras)
    assert made.build is not None
    assert made.build.problem == "`Mine`, which declares the input, is not a layer of Keras"


def test_a_layer_that_is_stood_in_for_has_no_count(keras: Session) -> None:
    text = "class Mine(keras.layers.Layer):\n    pass\nmodel = Sequential([Input((4,)), Mine(3), Dense(1)])"
    ((_, made),) = build(text, keras)
    assert [row.parameters for row in made.rows] == [0, None, 5]
    assert made.parameters is None
    assert made.build is not None and made.build.notes == ("`Mine` is stood in for by an identity",)


def test_a_model_without_an_input_of_its_own(keras: Session) -> None:
    ((read, made),) = build("model = Sequential([Dense(2)])", keras)
    assert made.build is not None and made.build.unbuilt
    assert (made.rows, made.parameters) == (read.rows, None)


def test_what_is_not_on_the_way_that_is_built_is_said(keras: Session) -> None:
    text = "model = Sequential([Input((4,))])\nif a:\n    model.add(Dense(2))\nelse:\n    model.add(Dropout(0.5))"
    ((_, made),) = build(text, keras)
    assert made.build is not None
    assert made.build.notes[-1] == (
        "1 of 3 rows are not layers of what was built, and are shown as the program has them"
    )


def test_layers_of_one_call_are_told_apart_or_left_as_they_are(keras: Session) -> None:
    text = """
    def block(x, units):
        return Dense(units)(x)

    x = Input((4,))
    y = block(block(x, 5), 6)
    {}
    model = Model(x, Dense(1)(y))
    """
    ((_, made),) = build(text.format(""), keras)
    assert [row.parameters for row in made.rows] == [0, 25, 36, 7]
    ((read, made),) = build(text.format("y = block(y, 7) if a else block(y, 8)"), keras)
    assert [row.parameters for row in made.rows[:-1]] == [row.parameters for row in read.rows[:-1]]
    assert made.build is not None and made.build.notes[-1].startswith("4 of 6 rows are not")


def test_each_of_the_models_that_one_call_makes(keras: Session) -> None:
    found = build("for units in (1, 2):\n    m = Sequential([Input((1,)), Dense(units)])", keras)
    assert [made.parameters for _, made in found] == [2, 4]


def test_the_layers_of_a_model_that_keras_makes_itself(keras: Session) -> None:
    ((read, made),) = build("model = keras.applications.MobileNetV2(input_shape=(32, 32, 3), weights=None)", keras)
    assert read.rows == ()
    assert len(made.rows) > 100 and made.parameters == sum(row.parameters or 0 for row in made.rows)
    adds = [row for row in made.rows if row.kind == "Add"]
    assert adds and all(len(row.sources) == 2 for row in adds)
