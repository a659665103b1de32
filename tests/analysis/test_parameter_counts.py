"""The number of a layer's parameters, held against the layer itself in Keras 3 and in Keras 2."""

from __future__ import annotations

from typing import Any

import more_layer_cases  # noqa: F401 - it adds families
import pytest
from hypothesis import given, settings
from layer_cases import FAMILIES, Case, build_layer, exists
from test_layer_shapes import keras_2, keras_3, keras_settings

from kerasfix.analysis.layer_shapes import LayerCall
from kerasfix.analysis.parameter_counts import COUNTED_LAYERS, parameter_count
from kerasfix.analysis.values import Shape, Unknown

VECTOR, SEQUENCE, IMAGE, VOLUME = (None, 6), (None, 5, 6), (None, 9, 8, 6), (None, 7, 8, 9, 4)
BY_RANK = {1: (None, 9, 6), 2: IMAGE, 3: VOLUME}
FILM = {1: (None, 3, 9, 6), 2: (None, 3, 9, 8, 6), 3: (None, 3, 7, 8, 9, 4)}


def spatial(*kinds: str, ranks: tuple[int, ...] = (1, 2, 3), end: str = "", **arguments: Any) -> list[Case]:
    """Layers whose name tells a rank, each on an image of that rank."""
    return [Case(f"{kind}{rank}D{end}", arguments, (BY_RANK[rank],)) for rank in ranks for kind in kinds]


CASES = [
    Case("Dense", {"units": 3}, (VECTOR,)),
    Case("Dense", {"units": 3, "use_bias": False}, (SEQUENCE,)),
    Case("Embedding", {"input_dim": 50, "output_dim": 4}, ((None, 5),)),
    *spatial("Conv", filters=4, kernel_size=3),
    *spatial("Conv", filters=4, kernel_size=2, groups=2, use_bias=False),
    *spatial("Conv", end="Transpose", filters=5, kernel_size=3),
    *spatial("SeparableConv", ranks=(1, 2), filters=5, kernel_size=3, depth_multiplier=2),
    *spatial("DepthwiseConv", ranks=(1, 2), kernel_size=3, depth_multiplier=2),
    Case("Conv2D", {"filters": 3, "kernel_size": (2, 4)}, (IMAGE,)),
    Case("BatchNormalization", {}, (IMAGE,)),
    Case("BatchNormalization", {"axis": 1, "scale": False}, (IMAGE,)),
    Case("LayerNormalization", {}, (SEQUENCE,)),
    Case("LayerNormalization", {"axis": [1, -1], "center": False}, (SEQUENCE,)),
    Case("GroupNormalization", {"groups": 3}, (IMAGE,)),
    Case("PReLU", {}, (IMAGE,)),
    Case("PReLU", {"shared_axes": [1, 2]}, (IMAGE,)),
    *(Case(name, {"units": 4}, (SEQUENCE,)) for name in ("SimpleRNN", "GRU", "LSTM")),
    *(Case(name, {"units": 4, "use_bias": False}, (SEQUENCE,)) for name in ("SimpleRNN", "GRU", "LSTM")),
    Case("GRU", {"units": 4, "reset_after": False}, (SEQUENCE,)),
    *(Case("RNN", {}, (SEQUENCE,), (Case(name, {"units": 4}),)) for name in ("SimpleRNNCell", "GRUCell", "LSTMCell")),
    Case(
        "RNN",
        {},
        (SEQUENCE,),
        (Case("StackedRNNCells", {}, (), (Case("LSTMCell", {"units": 4}), Case("GRUCell", {"units": 3}))),),
    ),
    *(Case(f"ConvLSTM{rank}D", {"filters": 3, "kernel_size": 2}, (FILM[rank],)) for rank in (1, 2, 3)),
    Case("Bidirectional", {}, (SEQUENCE,), (Case("LSTM", {"units": 4}),)),
    Case(
        "Bidirectional",
        {},
        (SEQUENCE,),
        (Case("GRU", {"units": 4}), Case("LSTM", {"units": 4, "go_backwards": True})),
    ),
    Case("TimeDistributed", {}, (FILM[2],), (Case("Conv2D", {"filters": 3, "kernel_size": 3}),)),
    Case("Attention", {"use_scale": True}, (SEQUENCE, SEQUENCE)),
    Case("Attention", {"score_mode": "concat"}, (SEQUENCE, SEQUENCE)),
    Case("AdditiveAttention", {}, (SEQUENCE, SEQUENCE)),
    Case("AdditiveAttention", {"use_scale": False}, (SEQUENCE, SEQUENCE)),
    Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, ((None, 5, 6), (None, 7, 8))),
    Case(
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3, "value_dim": 4, "output_shape": 5, "use_bias": False},
        ((None, 5, 6), (None, 7, 8), (None, 7, 9)),
    ),
    *(Case(name, {}, (VECTOR,)) for name in ("Flatten", "Identity", "ReLU", "LeakyReLU", "Softmax")),
    Case("Dropout", {"rate": 0.5}, (VECTOR,)),
    Case("Activation", {"activation": "relu"}, (VECTOR,)),
    Case("Reshape", {"target_shape": (3, 2)}, (VECTOR,)),
    Case("Permute", {"dims": (2, 1)}, (SEQUENCE,)),
    *spatial("MaxPooling", "AveragePooling", pool_size=2),
    *spatial("GlobalMaxPooling", "GlobalAveragePooling", "ZeroPadding", "UpSampling", "Cropping"),
    *spatial("SpatialDropout", rate=0.5),
    *(Case(name, {}, (VECTOR, VECTOR)) for name in ("Add", "Average", "Concatenate", "Maximum", "Multiply")),
    Case("Dot", {"axes": 1}, (VECTOR, VECTOR)),
]


def real_count(keras: Any, case: Case) -> int | None:
    """The parameters of the real layer; None where that Keras has no such layer or refuses the call."""
    if not exists(keras, case) or case.name == case.name.lower():
        return None
    try:
        tensors = [keras.Input(batch_shape=shape, dtype=case.dtype) for shape in case.inputs]
        layer = build_layer(keras, case)
        if case.name.endswith("QueryAttention") or case.name == "MultiHeadAttention":
            layer(*tensors)
        else:
            layer(tensors[0] if len(tensors) == 1 else tensors)
        return int(layer.count_params())
    except Exception:
        return None


def identifier(case: Case) -> str:
    return f"{case.name}-{'-'.join(f'{key}={value}' for key, value in case.arguments.items())}"


@pytest.mark.keras
@pytest.mark.parametrize("keras", [keras_3, keras_2], ids=["keras3", "keras2"])
@pytest.mark.parametrize("case", CASES, ids=identifier)
def test_the_count_is_that_of_keras(case: Case, keras: Any) -> None:
    expected = real_count(keras(), case)
    if expected is None and keras is keras_2:
        pytest.skip("Keras 2 has no such layer")
    assert parameter_count(case.call, case.shapes) == expected


@pytest.mark.keras
@pytest.mark.parametrize("family", FAMILIES)
def test_a_count_is_right_or_not_known(family: str) -> None:
    @settings(keras_settings, max_examples=25)
    @given(FAMILIES[family])
    def check(case: Case) -> None:
        expected = real_count(keras_3(), case)
        if expected is not None:
            assert parameter_count(case.call, case.shapes) in (expected, None)

    check()


def names_in(case: Case) -> set[str]:
    return {case.name}.union(*(names_in(part) for part in case.wrapped))


def test_every_layer_with_weights_is_held_against_keras() -> None:
    held = set().union(*(names_in(case) for case in CASES))
    without_weights = {name for name in COUNTED_LAYERS if parameter_count(LayerCall(name, {}), []) == 0}
    assert COUNTED_LAYERS - without_weights - held == {"Sequential"} - without_weights


def test_a_layer_that_is_not_in_the_table_is_not_known() -> None:
    shapes = [Shape((None, 6))]
    for name in ("", "KerasLayer", "StringLookup", "SpectralNormalization", "Lambda"):
        assert parameter_count(LayerCall(name, {}), shapes) is None


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (Case("Dense", {"units": 3}, ((None, None),)), None),
        (Case("Dense", {}, (VECTOR,)), None),
        (Case("Dense", {"units": 3, "lora_rank": 2}, (VECTOR,)), None),
        (Case("Sequential", {}, (VECTOR,), (Case("Dense", {"units": 3}), Case("Dense", {"units": 2}))), 21 + 8),
        (Case("Sequential", {}, (VECTOR,), (Case("Dense", {"units": 3}), Case("StringLookup"))), None),
    ],
)
def test_what_is_missing_makes_it_unknown(case: Case, expected: int | None) -> None:
    assert parameter_count(case.call, case.shapes) == expected


def test_a_size_that_is_not_known_makes_it_unknown() -> None:
    case = Case("Dense", {"units": 3}, (VECTOR,))
    assert parameter_count(case.call, [Shape((None, Unknown("it changes")))]) is None
    assert parameter_count(case.call, [Shape(None)]) is None
    flatten = Case("Flatten")
    assert parameter_count(flatten.call, [Shape(None)]) == 0
