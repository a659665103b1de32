"""The messages of Keras that the rules' pages quote are those that Keras gives: people search for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from oracle import records

from kerasfix.rules import registry

if TYPE_CHECKING:
    from oracle import Keras

RULES = {rule.code: rule for rule in registry.rules()}
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
BOLD = re.compile(r"\x1b\[\d+m")
QUOTE = re.compile(r"(?:^    \S.*\n)+", re.MULTILINE)

LATE = "model = keras.Sequential([layers.Flatten(), layers.Dense(1, input_shape=(4,))])\n"
DIGITS = "import numpy\nmodel = keras.Sequential([keras.Input(shape=(784,)), layers.Dense(10)])\n"
RANK_THREE = DIGITS.replace("784,", "None, 784")
REFUSED_BY_DENSE = "layers.Dense(10, batch_input_shape=(None, 784))"
REFUSED_BY_LSTM = "layers.LSTM(4, batch_input_shape=(32, 10, 3))"

BATCHES = "a, b = keras.Input(batch_shape=(32, 8)), keras.Input(batch_shape=(16, 8))\n"
STATEFUL = "keras.Sequential([keras.Input(shape=(10, 3)), layers.LSTM(4, stateful=True)])"

NEVER_CALLED = "model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])\n"
DISCONNECTED = "a, b = keras.Input((4,)), keras.Input((4,))\nkeras.Model(a, layers.Dense(1)(b))"
RAW = "import numpy\na = numpy.zeros((2, 4))\nkeras.Model(a, layers.add([layers.Dense(1)(a), layers.Dense(1)(a)]))"

PROVOKED: dict[str, list[tuple[Keras, str]]] = {
    "KFX101": [("keras3", "layers.Dense(1, input_shape=(4,))"), ("keras3", REFUSED_BY_LSTM)],
    "KFX102": [("keras3", REFUSED_BY_DENSE)],
    "KFX103": [("keras3", "layers.Dense(1, input_shape=(4,))")],
    "KFX104": [("keras3", REFUSED_BY_DENSE)],
    "KFX105": [("keras3", REFUSED_BY_LSTM)],
    "KFX106": [
        ("keras3", "keras.Sequential([keras.Input(shape=(784,)), keras.Input(shape=(784,))])"),
        (
            "keras3",
            "import numpy\nmodel = keras.Sequential([layers.Dense(10), keras.Input(shape=(10,))])\n"
            "model(numpy.zeros((2, 4)))",
        ),
    ],
    "KFX108": [
        ("keras3", f"{LATE}import tempfile\nmodel.save_weights(tempfile.mkdtemp() + '/w.weights.h5')"),
        ("keras2", f"{LATE}model.summary()"),
    ],
    "KFX109": [("keras3", "layers.Dense(10, input_shape=(784,), input_dim=784)")],
    "KFX201": [
        ("keras3", f"{RANK_THREE}model.predict(numpy.zeros((32, 784)))"),
        ("keras3", "keras.Sequential([keras.Input(shape=(None, 10, 3)), layers.LSTM(8)])"),
        ("keras3", "layers.InputLayer(input_tensor=keras.Input(shape=(784,)), input_shape=(None, 784))"),
    ],
    "KFX202": [
        ("keras3", "keras.Input(batch_shape=(32, 8), batch_size=32)"),
        ("keras3", f"{BATCHES}layers.Concatenate()([a, b])"),
        ("keras2", f"{BATCHES}layers.Add()([a, b])"),
    ],
    "KFX203": [("keras2", "layers.Dense(10)(keras.Input(batch_shape=(784,)))")],
    "KFX204": [
        ("keras2", "layers.Dense(10, input_shape=784)"),
        ("keras3", "keras.Sequential([layers.Dense(10, input_shape=784)])"),
    ],
    "KFX205": [
        ("keras3", "keras.Input(tensor=keras.Input(shape=(784,)), shape=[784])"),
        ("keras3", "keras.Input(tensor=keras.Input(shape=(784,)), batch_size=8)"),
    ],
    "KFX206": [
        ("keras3", "layers.InputLayer(input_shape=(784,))"),
        ("keras2", "layers.InputLayer(shape=(784,))"),
        ("keras3", "keras.Input(batch_input_shape=(None, 784))"),
    ],
    "KFX207": [("keras3", "keras.Input((784,), None, 'pixels')")],
    "KFX208": [("keras3", STATEFUL), ("keras2", STATEFUL)],
    "KFX209": [("keras2", "layers.InputLayer((784,), btach_size=32)")],
    "KFX210": [("keras2", "keras.Sequential([keras.Input(shape=(28, 28)), layers.Conv2D(8, 3)])")],
    "KFX211": [
        (
            "keras3",
            "a = keras.Input(shape=(4,))\nfirst = keras.Model(a, layers.Dense(2)(a))\n"
            "keras.Sequential([layers.InputLayer(input_tensor=a), layers.Dense(2)])\nfirst.get_config()",
        ),
        ("keras3", "import numpy\nlayers.InputLayer(input_tensor=numpy.zeros((2, 4)))"),
    ],
    "KFX212": [
        ("keras3", "keras.Sequential([keras.Input(shape=(4,)), layers.Dense(2)]).build((None, 5))"),
        ("keras2", "keras.Sequential([layers.Dense(2)]).build((4,))"),
    ],
    "KFX213": [
        ("keras3", f"{DIGITS}model.predict(numpy.zeros((4, 28, 28)))"),
        ("keras2", f"{DIGITS}model(numpy.zeros((4, 28, 28)))"),
        ("keras3", f"{DIGITS}model.predict([[1, 2, 3]])"),
    ],
    "KFX301": [("keras2", "a = keras.Input((4,))\nkeras.Model([a, a], layers.Dense(1)(a))")],
    "KFX306": [("keras2", DISCONNECTED), ("keras3", DISCONNECTED)],
    "KFX402": [
        ("keras3", f"{NEVER_CALLED}model.input"),
        ("keras3", f"{NEVER_CALLED}model.layers[0].output_shape"),
    ],
    "KFX303": [("keras3", "keras.Sequential([keras.Input(shape=(16,)), layers.Dense(8)]).input")],
    "KFX304": [
        (
            "keras3",
            "import tempfile\npath = tempfile.mkdtemp() + '/model.keras'\n"
            "keras.Sequential([keras.Input(shape=(4,)), layers.Lambda(lambda t: t)]).save(path)\n"
            "keras.models.load_model(path)",
        )
    ],
    "KFX305": [("keras3", RAW), ("keras2", RAW)],
    "KFX401": [("keras3", "import numpy\nlayers.Dense(2, weights=[numpy.ones((4, 2)), numpy.zeros(2)])")],
    "KFX403": [
        ("keras3", "keras.Sequential([layers.Dense(10)], 'digits')"),
        ("keras3", "keras.Sequential(layers.Dense(10))"),
    ],
}
"""For each quotation of a page, in order, the Keras and the program that give the message."""


def quotations(code: str) -> list[str]:
    """The messages that a rule's page quotes, each on one line."""
    page = FENCED.sub("", RULES[code].documentation)
    return [" ".join(match[0].split()) for match in QUOTE.finditer(page)]


def test_every_quotation_is_provoked() -> None:
    counted = {code: len(quotations(code)) for code in RULES if quotations(code)}
    assert counted == {code: len(programs) for code, programs in PROVOKED.items()}


@pytest.mark.keras
@pytest.mark.parametrize("code", PROVOKED)
def test_keras_says_what_the_page_quotes(code: str) -> None:
    for quotation, (keras, program) in zip(quotations(code), PROVOKED[code], strict=True):
        scope = records(f"import keras\nfrom keras import layers\n{program}\n")[keras]["scopes"][0]
        said = [f"UserWarning: {text}" for text in scope["warnings"]] + [BOLD.sub("", scope["error"] or "")]
        assert any(" ".join(text.split()).startswith(quotation) for text in said), (quotation, said)
