"""Which arrays a model refuses, as Keras 3 and tf_keras were seen to do it.

Both compare an array with what the model declares before any layer sees it. Keras 3 (`Functional._adjust_input_rank`)
adds or drops a last axis of 1 and refuses every other rank. Then, and in Keras 2 at once, sizes are compared axis by
axis as far as both shapes go, without a last axis of 1 (`InputSpec.allow_last_axis_squeeze`); a Sequential of Keras 3
does not do that, nor Keras 2 with what a Python generator yields. What passes reaches the layers, of which some fix the
rank and the size of the last axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.analysis.data_shapes import is_from_generator
from kerasfix.analysis.flow import takes
from kerasfix.analysis.layer_shapes import output_shape
from kerasfix.analysis.objects import FunctionalObject, InputObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.slots import certain_values
from kerasfix.analysis.values import UNKNOWN_SHAPE, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.analysis.feeding import Fed
    from kerasfix.analysis.keras_api import Version
    from kerasfix.analysis.layer_shapes import LayerCall
    from kerasfix.analysis.program import Program
    from kerasfix.analysis.values import Dim, Value

    Dims = tuple[Dim, ...]

KEEPING = frozenset(
    ["Dropout", "Activation", "ReLU", "LeakyReLU", "ELU", "GaussianNoise", "GaussianDropout", "AlphaDropout"]
)
"""Layers that take any shape and give it on as it is."""
KEEPING_RANK = KEEPING | {
    *("Dense", "BatchNormalization", "LayerNormalization", "Conv1D", "Conv2D", "Conv3D", "SeparableConv2D"),
    *("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "ZeroPadding2D"),
    *("UpSampling2D", "SpatialDropout1D", "SpatialDropout2D", "Conv2DTranspose", "DepthwiseConv2D"),
}
"""Layers whose output has as many axes as their input."""
_LAST_AXIS = frozenset(["Dense", "LSTM", "GRU", "SimpleRNN", "Conv1D", "Conv2D", "Conv3D"])
"""Layers whose weights depend on the last axis alone, where the data format is `channels_last`."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The layers that an input goes through one after the other, as far as they are known."""

    layers: tuple[Value, ...]

    def first_that_cares(self) -> tuple[LayerObject | None, LayerObject | None]:
        """The first layer that is not one of `KEEPING`, and the layer behind it."""
        rest = [layer for layer in self.layers if not (_is_built_in(layer) and _name(layer) in KEEPING)]
        found = [layer if isinstance(layer, LayerObject) and layer.api is not None else None for layer in rest[:2]]
        return (*found, None, None)[:2]  # type: ignore[return-value]


def chains(program: Program, model: Value, declared_by: Value | None) -> Iterator[Chain]:
    """The layers that an input of a model reaches, on each way that it takes; a way ends where it forks."""
    if isinstance(model, SequentialObject):
        yield sequential_chain(program, model)
        return
    for other in program.models:
        if model in other.objects:
            tensors = other.tensors()
            for tensor in tensors:
                if declared_by in {one.source for one in tensor.inputs if isinstance(one, Tensor)}:
                    yield Chain(tuple(_way(program, tensor, tensors)))


def _way(program: Program, tensor: Tensor, tensors: Sequence[Tensor]) -> Iterator[Value]:
    """What makes a tensor, and what then is computed from it alone; a function or operator is a tensor here."""
    following: list[Tensor] = [tensor]
    while len(following) == 1:
        (tensor,) = following
        if isinstance(tensor.source, SequentialObject):
            yield from sequential_chain(program, tensor.source).layers
        elif tensor.source is not None:
            yield tensor.source
        elif tensor.applied is None or not tensor.applied.keeps_shape:
            yield tensor
        following = [other for other in tensors if tensor in other.inputs]


def sequential_chain(program: Program, model: SequentialObject) -> Chain:
    """The layers of a Sequential, those of the Sequentials in it among them."""
    content = program.contents.get(model)
    entries = certain_values(content.slots) if content is not None else None
    found: list[Value] = []
    for entry in entries or ():
        if isinstance(entry, SequentialObject):
            found += sequential_chain(program, entry).layers
        elif not isinstance(entry, InputObject | Tensor):
            found.append(entry)
    return Chain(tuple(found))


def refusing_rank(chain: Chain, rank: int, version: Version) -> LayerObject | None:
    """The layer that refuses a tensor of this rank at the begin of the chain; None where that is not sure."""
    for layer in chain.layers:
        if not isinstance(layer, LayerObject) or layer.api is None:
            return None
        if not takes(layer, version, rank):
            return layer
        if layer.name not in KEEPING_RANK:
            return None
    return None


def flattens_for_dense(chain: Chain) -> bool:
    """Whether a `Dense` stands behind a `Flatten`, which then must know every size but the batch."""
    names = [_name(layer) if _is_built_in(layer) else "" for layer in chain.layers]
    for place, name in enumerate(names):
        if name == "Flatten":
            behind = [other for other in names[place + 1 :] if other not in KEEPING]
            return behind[:1] == ["Dense"]
        if name not in KEEPING_RANK:
            return False
    return False


def refusing(program: Program, fed: Fed) -> list[Version]:
    """The versions of Keras that are known to refuse this array."""
    declared, given = fed.input.shape.dims, fed.shape.dims
    if declared is None or given is None:
        return []
    symbolic = isinstance(fed.value, Tensor)
    functional = isinstance(fed.given.model, FunctionalObject)
    versions: list[Version] = ["keras2", "keras3"]
    if symbolic and len(declared) != len(given):
        return []
    found: list[Version] = []
    ways = [*chains(program, fed.given.model, fed.input.declared_by)]
    later = any(_later_layer_refuses(program, chain, declared, _adjusted(declared, given)) for chain in ways)
    for version in versions:
        refused = later or _layers_refuse(ways, declared, _adjusted(declared, given), version)
        if version == "keras3":
            refused = refused or _rank_is_refused(declared, given) or (functional and _sizes_differ(declared, given))
        elif not symbolic and not is_from_generator(fed.value):
            refused = refused or _sizes_differ(declared, given)
        if refused:
            found.append(version)
    return found


def refusing_list(program: Program, fed: Fed) -> list[Version]:
    """The versions of Keras that refuse a list of numbers (`data_shapes.is_list_of_numbers`) as it is.

    `Fed.shape` is that of the array which numpy makes of it. Keras 3 takes no such list, whatever the model is. Keras 2
    takes it for that array, but not where it is given just one batch.
    """
    one_batch = fed.given.method.endswith("_on_batch")
    return ["keras2", "keras3"] if one_batch or "keras2" in refusing(program, fed) else ["keras3"]


def _rank_is_refused(declared: Dims, given: Dims) -> bool:
    if len(given) == len(declared) + 1:
        return isinstance(given[-1], int) and given[-1] != 1
    if len(given) == len(declared) - 1:
        return declared[-1] is None or (isinstance(declared[-1], int) and declared[-1] != 1)
    return len(given) != len(declared)


def _adjusted(declared: Dims, given: Dims) -> Dims:
    if len(given) == len(declared) + 1 and given[-1] == 1:
        return given[:-1]
    if len(given) == len(declared) - 1 and declared[-1] == 1:
        return (*given, 1)
    return given


def _sizes_differ(declared: Dims, given: Dims) -> bool:
    """Whether two sizes on one axis differ, the batch and a last axis of 1 left out."""
    if not declared or not given or not _is_size(declared[-1]) or not _is_size(given[-1]):
        return False
    left = declared[:-1] if declared[-1] == 1 else declared
    right = given[:-1] if given[-1] == 1 else given
    return any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(left[1:], right[1:], strict=False))


def _is_size(dim: Dim) -> bool:
    return dim is None or isinstance(dim, int)


def _layers_refuse(every: Sequence[Chain], declared: Dims, given: Dims, version: Version) -> bool:
    return any(_layer_refuses(*chain.first_that_cares(), declared, given, version) for chain in every)


def _later_layer_refuses(program: Program, chain: Chain, declared: Dims, given: Dims) -> bool:
    """Whether a layer's weights, made for what reaches it of what is declared, do not fit what reaches it now."""
    before, now = Shape(declared), Shape(given)
    for layer in chain.layers:
        known = isinstance(layer, LayerObject) and layer.api is not None and layer in program.layer_calls
        if not known or not isinstance(layer, LayerObject) or layer.name not in KEEPING_RANK | {"Flatten"}:
            return False
        if before.dims is None or now.dims is None or before.rank != now.rank or "data_format" in layer.arguments:
            return False
        if layer.name in _LAST_AXIS and _differ(before.dims[-1], now.dims[-1]):
            return True
        before, now = (_behind(program.layer_calls[layer], shape) for shape in (before, now))
    return False


def _behind(call: LayerCall, shape: Shape) -> Shape:
    leaving = output_shape(call, [shape])
    return leaving if isinstance(leaving, Shape) else UNKNOWN_SHAPE


def _layer_refuses(
    layer: LayerObject | None, following: LayerObject | None, declared: Dims, given: Dims, version: Version
) -> bool:
    if layer is None or layer.api is None or layer.unpacks or "data_format" in layer.arguments:
        return False
    if not takes(layer, version, len(declared)):
        return False  # it refuses what is declared, whatever is given
    if not takes(layer, version, len(given)):
        return True
    if layer.name in _LAST_AXIS:
        return _differ(declared[-1], given[-1])
    if layer.name == "Flatten" and following is not None and following.name == "Dense":
        return _differ(size_of(declared[1:]), size_of(given[1:]))
    return False


def _differ(left: Dim, right: Dim) -> bool:
    return isinstance(left, int) and isinstance(right, int) and left != right


def size_of(dims: Sequence[Dim]) -> int | None:
    """How many elements a shape has; None where that is not known."""
    numbers = [dim for dim in dims if isinstance(dim, int)]
    return math.prod(numbers) if len(numbers) == len(dims) else None


def _is_built_in(value: Value) -> bool:
    return isinstance(value, LayerObject) and value.api is not None


def _name(value: Value) -> str:
    return value.name if isinstance(value, LayerObject) else ""
