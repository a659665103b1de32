"""Which arrays are said to be refused is what both Keras refuse: every case is run."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from oracle import KERAS, records

from kerasfix.analysis.acceptance import refusing, refusing_list
from kerasfix.analysis.feeding import fed, lists_fed
from kerasfix.analysis.gathering import analyse

LAYERS = {
    "activation": ("layers.Activation('relu')",),
    "dense": ("layers.Dropout(0.5)", "layers.Dense(2)"),
    "flatten": ("layers.Flatten()", "layers.Dense(2)"),
    "lstm": ("layers.LSTM(2)",),
    "conv1d": ("layers.Conv1D(2, 1)",),
    "conv2d": ("layers.Conv2D(2, 1)",),
    "embedding": ("layers.Embedding(9, 2)",),
    "convolved": ("layers.Conv2D(2, 2)", "layers.MaxPooling2D(2)", "layers.Flatten()", "layers.Dense(2)"),
}
WHOLE = frozenset({"dense", "lstm", "conv1d", "conv2d"})
"""The layers for which all that Keras refuses is known to be refused."""
DECLARED = {
    "activation": ["(4,)", "(1,)", "(4, 5)", "(None,)"],
    "dense": ["(4,)", "(1,)", "(4, 5)", "(None, 5)", "(4, 1)"],
    "flatten": ["(4,)", "(4, 5)", "(4, 5, 1)"],
    "lstm": ["(4, 5)", "(None, 5)", "(4, 1)"],
    "conv1d": ["(4, 5)"],
    "conv2d": ["(4, 5, 3)", "(4, 5, 1)"],
    "embedding": ["(4,)", "(None,)"],
    "convolved": ["(4, 5, 3)", "(5, 5, 3)", "(6, 7, 3)"],
}
GIVEN = [
    *("(8,)", "(8, 1)", "(8, 4)", "(8, 5)", "(8, 20)", "(8, 4, 1)", "(8, 1, 4)", "(8, 4, 5)", "(8, 6, 5)"),
    *("(8, 4, 5, 1)", "(8, 4, 5, 3)", "(8, 4, 6, 3)"),
]
METHODS = {
    "call": "model(x)",
    "predict": "model.predict(x, verbose=0)",
    "on_batch": "model.predict_on_batch(x)",
    "fit": "model.compile('sgd', 'mse')\n    model.fit(x, np.zeros((len(x), 2)), verbose=0)",
    "evaluate": "model.compile('sgd', 'mse')\n    model.evaluate(x, np.zeros((len(x), 2)), verbose=0)",
    "train": "model.compile('sgd', 'mse')\n    model.train_on_batch(x, np.zeros((len(x), 2)))",
}
HEAD = "import keras\nimport numpy as np\nfrom keras import layers\n"
TRIAL = """
answers = ""
for name in {names}:
    try:
        globals()[name]()
        answers += "."
    except Exception:
        answers += "x"
raise RuntimeError(answers)
"""
"""Calls the functions and tells by its error which of them raise: forking for each of them takes too long."""


@cache
def program(layer: str, form: str) -> tuple[str, list[str]]:
    """One function for each shape that is declared, each array, and some of the methods; and their names."""
    parts = [HEAD]
    names: list[str] = []
    for declared in DECLARED[layer]:
        for given in GIVEN:
            every = (layer, declared) == ("dense", "(4,)") and given in ("(8, 4)", "(8, 4, 1)", "(8, 5)", "(8,)")
            for method, call in METHODS.items() if every else [("call", "model(x)")]:
                names.append(f"case_{len(names)}_{method}")
                body = f"{model(layer, form, declared)}    x = np.zeros({given})\n    {call}\n"
                parts.append(f"def {names[-1]}():\n{body}")
    return "\n\n".join(parts), names


def model(layer: str, form: str, declared: str) -> str:
    """The statements that make the model."""
    if form == "sequential":
        layers = ", ".join(LAYERS[layer])
        return f"    model = keras.Sequential([keras.Input(shape={declared}), {layers}])\n"
    lines = [f"inputs = keras.Input(shape={declared})", "outputs = inputs"]
    lines += [f"outputs = {one}(outputs)" for one in LAYERS[layer]]
    lines.append("model = keras.Model(inputs, outputs)")
    return "".join(f"    {line}\n" for line in lines)


@pytest.mark.keras
@pytest.mark.parametrize("form", ["sequential", "functional"])
@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_refused(layer: str, form: str) -> None:
    source, names = program(layer, form)
    found = analyse(source)
    every = [*fed(found)]
    assert len(every) == len(names)
    said = [refusing(found, one) for one in every]
    for keras, answer in records(source + TRIAL.format(names=names)).items():
        outcomes = (answer["scopes"][0]["error"] or "").removeprefix("RuntimeError: ")
        assert len(outcomes) == len(names), outcomes
        for name, versions, outcome in zip(names, said, outcomes, strict=True):
            if keras in versions:
                assert outcome == "x", (keras, name, source)
            elif layer in WHOLE:
                assert outcome == ".", (keras, name, source)


LISTS = ["[1, 2, 3]", "[1.0]", "[[1, 2, 3]]", "((1, 2), (3, 4))", "[[0.5], [1], [2]]", "range(3)", "[[[1, 2]]]"]


def list_program(form: str) -> tuple[str, list[str]]:
    """One function for each declared shape, list and method; and their names."""
    parts: list[str] = [HEAD]
    names: list[str] = []
    methods = [*METHODS.values(), "model.compile('sgd', 'mse')\n    model.test_on_batch(x, np.zeros((3, 2)))"]
    methods += [
        f"model.compile('sgd', 'mse')\n    model.{method}(x, [0] * len(x), verbose=0)" for method in ("fit", "evaluate")
    ]
    for declared, data, call in product(["(3,)", "(1,)", "(2,)", "()"], LISTS, methods):
        names.append(f"case_{len(names)}")
        made = f"    model = keras.Sequential([keras.Input(shape={declared}), layers.Rescaling(2.0)])\n"
        if form == "functional":
            made = f"    a = keras.Input(shape={declared})\n    model = keras.Model(a, layers.Rescaling(2.0)(a))\n"
        parts.append(f"def {names[-1]}():\n{made}    x = {data}\n    {call}\n")
    return "\n\n".join(parts), names


@pytest.mark.keras
@pytest.mark.parametrize("form", ["sequential", "functional"])
def test_what_is_refused_of_lists(form: str) -> None:
    source, names = list_program(form)
    found = analyse(source)
    said = [refusing_list(found, one) for one in lists_fed(found)]
    assert len(said) == len(names)
    for keras, answer in records(source + TRIAL.format(names=names)).items():
        outcomes = (answer["scopes"][0]["error"] or "").removeprefix("RuntimeError: ")
        assert len(outcomes) == len(names), outcomes
        for name, versions, outcome in zip(names, said, outcomes, strict=True):
            assert keras not in versions or outcome == "x", (keras, name, source)


SOURCES = {
    "dataset": "tf.data.Dataset.from_tensor_slices((np.zeros(SHAPE), np.zeros((8, 2)))).shuffle(3)",
    "batched": "tf.data.Dataset.from_tensor_slices((np.zeros(SHAPE), np.zeros((8, 2)))).batch(4).prefetch(1)",
    "generator": "ImageDataGenerator().flow(np.zeros(SHAPE), np.zeros((8, 2)), batch_size=4)",
}
GENERATORS = "from keras.preprocessing.image import ImageDataGenerator"
GENERATORS_NOW = f"""
try:
    {GENERATORS}
except ImportError:
    import importlib
    ImageDataGenerator = importlib.import_module("keras.src.legacy.preprocessing.image").ImageDataGenerator
"""
"""Keras 3 keeps them for `tf.keras` alone; it is not the oracle's to redirect."""
FEEDS = {"dataset": ["fit", "predict"], "batched": ["evaluate", "predict"], "generator": ["fit", "predict_generator"]}


def source_program(form: str, source: str) -> tuple[str, list[str]]:
    """One function for each model, shape and method; and their names."""
    parts = [HEAD + "import tensorflow as tf\n"]
    if source == "generator":
        parts.append(f"{GENERATORS}\n")
    names: list[str] = []
    cases = [
        *product(
            ["convolved", "conv2d"], ["(4, 5, 3)", "(5, 5, 3)", "(None, None, 3)"], ["(8, 4, 5, 3)", "(8, 4, 5, 1)"]
        ),
        *(
            product(["dense", "flatten"], ["(4,)", "(4, 5)"], ["(8, 4)", "(8, 4, 5)", "(8, 5)", "(8, 4, 4)"])
            if source != "generator"
            else ()
        ),
    ]
    for (layer, declared, given), method in product(cases, FEEDS[source]):
        if layer == "convolved" and "None" in declared:
            continue
        names.append(f"case_{len(names)}")
        made = f"    model.compile('sgd', 'mse')\n    x = {SOURCES[source].replace('SHAPE', given)}\n"
        parts.append(f"def {names[-1]}():\n{model(layer, form, declared)}{made}    model.{method}(x, verbose=0)\n")
    return "\n\n".join(parts), names


@pytest.mark.keras
@pytest.mark.parametrize("form", ["sequential", "functional"])
@pytest.mark.parametrize("source", SOURCES)
def test_what_is_refused_of_generators(source: str, form: str) -> None:
    text, names = source_program(form, source)
    found = analyse(text)
    said = [refusing(found, one) for one in fed(found)]
    assert len(said) == len(names)
    assert [] in said
    assert ["keras2", "keras3"] in said
    for keras, answer in records(text.replace(GENERATORS, GENERATORS_NOW) + TRIAL.format(names=names)).items():
        outcomes = (answer["scopes"][0]["error"] or "").removeprefix("RuntimeError: ")
        assert len(outcomes) == len(names), outcomes
        assert "." in outcomes
        for name, versions, outcome in zip(names, said, outcomes, strict=True):
            assert keras not in versions or outcome == "x", (keras, name, text)


SYMBOLIC = """
def make_{name}():
    model = keras.Sequential([keras.Input(shape={declared}), layers.Dense(2)])
    model(keras.Input(shape={given}))
"""


@pytest.mark.keras
def test_what_is_refused_of_tensors() -> None:
    pairs = [("(8,)", "(5, 8)"), ("(8,)", "(9,)"), ("(8,)", "(8, 1)"), ("(4, 5)", "(20,)"), ("(8,)", "(8,)")]
    cases = [SYMBOLIC.format(name=place, declared=a, given=b) for place, (a, b) in enumerate(pairs)]
    source = HEAD + "".join(cases)
    found = analyse(source)
    said = [refusing(found, one) for one in fed(found)]
    assert said == [[], ["keras2", "keras3"], [], [], []]
    answers = records(source)
    for keras in KERAS:
        assert answers[keras]["scopes"][2]["error"]
