"""Says whether two programs build the same models, from the records that a worker made of them.

Follows DESIGN section 5 and KERAS.md section 6. The name that Keras itself gives to an input is the one thing
that a safe fix may change (T1 of KERAS.md), so automatic names are not compared.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .records import (
        InputSpec,
        LayerRecord,
        ModelRecord,
        OutputRecord,
        ProgramRecord,
        ScopeRecord,
    )

Outcome: TypeAlias = Literal["identical", "now builds", "different"]

AUTOMATIC_NAME = re.compile(r"(input(_layer)?|keras_tensor|\w+_input)(_\d+)?")
RELATIVE, ABSOLUTE = 1e-5, 1e-6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a program's models: the outcome, and every difference that speaks against it.

    `gains` says what only the second program can do, `warnings` holds the warnings about inputs that Keras
    still gives for it.
    """

    outcome: Outcome
    differences: tuple[str, ...] = ()
    gains: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def compare(before: ProgramRecord, after: ProgramRecord, reference: ProgramRecord | None = None) -> Verdict:
    """The verdict on two programs under one Keras.

    Where this Keras refused a scope of the first program, the second is held against `reference`: the first
    program under the other Keras.
    """
    differences: list[str] = []
    gains: list[str] = []
    known = {scope["scope"]: scope for scope in before["scopes"]}
    others = {scope["scope"]: scope for scope in reference["scopes"]} if reference else {}
    for scope in after["scopes"]:
        name = scope["scope"]
        old = known.pop(name, None)
        if scope["error"]:
            differences.append(f"{name}: does not build: {scope['error']}")
        elif old is None or old["error"]:
            gains.append(f"{name}: was refused: {old['error'] if old else 'the module was'}")
            other = others.get(name)
            if other is not None and not other["error"]:
                differences += (f"{name}: {text}" for text in held_against(other, scope))
        else:
            compare_scopes(old, scope, differences, gains)
    differences += (f"{name}: is gone" for name in known)
    return Verdict(
        "different" if differences else "now builds" if gains else "identical",
        tuple(differences),
        tuple(gains),
        tuple(text for scope in after["scopes"] for text in scope["warnings"]),
    )


def compare_scopes(old: ScopeRecord, new: ScopeRecord, differences: list[str], gains: list[str]) -> None:
    """Adds what differs between, and what is gained from, the models of one scope."""
    if len(old["models"]) != len(new["models"]):
        differences.append(f"{new['scope']}: {len(old['models'])} models, now {len(new['models'])}")
        return
    for was, now in zip(old["models"], new["models"], strict=True):
        where = f"{new['scope']}: {now['label']}"
        differences += (f"{where}: {text}" for text in model_differences(was, now))
        gains += (f"{where}: {text}" for text in model_gains(was, now))


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
        yield from input_differences(old["inputs"], new["inputs"] or [], dtypes=not old["refusal"])
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


def input_differences(old: list[InputSpec], new: list[InputSpec], *, dtypes: bool) -> Iterator[str]:
    """What differs between the inputs; a dtype on which the old model could not be called does not count."""
    if len(old) != len(new):
        yield changed("number of inputs", len(old), len(new))
        return
    for was, now in zip(old, new, strict=True):
        if was["shape"] != now["shape"]:
            yield changed("input shape", was["shape"], now["shape"])
        if dtypes and was["dtype"] != now["dtype"]:
            yield changed("input dtype", was["dtype"], now["dtype"])
        if not same_name(was["name"], now["name"]):
            yield changed("input name", was["name"], now["name"])


def same_name(old: str, new: str) -> bool:
    """Whether two names of inputs are equal, or both Keras's own."""
    return old == new or bool(AUTOMATIC_NAME.fullmatch(old) and AUTOMATIC_NAME.fullmatch(new))


def layer_differences(old: list[LayerRecord], new: list[LayerRecord]) -> Iterator[str]:
    """What differs between the layers, those of inner models included."""
    if len(old) != len(new):
        yield changed("layers", [one["name"] for one in old], [one["name"] for one in new])
        return
    for was, now in zip(old, new, strict=True):
        unnamed = was["kind"] == now["kind"] == "InputLayer" and same_name(was["name"], now["name"])
        for key in ("depth", "kind", "name", "trainable"):
            if was[key] != now[key] and not (key == "name" and unnamed):
                yield changed(f"{key} of layer {was['name']}", was[key], now[key])
        for key in sorted({*was["config"], *now["config"]}):
            if was["config"].get(key) != now["config"].get(key):
                yield changed(f"{key} of layer {was['name']}", was["config"].get(key), now["config"].get(key))


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


def held_against(reference: ScopeRecord, scope: ScopeRecord) -> Iterator[str]:
    """What differs between a scope under this Keras and its older text under the other one.

    Two Keras differ in the configuration of layers and in the order of some weights, so those are left out.
    """
    if len(reference["models"]) != len(scope["models"]):
        yield changed("number of models in the other Keras", len(reference["models"]), len(scope["models"]))
        return
    for was, now in zip(reference["models"], scope["models"], strict=True):
        where = f"{now['label']} in the other Keras"
        if was["inputs"] is not None:
            for text in input_differences(was["inputs"], now["inputs"] or [], dtypes=True):
                yield f"{where}: {text}"
            if was["output_shapes"] != now["output_shapes"]:
                yield changed(f"{where}: output shapes", was["output_shapes"], now["output_shapes"])
            if sizes(was) != sizes(now):
                yield changed(f"{where}: weights", sizes(was), sizes(now))
        if outline(was) != outline(now):
            yield changed(f"{where}: layers", outline(was), outline(now))


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
