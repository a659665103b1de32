"""What yields batches to a model, and the shape of one: generators of images and `tf.data` datasets.

The facts are those of the documentation of TensorFlow and Keras; the tests hold them to both. What is not known of a
method makes what it gives unknown: `map` may do anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.data_shapes import sizes
from kerasfix.analysis.layer_shapes.calls import NoShape
from kerasfix.analysis.values import Constant, Items

if TYPE_CHECKING:
    from kerasfix.analysis.data_shapes import ArrayCall, Dims

IMAGE_GENERATOR = "keras.preprocessing.image.ImageDataGenerator"
KEEPING = frozenset({"shuffle", "prefetch", "repeat", "cache", "take", "skip"})
"""Methods of a dataset that change no element of it."""
_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}
_PARTS = (Constant(None), Constant("training"), Constant("validation"))
_FROM_DIRECTORY = ("keras.utils.image_dataset_from_directory", "keras.preprocessing.image_dataset_from_directory")


def made_by_function(name: str, call: ArrayCall) -> Dims | None:
    """One element of the dataset that a function makes; None for other functions. Raises `NoShape`."""
    if name in _FROM_DIRECTORY:
        size, split = call.keywords.get("batch_size", Constant(32)), call.keywords.get("subset")
        sure = isinstance(size, Constant) and size.value is not None and split in (None, *_PARTS)
        if not sure or len(call.positional) > 1 or "data_format" in call.keywords:
            raise NoShape
        return _images(call, "image_size")
    if name == "tensorflow.data.Dataset.from_tensor_slices":
        data = call.value(0, "tensors")
        if isinstance(data, Items):
            data = data.items[0] if data.kind == "tuple" and len(data.items) in (2, 3) else None
        dims = call.dims_of(data) if data is not None and not isinstance(data, Items) else None
        if dims is None or len(dims) < 2:
            raise NoShape
        return dims[1:]
    return None


def made_by_generator(method: str, call: ArrayCall) -> Dims:
    """A batch of what a method of an `ImageDataGenerator` gives. Raises `NoShape` where it is not known."""
    if method == "flow_from_directory" and len(call.positional) < 4:
        return _images(call, "target_size")
    if method == "flow":
        dims = call.dims(0, "x")
        if len(dims) == 4:
            return (None, *dims[1:])
    raise NoShape


def after_method(element: Dims, method: str) -> Dims:
    """An element of what a method of a dataset gives. Raises `NoShape` where it is not known."""
    if method == "batch":
        return (None, *element)
    if method in KEEPING:
        return element
    raise NoShape


def _images(call: ArrayCall, size: str) -> Dims:
    """Images that are read from files: of the size that is asked for, or 256 by 256."""
    wanted, colours = call.value(1, size), call.value(2, "color_mode")
    height_and_width = (256, 256) if wanted is None else sizes(wanted)
    mode = "rgb" if colours is None else colours.value if isinstance(colours, Constant) else None
    if len(height_and_width) != 2 or mode not in _CHANNELS:
        raise NoShape
    return (None, *height_and_width, _CHANNELS[str(mode)])
