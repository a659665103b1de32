"""Turns a live Keras model into a `ModelRecord`: what it is, and what it answers on given weights and data.

Written against what Keras 3 and tf_keras have in common; runs in a worker's child process only.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kerasfix.verify.records import CallRecord, Dimensions, InputSpec, LayerRecord, ModelRecord, OutputRecord

Call: TypeAlias = "Callable[[Any, list[InputSpec]], Any]"
"""How a model is asked for its answers on inputs of these shapes and dtypes."""

BATCH = 2
UNKNOWN_DIMENSION = 12
"""Stands for a None that is not the batch: long enough for the convolutions of a small program."""
VALUES_KEPT = 64
MOST_PARAMETERS = 5_000_000
LARGEST_INPUT = 2_000_000
WORDS = np.array(["a good film", "not my cup of tea", "the plot", "acting", "again and again"], dtype=object)

PLACE_OF_INPUT = frozenset(
    {
        "batch_input_shape",
        "batch_shape",
        "build_config",
        "input_length",
        "input_shape",
        "module",
        "registered_name",
        "shared_object_id",
    }
)
"""Keys of a layer's configuration that tell where its input comes from, or where its class is."""


def describe(model: Any, label: str, feed: list[InputSpec] | None, call: Call | None = None) -> ModelRecord:
    """What is known of `model`, after it was called on `feed` where it does not know its own input.

    `call` says how its answers are got; without it, its weights are set and it is called.
    """
    built = bool(model.built)
    inputs = input_specs(model)
    answers: list[OutputRecord] | None = None
    refusal: str | None = None
    specs = inputs if inputs is not None else feed
    if specs is not None:
        try:
            answered = (call or call_with_weights_set)(model, specs)
            answers = None if answered is None else [output_record(value) for value in flatten(answered)]
        except Exception as error:
            answers = None
            if not is_exhausted(error):
                refusal = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return {
        "label": label,
        "kind": type(model).__name__,
        "name": model.name,
        "built": built,
        "inputs": inputs,
        "output_shapes": output_shapes(model) if inputs is not None else None,
        "layers": list(layers(model)),
        "weights": [
            {"shape": dimensions(w.shape), "dtype": dtype_name(w.dtype), "trainable": bool(w.trainable)}
            for w in weights_of(model)
        ],
        "parameters": sum(math.prod(d or 0 for d in dimensions(w.shape)) for w in weights_of(model)),
        "outputs": answers,
        "refusal": refusal,
    }


def is_exhausted(error: Exception) -> bool:
    """Whether the limit on memory, not Keras, says no; TensorFlow has an error of its own for that."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def call_with_weights_set(model: Any, specs: list[InputSpec]) -> Any:
    """What the model answers on made-up data, with weights that depend on their place and shape alone."""
    data = structure_of(model, [make_data(model, spec, place) for place, spec in enumerate(specs)])
    if not weights_of(model):
        model(data, training=False)
    set_weights(model)
    reset_states(model)
    return model(data, training=False)


def call_without_weights(model: Any, specs: list[InputSpec]) -> Any:
    """The same of a model of Keras 3 whose weights were never allocated; None where it is too large to be worth it."""
    if not model.built:
        model.build(tuple(specs[0]["shape"]))
    sizes = [math.prod(d or BATCH for d in spec["shape"]) for spec in specs]
    if model.count_params() > MOST_PARAMETERS or max(sizes) > LARGEST_INPUT:
        return None
    data = structure_of(model, [make_data(model, spec, place) for place, spec in enumerate(specs)])
    trainable = [weight_values(weight, place) for place, weight in enumerate(model.trainable_variables)]
    others = [weight_values(weight, place) for place, weight in enumerate(model.non_trainable_variables)]
    return model.stateless_call(trainable, others, data, training=False)[0]


def dimensions(shape: Any) -> Dimensions:
    """A shape of either Keras as a list."""
    return [None if d is None else int(getattr(d, "value", d)) for d in tuple(shape)]


def dtype_name(dtype: Any) -> str:
    """A dtype of either Keras as a word."""
    return str(getattr(dtype, "name", dtype))


def input_specs(model: Any) -> list[InputSpec] | None:
    """The model's inputs, None where it does not know them (yet)."""
    try:
        inputs = model.inputs
    except (AttributeError, ValueError):
        return None
    if not inputs:
        return None
    names = getattr(model, "input_names", None) or [tensor.name for tensor in inputs]
    return [
        {"shape": dimensions(tensor.shape), "dtype": dtype_name(tensor.dtype), "name": str(name)}
        for tensor, name in zip(inputs, names, strict=True)
    ]


def output_shapes(model: Any) -> list[Dimensions]:
    """The shapes of the model's outputs, batch dimension first."""
    return [dimensions(tensor.shape) for tensor in model.outputs]


def layers(model: Any, depth: int = 0) -> Iterator[LayerRecord]:
    """Every layer in `model.layers`, and inside those that are models."""
    for layer in model.layers:
        inner = isinstance(getattr(layer, "layers", None), list)
        yield {
            "depth": depth,
            "kind": type(layer).__name__,
            "name": layer.name,
            "trainable": bool(layer.trainable),
            "config": {} if inner else configuration(layer),
            "calls": list(calls(layer)),
            "parameters": parameters(layer),
            "step": None,
        }
        if inner:
            yield from layers(layer, depth + 1)


def every_layer(model: Any) -> Iterator[Any]:
    """The layers themselves, in the order of `layers`."""
    for layer in model.layers:
        yield layer
        if isinstance(getattr(layer, "layers", None), list):
            yield from every_layer(layer)


def calls(layer: Any) -> Iterator[CallRecord]:
    """The calls of a layer on symbolic tensors."""
    for node in getattr(layer, "_inbound_nodes", ()):
        arriving, leaving = (flatten(getattr(node, name, ())) for name in ("input_tensors", "output_tensors"))
        yield {
            "arriving": [dimensions(tensor.shape) for tensor in arriving],
            "sources": [str(getattr(maker(tensor), "name", "")) for tensor in arriving],
            "leaving": [dimensions(tensor.shape) for tensor in leaving],
        }


def maker(tensor: Any) -> Any:
    """The layer that a symbolic tensor comes from, None for anything else."""
    history = getattr(tensor, "_keras_history", None)
    return getattr(history, "operation", None) or getattr(history, "layer", None)


def parameters(layer: Any) -> int | None:
    """The number of a layer's parameters; None where it is not built yet."""
    if not layer.built:
        return None
    return sum(math.prod(d or 0 for d in dimensions(weight.shape)) for weight in weights_of(layer))


def note_steps(record: ModelRecord, model: Any, made: list[Any]) -> None:
    """Note of each layer of a record which step made it; a function makes the layer that its tensor comes from."""
    steps: dict[int, int] = {}
    for step, value in enumerate(made):
        steps.setdefault(id(maker(value) or value), step)
    for layer, known in zip(every_layer(model), record["layers"], strict=True):
        known["step"] = steps.get(id(layer))


def configuration(layer: Any) -> dict[str, Any]:
    """`layer.get_config()` without what belongs to the input, as JSON can hold it."""
    try:
        config = layer.get_config()
    except NotImplementedError:
        return {}
    if type(layer).__name__ == "Lambda":
        config = {key: config[key] for key in ("name", "trainable", "dtype") if key in config}
    text = json.dumps(without_input(config), default=lambda value: re.sub(r" at 0x\w+", "", repr(value)))
    loaded: dict[str, Any] = json.loads(text)
    loaded.pop("name", None)
    return loaded


def without_input(config: Any) -> Any:
    """A configuration, and all those inside it, without the keys of `PLACE_OF_INPUT`."""
    if isinstance(config, dict):
        return {str(k): without_input(v) for k, v in config.items() if k not in PLACE_OF_INPUT}
    if isinstance(config, list | tuple):
        return [without_input(value) for value in config]
    return config


def weights_of(model: Any) -> list[Any]:
    """The model's weights; none where Keras does not know them before the model is built."""
    try:
        return list(model.weights)
    except ValueError:
        return []


def set_weights(model: Any) -> None:
    """Gives the n-th weight values that depend on n and its shape alone. Variances stay positive."""
    for place, weight in enumerate(weights_of(model)):
        if "float" in dtype_name(weight.dtype):
            weight.assign(weight_values(weight, place))


def weight_values(weight: Any, place: int) -> Any:
    """Values for the weight at `place`; zeros for one that is no real number, such as the state of a seed."""
    shape = tuple(d or 0 for d in dimensions(weight.shape))
    if "float" not in dtype_name(weight.dtype):
        return np.zeros(shape, dtype_name(weight.dtype))
    values = np.random.RandomState(place).uniform(-0.5, 0.5, shape)
    if "variance" in f"{weight.name} {getattr(weight, 'path', '')}":
        values = np.abs(values) + 0.1
    return values.astype(np.float32)


def reset_states(model: Any) -> None:
    """Puts the states of every stateful layer back to zero."""
    for layer in model.layers:
        for part in (layer, getattr(layer, "forward_layer", None), getattr(layer, "backward_layer", None)):
            if getattr(part, "stateful", False) and not hasattr(part, "layers"):
                reset = getattr(part, "reset_states", None) or getattr(part, "reset_state", None)
                if reset is not None:
                    reset()
        if isinstance(getattr(layer, "layers", None), list):
            reset_states(layer)


def vocabulary(model: Any) -> int | None:
    """The number of integers that the model's embeddings and encodings all know, None without one."""
    sizes = []
    for layer in model.layers:
        if type(layer).__name__ == "Embedding":
            sizes.append(int(layer.input_dim))
        elif type(layer).__name__ == "CategoryEncoding":
            sizes.append(int(layer.num_tokens))
        elif isinstance(getattr(layer, "layers", None), list):
            inner = vocabulary(layer)
            sizes.extend([] if inner is None else [inner])
    return min(sizes, default=None)


def make_data(model: Any, spec: InputSpec, place: int) -> Any:
    """A small array for one input: text, integers within the vocabulary, or numbers between -1 and 1."""
    import tensorflow as tf

    first, *rest = spec["shape"] or [None]
    shape = (first or BATCH, *(d or UNKNOWN_DIMENSION for d in rest))
    random = np.random.RandomState(100 + place)
    if spec["dtype"] == "string":
        return tf.constant(WORDS[np.arange(math.prod(shape)) % len(WORDS)].reshape(shape))
    known = vocabulary(model)
    if known is not None or "int" in spec["dtype"]:
        values: Any = random.randint(0, known or 4, shape)
    else:
        values = random.uniform(-1, 1, shape)
    return values.astype(spec["dtype"] if spec["dtype"] != "bfloat16" else "float32")


def structure_of(model: Any, data: list[Any]) -> Any:
    """The arrays in the structure that the model's inputs have: one alone, a list or a dict."""
    declared = getattr(model, "_inputs_struct", None)
    if declared is None:  # a tensor cannot be asked whether it is true
        declared = getattr(model, "_nested_inputs", None)
    if isinstance(declared, dict):
        order = sorted(declared) if hasattr(model, "_nested_inputs") else list(declared)
        return dict(zip(order, data, strict=True))
    return data[0] if len(data) == 1 else data


def flatten(value: Any) -> list[Any]:
    """The tensors in what a model answered."""
    if isinstance(value, dict):
        return [tensor for key in sorted(value) for tensor in flatten(value[key])]
    if isinstance(value, list | tuple):
        return [tensor for part in value for tensor in flatten(part)]
    return [value]


def output_record(value: Any) -> OutputRecord:
    """One answer of a model as plain data."""
    array = np.asarray(value.to_tensor() if hasattr(value, "to_tensor") else value)
    flat = array.astype(np.float64).ravel()
    sums = [float(flat.sum()), float(np.abs(flat).sum())] if flat.size else []
    return {
        "shape": [int(d) for d in array.shape],
        "dtype": str(array.dtype),
        "values": [*(float(v) for v in flat[:VALUES_KEPT]), *sums],
    }
