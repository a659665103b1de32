"""The knowledge of Keras: every spelling of a name, and the generated facts against the installed Keras."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kerasfix.analysis import keras_api
from kerasfix.analysis.keras_api import REQUIRED, KerasClass, canonical, canonical_module, is_module, lookup
from kerasfix.analysis.keras_history import MERGE_MODES, PACKAGES

ROOT = Path(__file__).parents[2]

SPELLINGS = [
    ("keras.layers.Dense", "keras.layers.Dense", "keras"),
    ("tensorflow.keras.layers.Dense", "keras.layers.Dense", "tensorflow.keras"),
    ("tf_keras.layers.Dense", "keras.layers.Dense", "tf_keras"),
    ("keras_core.layers.Dense", "keras.layers.Dense", "keras_core"),
    ("keras.api.layers.Dense", "keras.layers.Dense", "keras.api"),
    ("keras.api._v2.keras.layers.Dense", "keras.layers.Dense", "keras.api._v2.keras"),
    ("keras.src.layers.core.dense.Dense", "keras.layers.Dense", "keras.src"),
    ("tf_keras.src.layers.core.dense.Dense", "keras.layers.Dense", "tf_keras.src"),
    ("keras_core.src.layers.core.dense.Dense", "keras.layers.Dense", "keras_core.src"),
    ("tensorflow.compat.v1.keras.layers.Dense", "keras.layers.Dense", "tensorflow.compat.v1.keras"),
    ("tensorflow.compat.v2.keras.layers.Dense", "keras.layers.Dense", "tensorflow.compat.v2.keras"),
    ("tensorflow.contrib.keras.layers.Dense", "keras.layers.Dense", "tensorflow.contrib.keras"),
    (
        "tensorflow.contrib.keras.api.keras.layers.Dense",
        "keras.layers.Dense",
        "tensorflow.contrib.keras.api.keras",
    ),
    (
        "tensorflow.contrib.keras.python.keras.layers.core.Dense",
        "keras.layers.Dense",
        "tensorflow.contrib.keras.python.keras",
    ),
    ("tensorflow.python.keras.layers.core.Dense", "keras.layers.Dense", "tensorflow.python.keras"),
    (
        "tensorflow.python.keras._impl.keras.layers.core.Dense",
        "keras.layers.Dense",
        "tensorflow.python.keras._impl.keras",
    ),
    ("keras.layers.core.Dense", "keras.layers.Dense", "keras"),
    ("keras.layers.convolutional.Conv2D", "keras.layers.Conv2D", "keras"),
    ("keras.layers.convolutional.Convolution2D", "keras.layers.Conv2D", "keras"),
    ("keras.layers.convolutional.conv2d.Conv2D", "keras.layers.Conv2D", "keras"),
    ("keras.layers.Convolution1D", "keras.layers.Conv1D", "keras"),
    ("keras.layers.Deconvolution2D", "keras.layers.Conv2DTranspose", "keras"),
    ("keras.layers.convolutional.AtrousConv2D", "keras.layers.AtrousConvolution2D", "keras"),
    ("keras.layers.SeparableConvolution2D", "keras.layers.SeparableConv2D", "keras"),
    ("keras.layers.pooling.MaxPool2D", "keras.layers.MaxPooling2D", "keras"),
    ("keras.layers.GlobalAvgPool1D", "keras.layers.GlobalAveragePooling1D", "keras"),
    ("keras.layers.wrappers.TimeDistributed", "keras.layers.TimeDistributed", "keras"),
    ("keras.layers.recurrent.LSTM", "keras.layers.LSTM", "keras"),
    ("keras.layers.embeddings.Embedding", "keras.layers.Embedding", "keras"),
    ("keras.layers.normalization.BatchNormalization", "keras.layers.BatchNormalization", "keras"),
    ("keras.layers.advanced_activations.LeakyReLU", "keras.layers.LeakyReLU", "keras"),
    ("keras.layers.advanced_activations.ThresholdedReLU", "keras.layers.ThresholdedReLU", "keras"),
    ("keras.layers.local.LocallyConnected1D", "keras.layers.LocallyConnected1D", "keras"),
    ("keras.layers.noise.GaussianNoise", "keras.layers.GaussianNoise", "keras"),
    ("keras.layers.merge.concatenate", "keras.layers.concatenate", "keras"),
    ("keras.layers.merge", "keras.layers.merge", "keras"),
    ("keras.layers.Merge", "keras.layers.Merge", "keras"),
    ("keras.legacy.layers.Merge", "keras.layers.Merge", "keras"),
    ("keras.engine.topology.Merge", "keras.layers.Merge", "keras"),
    ("keras.layers.core.TimeDistributedDense", "keras.layers.TimeDistributedDense", "keras"),
    ("keras.layers.CuDNNLSTM", "keras.layers.CuDNNLSTM", "keras"),
    ("tensorflow.compat.v1.keras.layers.CuDNNGRU", "keras.layers.CuDNNGRU", "tensorflow.compat.v1.keras"),
    (
        "tensorflow.keras.layers.experimental.preprocessing.Normalization",
        "keras.layers.Normalization",
        "tensorflow.keras",
    ),
    ("keras.layers.experimental.EinsumDense", "keras.layers.EinsumDense", "keras"),
    (
        "keras.layers.experimental.RandomFourierFeatures",
        "keras.layers.experimental.RandomFourierFeatures",
        "keras",
    ),
    ("keras.Input", "keras.Input", "keras"),
    ("keras.layers.Input", "keras.Input", "keras"),
    ("keras.engine.Input", "keras.Input", "keras"),
    ("keras.engine.input_layer.Input", "keras.Input", "keras"),
    ("keras.models.Input", "keras.Input", "keras"),
    ("keras.engine.topology.InputLayer", "keras.layers.InputLayer", "keras"),
    ("keras.src.layers.core.input_layer.InputLayer", "keras.layers.InputLayer", "keras.src"),
    ("keras.Layer", "keras.layers.Layer", "keras"),
    ("keras.engine.base_layer.Layer", "keras.layers.Layer", "keras"),
    ("keras.Sequential", "keras.Sequential", "keras"),
    ("keras.models.Sequential", "keras.Sequential", "keras"),
    ("keras.engine.sequential.Sequential", "keras.Sequential", "keras"),
    ("tensorflow.python.keras.engine.sequential.Sequential", "keras.Sequential", "tensorflow.python.keras"),
    ("keras.src.models.sequential.Sequential", "keras.Sequential", "keras.src"),
    ("keras.layers.containers.Sequential", "keras.Sequential", "keras"),
    ("keras.models.Model", "keras.Model", "keras"),
    ("keras.engine.training.Model", "keras.Model", "keras"),
    ("keras.src.models.functional.Functional", "keras.Model", "keras.src"),
    ("keras.applications.VGG16", "keras.applications.VGG16", "keras"),
    ("tensorflow.keras.applications.vgg16.VGG16", "keras.applications.VGG16", "tensorflow.keras"),
    ("keras.applications.vgg16.preprocess_input", "keras.applications.vgg16.preprocess_input", "keras"),
    ("tensorflow.keras.utils.to_categorical", "keras.utils.to_categorical", "tensorflow.keras"),
    ("keras.utils.np_utils.to_categorical", "keras.utils.to_categorical", "keras"),
    ("keras.utils.whatever", "keras.utils.whatever", "keras"),
    ("keras.datasets.mnist.load_data", "keras.datasets.mnist.load_data", "keras"),
    ("keras.optimizers.legacy.Adam", "keras.optimizers.legacy.Adam", "keras"),
    ("keras.models.load_model", "keras.models.load_model", "keras"),
    ("keras.objectives.mse", "keras.objectives.mse", "keras"),
]


@pytest.mark.parametrize(("spelling", "name", "package"), SPELLINGS)
def test_a_spelling_has_one_canonical_name(spelling: str, name: str, package: str) -> None:
    assert canonical(spelling) == (name, package)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_leads_to_the_same_layers(package: str) -> None:
    assert canonical(f"{package}.layers.Dense") == ("keras.layers.Dense", package)
    assert canonical_module(f"{package}.layers") == ("keras.layers", package)


@pytest.mark.parametrize(
    "spelling",
    [
        "keras",
        "keras.layers",
        "keras.layers.core",
        "keras.utils.np_utils",
        "keras.backend",
        "keras.Foo",
        "keras.layers.Foo",
        "keras.layers.core.Foo",
        "keras.engine.Foo",
        "keras.nothing.Dense",
        "keras.Model.fit",
        "keras.layers.Dense.from_config",
        "torch.nn.Sequential",
        "tensorflow.zeros",
        "kerastuner.layers.Dense",
        "mine.keras.layers.Dense",
    ],
)
def test_what_is_no_name_of_keras(spelling: str) -> None:
    assert canonical(spelling) is None


@pytest.mark.parametrize(
    ("spelling", "module"),
    [
        ("tensorflow.keras", True),
        ("tensorflow", True),
        ("tensorflow.compat.v1", True),
        ("keras.layers.core", True),
        ("keras.layers.experimental.preprocessing", True),
        ("keras.layers.merge", True),
        ("keras.src.layers.core.dense", True),
        ("keras.engine.topology", True),
        ("keras.utils.np_utils", True),
        ("keras.applications.vgg16", True),
        ("keras.datasets.mnist", True),
        ("keras.layers.Dense", False),
        ("keras.layers.concatenate", False),
        ("keras.utils.to_categorical", False),
        ("keras.nothing", False),
        ("tensorflow.zeros", False),
        ("torch", False),
    ],
)
def test_modules_are_told_from_names(spelling: str, module: bool) -> None:
    assert is_module(spelling) is module


@pytest.mark.parametrize(
    ("module", "in_it", "not_in_it"),
    [
        ("keras.layers", "Dense Input Convolution2D Merge CuDNNLSTM concatenate", "Sequential load_model"),
        ("tensorflow.keras.models", "Sequential Model load_model", "Dense"),
        ("keras", "Input Model Sequential layers", "Dense"),
        ("keras.layers.core", "Dense Flatten TimeDistributedDense Lambda", "Conv2D LSTM"),
        ("keras.layers.convolutional", "Convolution2D MaxPooling2D ZeroPadding2D", "Dense"),
        ("keras.regularizers", "l2 L1L2", "Dense"),
        ("torch.nn", "", "Sequential"),
    ],
)
def test_what_a_star_import_brings(module: str, in_it: str, not_in_it: str) -> None:
    names = keras_api.star_names(module)
    assert set(in_it.split()) <= names
    assert names.isdisjoint(not_in_it.split())


def test_parameters_are_those_of_the_version() -> None:
    names = {version: known("keras.Input").signatures[version].positional for version in ("keras2", "keras3")}
    assert names["keras2"][:4] == ("shape", "batch_size", "name", "dtype")
    assert names["keras3"][:4] == ("shape", "batch_size", "dtype", "sparse")
    dense = known("keras.layers.Dense").signature("keras3")
    assert dense is not None
    assert dense.positional[:3] == ("units", "activation", "use_bias")
    assert dense.parameters[0].required
    assert dense.parameters[2].default is True
    assert dense.extra_keywords
    assert known("keras.layers.ThresholdedReLU").parameters("keras3") == ()


def test_a_signature_is_read_with_its_markers() -> None:
    signature = keras_api.parse_signature("a, b=(1, 2), *rest, c, d=..., **kwargs")
    assert [(p.name, p.default, p.keyword_only) for p in signature.parameters] == [
        ("a", REQUIRED, False),
        ("b", (1, 2), False),
        ("c", REQUIRED, True),
        ("d", ..., True),
    ]
    assert signature.positional == ("a", "b")
    assert signature.extra_positional
    assert signature.extra_keywords


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("keras.layers.Dense", ""),
        ("keras.layers.LSTM", ""),
        ("keras.layers.Embedding", "input_dim weights"),
        ("keras.layers.ReversibleEmbedding", "input_dim"),
        ("keras.layers.Bidirectional", "weights"),
        ("keras.layers.InputLayer", "input_shape batch_input_shape batch_shape batch_size"),
        ("keras.Input", "batch_shape batch_size"),
        ("keras.applications.VGG16", "input_shape weights"),
        ("keras.layers.MaxoutDense", ""),
    ],
)
def test_names_with_a_meaning_of_their_own(name: str, own: str) -> None:
    assert known(name).own_meaning == frozenset(own.split())


@pytest.mark.parametrize(
    ("name", "kind", "wrapped", "recurrent", "merge"),
    [
        ("keras.layers.Dense", "layer", None, False, False),
        ("keras.layers.LSTM", "layer", None, True, False),
        ("keras.layers.ConvLSTM2D", "layer", None, True, False),
        ("keras.layers.CuDNNGRU", "layer", None, True, False),
        ("keras.layers.RNN", "layer", "cell", True, False),
        ("keras.layers.LSTMCell", "cell", None, False, False),
        ("keras.layers.StackedRNNCells", "cell", "cells", False, False),
        ("keras.layers.Bidirectional", "wrapper", "layer", False, False),
        ("keras.layers.TimeDistributed", "wrapper", "layer", False, False),
        ("keras.layers.Add", "layer", None, False, True),
        ("keras.layers.add", "function", None, False, True),
        ("keras.layers.Merge", "layer", None, False, True),
        ("keras.Sequential", "model", None, False, False),
        ("keras.Model", "model", None, False, False),
        ("keras.applications.ResNet50", "application", None, False, False),
    ],
)
def test_what_a_class_is(name: str, kind: str, wrapped: str | None, recurrent: bool, merge: bool) -> None:
    found = known(name)
    assert (found.kind, found.wrapped_parameter, found.recurrent, found.merge) == (
        kind,
        wrapped,
        recurrent,
        merge,
    )


def test_a_version_that_was_not_measured_answers_with_the_other() -> None:
    assert known("keras.layers.LocallyConnected1D").ndim("keras3") == (3, 3)
    assert known("keras.layers.CuDNNLSTM").ndim() == (3, 3)
    assert known("keras.layers.Softmax").ndim("keras3") == (None, None)
    assert known("keras.layers.Softmax").ndim("keras2") == (2, None)


def test_history_refers_to_what_is_known() -> None:
    for name in MERGE_MODES.values():
        assert known(name).merge
    for spelling in ("keras.layers.Deconv2D", "keras.layers.BatchNormalizationV1"):
        found = canonical(spelling)
        assert found is not None
        assert lookup(found[0]) is not None


def test_importing_it_reads_nothing_and_imports_no_keras() -> None:
    program = (
        "import sys, kerasfix.analysis.keras_api as api\n"
        "assert not api._data.cache_info().currsize\n"
        "assert api.canonical('keras.layers.Dense')\n"
        "print(sorted({'keras', 'tf_keras', 'tensorflow', 'numpy', 'libcst'} & sys.modules.keys()))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"


@pytest.mark.keras
def test_the_data_is_what_the_installed_keras_says() -> None:
    pytest.importorskip("tf_keras")
    done = run_with_keras([str(ROOT / "scripts/generate_keras_api.py"), "--check"])
    assert done.returncode == 0, (
        "src/kerasfix/analysis/keras_api.json is not what scripts/generate_keras_api.py writes for the "
        f"installed Keras; run it and look at the difference:\n{done.stdout[:8000]}\n{done.stderr[-2000:]}"
    )


RANK_PROGRAM = """
import json, keras
layers = keras.layers
made = {
    "RepeatVector": lambda: layers.RepeatVector(2), "Dense": lambda: layers.Dense(2),
    "BatchNormalization": layers.BatchNormalization, "LSTM": lambda: layers.LSTM(2),
    "GRU": lambda: layers.GRU(2),
    "SimpleRNN": lambda: layers.SimpleRNN(2), "Conv1D": lambda: layers.Conv1D(2, 1),
    "MaxPooling1D": lambda: layers.MaxPooling1D(1), "UpSampling1D": layers.UpSampling1D,
    "SpatialDropout1D": lambda: layers.SpatialDropout1D(0.5), "Conv2D": lambda: layers.Conv2D(2, 1),
    "SeparableConv2D": lambda: layers.SeparableConv2D(2, 1), "GlobalMaxPooling2D": layers.GlobalMaxPooling2D,
    "ZeroPadding2D": layers.ZeroPadding2D, "ConvLSTM1D": lambda: layers.ConvLSTM1D(2, 1),
    "Conv3D": lambda: layers.Conv3D(2, 1), "Cropping3D": layers.Cropping3D,
    "ConvLSTM2D": lambda: layers.ConvLSTM2D(2, 1), "ConvLSTM3D": lambda: layers.ConvLSTM3D(2, 1),
    "CenterCrop": lambda: layers.CenterCrop(2, 2), "Flatten": layers.Flatten,
    "Dropout": lambda: layers.Dropout(0.5), "Embedding": lambda: layers.Embedding(3, 2),
    "TimeDistributed": lambda: layers.TimeDistributed(layers.Activation("relu")),
}
wrapped = {
    "TimeDistributed": lambda: layers.TimeDistributed(layers.Conv2D(2, 1)),
    "Bidirectional": lambda: layers.Bidirectional(layers.ConvLSTM2D(2, 1)),
    "SpectralNormalization": lambda: layers.SpectralNormalization(layers.Conv2D(2, 1)),
}
def takes(make, rank):
    try:
        make()(keras.ops.ones((3,) * rank))
    except Exception:
        return False
    return True
called = {name: [r for r in range(2, 8) if takes(make, r)] for name, make in made.items()}
for axes in (1, 2, 3):  # a wrong rank ends the process, and so does a small axis
    for name in (f"AdaptiveAveragePooling{axes}D", f"AdaptiveMaxPooling{axes}D"):
        called[name] = [keras.ops.ndim(getattr(layers, name)(2)(keras.ops.ones((2, *(8,) * axes, 3))))]
inside = {name: [r for r in range(2, 8) if takes(make, r)] for name, make in wrapped.items()}
print(json.dumps([called, inside]))
"""


@pytest.mark.keras
def test_real_layers_take_the_ranks_of_the_table() -> None:
    """Unlike the generator, which builds symbolically, this calls each layer on an array of every rank."""
    pytest.importorskip("keras")
    called, wrapped = json.loads(run_with_keras(["-c", RANK_PROGRAM]).stdout.splitlines()[-1])
    for layer, ranks in called.items():
        low, high = known(f"keras.layers.{layer}").ndim("keras3")
        assert ranks == list(range(max(low or 2, 2), (high or 7) + 1)), layer
    inner = {"TimeDistributed": "Conv2D", "Bidirectional": "ConvLSTM2D", "SpectralNormalization": "Conv2D"}
    for wrapper, ranks in wrapped.items():
        offset = known(f"keras.layers.{wrapper}").wrapped_rank_offset
        low, high = known(f"keras.layers.{inner[wrapper]}").ndim("keras3")
        assert offset is not None
        assert low is not None
        assert low == high
        assert ranks == [low + offset], wrapper


OWN_MEANING_PROGRAM = """
import json, warnings, keras, tf_keras
warnings.simplefilter("ignore")
found = {}
for version, library in (("keras2", tf_keras), ("keras3", keras)):
    layers, first = library.layers, library.layers
    made = {
        "Dense": (lambda **k: layers.Dense(2, **k), {"input_dim": 3}),
        "Embedding": (lambda **k: layers.Embedding(output_dim=2, **k), {"input_dim": 3}),
        "LSTM": (lambda **k: layers.LSTM(2, **k), {"input_shape": (2, 3)}),
        "Bidirectional": (lambda **k: layers.Bidirectional(layers.LSTM(2), **k), {"weights": None}),
        "InputLayer": (layers.InputLayer, {"input_shape": (3,)}),
    }
    for name, (make, keywords) in made.items():
        layer = make(**keywords)
        found[f"{version} {name}"] = getattr(layer, "_batch_input_shape", None) or getattr(
            layer, "_input_shape_arg", None
        )
print(json.dumps(found))
"""


@pytest.mark.keras
def test_only_a_name_without_own_meaning_declares_the_input() -> None:
    """What a real layer remembers as its declared input when it is given the keyword."""
    pytest.importorskip("tf_keras")
    declared = json.loads(run_with_keras(["-c", OWN_MEANING_PROGRAM]).stdout.splitlines()[-1])
    assert declared["keras2 Dense"] == [None, 3]
    assert declared["keras3 Dense"] == [3]
    assert declared["keras2 Embedding"] == [None, None]  # its length, not the vocabulary
    assert declared["keras3 Embedding"] is None
    assert declared["keras2 LSTM"] == [None, 2, 3]
    assert declared["keras3 LSTM"] == [2, 3]
    assert declared["keras2 Bidirectional"] is None
    assert declared["keras3 Bidirectional"] is None


def known(name: str) -> KerasClass:
    """The class of that name, which must be known."""
    found = lookup(name)
    assert found is not None, name
    return found


def run_with_keras(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs Python on the processor, with TensorFlow's logging off."""
    environment: dict[str, Any] = os.environ | {"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("TF_USE_LEGACY_KERAS", None)
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
