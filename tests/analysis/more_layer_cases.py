"""Cases of the layers that reorder, recur, merge and preprocess; see `layer_cases`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from layer_cases import (
    BATCHES,
    DATA_FORMATS,
    LENGTHS,
    Case,
    Sizes,
    any_shape,
    family,
    images,
    numbered,
    per_axis,
    rank_of,
    shapes,
    some,
)


@family("BatchNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization")
def normalization(draw: st.DrawFn, name: str) -> Case:
    """Over any axis but the batch."""
    return Case(name, some(draw, axis=st.integers(-3, 3).filter(bool)), (draw(any_shape(least=2)),))


@family("Normalization")
def feature_normalization(draw: st.DrawFn, name: str) -> Case:
    """Over one axis or none."""
    axis = draw(st.sampled_from([None, -1, 1]))
    return Case(name, {"axis": axis}, (draw(any_shape(least=2, most=4)),))


@family("GroupNormalization")
def group_normalization(draw: st.DrawFn, name: str) -> Case:
    """GroupNormalization."""
    arguments = {"groups": draw(st.sampled_from([-1, 1, 2, 3])), **some(draw, axis=st.sampled_from([-1, 1]))}
    return Case(name, arguments, (draw(any_shape(least=3, most=4)),))


@family("PReLU")
def prelu(draw: st.DrawFn, name: str) -> Case:
    """PReLU, with shared axes."""
    arrives = draw(any_shape(least=2, most=4))
    axes = st.lists(st.integers(1, len(arrives) - 1), unique=True, min_size=1)
    return Case(name, some(draw, shared_axes=axes), (arrives,))


@family("Flatten")
def flatten(draw: st.DrawFn, name: str) -> Case:
    """Flatten."""
    return Case(name, some(draw, data_format=DATA_FORMATS), (draw(any_shape()),))


@family("Reshape")
def reshape(draw: st.DrawFn, name: str) -> Case:
    """Reshape, to a shape that fits or not, with -1."""
    sizes = draw(st.lists(st.one_of(st.none(), st.sampled_from([1, 2, 3, 4, 6, 12])), min_size=1, max_size=3))
    known = [size for size in sizes if size is not None]
    target = draw(st.permutations([*known, *draw(st.sampled_from([[], [1], [-1]]))]))
    if draw(st.booleans()) and target:
        target[0] = draw(st.sampled_from([-1, 2, 5]))
    return Case(name, {"target_shape": tuple(target)}, ((draw(BATCHES), *sizes),))


@family("Permute")
def permute(draw: st.DrawFn, name: str) -> Case:
    """Permute, with axes that are a permutation or not."""
    axes = draw(st.integers(1, 4))
    dims = draw(st.one_of(st.permutations(range(1, axes + 1)), st.lists(st.integers(0, 3), min_size=1, max_size=3)))
    return Case(name, {"dims": tuple(dims)}, (draw(shapes(axes + 1)),))


@family("RepeatVector")
def repeat_vector(draw: st.DrawFn, name: str) -> Case:
    """RepeatVector."""
    return Case(name, {"n": draw(st.integers(1, 9))}, (draw(any_shape(least=2, most=3)),))


def _edges(rank: int) -> st.SearchStrategy[Any]:
    """What a 1D, 2D or 3D layer pads or crops."""
    if rank == 1:
        return per_axis(2, 0, 3)
    pair = st.tuples(st.integers(0, 3), st.integers(0, 3))
    return st.one_of(per_axis(rank, 0, 3), st.tuples(*[pair] * rank))


@family(*numbered(["ZeroPadding", "Cropping"]))
def padding_and_cropping(draw: st.DrawFn, name: str) -> Case:
    """By one number, by one for each axis, or by one for each edge."""
    rank = rank_of(name)
    parameter = "padding" if name.startswith("ZeroPadding") else "cropping"
    formats = {} if rank == 1 else {"data_format": DATA_FORMATS}
    arguments = some(draw, **{parameter: _edges(rank)}, **formats)
    return Case(name, arguments, images(draw, rank, arguments))


@family(*numbered(["UpSampling"]))
def up_sampling(draw: st.DrawFn, name: str) -> Case:
    """By one number, or by one for each axis."""
    rank = rank_of(name)
    if rank == 1:
        return Case(name, some(draw, size=st.integers(1, 3)), (draw(shapes(3)),))
    arguments = some(draw, size=per_axis(rank, 1, 3), data_format=DATA_FORMATS)
    return Case(name, arguments, images(draw, rank, arguments))


RETURNS = {"return_sequences": st.booleans(), "return_state": st.booleans()}


RECURRENT = ["LSTM", "GRU", "SimpleRNN"]


def _recurrent(draw: st.DrawFn, name: str, **more: st.SearchStrategy[Any]) -> Case:
    return Case(name, {"units": draw(st.integers(1, 6)), **some(draw, **RETURNS, **more)})


@family(*RECURRENT)
def recurrent(draw: st.DrawFn, name: str) -> Case:
    """With states, and stateful at times."""
    case = _recurrent(draw, name, go_backwards=st.booleans(), stateful=st.booleans())
    return replace(case, inputs=(draw(shapes(3)),))


@family("RNN")
def cells(draw: st.DrawFn, name: str) -> Case:
    """Over one cell, or over a stack of them."""
    names = draw(st.lists(st.sampled_from(["LSTMCell", "GRUCell", "SimpleRNNCell"]), min_size=1, max_size=2))
    wrapped = tuple(Case(cell, {"units": draw(st.integers(1, 6))}) for cell in names)
    if len(wrapped) > 1 or draw(st.booleans()):
        wrapped = (Case("StackedRNNCells", {}, (), wrapped),)
    return Case(name, some(draw, **RETURNS), (draw(shapes(3)),), wrapped)


@family(*numbered(["ConvLSTM"]))
def convolutional_lstm(draw: st.DrawFn, name: str) -> Case:
    """Images in time, with states."""
    rank = rank_of(name)
    arguments = {
        "filters": draw(st.integers(1, 4)),
        "kernel_size": draw(per_axis(rank, 1, 3)),
        **some(
            draw,
            padding=st.sampled_from(["valid", "same"]),
            strides=per_axis(rank, 1, 2),
            data_format=DATA_FORMATS,
            **RETURNS,
        ),
    }
    ((batch, *image),) = images(draw, rank, arguments)
    return Case(name, arguments, ((batch, draw(LENGTHS), *image),))


MERGE_MODES = st.sampled_from(["concat", "sum", "mul", "ave", None])


@family("Bidirectional")
def bidirectional(draw: st.DrawFn, name: str) -> Case:
    """With a backward layer of its own at times."""
    forward = _recurrent(draw, draw(st.sampled_from(RECURRENT)))
    arguments = some(draw, merge_mode=MERGE_MODES)
    if draw(st.integers(0, 3)):
        return Case(name, arguments, (draw(shapes(3)),), (forward,))
    changed: dict[str, Any] = {"go_backwards": True}
    if arguments.get("merge_mode", "concat") in ("concat", None):
        changed["units"] = draw(st.integers(1, 6))
    backward = replace(forward, arguments={**forward.arguments, **changed})
    return Case(name, arguments, (draw(shapes(3)),), (forward, backward))


@family("TimeDistributed")
def time_distributed(draw: st.DrawFn, name: str) -> Case:
    """Over layers that take images, vectors and sequences, and over a model."""
    convolution = Case("Conv2D", {"filters": 3, "kernel_size": draw(st.integers(1, 3))})
    inner, rank = draw(
        st.sampled_from(
            [
                (Case("Dense", {"units": 4}), 3),
                (Case("Flatten"), 4),
                (Case("Dropout", {"rate": 0.5}), 4),
                (Case("LSTM", {"units": 3}), 4),
                (Case("MaxPooling2D"), 5),
                (convolution, 5),
                (Case("Sequential", {}, (), (convolution, Case("Flatten"))), 5),
            ]
        )
    )
    return Case(name, {}, (draw(shapes(rank)),), (inner,))


@family("SpectralNormalization")
def spectral_normalization(draw: st.DrawFn, name: str) -> Case:
    """SpectralNormalization of layers that have a kernel."""
    inner, rank = draw(
        st.sampled_from([(Case("Dense", {"units": 3}), 2), (Case("Conv2D", {"filters": 3, "kernel_size": 2}), 4)])
    )
    return Case(name, {}, (draw(shapes(rank)),), (inner,))


@family("Sequential", "Input")
def sequential(draw: st.DrawFn, _: str) -> Case:
    """A model as a layer, with an Input that agrees with what arrives or not."""
    arrives = draw(st.tuples(BATCHES, st.integers(1, 4)))
    declared = Case("Input", {"shape": (draw(st.sampled_from([arrives[1], 3])),)})
    wrapped = (
        *draw(st.sampled_from([(), (declared,)])),
        Case("Dense", {"units": 5}),
        Case("RepeatVector", {"n": 2}),
    )
    return Case("Sequential", {}, (arrives,), wrapped)


def _variant(draw: st.DrawFn, shape: Sizes, others: st.SearchStrategy[int | None]) -> Sizes:
    """A shape of the same rank, most of it the same."""
    return tuple(draw(others) if draw(st.integers(0, 4)) == 0 else size for size in shape)


MERGES = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]


@family(*MERGES, *map(str.lower, MERGES))
def elementwise_merge(draw: st.DrawFn, name: str) -> Case:
    """Of shapes that are broadcast, or are not."""
    first = draw(any_shape(least=2, most=4))
    count = 1 if name.lower() == "subtract" else draw(st.integers(1, 2))
    inputs = (first, *(_variant(draw, first, st.sampled_from([None, 1, 3])) for _ in range(count)))
    return Case(name, {}, inputs)


@family("Concatenate", "concatenate")
def concatenation(draw: st.DrawFn, name: str) -> Case:
    """Concatenate, on any axis."""
    first = draw(any_shape(least=2, most=4))
    inputs = (first, *(_variant(draw, first, LENGTHS) for _ in range(draw(st.integers(1, 2)))))
    return Case(
        name,
        some(draw, axis=st.integers(-3, 3).filter(bool)),
        inputs,
    )


@family("Dot", "dot")
def dot(draw: st.DrawFn, name: str) -> Case:
    """Dot, over axes that agree or not."""
    first = draw(any_shape(least=2, most=4))
    second = (first[0], *draw(st.permutations(first[1:])))
    axes = draw(st.sampled_from([-1, 1, 2, (1, 2), (2, 1), (-1, 1), (1, 1)]))
    return Case(name, {"axes": axes}, (first, second))


@family("Attention", "AdditiveAttention")
def attention(draw: st.DrawFn, name: str) -> Case:
    """Of two inputs, or three."""
    batch, queries, values, features = draw(st.tuples(BATCHES, LENGTHS, LENGTHS, st.integers(1, 6)))
    value = (draw(st.sampled_from([batch, None])), values, features)
    key = draw(st.sampled_from([(), (value,)]))
    return Case(name, {}, ((batch, queries, features), value, *key))


@family("MultiHeadAttention", "GroupQueryAttention")
def multi_head_attention(draw: st.DrawFn, name: str) -> Case:
    """Of queries and values."""
    batch, features = draw(BATCHES), draw(st.integers(1, 6))
    inputs = ((batch, draw(LENGTHS), features), (batch, draw(LENGTHS), draw(st.sampled_from([features, 4]))))
    if name != "MultiHeadAttention":
        arguments = {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1}
        return Case(name, arguments, inputs)
    more = some(draw, value_dim=st.integers(1, 4), output_shape=st.sampled_from([5, (5,), (2, 3)]))
    return Case(name, {"num_heads": 2, "key_dim": 2, **more}, inputs)


RESIZED = ["Resizing", "CenterCrop", "RandomCrop"]
VARIED_BY_FACTOR = [
    *("RandomBrightness", "RandomColorDegeneration", "RandomContrast", "RandomHeight", "RandomHue"),
    *("RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomWidth"),
]
VARIED = [
    *("AugMix", "AutoContrast", "Equalization", "RandAugment", "RandomColorJitter", "RandomElasticTransform"),
    *("RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomInvert"),
    *("RandomPerspective", "RandomShear", "RandomTranslation", "RandomZoom", "Solarization"),
]


@family(*RESIZED, *VARIED_BY_FACTOR, *VARIED)
def image_preprocessing(draw: st.DrawFn, name: str) -> Case:
    """Images that are resized, cropped and varied."""
    arguments: dict[str, Any] = {}
    if name in RESIZED:
        arguments = {"height": draw(st.integers(1, 6)), "width": draw(st.integers(1, 6))}
    elif name in VARIED_BY_FACTOR:
        arguments = {"factor": 4 if name == "RandomPosterization" else 0.2}
    elif name in ("RandomTranslation", "RandomZoom"):
        arguments = {"height_factor": 0.2, "width_factor": 0.2}
    return Case(name, arguments, (draw(st.tuples(BATCHES, LENGTHS, LENGTHS, st.just(3))),))


@family("CategoryEncoding", "Hashing", "Discretization", "IntegerLookup")
def category_encoding(draw: st.DrawFn, name: str) -> Case:
    """Integers as vectors."""
    mode = draw(st.sampled_from(["one_hot", "multi_hot", "count"]))
    columns = 1 if mode == "one_hot" else draw(st.integers(1, 4))
    bins = draw(st.integers(2, 5))
    arguments: dict[str, dict[str, Any]] = {
        "CategoryEncoding": {"num_tokens": bins},
        "Hashing": {"num_bins": bins},
        "Discretization": draw(st.sampled_from([{"bin_boundaries": [0.0, 1.0, 2.0]}, {"num_bins": bins}])),
        "IntegerLookup": {"max_tokens": bins, "pad_to_max_tokens": True, "vocabulary": [7]},
    }
    dtype = "float32" if name == "Discretization" else "int64"
    return Case(name, {**arguments[name], "output_mode": mode}, ((draw(BATCHES), columns),), dtype=dtype)


INTEGERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Hashing": ("int64", {"num_bins": 3}),
    "Discretization": ("float32", {"num_bins": 3}),
    "IntegerLookup": ("int64", {"vocabulary": [1, 2]}),
    "StringLookup": ("string", {"vocabulary": ["a", "b"]}),
}


@family(*INTEGERS)
def integer_encoding(draw: st.DrawFn, name: str) -> Case:
    """Anything as integers."""
    dtype, arguments = INTEGERS[name]
    return Case(name, arguments, (draw(any_shape(least=2, most=3)),), dtype=dtype)


@family("TextVectorization")
def text_vectorization(draw: st.DrawFn, name: str) -> Case:
    """TextVectorization to integers."""
    arguments = some(draw, output_sequence_length=st.none() | st.integers(1, 9))
    arrives = draw(st.sampled_from([(None,), (None, 1), (4, 1), (4,)]))
    return Case(name, {"vocabulary": ["a", "b"], **arguments}, (arrives,), dtype="string")
