"""Arguments as Keras 1 called them, under the names that they have had since Keras 2.

A program of Keras 1 is refused by every Keras that can be installed today, so its models are built with the new names,
the same before and after a fix. The names are those that Keras 2.3 still took (`keras.legacy.interfaces`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kerasfix.analysis import keras_api
from kerasfix.analysis.values import Constant, Items, Value

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
_KERNEL = ("nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3")
_AXES = re.compile(r"Conv\w*([23])D")
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
    sides = _kernel(api, arguments)
    old = {name for name in arguments if name not in known and name in (*_RENAMED, *_GONE, *_KERNEL)}
    if not old and not (len(sides) == 3 and sides[0].positional):  # Keras 2's third number would be a padding
        return arguments
    found: dict[str, Argument] = {}
    for name, argument in arguments.items():
        new = next((each for each in _RENAMED.get(name, ()) if each in known), "") if name in old else name
        if new and argument not in sides:
            found[new] = replace(argument, name=new, value=_modern_value(name, argument.value))
    if sides:
        size = Items(tuple(side.value for side in sides))
        found["kernel_size"] = replace(sides[0], name="kernel_size", value=size, positional=False)
    return found


def _kernel(api: KerasClass, arguments: Mapping[str, Argument]) -> list[Argument]:
    """The sides of the kernel in `Conv2D(32, 3, 3)`, or in `nb_row=3, nb_col=3`; none where it is one argument."""
    axes = _AXES.search(api.name)
    if axes is None:
        return []
    number = int(axes[1])
    for sides in (
        [arguments[name] for name in _KERNEL if name in arguments],
        [argument for argument in list(arguments.values())[1 : 1 + number] if argument.positional],
    ):
        if len(sides) == number and not any(isinstance(side.value, Items) for side in sides):
            return sides
    return []


def _modern_value(name: str, value: Value) -> Value:
    if name == "dim_ordering" and isinstance(value, Constant) and isinstance(value.value, str):
        return Constant(_ORDERS.get(value.value, value.value))
    return value
