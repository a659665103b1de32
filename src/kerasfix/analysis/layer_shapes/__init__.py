"""What a Keras layer does to the shape that reaches it, where its output follows from its arguments.

The facts are those of Keras 3's `compute_output_shape` and of the tensors that a call in either Keras gives:
where Keras 2 and Keras 3 differ in a size, that size is unknown; what one alone accepts has its shape there.
Nothing raises: what a layer would refuse, and what cannot be known, is unknown. A `data_format` that is not
written is taken as Keras's own default, `channels_last`; who knows that the program sets another passes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.layer_shapes import (  # noqa: F401 - they fill the table
    core,
    merging,
    preprocessing,
    recurrent,
    reshaping,
    spatial,
)
from kerasfix.analysis.layer_shapes.calls import TABLE, LayerCall, NoShape, Output
from kerasfix.analysis.values import UNKNOWN_SHAPE, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KNOWN_LAYERS", "LayerCall", "Output", "output_shape"]

KNOWN_LAYERS = frozenset(TABLE)
"""The names of the layers of whose output something is known."""

_KERAS_1_ARGUMENTS = frozenset(
    (
        *("atrous_rate", "border_mode", "concat_axis", "dim_ordering", "dot_axes", "filter_length"),
        *("kernel_dim1", "kernel_dim2", "kernel_dim3", "length", "nb_col", "nb_filter", "nb_row"),
        *("pool_length", "stride", "subsample", "subsample_length"),
    )
)


def output_shape(call: LayerCall, inputs: Sequence[Shape]) -> Output:
    """The shape (or, from a layer with several outputs, the shapes) that leaves a layer when `inputs` arrive.

    Shapes include the batch dimension. A call that Keras 1 alone would understand is unknown.
    """
    function = TABLE.get(call.name)
    if function is None or not _KERAS_1_ARGUMENTS.isdisjoint(call.arguments):
        return UNKNOWN_SHAPE
    try:
        return function(call, inputs)
    except NoShape:
        return UNKNOWN_SHAPE
