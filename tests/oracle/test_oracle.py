"""The oracle catches what a wrong fix would do, and calls a right one right.

Without this, a fixture that is "proven" would prove nothing.
"""

from __future__ import annotations

import pytest

from . import prove, records
from .session import worker

pytestmark = pytest.mark.keras

HEAD = """\
import keras
from keras.layers import Conv2D, Dense, Embedding, Flatten, Input, InputLayer, LSTM, Reshape
from keras.models import Model, Sequential
"""
MLP = "model = Sequential([Dense(4, input_shape=(6,), activation='relu'), Dense(2)])"
FIXED_MLP = "model = Sequential([Input(shape=(6,)), Dense(4, activation='relu'), Dense(2)])"

RIGHT = {
    "input_shape": (MLP, FIXED_MLP, "identical", "identical"),
    "static batch": (
        "model = Sequential([Dense(4, batch_input_shape=(8, 6))])",
        "model = Sequential([Input(batch_shape=(8, 6)), Dense(4)])",
        "now builds",
        "identical",
    ),
    "scalar shape": (
        "model = Sequential([Dense(4, input_shape=6)])",
        "model = Sequential([Input(shape=(6,)), Dense(4)])",
        "now builds",
        "now builds",
    ),
    "embedding": (
        "model = Sequential([Embedding(50, 4, input_length=10), Flatten(), Dense(1)])",
        "model = Sequential([Input(shape=(10,)), Embedding(50, 4), Flatten(), Dense(1)])",
        "now builds",
        "identical",
    ),
    "stateful": (
        "model = Sequential([LSTM(3, batch_input_shape=(4, 5, 2), stateful=True)])",
        "model = Sequential([Input(batch_shape=(4, 5, 2)), LSTM(3, stateful=True)])",
        "now builds",
        "identical",
    ),
    "in a factory": (
        "def build_model():\n    return Sequential([Dense(4, input_shape=(6,))])",
        "def build_model():\n    return Sequential([Input(shape=(6,)), Dense(4)])",
        "identical",
        "identical",
    ),
    "old module path": (
        "from keras.layers.core import Dense as D\nmodel = Sequential([D(4, input_shape=(6,))])",
        "import tensorflow.keras as k\nmodel = Sequential([Input(shape=(6,)), k.layers.Dense(4)])",
        "identical",
        "identical",
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_rewrite_is_proven(case: str) -> None:
    before, after, keras3, keras2 = RIGHT[case]
    verdicts = prove(HEAD + before, HEAD + after)
    assert verdicts["keras3"].outcome == keras3, verdicts["keras3"]
    assert verdicts["keras2"].outcome == keras2, verdicts["keras2"]
    assert not verdicts["keras3"].warnings


WRONG = {
    "order of dimensions": (
        "model = Sequential([Conv2D(2, 3, input_shape=(8, 9, 1)), Flatten()])",
        "model = Sequential([Input(shape=(9, 8, 1)), Conv2D(2, 3), Flatten()])",
        "input shape: [None, 8, 9, 1], now [None, 9, 8, 1]",
    ),
    "shape that gives the same output": (
        "model = Sequential([Flatten(input_shape=(2, 3)), Dense(4)])",
        "model = Sequential([Input(shape=(3, 2)), Flatten(), Dense(4)])",
        "input shape",
    ),
    "lost layer": (MLP, "model = Sequential([Input(shape=(6,)), Dense(2)])", "layers: "),
    "batch size lost": (
        "model = Sequential([Input(shape=(6,), batch_size=8), Dense(4)])",
        "model = Sequential([Input(shape=(6,)), Dense(4)])",
        "input shape: [8, 6], now [None, 6]",
    ),
    "batch size changed": (
        "model = Sequential([Input(batch_shape=(8, 6)), Dense(4)])",
        "model = Sequential([Input(batch_shape=(6, 8)), Dense(4)])",
        "input shape: [8, 6], now [6, 8]",
    ),
    "argument deleted without an Input": (
        MLP,
        "model = Sequential([Dense(4, activation='relu'), Dense(2)])",
        "is no longer built",
    ),
    "shape of the outer model changed": (
        "model = Sequential([Input(shape=(6,)), Sequential([Input(shape=(6,)), Dense(4)]), Dense(2)])",
        "model = Sequential([Input(shape=(5,)), Sequential([Dense(4)]), Dense(2)])",
        "input shape",
    ),
    "renamed layer": (
        MLP,
        "model = Sequential([Input(shape=(6,)), Dense(4, activation='relu', name='a'), Dense(2)])",
        "name of layer dense: dense, now a",
    ),
    "frozen layer": (
        MLP,
        "model = Sequential([Input(shape=(6,)), Dense(4, activation='relu', trainable=False), Dense(2)])",
        "trainable of layer dense: True, now False",
    ),
    "another argument lost": (
        MLP,
        "model = Sequential([Input(shape=(6,)), Dense(4), Dense(2)])",
        "activation of layer dense: relu, now linear",
    ),
    "units changed": (
        MLP,
        "model = Sequential([Input(shape=(6,)), Dense(5, activation='relu'), Dense(2)])",
        "units of layer dense: 4, now 5",
    ),
    "dtype lost": (
        "model = Sequential([Input(shape=(6,), dtype='int32'), Embedding(9, 2)])",
        "model = Sequential([Input(shape=(6,)), Embedding(9, 2)])",
        "input dtype: int32, now float32",
    ),
    "name of the Input lost": (
        "model = Sequential([Input(shape=(6,), name='pixels'), Dense(2)])\n"
        "model = Model(model.inputs[0], model.outputs[0])",
        "model = Sequential([Input(shape=(6,)), Dense(2)])\nmodel = Model(model.inputs[0], model.outputs[0])",
        "input name: pixels, now",
    ),
    "second Input": (
        "x = Input(shape=(6,))\nmodel = Model(x, keras.layers.add([Dense(2)(x), Dense(2)(x)]))",
        "x, y = Input(shape=(6,)), Input(shape=(6,))\n"
        "model = Model([x, y], keras.layers.add([Dense(2)(x), Dense(2)(y)]))",
        "number of inputs: 1, now 2",
    ),
    "another graph of the same layers": (
        "x = Input(shape=(6,))\na, b = Dense(6), Dense(6)\nmodel = Model(x, b(a(x)))",
        "x = Input(shape=(6,))\na, b = Dense(6), Dense(6)\n"
        "model = Model(x, keras.layers.concatenate([a(x), b(x)])[:, :6])",
        "layers: ",
    ),
    "activation moved behind": (
        "model = Sequential([Input(shape=(4,)), keras.layers.ReLU(name='r'), Dense(4, name='d')])",
        "model = Sequential([Input(shape=(4,)), Dense(4, name='d'), keras.layers.ReLU(name='r')])",
        "kind of layer r: ReLU, now Dense",
    ),
    "another model gone": (
        MLP + "\nother = Sequential([Input(shape=(6,)), Dense(4)])",
        FIXED_MLP,
        "2 models, now 1",
    ),
    "factory gone": ("def make_it():\n    " + MLP + "\n    return model", "", "make_it: is gone"),
    "does not build": (MLP, "model = Sequential([Input(shape=6), Conv2D(2, 3)])", "does not build"),
    "still refused": (
        "model = Sequential([Conv2D(2, 3, input_shape=6)])",
        "model = 1 / 0",
        "ZeroDivisionError",
    ),
    "broken in one of two factories": (
        "def make_a():\n    " + MLP + "\n    return model\n\ndef make_b():\n    " + MLP + "\n    return model",
        "def make_a():\n    " + MLP + "\n    return model\n\ndef make_b():\n    return Sequential([Dense(4)])",
        "make_b",
    ),
    "Input in a name that is taken": (
        MLP,
        "Input = lambda shape: Reshape((6,))\n" + FIXED_MLP,
        "different",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_rewrite_is_caught_in_both_keras(case: str) -> None:
    before, after, expected = WRONG[case]
    for keras, verdict in prove(HEAD + before, HEAD + after).items():
        assert verdict.outcome == "different", (keras, verdict)
        if expected != "different":
            assert any(expected in text for text in verdict.differences), (keras, verdict)


def test_what_keras_3_refused_is_held_against_keras_2() -> None:
    # Keras 3 cannot say what the original was, Keras 2 can: (None, 10, 3), not (None, 3, 10).
    before = HEAD + "model = Sequential([LSTM(2, input_dim=3, input_length=10)])"
    after = HEAD + "model = Sequential([Input(shape=(3, 10)), LSTM(2)])"
    verdict = prove(before, after)["keras3"]
    assert verdict.outcome == "different"
    assert any("[None, 10, 3], now [None, 3, 10]" in text for text in verdict.differences), verdict


def test_an_unbuilt_model_is_called_on_what_the_new_one_declares() -> None:
    before = HEAD + "model = Sequential([Dense(4), Dense(2)])"
    assert prove(before, HEAD + "model = Sequential([Input(shape=(6,)), Dense(4), Dense(2)])")["keras3"].gains == (
        "<module>: model: was not built",
    )
    wrong = prove(before, HEAD + "model = Sequential([Input(shape=(6,)), Dense(4), Dense(2, use_bias=False)])")
    assert wrong["keras3"].outcome == wrong["keras2"].outcome == "different"


def test_keras_2_loses_a_model_that_was_built_through_its_first_model() -> None:
    # Trap T7 of KERAS.md: Keras 3 does not mind.
    before = HEAD + "model = Sequential([Sequential([Dense(4, input_shape=(6,))]), Dense(2)])"
    after = HEAD + "model = Sequential([Sequential([Input(shape=(6,)), Dense(4)]), Dense(2)])"
    verdicts = prove(before, after)
    assert verdicts["keras2"].outcome == "different"
    assert any("no longer built" in text for text in verdicts["keras2"].differences)
    assert verdicts["keras3"].outcome == "identical"


@pytest.mark.parametrize(
    ("line", "start"),
    [
        (MLP, "Do not pass an `input_shape`/`input_dim`"),
        ("model = Sequential([InputLayer(input_shape=(6,))])", "Argument `input_shape` is deprecated"),
        ("model = Sequential([Embedding(9, 2, input_length=4)])", "Argument `input_length` is deprecated"),
    ],
)
def test_the_warnings_of_keras_3_are_heard_every_time(line: str, start: str) -> None:
    for _ in range(2):
        (scope,) = records(HEAD + line)["keras3"]["scopes"]
        assert [text for text in scope["warnings"] if text.startswith(start)]


def test_names_count_from_the_start_for_every_program() -> None:
    for _ in range(2):
        for program in records(HEAD + MLP).values():
            assert [layer["name"] for layer in program["scopes"][0]["models"][0]["layers"]] == [
                "dense",
                "dense_1",
            ]


def test_models_are_found_wherever_the_program_keeps_them() -> None:
    source = HEAD + "\n".join(
        (
            "class Net:",
            "    def __init__(self):",
            "        self.model = Sequential([Dense(4, input_shape=(6,))])",
            "net = Net()",
            "models = [Sequential([Dense(2, input_shape=(3,))]) for _ in range(2)]",
            "model = Sequential([Dense(5, input_shape=(3,))])",
            "model = Sequential([Dense(6, input_shape=(3,))])",
            "def make_deep(units=7): return Sequential([Dense(units, input_shape=(3,))])",
            "def make_wide(units): return Sequential([Dense(units, input_shape=(3,))])",
        )
    )
    for program in records(source).values():
        found = [(s["scope"], [m["label"] for m in s["models"]]) for s in program["scopes"]]
        assert found == [
            ("<module>", ["net.model", "models[0]", "models[1]", "model 4", "model"]),
            ("make_deep", ["make_deep"]),
        ]


def test_a_program_that_hangs_or_kills_its_process_ends_nothing_else() -> None:
    one = worker("keras3")
    one.send("while True: pass", seconds=1)
    one.send("import os\nos._exit(3)")
    one.send(HEAD + FIXED_MLP)
    hung, dead, fine = one.receive(), one.receive(), one.receive()
    assert (hung["scopes"][0]["error"] or "").startswith("TimeoutError")
    assert dead["scopes"][0]["error"] == "the worker's child died"
    assert fine["scopes"][0]["error"] is None
    assert fine["scopes"][0]["models"][0]["built"]
