"""Calls of Keras layers as hypothesis draws them: mostly valid, some that Keras refuses.

`FAMILIES` maps a family's name to the strategy of its cases, `LAYERS` holds the layers that are drawn. What a
case means to Keras is in `build_output`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from kerasfix.analysis.layer_shapes import LayerCall
from kerasfix.analysis.values import Constant, Items, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Sizes = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A layer with plain Python arguments, and the shapes of the tensors that it is called on."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Sizes, ...] = ()
    wrapped: tuple[Case, ...] = ()
    dtype: str = "float32"

    @property
    def call(self) -> LayerCall:
        """The case as kerasfix sees it."""
        arguments = {name: as_value(value) for name, value in self.arguments.items()}
        return LayerCall(self.name, arguments, tuple(case.call for case in self.wrapped))

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes that arrive."""
        return tuple(map(Shape, self.inputs))


def as_value(value: object) -> Value:
    """A Python value as the literal that writes it."""
    if isinstance(value, tuple | list):
        return Items(tuple(map(as_value, value)), type(value).__name__)
    return Constant(value)  # type: ignore[arg-type]


def build_layer(keras: Any, case: Case) -> Any:
    """The layer of a case, of the Keras given: keras 3 or tf_keras."""
    parts = tuple(build_layer(keras, part) for part in case.wrapped)
    layer_class = getattr(keras.layers, case.name, None) or getattr(keras, case.name)
    match case.name:
        case "Sequential" | "StackedRNNCells":
            return layer_class(list(parts), **case.arguments)
        case "Bidirectional" if len(parts) == 2:
            return layer_class(parts[0], backward_layer=parts[1], **case.arguments)
        case _:
            return layer_class(*parts, **case.arguments)


def build_output(keras: Any, case: Case) -> list[Sizes | None]:
    """The shapes that really leave the layer, None for a state that is a list. Raises what Keras raises."""
    tensors = [keras.Input(batch_shape=shape, dtype=case.dtype) for shape in case.inputs]
    if case.name == case.name.lower():
        output = getattr(keras.layers, case.name)(tensors, **case.arguments)
    elif case.name.endswith("QueryAttention") or case.name == "MultiHeadAttention":
        output = build_layer(keras, case)(*tensors)
    else:
        output = build_layer(keras, case)(tensors[0] if len(tensors) == 1 else tensors)
    outputs = output if isinstance(output, tuple | list) else [output]
    return [None if isinstance(each, tuple | list) else tuple(each.shape) for each in outputs]


def exists(keras: Any, case: Case) -> bool:
    """Whether that Keras has the layer, and those in it."""
    has = hasattr(keras.layers, case.name) or hasattr(keras, case.name)
    return has and all(exists(keras, part) for part in case.wrapped)


FAMILIES: dict[str, st.SearchStrategy[Case]] = {}
LAYERS: set[str] = set()

BATCHES = st.sampled_from([None, None, 1, 4])
LENGTHS = st.one_of(st.none(), st.integers(1, 12))
CHANNELS = st.one_of(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6), st.none())
DATA_FORMATS = st.sampled_from([None, "channels_last", "channels_first"])


def family(*names: str) -> Callable[[Callable[[st.DrawFn, str], Case]], Callable[[st.DrawFn, str], Case]]:
    """Enter what a function draws for each of some layers under the function's name."""

    def enter(draw_case: Callable[[st.DrawFn, str], Case]) -> Callable[[st.DrawFn, str], Case]:
        @st.composite
        def cases(draw: st.DrawFn) -> Case:
            return draw_case(draw, draw(st.sampled_from(names)))

        FAMILIES[draw_case.__name__] = cases()
        LAYERS.update(names)
        return draw_case

    return enter


def numbered(kinds: Sequence[str], ranks: Sequence[int] = (1, 2, 3), end: str = "") -> list[str]:
    """The names of layers that tell a rank: "Conv" as Conv1D, Conv2D and Conv3D."""
    return [f"{kind}{rank}D{end}" for rank in ranks for kind in kinds]


def rank_of(name: str) -> int:
    """The rank that a layer's name tells."""
    return next(int(letter) for letter in name if letter in "123")


def some(draw: st.DrawFn, **optional: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Some of the optional arguments."""
    drawn: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=optional))
    return drawn


def per_axis(rank: int, least: int, most: int) -> st.SearchStrategy[Any]:
    """An int, or one for each axis."""
    numbers = st.integers(least, most)
    return st.one_of(numbers, st.lists(numbers, min_size=rank, max_size=rank).map(tuple))


def shapes(rank: int) -> st.SearchStrategy[Sizes]:
    """Shapes of a rank, batch included; one in ten of the rank next to it."""
    ranks = st.sampled_from([rank] * 9 + [rank - 1 or 3])
    return ranks.flatmap(lambda axes: st.tuples(BATCHES, *[LENGTHS] * (axes - 2), CHANNELS))


def any_shape(least: int = 1, most: int = 5) -> st.SearchStrategy[Sizes]:
    """Shapes of any rank."""
    return st.integers(least, most).flatmap(lambda axes: st.tuples(BATCHES, *[LENGTHS] * (axes - 1)))


def images(draw: st.DrawFn, rank: int, arguments: Mapping[str, Any]) -> tuple[Sizes, ...]:
    """One shape of `rank` spatial axes, its channels where `data_format` has them."""
    shape = draw(shapes(rank + 2))
    if arguments.get("data_format") == "channels_first":
        shape = (shape[0], shape[-1], *shape[1:-1])
    return (shape,)


def _convolution(draw: st.DrawFn, name: str, *paddings: str, **more: st.SearchStrategy[Any]) -> Case:
    rank = rank_of(name)
    arguments = {
        "kernel_size": draw(per_axis(rank, 1, 4)),
        **some(
            draw,
            strides=per_axis(rank, 1, 3),
            padding=st.sampled_from(["valid", "same", "SAME", *paddings]),
            data_format=DATA_FORMATS,
            **more,
        ),
    }
    if "strides" not in arguments:
        arguments |= some(draw, dilation_rate=per_axis(rank, 1, 3))
    if "Depthwise" not in name:
        arguments["filters"] = draw(st.sampled_from([1, 2, 4, 6, 0, -1]) | st.integers(1, 6))
    return Case(name, arguments, images(draw, rank, arguments))


@family(*numbered(["Conv", "Convolution"]))
def convolution(draw: st.DrawFn, name: str) -> Case:
    """With groups, and the padding "causal" which is for 1D alone."""
    return _convolution(draw, name, "causal", groups=st.integers(1, 2))


@family(*numbered(["SeparableConv", "SeparableConvolution", "DepthwiseConv"], ranks=(1, 2)))
def separable_convolution(draw: st.DrawFn, name: str) -> Case:
    """With a depth multiplier."""
    return _convolution(draw, name, depth_multiplier=st.integers(1, 3))


@family(*numbered(["Conv", "Convolution"], end="Transpose"))
def transposed_convolution(draw: st.DrawFn, name: str) -> Case:
    """With output_padding."""
    return _convolution(draw, name, output_padding=st.none() | st.integers(0, 2))


@family("LocallyConnected1D", "LocallyConnected2D")
def locally_connected(draw: st.DrawFn, name: str) -> Case:
    """Layers of Keras 2, without dilation."""
    case = _convolution(draw, name)
    arguments = {name: value for name, value in case.arguments.items() if name != "dilation_rate"}
    return Case(name, {**arguments, "padding": "valid"}, case.inputs)


POOLING = ["MaxPooling", "AveragePooling", "MaxPool", "AvgPool"]


@family(*numbered(POOLING))
def pooling(draw: st.DrawFn, name: str) -> Case:
    """With strides of their own or the pool's."""
    rank = rank_of(name)
    arguments = some(
        draw,
        pool_size=per_axis(rank, 1, 3),
        strides=st.none() | per_axis(rank, 1, 3),
        padding=st.sampled_from(["valid", "same"]),
        data_format=DATA_FORMATS,
    )
    return Case(name, arguments, images(draw, rank, arguments))


@family(*numbered([f"Global{kind}" for kind in POOLING]))
def global_pooling(draw: st.DrawFn, name: str) -> Case:
    """With keepdims."""
    arguments = some(draw, keepdims=st.booleans(), data_format=DATA_FORMATS)
    return Case(name, arguments, images(draw, rank_of(name), arguments))


@family(*numbered(["AdaptiveMaxPooling", "AdaptiveAveragePooling"]))
def adaptive_pooling(draw: st.DrawFn, name: str) -> Case:
    """Layers of Keras 3."""
    rank = rank_of(name)
    arguments = {"output_size": draw(per_axis(rank, 1, 4)), **some(draw, data_format=DATA_FORMATS)}
    # Of their rank only: Keras builds them on any other, and fails when they run.
    return Case(name, arguments, (draw(st.tuples(BATCHES, *[LENGTHS] * (rank + 1))),))


@family("Dense")
def dense(draw: st.DrawFn, name: str) -> Case:
    """Any number of units, on any rank."""
    return Case(name, {"units": draw(st.integers(-1, 8))}, (draw(any_shape()),))


@family("Embedding", "ReversibleEmbedding")
def embedding(draw: st.DrawFn, name: str) -> Case:
    """With Keras 2's input_length, which the shape ignores."""
    arguments = {"input_dim": 9, "output_dim": draw(st.integers(1, 8))}
    if name == "Embedding":
        arguments |= some(draw, input_length=st.just(12))
    return Case(name, arguments, (draw(any_shape(most=3)),))


EQUATIONS = [
    ("ab,bc->ac", 2, 1),
    ("abc,cd->abd", 3, 2),
    ("abc,cde->abde", 3, 3),
    ("...x,xy->...y", 3, 1),
    ("ax...,xy->ay...", 4, 1),
    ("a...x,xy->a...y", 4, 1),
]
"""Equations with the rank that they read and the number of axes that `output_shape` names."""


@family("EinsumDense")
def einsum_dense(draw: st.DrawFn, name: str) -> Case:
    """With and without an ellipsis."""
    equation, rank, count = draw(st.sampled_from(EQUATIONS))
    sizes = draw(st.lists(LENGTHS, min_size=count, max_size=count))
    output = sizes[0] if count == 1 and sizes[0] and draw(st.booleans()) else tuple(sizes)
    arrives = draw(shapes(rank))
    if count > 1 and len(arrives) == 3 and draw(st.booleans()):
        output = (arrives[1], *sizes[1:])
    return Case(name, {"equation": equation, "output_shape": output}, (arrives,))


UNCHANGED: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "relu"},
    "ActivityRegularization": {},
    "AlphaDropout": {"rate": 0.5},
    "Dropout": {"rate": 0.5},
    "ELU": {},
    "GaussianDropout": {"rate": 0.5},
    "GaussianNoise": {"stddev": 0.5},
    "Identity": {},
    "LeakyReLU": {},
    "Masking": {},
    "ReLU": {},
    "Rescaling": {"scale": 0.5},
    "Softmax": {},
    "ThresholdedReLU": {},
}


@family(*UNCHANGED)
def unchanged(draw: st.DrawFn, name: str) -> Case:
    """Layers that keep every shape."""
    return Case(name, UNCHANGED[name], (draw(any_shape(least=2)),))


@family(*numbered(["SpatialDropout"]))
def spatial_dropout(draw: st.DrawFn, name: str) -> Case:
    """Layers that keep every shape of their rank."""
    return Case(name, {"rate": 0.5}, images(draw, rank_of(name), {}))
