"""Arguments as Keras 1 called them, under the names that they have had since Keras 2.

A program of Keras 1 is refused by every Keras that can be installed today, so its models are built with the new names,
the same before and after a fix. The names are those that Keras 2.3 still took (`keras.legacy.interfaces`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerasfix.analysis import keras_api
from kerasfix.analysis.values import Constant, Items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kerasfix.analysis.keras_api import KerasClass
    from kerasfix.analysis.objects import Argument

_RENAMED: Mapping[str, tuple[str, ...]] = {
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "U_regularizer": ("recurrent_regularizer",),
    "atrous_rate": ("dilation_rate",),
    "b_constraint": ("bias_constraint",),
    "b_regularizer": ("bias_regularizer",),
    "beta_init": ("beta_initializer",),
    "bias": ("use_bias",),
    "border_mode": ("padding",),
    "dim_ordering": ("data_format",),
    "dropout_U": ("recurrent_dropout",),
    "dropout_W": ("dropout",),
    "filter_length": ("kernel_size",),
    "gamma_init": ("gamma_initializer",),
    "init": ("kernel_initializer", "embeddings_initializer"),
    "inner_activation": ("recurrent_activation",),
    "inner_init": ("recurrent_initializer",),
    "nb_filter": ("filters",),
    "output_dim": ("units",),
    "p": ("rate",),
    "pool_length": ("pool_size",),
    "sigma": ("stddev",),
    "stride": ("strides",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
}
"""The name of an argument in Keras 1, and what it can be since; it is the first of these that the layer takes."""
_GONE = frozenset({"consume_less", "dropout", "forget_bias_init", "mode", "truncate_gradient"})
"""Arguments of Keras 1 that no layer takes any more, and without which the weights are the same."""
_KERNEL = ("nb_row", "nb_col")
_ORDERS = {"th": "channels_first", "tf": "channels_last"}
_CLASSES = {"keras.layers.TimeDistributedDense": "keras.layers.Dense"}
"""A layer that another one has replaced."""
OBJECTS: Mapping[str, str] = {
    "keras.constraints.maxnorm": "keras.constraints.MaxNorm",
    "keras.constraints.max_norm": "keras.constraints.MaxNorm",
    "keras.constraints.nonneg": "keras.constraints.NonNeg",
    "keras.constraints.non_neg": "keras.constraints.NonNeg",
    "keras.constraints.unitnorm": "keras.constraints.UnitNorm",
    "keras.constraints.unit_norm": "keras.constraints.UnitNorm",
    "keras.regularizers.activity_l1": "keras.regularizers.L1",
    "keras.regularizers.activity_l2": "keras.regularizers.L2",
    "keras.regularizers.l1l2": "keras.regularizers.L1L2",
}
"""Constraints and regularizers by the name under which every Keras has them."""
OBJECT_ARGUMENTS: Mapping[str, str] = {"m": "max_value"}


def modern_class(api: KerasClass) -> KerasClass:
    """The class that a layer is made of since Keras 2."""
    return keras_api.lookup(_CLASSES.get(api.name, api.name)) or api


def modern_arguments(api: KerasClass, arguments: Mapping[str, Argument]) -> Mapping[str, Argument]:
    """The arguments of a layer under today's names; the same object where none is Keras 1's."""
    signature = api.signature("keras2")
    if signature is None:
        return arguments
    known = {parameter.name for parameter in signature.parameters}
    if not any(name not in known and (name in _RENAMED or name in (*_GONE, *_KERNEL)) for name in arguments):
        return arguments
    found: dict[str, Argument] = {}
    for name, argument in arguments.items():
        if name in known or name not in (*_RENAMED, *_GONE, *_KERNEL):
            found[name] = argument
            continue
        new = next((each for each in _RENAMED.get(name, ()) if each in known), None)
        if new is not None:
            value = argument.value
            if name == "dim_ordering" and isinstance(value, Constant) and isinstance(value.value, str):
                value = Constant(_ORDERS.get(value.value, value.value))
            found[new] = replace(argument, name=new, value=value)
    _join_kernel(found, arguments, known)
    return found


def _join_kernel(found: dict[str, Argument], arguments: Mapping[str, Argument], known: set[str]) -> None:
    """Make one `kernel_size` of the rows and columns of `Conv2D(32, 3, 3)` or of `nb_row=3, nb_col=3`."""
    sides = [arguments[name] for name in _KERNEL if name in arguments]
    positional = [arguments.get("kernel_size"), arguments.get("strides")]
    if len(sides) < len(_KERNEL):
        sides = [side for side in positional if side is not None and side.positional]
        if len(sides) < len(_KERNEL) or any(isinstance(side.value, Items) for side in sides) or "groups" not in known:
            return
        if arguments["strides"] is found.get("strides"):
            del found["strides"]
    size = Items(tuple(side.value for side in sides))
    found["kernel_size"] = replace(sides[0], name="kernel_size", value=size, positional=False)
