"""Says whether two models are the same, from the records that a worker made of them.

The name that Keras itself gives to an input is the one thing that a safe fix may change
so automatic names are not compared.
"""

from __future__ import annotations

import math
import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from kerasfix.verify.records import InputSpec, LayerRecord, ModelRecord, OutputRecord

AUTOMATIC_NAME = re.compile(r"(input(_layer)?|keras_tensor)(_\d+)?")
OF_A_LAYER = re.compile(r"(?s)(.+)_input(_\d+)?")
"""How Keras 2 names the input that a layer declares."""
RELATIVE, ABSOLUTE = 1e-5, 1e-6


def model_gains(old: ModelRecord, new: ModelRecord) -> Iterator[str]:
    """What Keras can do with the new model alone."""
    if new["built"] and not old["built"]:
        yield "was not built"
    if old["refusal"] and not new["refusal"] and new["outputs"] is not None:
        yield f"could not be called: {old['refusal']}"


def model_differences(old: ModelRecord, new: ModelRecord) -> Iterator[str]:
    """What differs between two models of one Keras, in the order of KERAS.md section 6."""
    for key in ("kind", "name"):
        if old[key] != new[key]:
            yield changed(key, old[key], new[key])
    if old["built"] and not new["built"]:
        yield "is no longer built"
    if old["inputs"] is not None:
        named = {layer["name"] for layer in old["layers"]}
        yield from input_differences(old["inputs"], new["inputs"] or [], named, dtypes=not old["refusal"])
        if old["output_shapes"] != new["output_shapes"]:
            yield changed("output shapes", old["output_shapes"], new["output_shapes"])
    yield from layer_differences(old["layers"], new["layers"])
    if new["refusal"] and not old["refusal"]:
        yield f"cannot be called any more: {new['refusal']}"
    if old["outputs"] is None and not old["weights"]:
        return
    if old["weights"] != new["weights"]:
        yield changed("weights", old["weights"], new["weights"])
    if old["parameters"] != new["parameters"]:
        yield changed("parameter count", old["parameters"], new["parameters"])
    if old["outputs"] is not None and new["outputs"] is not None:
        yield from output_differences(old["outputs"], new["outputs"])
    elif old["inputs"] is not None and connections(old) != connections(new):
        yield changed("connections", connections(old), connections(new))


def input_differences(
    old: list[InputSpec], new: list[InputSpec], layers: Container[str], *, dtypes: bool
) -> Iterator[str]:
    """What differs between the inputs; a dtype on which the old model could not be called does not count."""
    if len(old) != len(new):
        yield changed("number of inputs", len(old), len(new))
        return
    for was, now in zip(old, new, strict=True):
        if was["shape"] != now["shape"]:
            yield changed("input shape", was["shape"], now["shape"])
        if dtypes and was["dtype"] != now["dtype"]:
            yield changed("input dtype", was["dtype"], now["dtype"])
        if not same_name(was["name"], now["name"], layers):
            yield changed("input name", was["name"], now["name"])


def same_name(old: str, new: str, layers: Container[str]) -> bool:
    """Whether two names of inputs are equal, or both Keras's own in a model with these layers."""
    return old == new or (is_automatic(old, layers) and is_automatic(new, layers))


def is_automatic(name: str, layers: Container[str]) -> bool:
    """Whether an input has the name from Keras."""
    of_a_layer = OF_A_LAYER.fullmatch(name)
    return AUTOMATIC_NAME.fullmatch(name) is not None or (of_a_layer is not None and of_a_layer[1] in layers)


def layer_differences(old: list[LayerRecord], new: list[LayerRecord]) -> Iterator[str]:
    """What differs between the layers, those of inner models included."""
    if len(old) != len(new):
        yield changed("layers", [one["name"] for one in old], [one["name"] for one in new])
        return
    named = {layer["name"] for layer in old}
    for was, now in zip(old, new, strict=True):
        unnamed = was["kind"] == now["kind"] == "InputLayer" and same_name(was["name"], now["name"], named)
        for key in ("depth", "kind", "name", "trainable"):
            if was[key] != now[key] and not (key == "name" and unnamed):
                yield changed(f"{key} of layer {was['name']}", was[key], now[key])
        for key in sorted({*was["config"], *now["config"]}):
            if without_automatic_names(was["config"].get(key)) != without_automatic_names(now["config"].get(key)):
                yield changed(f"{key} of layer {was['name']}", was["config"].get(key), now["config"].get(key))


def without_automatic_names(config: Any) -> Any:
    """A configuration, that of a model inside a wrapper perhaps, without the names that Keras gives to inputs."""
    if isinstance(config, dict):
        return {key: without_automatic_names(value) for key, value in config.items()}
    if isinstance(config, list):
        return [without_automatic_names(value) for value in config]
    return "" if isinstance(config, str) and AUTOMATIC_NAME.fullmatch(config) else config


def connections(model: ModelRecord) -> list[list[str]]:
    """For each call of each layer the layers that its tensors come from; all automatic names of inputs are one."""
    named = {layer["name"] for layer in model["layers"]}
    return [
        [layer["name"], *("" if is_automatic(name, named) else name for name in call["sources"])]
        for layer in model["layers"]
        if layer["kind"] != "InputLayer"
        for call in layer["calls"]
    ]


def output_differences(old: list[OutputRecord], new: list[OutputRecord]) -> Iterator[str]:
    """What differs between the answers on the same weights and data."""
    for was, now in zip_longest(old, new):
        if was is None or now is None or was["shape"] != now["shape"] or was["dtype"] != now["dtype"]:
            yield changed("answer", was and (was["dtype"], was["shape"]), now and (now["dtype"], now["shape"]))
        elif not all(map(close, was["values"], now["values"])):
            yield changed("answer", was["values"][:4], now["values"][:4])


def close(old: float, new: float) -> bool:
    """Whether two numbers are equal but for rounding."""
    if math.isnan(old) or math.isnan(new):
        return math.isnan(old) and math.isnan(new)
    return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def differences_across(reference: ModelRecord, model: ModelRecord) -> Iterator[str]:
    """What differs between a model and its older text under another Keras.

    Two Keras differ in the configuration of layers and in the order of some weights, so those are left out.
    """
    if reference["inputs"] is not None:
        named = {layer["name"] for layer in (*reference["layers"], *model["layers"])}
        yield from input_differences(reference["inputs"], model["inputs"] or [], named, dtypes=True)
        if reference["output_shapes"] != model["output_shapes"]:
            yield changed("output shapes", reference["output_shapes"], model["output_shapes"])
        if sizes(reference) != sizes(model):
            yield changed("weights", sizes(reference), sizes(model))
    if outline(reference) != outline(model):
        yield changed("layers", outline(reference), outline(model))


def sizes(model: ModelRecord) -> list[list[int | None]]:
    """The shapes of the weights, in an order of their own."""
    return sorted((weight["shape"] for weight in model["weights"]), key=repr)


def outline(model: ModelRecord) -> list[tuple[int, str, str]]:
    """Depth, class and name of every layer; automatic names of inputs are left out."""
    return [
        (layer["depth"], layer["kind"], "" if layer["kind"] == "InputLayer" else layer["name"])
        for layer in model["layers"]
    ]


def changed(what: str, old: object, new: object) -> str:
    """One difference as a sentence."""
    return f"{what}: {old}, now {new}"
