"""Every difference between two models that is claimed to be told is told, and nothing else is."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from kerasfix.verify.comparison import differences_across, model_differences, model_gains

if TYPE_CHECKING:
    from kerasfix.verify.records import LayerRecord, ModelRecord


def layer(kind: str, name: str, depth: int = 0, **config: Any) -> LayerRecord:
    return {
        "depth": depth,
        "kind": kind,
        "name": name,
        "trainable": True,
        "config": config,
        "calls": [{"arriving": [], "sources": ["input_layer", "words"], "leaving": []}],
        "parameters": None,
        "step": None,
    }


def record() -> ModelRecord:
    return {
        "label": "",
        "kind": "Functional",
        "name": "model",
        "built": True,
        "inputs": [
            {"shape": [None, 4, 3], "dtype": "float32", "name": "input_layer"},
            {"shape": [None, 5], "dtype": "int32", "name": "words"},
        ],
        "output_shapes": [[None, 2]],
        "layers": [
            layer("InputLayer", "input_layer", dtype="float32", sparse=False),
            layer("InputLayer", "words"),
            layer("Sequential", "inner"),
            layer("Dense", "dense", 1, units=2, activation="relu"),
        ],
        "weights": [
            {"shape": [3, 2], "dtype": "float32", "trainable": True},
            {"shape": [2], "dtype": "float32", "trainable": True},
        ],
        "parameters": 8,
        "outputs": [{"shape": [2, 2], "dtype": "float32", "values": [0.5, -0.25, 1.0, 2.0]}],
        "refusal": None,
    }


def changed(path: str, value: Any) -> ModelRecord:
    """The record with the value at a dotted path replaced, or deleted where it is `...`."""
    found = record()
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    holder: Any = found
    for part in parents:
        holder = holder[part]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return found


DIFFERENCES = {
    "class": ("kind", "Model", "kind: Functional, now Model"),
    "name": ("name", "other", "name: model, now other"),
    "not built": ("built", False, "is no longer built"),
    "input order": ("inputs.0.shape", [None, 3, 4], "input shape: [None, 4, 3], now [None, 3, 4]"),
    "input rank": ("inputs.0.shape", [None, 4], "input shape"),
    "batch size": ("inputs.1.shape", [8, 5], "input shape: [None, 5], now [8, 5]"),
    "input dtype": ("inputs.1.dtype", "float32", "input dtype: int32, now float32"),
    "input name": ("inputs.1.name", "input_layer_1", "input name: words, now input_layer_1"),
    "input name that looks like Keras's": ("inputs.1.name", "words_input", "input name: words, now words_input"),
    "fewer inputs": ("inputs.1", ..., "number of inputs: 2, now 1"),
    "no inputs": ("inputs", None, "number of inputs: 2, now 0"),
    "output shape": ("output_shapes", [[None, 3]], "output shapes"),
    "fewer outputs": ("output_shapes", [], "output shapes"),
    "lost layer": ("layers.3", ..., "layers: "),
    "class of a layer": ("layers.3.kind", "Dropout", "kind of layer dense: Dense, now Dropout"),
    "renamed layer": ("layers.3.name", "dense_1", "name of layer dense: dense, now dense_1"),
    "renamed input layer": ("layers.1.name", "other", "name of layer words: words, now other"),
    "layer moved out": ("layers.3.depth", 0, "depth of layer dense: 1, now 0"),
    "frozen layer": ("layers.3.trainable", False, "trainable of layer dense: True, now False"),
    "configuration": ("layers.3.config.activation", "linear", "activation of layer dense: relu, now linear"),
    "configuration that is gone": ("layers.3.config.units", ..., "units of layer dense: 2, now None"),
    "configuration that is new": ("layers.3.config.use_bias", False, "use_bias of layer dense: None, now False"),
    "configuration of an input": ("layers.0.config.sparse", True, "sparse of layer input_layer: False, now True"),
    "lost weight": ("weights.1", ..., "weights: "),
    "shape of a weight": ("weights.0.shape", [2, 3], "weights: "),
    "dtype of a weight": ("weights.0.dtype", "float16", "weights: "),
    "frozen weight": ("weights.0.trainable", False, "weights: "),
    "parameters": ("parameters", 9, "parameter count: 8, now 9"),
    "refusal": ("refusal", "ValueError: no", "cannot be called any more: ValueError: no"),
    "answer": ("outputs.0.values.2", 1.001, "answer: "),
    "answer that is no number": ("outputs.0.values.2", float("nan"), "answer: "),
    "shape of the answer": ("outputs.0.shape", [2, 2, 1], "answer: ('float32', [2, 2]), now ('float32', [2, 2, 1])"),
    "dtype of the answer": ("outputs.0.dtype", "float16", "answer: "),
    "fewer answers": ("outputs", [], "answer: ('float32', [2, 2]), now None"),
}


@pytest.mark.parametrize("case", DIFFERENCES)
def test_a_difference_is_told(case: str) -> None:
    path, value, expected = DIFFERENCES[case]
    assert any(text.startswith(expected) for text in model_differences(record(), changed(path, value)))


@pytest.mark.parametrize("case", DIFFERENCES)
def test_nothing_else_is_told(case: str) -> None:
    path, value, _ = DIFFERENCES[case]
    same = changed(path, value)
    assert list(model_differences(same, copy.deepcopy(same))) == []


@pytest.mark.parametrize("key", [key for key in record() if key != "label"])
def test_every_part_of_a_record_counts(key: str) -> None:
    values = {key: path for path, _, _ in DIFFERENCES.values() if (key := path.partition(".")[0])}
    assert key in values


class TestNamesOfInputs:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("input_layer", "input_1"),
            ("dense_input", "input_1"),
            ("inner_input", "keras_tensor_3"),
            ("dense_input_1", "input_layer"),
        ],
    )
    def test_keras_s_own_are_alike(self, old: str, new: str) -> None:
        assert list(model_differences(changed("inputs.0.name", old), changed("inputs.0.name", new))) == []

    def test_a_layer_may_have_any_name(self) -> None:
        # Bug: `a/b_input`, the name that tf_keras gives, was taken for the program's.
        old, new = changed("layers.3.name", "a/b"), changed("layers.3.name", "a/b")
        assert old["inputs"] and new["inputs"]
        old["inputs"][0]["name"], new["inputs"][0]["name"] = "a/b_input", "input_1"
        assert list(model_differences(old, new)) == []

    def test_a_name_of_the_program_s_counts_however_it_ends(self) -> None:
        # Bug: every name that ended so was taken for one of Keras's own.
        old = changed("inputs.1.name", "image_input")
        assert list(model_differences(old, changed("inputs.1.name", "input_1"))) == [
            "input name: image_input, now input_1"
        ]


class TestWhatCannotBeCompared:
    def test_weights_of_a_model_that_was_not_built(self) -> None:
        old = {**record(), "built": False, "inputs": None, "output_shapes": None, "weights": [], "parameters": 0}
        assert list(model_differences({**old, "outputs": None}, record())) == []  # type: ignore[typeddict-item]

    def test_a_dtype_on_which_the_old_model_could_not_be_called(self) -> None:
        old = changed("refusal", "TypeError: float32")
        new = changed("inputs.1.dtype", "float32")
        assert list(model_differences({**old, "outputs": None}, new)) == []

    def test_answers_that_one_of_them_did_not_give(self) -> None:
        assert list(model_differences(record(), changed("outputs", None))) == []
        assert list(model_differences(changed("outputs", None), record())) == []

    def test_rounding(self) -> None:
        assert list(model_differences(record(), changed("outputs.0.values.2", 1.0 + 1e-6))) == []
        nan = changed("outputs.0.values.2", float("nan"))
        assert list(model_differences(nan, copy.deepcopy(nan))) == []


def test_gains() -> None:
    assert list(model_gains(record(), record())) == []
    assert list(model_gains(changed("built", False), record())) == ["was not built"]
    assert list(model_gains(changed("refusal", "E: no"), record())) == ["could not be called: E: no"]
    assert list(model_gains(record(), changed("built", False))) == []


ACROSS = {
    "input shape": ("inputs.0.shape", [None, 3, 4]),
    "input dtype": ("inputs.0.dtype", "int32"),
    "fewer inputs": ("inputs.1", ...),
    "output shape": ("output_shapes", [[None, 3]]),
    "shape of a weight": ("weights.0.shape", [2, 3]),
    "lost weight": ("weights.1", ...),
    "lost layer": ("layers.3", ...),
    "class of a layer": ("layers.3.kind", "Dropout"),
    "renamed layer": ("layers.3.name", "other"),
    "layer moved out": ("layers.3.depth", 0),
}


@pytest.mark.parametrize("case", ACROSS)
def test_a_difference_from_the_other_keras_is_told(case: str) -> None:
    assert list(differences_across(record(), changed(*ACROSS[case])))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("layers.3.config.units", ...),
        ("layers.0.name", "input_1"),
        ("weights", record()["weights"][::-1]),
        ("outputs", None),
        ("kind", "Sequential"),
    ],
)
def test_what_two_keras_differ_in_is_not_told(path: str, value: Any) -> None:
    assert list(differences_across(record(), changed(path, value))) == []


def test_connections_are_told_where_there_are_no_answers() -> None:
    old, new = record(), record()
    new["layers"][3]["calls"][0]["sources"] = ["input_layer_1", "words"]
    assert list(model_differences({**old, "outputs": None}, {**new, "outputs": None})) == []
    new["layers"][3]["calls"][0]["sources"] = ["words", "input_layer"]
    (told,) = model_differences({**old, "outputs": None}, {**new, "outputs": None})
    assert told.startswith("connections: ")
    assert list(model_differences(old, new)) == []
