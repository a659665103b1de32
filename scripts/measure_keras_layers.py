"""What a layer's signature does not say, measured by constructing and building it.

The ranks that a layer accepts come from building it on inputs of rank 1 to 7, what Keras 3 does with
`input_shape` from constructing it with one, the dtype of the input that it implies from asking it. What
cannot be measured stands in the tables at the top.
"""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any, Final

import keras
import tf_keras

if TYPE_CHECKING:
    from collections.abc import Callable

KERAS: Final[dict[str, Any]] = {"keras2": tf_keras, "keras3": keras}
RANKS: Final = range(1, 8)
AXIS: Final = 3
"""The size of every axis of the inputs that ranks are measured with: some layers want three channels."""

Arguments = dict[str, Any]
Bounds = tuple[int | None, int | None]

BY_PARAMETER: Final[Arguments] = {
    "units": 2,
    "filters": 2,
    "kernel_size": 1,
    "pool_size": 1,
    "output_size": 1,
    "rate": 0.5,
    "stddev": 0.5,
    "factor": 0.5,
    "height_factor": 0.5,
    "width_factor": 0.5,
    "height": 2,
    "width": 2,
    "scale": 1.0,
    "n": 2,
    "num_bins": 3,
    "activation": "relu",
    "input_dim": 5,
    "output_dim": 2,
    "target_shape": (-1,),
    "axes": -1,
    "num_heads": 1,
    "key_dim": 2,
    "head_dim": 2,
    "num_query_heads": 1,
    "num_key_value_heads": 1,
    "max_number": 2,
    "equation": "...a,ab->...b",
    "output_shape": (None, 2),
    "function": abs,
    "layers": [],
}
"""A value for every parameter that some layer requires."""


def _samples(library: Any, name: str, rank: int) -> list[Arguments]:
    """Arguments to construct a layer with, beside those that `BY_PARAMETER` gives; several for a wrapper.

    Chosen such that nothing but the rank can keep the layer from being built.
    """
    layers = library.layers
    special: dict[str, Callable[[], list[Arguments]]] = {
        "Permute": lambda: [{"dims": tuple(range(1, rank))}],
        "GroupNormalization": lambda: [{"groups": 1}],
        "CategoryEncoding": lambda: [{"num_tokens": 3}],
        "Discretization": lambda: [{"bin_boundaries": [0.5]}],
        "Normalization": lambda: [{"mean": 0.0, "variance": 1.0}],
        "IntegerLookup": lambda: [{"vocabulary": [1, 2]}],
        "StringLookup": lambda: [{"vocabulary": ["a", "b"]}],
        "TextVectorization": lambda: [{"vocabulary": ["a", "b"]}],
        "RandomPosterization": lambda: [{"factor": 4}],
        "STFTSpectrogram": lambda: [{"frame_length": 2, "frame_step": 1, "fft_length": 2, "window": None}],
        "MelSpectrogram": lambda: [{"fft_length": 2, "sequence_stride": 1, "num_mel_bins": 2, "window": None}],
        "TimeDistributed": lambda: [{"layer": layers.Activation("relu")}],
        "Wrapper": lambda: [{"layer": layers.Dense(2)}],
        "SpectralNormalization": lambda: [{"layer": layers.Dense(2)}],
        "Bidirectional": lambda: [
            {"layer": layers.LSTM(2)},
            {"layer": layers.ConvLSTM1D(2, 1)},
            {"layer": layers.ConvLSTM2D(2, 1)},
            {"layer": layers.ConvLSTM3D(2, 1)},
        ],
        "RNN": lambda: [{"cell": layers.SimpleRNNCell(2)}, {"cell": _passing_cell(library)}],
        "StackedRNNCells": lambda: [{"cells": [layers.SimpleRNNCell(2)]}],
    }
    return special[name]() if name in special else [{}]


def _passing_cell(library: Any) -> Any:
    """A cell that inputs of any rank pass through: what is left is the rank that RNN itself wants."""

    class PassingCell(library.layers.Layer):  # type: ignore[misc]
        state_size = 1

        def call(self, inputs: Any, states: Any) -> Any:
            return inputs, states

    return PassingCell()


NOT_CONSTRUCTED: Final = frozenset(
    {
        *("AbstractRNNCell", "PreprocessingLayer"),  # abstract
        *("FlaxLayer", "JaxLayer", "TorchModuleWrapper"),  # want flax, jax, torch
        *("DenseFeatures", "TFSMLayer"),  # want feature columns, a SavedModel
        *("DynamicEmbedding", "DynamicLookup"),  # want a vocabulary that is trained
    }
)
"""Layers that are not constructed here. Those with `**kwargs` hand them to `Layer.__init__` (read in
their source)."""

SEVERAL_INPUTS: Final = frozenset(
    {"AdditiveAttention", "Attention", "GroupQueryAttention", "HashedCrossing", "MultiHeadAttention"}
)
"""Layers, beside the merging ones, that are called on several tensors: no rank of one input to measure."""

ANY_ARGUMENT_RANK: Final = frozenset({"EinsumDense", "Lambda", "Layer", "Pipeline", "StackedRNNCells", "Wrapper"})
"""Layers whose rank depends on their arguments alone, or that are not called themselves."""

NOT_BUILT: Final = frozenset({("keras2", "SpectralNormalization"), ("keras3", "Equalization")})
"""Layers that are refused on every input: the first beside Keras 3 ('Layer input_spec must be an instance of
InputSpec'), the second because it returns a symbolic input as it is ('is part of a cycle')."""

ADAPTIVE_POOLING: Final = {
    f"Adaptive{kind}Pooling{axes}D": (axes + 2, axes + 2) for kind in ("Average", "Max") for axes in (1, 2, 3)
}
"""Their symbolic shapes accept any rank, their computation (keras/src/backend/tensorflow/nn.py) only this
one. A wrong rank can end the process with a floating point exception, so it is not measured."""


def construct(layer: Any, sample: Arguments, **extra: Any) -> Any:
    """The layer, with a value for whatever it requires."""
    required = [
        p.name
        for p in inspect.signature(layer.__init__).parameters.values()
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"
    ]
    return layer(**{name: BY_PARAMETER[name] for name in required if name not in sample}, **sample, **extra)


def accepted_ranks(version: str, layer: Any, name: str) -> Bounds | None:
    """The least and greatest rank, batch included, of the input that it can be built on.

    A bound that was not met is None; the whole is None where there is nothing to measure.
    """
    if name in ADAPTIVE_POOLING:
        return ADAPTIVE_POOLING[name]
    if name in NOT_CONSTRUCTED | SEVERAL_INPUTS | ANY_ARGUMENT_RANK or (version, name) in NOT_BUILT:
        return None
    library, dtype = KERAS[version], implied_input_dtype(version, layer, name)
    accepted = {
        rank
        for rank in RANKS
        for sample in range(len(_samples(library, name, rank)))
        if _builds(library, layer, name, rank, sample, dtype)
    }
    if not accepted:
        raise SystemExit(f"{library.__name__} {name} builds on no rank: mend its sample or list it")
    low, high = min(accepted), max(accepted)
    if accepted != set(range(low, high + 1)):
        raise SystemExit(f"{library.__name__} {name} builds on the ranks {sorted(accepted)}: not a range")
    return (None if low == RANKS[0] else low, None if high == RANKS[-1] else high)


def _builds(library: Any, layer: Any, name: str, rank: int, sample: int, dtype: str | None) -> bool:
    try:
        built = construct(layer, _samples(library, name, rank)[sample])
        axis = 1 if dtype == "string" else AXIS  # TextVectorization wants it, StringLookup does not care
        library.Sequential([library.Input((axis,) * (rank - 1), dtype=dtype), built])
    except Exception:  # whatever a layer, or TensorFlow below it, says to a wrong rank
        return False
    return True


def input_shape_effect(layer: Any, name: str, signature: str) -> str:
    """What Keras 3 does with `input_shape=` on the layer."""
    if "**" not in signature:
        return "rejects"
    if name in NOT_CONSTRUCTED:
        return "warns"
    sample = _samples(keras, name, 3)[0]
    construct(layer, sample)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            construct(layer, sample, input_shape=(AXIS, AXIS))
        except (TypeError, ValueError):
            return "rejects"
    return "warns" if any("input_shape" in str(w.message) for w in caught) else "swallows"


def implied_input_dtype(version: str, layer: Any, name: str) -> str | None:
    """The dtype of the input that a Sequential makes for it, where it is not the float policy's.

    Keras 2 takes `layer.dtype` (Sequential.add), Keras 3 `layer.compute_dtype` (Sequential.call).
    """
    if name in NOT_CONSTRUCTED:
        return None
    built = construct(layer, _samples(KERAS[version], name, 3)[0])
    dtype = str(built.dtype if version == "keras2" else built.compute_dtype)
    return None if dtype == "float32" else dtype
