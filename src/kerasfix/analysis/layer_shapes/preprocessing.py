"""Preprocessing layers: images are resized, cropped and varied, categories are encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.layer_shapes.calls import (
    LayerCall,
    NoShape,
    choice,
    dims_of,
    flag,
    is_given,
    layer,
    only,
    size,
)
from kerasfix.analysis.layer_shapes.spatial import channels_first
from kerasfix.analysis.shapes import common_dim
from kerasfix.analysis.values import Constant, Dim, Items, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence


@layer(
    *("AugMix", "AutoContrast", "Equalization", "RandAugment", "RandomBrightness", "RandomColorDegeneration"),
    *("RandomColorJitter", "RandomContrast", "RandomElasticTransform", "RandomErasing", "RandomFlip"),
    *("RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective"),
    *("RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear"),
    *("RandomTranslation", "RandomZoom", "Solarization"),
)
def varied_image(_: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives: one image, or a batch of them."""
    return Shape(_image_dims(inputs))


@layer("Resizing")
def resized_image(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(..., height, width, channels) with the height and the width of the arguments."""
    return _with_sides(call, inputs, size(call, "height"), size(call, "width"))


@layer("CenterCrop", "RandomCrop")
def cropped_image(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """As `resized_image`; where a side that arrives is None, Keras 2 loses the batch size."""
    dims = dims_of(_with_sides(call, inputs, size(call, "height"), size(call, "width")))
    sides = dims_of(inputs[0])[-2:] if channels_first(call) else dims_of(inputs[0])[-3:-1]
    if len(dims) == 4 and dims[0] is not None and not all(isinstance(side, int) for side in sides):
        return Shape((Unknown("Keras 2 loses the batch size"), *dims[1:]))
    return Shape(dims)


@layer("RandomHeight")
def random_height(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(..., None, width, channels) (Keras 2 only)."""
    dims = _image_dims(inputs)
    return _with_sides(call, inputs, None, dims[-2])


@layer("RandomWidth")
def random_width(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(..., height, None, channels) (Keras 2 only)."""
    dims = _image_dims(inputs)
    return _with_sides(call, inputs, dims[-3], None)


def _with_sides(call: LayerCall, inputs: Sequence[Shape], height: Dim, width: Dim) -> Shape:
    dims = _image_dims(inputs)
    if channels_first(call):
        return Shape((*dims[:-2], height, width))
    return Shape((*dims[:-3], height, width, dims[-1]))


def _image_dims(inputs: Sequence[Shape]) -> tuple[Dim, ...]:
    dims = dims_of(only(inputs))
    if len(dims) not in (3, 4):
        raise NoShape
    return dims


_MODES = ("int", "one_hot", "multi_hot", "count")


@layer("CategoryEncoding")
def category_encoding(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch, n) to (batch, num_tokens)."""
    mode = choice(call, "output_mode", "multi_hot", ("one_hot", "multi_hot", "count", "binary"))
    return _encoded(inputs, mode, size(call, "num_tokens"))


@layer("Hashing")
def hashing(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives, or (batch, n) to (batch, num_bins) in a mode other than "int"."""
    mode = choice(call, "output_mode", "int", _MODES)
    return only(inputs) if mode == "int" else _encoded(inputs, mode, size(call, "num_bins"))


@layer("Discretization")
def discretization(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives, or (batch, n) to (batch, bins) in a mode other than "int".

    Before `adapt`, Keras 2 has one bin whatever `num_bins` says.
    """
    mode = choice(call, "output_mode", "int", _MODES)
    if mode == "int":
        return only(inputs)
    match call.arguments.get("bin_boundaries", Constant(None)):
        case Items(items=boundaries):
            return _encoded(inputs, mode, len(boundaries) + 1)
        case _:
            return _encoded(inputs, mode, Unknown("the number of bins is not known"))


@layer("StringLookup", "IntegerLookup")
def lookup(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """The shape that arrives, or (batch, n) to (batch, tokens) in a mode other than "int".

    How many tokens there are is known of a layer that pads to `max_tokens`; else the vocabulary tells.
    """
    mode = choice(call, "output_mode", "int", (*_MODES, "tf_idf"))
    if mode == "int":
        return only(inputs)
    padded = flag(call, "pad_to_max_tokens") and is_given(call, "max_tokens")
    tokens = size(call, "max_tokens") if padded else Unknown("it is the size of the vocabulary")
    return _encoded(inputs, mode, tokens)


@layer("TextVectorization")
def text_vectorization(call: LayerCall, inputs: Sequence[Shape]) -> Shape:
    """(batch,) or (batch, 1) strings to (batch, output_sequence_length), in the mode "int" alone.

    Keras 2 does not keep a batch size.
    """
    dims = dims_of(only(inputs))
    choice(call, "output_mode", "int", ("int",))
    if flag(call, "ragged") or not 1 <= len(dims) <= 2:
        raise NoShape
    length = size(call, "output_sequence_length") if is_given(call, "output_sequence_length") else None
    return Shape((common_dim(dims[0], None), length))


def _encoded(inputs: Sequence[Shape], mode: str, depth: Dim) -> Shape:
    """(batch, n) to (batch, depth), for "one_hot" with n = 1; the versions of Keras differ in all else."""
    dims = dims_of(only(inputs))
    if len(dims) != 2 or (mode == "one_hot" and dims[1] != 1):
        raise NoShape
    return Shape((dims[0], depth))
