"""The shape that leaves a layer, held against the layer itself in Keras 3 and in Keras 2."""

from __future__ import annotations

import functools
import os
from typing import Any

import more_layer_cases  # noqa: F401 - it adds families
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from layer_cases import FAMILIES, LAYERS, Case, Sizes, build_output, exists

from kerasfix.analysis.layer_shapes import KNOWN_LAYERS, LayerCall, Output, output_shape
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

keras_settings = settings(deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
quick_settings = settings(deadline=None, max_examples=60)


@functools.cache
def keras_3() -> Any:
    """Keras 3 on TensorFlow."""
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    return pytest.importorskip("keras")


@functools.cache
def keras_2() -> Any:
    """Keras 2, as tf_keras."""
    keras_3()
    return pytest.importorskip("tf_keras")


def real_output(keras: Any, case: Case) -> list[Sizes | None] | None:
    """The shapes that leave the real layer; None where that Keras has no such layer or refuses the call."""
    if not exists(keras, case):
        return None
    try:
        return build_output(keras, case)
    except Exception:
        return None


def parts(output: Output) -> tuple[Shape, ...]:
    """One shape or several, as several."""
    return output if isinstance(output, tuple) else (output,)


def contradictions(predicted: Output, real: list[Sizes | None]) -> list[object]:
    """Where a size that is predicted is not the real one."""
    if predicted == UNKNOWN_SHAPE:
        return []
    if len(parts(predicted)) != len(real):
        return [(predicted, real)]
    return [
        (shape, sizes)
        for shape, sizes in zip(parts(predicted), real, strict=True)
        if shape.dims is not None
        and (
            sizes is None
            or len(shape.dims) != len(sizes)
            or any(dim != size for dim, size in zip(shape.dims, sizes, strict=True) if not isinstance(dim, Unknown))
        )
    ]


def is_known(predicted: Output) -> bool:
    """Whether every size is known."""
    return all(
        shape.dims is not None and not any(isinstance(dim, Unknown) for dim in shape.dims) for shape in parts(predicted)
    )


@pytest.mark.keras
@pytest.mark.parametrize("family", FAMILIES)
def test_shape_is_that_of_keras_3(family: str) -> None:
    @settings(keras_settings, max_examples=50)
    @given(FAMILIES[family])
    def check(case: Case) -> None:
        predicted = output_shape(case.call, case.shapes)
        real = real_output(keras_3(), case)
        if real is None:
            # What Keras 3 refuses is unknown, unless Keras 2 builds it.
            assert predicted == UNKNOWN_SHAPE or real_output(keras_2(), case) is not None
            return
        assert not contradictions(predicted, real)
        if not is_known(predicted):
            # What Keras 3 builds is known, unless Keras 2 has it otherwise or refuses it, or a state is a list.
            assert None in real or (exists(keras_2(), case) and real_output(keras_2(), case) != real)

    check()


@pytest.mark.keras
@pytest.mark.parametrize("family", FAMILIES)
def test_shape_is_that_of_keras_2(family: str) -> None:
    @settings(keras_settings, max_examples=20)
    @given(FAMILIES[family])
    def check(case: Case) -> None:
        real = real_output(keras_2(), case)
        if real is None:
            return
        predicted = output_shape(case.call, case.shapes)
        assert not contradictions(predicted, real)
        # What only Keras 2 has is known too.
        assert is_known(predicted) or exists(keras_3(), case)

    check()


@pytest.mark.parametrize("family", FAMILIES)
def test_knowing_less_never_says_otherwise(family: str) -> None:
    @quick_settings
    @given(FAMILIES[family], st.data())
    def check(case: Case, data: st.DataObject) -> None:
        full = output_shape(case.call, case.shapes)
        veiled = output_shape(veiled_call(case.call, data), [veiled_shape(shape, data) for shape in case.shapes])
        if UNKNOWN_SHAPE in (full, veiled):
            return
        values: dict[Symbol, Dim] = {symbol_of(number): number for number in range(-1, 20)}
        assert len(parts(veiled)) == len(parts(full))
        for less, more in zip(parts(veiled), parts(full), strict=True):
            assert less.dims is None or more.dims is None or len(less.dims) == len(more.dims)
            for dim, size in zip(less.dims or (), more.dims or (), strict=False):
                if isinstance(dim, Symbol):
                    assert isinstance(size, Unknown) or values.setdefault(dim, size) == size
                elif not isinstance(dim, Unknown):
                    assert isinstance(size, Unknown) or dim == size

    check()


def symbol_of(number: int) -> Symbol:
    """A name for a number: equal numbers have equal symbols."""
    return Symbol(("number", number))


def veiled_call(call: LayerCall, data: st.DataObject) -> LayerCall:
    """The call with some arguments less known, or not known at all."""
    arguments = {name: veiled_value(value, data) for name, value in call.arguments.items()}
    return LayerCall(call.name, arguments, tuple(veiled_call(inner, data) for inner in call.wrapped))


def veiled_value(value: Value, data: st.DataObject) -> Value:
    """The value, or less: a symbol for an int, a choice, nothing, and so on in a tuple."""
    match data.draw(st.sampled_from(["keep", "keep", "symbol", "choice", "hide", "inside"])), value:
        case "symbol", Constant(value=int(number)) if not isinstance(number, bool):
            return symbol_of(number)
        case "choice", _:
            return Choice((value, Constant("another")))
        case "hide", _:
            return Unknown("it is hidden")
        case "inside", Items(items=items):
            return Items(tuple(veiled_value(item, data) for item in items))
    return value


def veiled_shape(shape: Shape, data: st.DataObject) -> Shape:
    """The shape with some sizes as symbols or unknown, or not known at all."""
    assert shape.dims is not None
    if data.draw(st.integers(0, 9)) == 0:
        return UNKNOWN_SHAPE
    veils = data.draw(st.lists(st.integers(0, 5), min_size=len(shape.dims), max_size=len(shape.dims)), label="veils")
    return Shape(tuple(map(veiled_dim, shape.dims, veils)))


def veiled_dim(dim: Dim, veil: int) -> Dim:
    """The size, in one case of six its symbol, in another unknown."""
    if veil == 0 and isinstance(dim, int):
        return symbol_of(dim)
    return Unknown("it is hidden") if veil == 1 else dim


PARAMETERS = [
    *(
        "activation",
        "axes",
        "axis",
        "batch_shape",
        "bin_boundaries",
        "cropping",
        "data_format",
        "depth_multiplier",
    ),
    *(
        "dilation_rate",
        "dims",
        "equation",
        "filters",
        "groups",
        "height",
        "input_shape",
        "keepdims",
        "kernel_size",
    ),
    *(
        "max_tokens",
        "merge_mode",
        "n",
        "num_bins",
        "num_tokens",
        "output_dim",
        "output_mode",
        "output_padding",
    ),
    *("output_sequence_length", "output_shape", "output_size", "pad_to_max_tokens", "padding", "pool_size"),
    *(
        "ragged",
        "return_attention_scores",
        "return_sequences",
        "return_state",
        "shape",
        "shared_axes",
        "size",
    ),
    *("stateful", "strides", "target_shape", "time_major", "units", "width", "nb_filter"),
]
WORDS = ["same", "VALID", "causal", "channels_first", "int", "one_hot", "ab,bc->ac", "...", "", b"x"]
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 4), st.floats(), st.sampled_from(WORDS)
)
LITERALS = SCALARS.map(Constant)
ANYTHING: st.SearchStrategy[Value] = st.recursive(
    st.one_of(
        LITERALS,
        st.integers(0, 2).map(Symbol),
        st.builds(Unknown, st.just("drawn")),
        st.just(Reference("numpy.float32")),
        st.just(Constant(...)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: Items(tuple(items))),
        st.lists(inner, min_size=2, max_size=3).map(lambda options: Choice(tuple(options))),
    ),
    max_leaves=6,
)
DIMS: st.SearchStrategy[Dim] = st.one_of(
    st.none(), st.integers(0, 9), st.integers(0, 2).map(Symbol), st.builds(Unknown, st.just("drawn"))
)
SHAPES = st.one_of(st.just(UNKNOWN_SHAPE), st.lists(DIMS, max_size=6).map(lambda dims: Shape(tuple(dims))))
CALLS: st.SearchStrategy[LayerCall] = st.recursive(
    st.builds(
        LayerCall,
        st.sampled_from([*sorted(KNOWN_LAYERS), "LSTMCell", "Lambda"]),
        st.dictionaries(st.sampled_from(PARAMETERS), ANYTHING, max_size=6),
    ),
    lambda inner: st.builds(
        LayerCall,
        st.sampled_from(["Bidirectional", "RNN", "Sequential", "SpectralNormalization", "StackedRNNCells"]),
        st.dictionaries(st.sampled_from(["merge_mode", "return_state"]), ANYTHING),
        st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=3,
)


@settings(deadline=None, max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(CALLS, st.lists(SHAPES, max_size=3))
@example(LayerCall("Bidirectional", {}, (LayerCall("ActivityRegularization", {}),)), [Shape(())])
def test_nothing_raises(call: LayerCall, inputs: list[Shape]) -> None:
    for shape in parts(output_shape(call, inputs)):
        for dim in shape.dims or ():
            assert dim is None or isinstance(dim, Symbol | Unknown) or (type(dim) is int and dim >= 0)


def test_every_layer_is_drawn() -> None:
    # The CuDNN layers need a GPU to be built; `InputLayer` is what `Input` makes.
    assert {"CuDNNGRU", "CuDNNLSTM", "InputLayer"} == KNOWN_LAYERS - LAYERS


def test_what_is_only_in_the_call_is_known() -> None:
    unknown = [UNKNOWN_SHAPE]
    for call, rank, last in [
        (LayerCall("LSTM", {"units": Constant(4)}), 2, 4),
        (LayerCall("Conv2D", {"filters": Constant(8), "kernel_size": Constant(3)}), 4, 8),
        (LayerCall("Reshape", {"target_shape": Items((Constant(2), Constant(3)))}), 3, 3),
    ]:
        (shape,) = parts(output_shape(call, unknown))
        assert shape.rank == rank
        assert shape.dims is not None
        assert shape.dims[-1] == last


def test_a_missing_argument_is_an_unknown_size() -> None:
    image = Shape((None, 28, 28, 3))
    without_filters = output_shape(LayerCall("Conv2D", {"kernel_size": Constant(3)}), [image])
    assert isinstance(without_filters, Shape)
    assert without_filters.dims is not None
    assert without_filters.dims[:3] == (None, 26, 26)
    assert isinstance(without_filters.dims[3], Unknown)
    keras_1 = {"nb_filter": Constant(8), "nb_row": Constant(3), "border_mode": Constant("same")}
    assert output_shape(LayerCall("Conv2D", keras_1), [image]) == UNKNOWN_SHAPE


def test_sizes_are_told_apart_by_what_they_are_computed_from() -> None:
    n = Symbol("n")
    pooled = output_shape(LayerCall("MaxPooling2D", {}), [Shape((None, n, n, 3))])
    assert isinstance(pooled, Shape)
    assert pooled.dims is not None
    assert isinstance(pooled.dims[1], Symbol)
    assert pooled.dims[1] == pooled.dims[2] != n
    padded = output_shape(
        LayerCall("Conv1D", {"filters": n, "kernel_size": Constant(3), "padding": Constant("same")}),
        [Shape((None, n, 3))],
    )
    assert padded == Shape((None, n, n))


def test_a_spectral_normalization_has_the_shape_of_its_layer() -> None:
    # Keras 2's own cannot be built beside Keras 3, so that the comparison above would take an unknown shape.
    inner = LayerCall("Dense", {"units": Constant(3)})
    call = LayerCall("SpectralNormalization", {}, (inner,))
    assert output_shape(call, [Shape((None, 4))]) == Shape((None, 3))
