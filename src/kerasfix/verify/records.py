"""What is told of one model that real Keras built, as plain data.

The worker writes these as JSON and its parent reads them, so every value is one that JSON can hold.
"""

from __future__ import annotations

from typing import Any, TypeAlias, TypedDict

Dimensions: TypeAlias = list[int | None]


class InputSpec(TypedDict):
    """One input of a model: its shape with the batch dimension, its dtype and the name that Keras gave it."""

    shape: Dimensions
    dtype: str
    name: str


class CallRecord(TypedDict):
    """One call of a layer: the shapes that arrive, the layers that they come from, and the shapes that leave."""

    arriving: list[Dimensions]
    sources: list[str]
    leaving: list[Dimensions]


class LayerRecord(TypedDict):
    """One layer of a model or of a model inside it; `depth` says how far inside.

    `calls` has its calls on symbolic tensors, `parameters` is None where it is not built, and `step` is the step of the
    plan that makes it, None where none does.
    """

    depth: int
    kind: str
    name: str
    trainable: bool
    config: dict[str, Any]
    calls: list[CallRecord]
    parameters: int | None
    step: int | None


class WeightRecord(TypedDict):
    """One weight, in the model's own order."""

    shape: Dimensions
    dtype: str
    trainable: bool


class OutputRecord(TypedDict):
    """What the model answered on the worker's data: the first values and two sums over all of them."""

    shape: Dimensions
    dtype: str
    values: list[float]


class ModelRecord(TypedDict):
    """One model; `built` is its state before the worker called it.

    `inputs` is None where the model does not know its input, `outputs` where it could not be called:
    `refusal` then says why, with the exception's type first.
    """

    label: str
    kind: str
    name: str
    built: bool
    inputs: list[InputSpec] | None
    output_shapes: list[Dimensions] | None
    layers: list[LayerRecord]
    weights: list[WeightRecord]
    parameters: int
    outputs: list[OutputRecord] | None
    refusal: str | None
