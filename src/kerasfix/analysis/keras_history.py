"""What no installed Keras has any more: old packages, modules, names and layers, kept by hand.

Read in keras-team/keras at the tags 0.3.3, 1.2.2, 2.0.0 and 2.3.1. The records have the form of
`keras_api.json`; "keras1" holds what 1.2.2 says (0.3.3 for what was gone by then), "keras2" what 2.3.1
says.
"""

from __future__ import annotations

from typing import Any, Final

PACKAGES: Final = tuple(
    sorted(
        (
            "keras",
            "keras.api",
            "keras.api._v1.keras",
            "keras.api._v2.keras",
            "keras.src",
            "keras._tf_keras.keras",
            "keras_core",
            "keras_core.src",
            "tf_keras",
            "tf_keras.api",
            "tf_keras.api._v1.keras",
            "tf_keras.api._v2.keras",
            "tf_keras.src",
            "tensorflow.keras",
            "tensorflow.compat.v1.keras",
            "tensorflow.compat.v2.keras",
            "tensorflow._api.v1.keras",
            "tensorflow._api.v2.keras",
            "tensorflow._api.v2.v2.keras",
            "tensorflow._api.v2.compat.v1.keras",
            "tensorflow._api.v2.compat.v2.keras",
            "tensorflow.contrib.keras",
            "tensorflow.contrib.keras.api.keras",
            "tensorflow.contrib.keras.python.keras",
            "tensorflow.python.keras",
            "tensorflow.python.keras._impl.keras",
            "tensorflow.python.keras.api.keras",
            "tensorflow.python.keras.api._v1.keras",
            "tensorflow.python.keras.api._v2.keras",
            "tensorflow_core.keras",
            "tensorflow_core.python.keras",
            "tensorflow_core.python.keras.api._v1.keras",
            "tensorflow_core.python.keras.api._v2.keras",
        ),
        key=len,
        reverse=True,
    )
)
"""Every spelling of the root of Keras, the longest first, so that the first that fits is the right one."""

CORE: Final = {
    "Input": "keras.Input",
    "InputLayer": "keras.layers.InputLayer",
    "InputSpec": "keras.layers.InputSpec",
    "Layer": "keras.layers.Layer",
    "Sequential": "keras.Sequential",
    "Model": "keras.Model",
    "Functional": "keras.Model",
    "Network": "keras.Model",
    "Container": "keras.Model",
    "Merge": "keras.layers.Merge",
    "merge": "keras.layers.merge",
}
"""What `keras.engine` and `keras.models` define or used to import; the ancestors of a functional model
are Model."""

ALIASES: Final = {
    "AtrousConv1D": "AtrousConvolution1D",
    "AtrousConv2D": "AtrousConvolution2D",
    "Deconv2D": "Conv2DTranspose",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconv3D": "Conv3DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
}
"""Other names of classes of `keras.layers` (convolutional.py:2573 of 2.3.1; TF 1.14 and later for the
last two)."""

PATHS: Final = {
    "layers.containers.Sequential": "keras.Sequential",
    "layers.containers.Graph": "keras.models.Graph",
    "legacy.models.Graph": "keras.models.Graph",
}
"""Where Keras 0.3 and 1.0 had the models."""

BASE_KEYWORDS: Final = ("input_shape", "batch_input_shape", "input_dtype", "name", "trainable")
"""What `Layer.__init__` of Keras 1.2.2 accepts (topology.py:319)."""

MERGE_MODES: Final = {
    "sum": "keras.layers.Add",
    "mul": "keras.layers.Multiply",
    "concat": "keras.layers.Concatenate",
    "ave": "keras.layers.Average",
    "max": "keras.layers.Maximum",
    "dot": "keras.layers.Dot",
    "cos": "keras.layers.Dot",
}
"""Keras 1's `Merge(layers, mode=...)` and `merge(inputs, mode=...)`: the layer that took each mode's place.

`Merge` joins the *outputs* of its `layers`, which are built models or layers with an input of their own;
a Sequential that begins with it has the inputs of all of them, in order. `cos` is `Dot(normalize=True)`.
"""

_CUDNN = (
    "kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, "
    "kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, return_sequences=False, "
    "return_state=False, stateful=False, **kwargs"
)
_KERAS1_WEIGHTS = (
    "weights=None, W_regularizer=None, b_regularizer=None, activity_regularizer=None, W_constraint=None, "
    "b_constraint=None, bias=True, input_dim=None"
)
_MERGE = "mode='sum', concat_axis=-1, dot_axes=-1, output_shape=None, output_mask=None, arguments=None"

CLASSES: Final[dict[str, dict[str, Any]]] = {
    "keras.Input": {
        "keras1": {"signature": "shape=None, batch_shape=None, name=None, dtype='float32', sparse=False, tensor=None"},
    },
    "keras.Model": {"keras1": {"signature": "input, output, name=None"}},
    "keras.Sequential": {"keras1": {"signature": "layers=None, name=None"}},
    "keras.models.Graph": {"kind": "model", "keras1": {"signature": "name=None"}},
    "keras.layers.InputLayer": {
        "keras1": {
            "signature": "input_shape=None, batch_input_shape=None, input_dtype=None, input_tensor=None, "
            "sparse=False, name=None"
        },
    },
    "keras.layers.Merge": {
        "merge": True,
        "keras1": {
            "signature": f"layers=None, {_MERGE}, node_indices=None, tensor_indices=None, name=None",
        },
    },
    "keras.layers.merge": {
        "kind": "function",
        "merge": True,
        "keras1": {"signature": f"inputs, {_MERGE}, name=None"},
    },
    "keras.layers.TimeDistributedDense": {
        "keras1": {
            "signature": "output_dim, init='glorot_uniform', activation=None, "
            f"{_KERAS1_WEIGHTS}, input_length=None, **kwargs",
            "ndim": [3, 3],
        },
    },
    "keras.layers.MaxoutDense": {
        "keras1": {
            "signature": f"output_dim, nb_feature=4, init='glorot_uniform', {_KERAS1_WEIGHTS}, **kwargs",
            "ndim": [2, 2],
        },
    },
    "keras.layers.Highway": {
        "keras1": {
            "signature": f"init='glorot_uniform', activation=None, {_KERAS1_WEIGHTS}, **kwargs",
            "ndim": [2, 2],
        },
    },
    "keras.layers.AtrousConvolution1D": {
        "keras1": {
            "signature": "nb_filter, filter_length, init='glorot_uniform', activation=None, weights=None, "
            "border_mode='valid', subsample_length=1, atrous_rate=1, W_regularizer=None, b_regularizer=None, "
            "activity_regularizer=None, W_constraint=None, b_constraint=None, bias=True, **kwargs",
            "ndim": [3, 3],
        },
    },
    "keras.layers.AtrousConvolution2D": {
        "keras1": {
            "signature": "nb_filter, nb_row, nb_col, init='glorot_uniform', activation=None, weights=None, "
            "border_mode='valid', subsample=(1, 1), atrous_rate=(1, 1), dim_ordering='default', "
            "W_regularizer=None, b_regularizer=None, activity_regularizer=None, W_constraint=None, "
            "b_constraint=None, bias=True, **kwargs",
            "ndim": [4, 4],
        },
    },
    "keras.layers.TimeDistributedMerge": {"keras1": {"signature": "mode='sum', **kwargs", "ndim": [3, 3]}},
    "keras.layers.AutoEncoder": {
        "keras1": {"signature": "encoder, decoder, output_reconstruction=True, weights=None, **kwargs"},
    },
    "keras.layers.LambdaMerge": {
        "merge": True,
        "keras1": {"signature": "layers, function, output_shape=None, arguments=..."},
    },
    "keras.layers.Siamese": {
        "wrapped_parameter": "layer",
        "keras1": {
            "signature": "layer, inputs, merge_mode='concat', concat_axis=1, dot_axes=-1, is_graph=False",
        },
    },
    "keras.layers.ThresholdedLinear": {"keras1": {"signature": "theta=1.0, **kwargs"}},
    "keras.layers.ParametricSoftplus": {
        "keras1": {"signature": "alpha_init=0.2, beta_init=5.0, weights=None, shared_axes=None, **kwargs"},
    },
    "keras.layers.SReLU": {
        "keras1": {
            "signature": "t_left_init='zero', a_left_init='glorot_uniform', t_right_init='glorot_uniform', "
            "a_right_init='one', shared_axes=None, **kwargs",
        },
    },
    "keras.layers.Recurrent": {
        "recurrent": True,
        "keras1": {
            "signature": "weights=None, return_sequences=False, go_backwards=False, stateful=False, "
            "unroll=False, consume_less='cpu', input_dim=None, input_length=None, **kwargs",
            "ndim": [3, 3],
        },
        "keras2": {
            "signature": "return_sequences=False, return_state=False, go_backwards=False, stateful=False, "
            "unroll=False, implementation=0, **kwargs",
            "ndim": [3, 3],
        },
    },
    "keras.layers.ConvRecurrent2D": {
        "recurrent": True,
        "keras1": {
            "signature": "weights=None, nb_row=None, nb_col=None, nb_filter=None, return_sequences=False, "
            "go_backwards=False, stateful=False, dim_ordering=None, **kwargs",
            "ndim": [5, 5],
        },
        "keras2": {
            "signature": "filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, "
            "dilation_rate=(1, 1), return_sequences=False, go_backwards=False, stateful=False, **kwargs",
            "ndim": [5, 5],
        },
    },
    "keras.layers.ConvLSTM2DCell": {
        "kind": "cell",
        "keras2": {
            "signature": "filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, "
            "dilation_rate=(1, 1), activation='tanh', recurrent_activation='hard_sigmoid', use_bias=True, "
            "kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', "
            "bias_initializer='zeros', unit_forget_bias=True, kernel_regularizer=None, "
            "recurrent_regularizer=None, bias_regularizer=None, kernel_constraint=None, "
            "recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, **kwargs",
        },
    },
    "keras.layers.CuDNNGRU": {
        "recurrent": True,
        "keras2": {
            "signature": "units, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', "
            f"bias_initializer='zeros', {_CUDNN}",
            "ndim": [3, 3],
        },
    },
    "keras.layers.CuDNNLSTM": {
        "recurrent": True,
        "keras2": {
            "signature": "units, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', "
            f"bias_initializer='zeros', unit_forget_bias=True, {_CUDNN}",
            "ndim": [3, 3],
        },
    },
}
"""Records by canonical name. Beside a generated record of the same name only the "keras1" entry counts."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODULE_NAMES: Final = {
    "models": frozenset({"Input", "InputLayer"}),
    "engine": _names("Layer Input InputLayer InputSpec Merge merge Model get_source_inputs"),
    "engine.topology": _names("Container Input InputLayer InputSpec Layer Merge Node merge"),
    "engine.base_layer": frozenset({"InputSpec", "Layer", "Node"}),
    "engine.input_layer": frozenset({"Input", "InputLayer", "Layer", "Node"}),
    "engine.network": frozenset({"Layer", "Network", "Node"}),
    "engine.sequential": frozenset({"Layer", "Model", "Sequential"}),
    "engine.training": frozenset({"Container", "Model", "Network"}),
    "layers.core": _names(
        "Activation ActivityRegularization Dense Dropout Flatten Highway InputSpec Lambda Layer Masking "
        "MaxoutDense Merge Permute RepeatVector Reshape SpatialDropout1D SpatialDropout2D "
        "SpatialDropout3D AutoEncoder LambdaMerge Siamese TimeDistributedDense TimeDistributedMerge"
    ),
    "layers.containers": frozenset({"Graph", "Sequential"}),
    "layers.convolutional": _names(
        "AtrousConv1D AtrousConv2D AtrousConvolution1D AtrousConvolution2D AveragePooling1D "
        "AveragePooling2D AveragePooling3D Conv1D Conv2D Conv2DTranspose Conv3D Conv3DTranspose "
        "Convolution1D Convolution2D Convolution2DTranspose Convolution3D Cropping1D Cropping2D "
        "Cropping3D Deconv2D Deconv3D Deconvolution2D Deconvolution3D DepthwiseConv2D InputSpec Layer "
        "MaxPooling1D MaxPooling2D MaxPooling3D SeparableConv1D SeparableConv2D SeparableConvolution1D "
        "SeparableConvolution2D UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D "
        "ZeroPadding3D"
    ),
    "layers.convolutional_recurrent": _names("ConvLSTM2D ConvLSTM2DCell ConvRecurrent2D InputSpec Layer RNN Recurrent"),
    "layers.pooling": _names(
        "AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D "
        "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D "
        "GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D "
        "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D InputSpec Layer MaxPool1D MaxPool2D "
        "MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D"
    ),
    "layers.local": frozenset({"InputSpec", "Layer", "LocallyConnected1D", "LocallyConnected2D"}),
    "layers.recurrent": _names(
        "GRU GRUCell InputSpec LSTM LSTMCell Layer RNN Recurrent SimpleRNN SimpleRNNCell StackedRNNCells"
    ),
    "layers.cudnn_recurrent": frozenset({"CuDNNGRU", "CuDNNLSTM", "InputSpec", "RNN"}),
    "layers.normalization": frozenset({"BatchNormalization", "InputSpec", "Layer"}),
    "layers.embeddings": frozenset({"Embedding", "Layer"}),
    "layers.noise": frozenset({"AlphaDropout", "GaussianDropout", "GaussianNoise", "Layer"}),
    "layers.advanced_activations": _names(
        "ELU InputSpec Layer LeakyReLU PReLU ParametricSoftplus ReLU SReLU Softmax ThresholdedReLU"
    ),
    "layers.wrappers": frozenset({"Bidirectional", "InputSpec", "Layer", "TimeDistributed", "Wrapper"}),
    "layers.merge": _names(
        "Add Average Concatenate Dot Layer Maximum Minimum Multiply Subtract add average concatenate "
        "dot maximum minimum multiply subtract"
    ),
    "legacy.layers": _names(
        "AtrousConvolution1D AtrousConvolution2D ConvRecurrent2D Highway InputSpec Layer MaxoutDense "
        "Merge Recurrent merge"
    ),
}
"""What a star import of a module brought in Keras 0.3 to 2.3, beside what is public now."""

MODULES: Final = frozenset(MODULE_NAMES) | _names(
    "backend.common backend.tensorflow_backend backend.theano_backend initializations legacy "
    "objectives preprocessing.text utils.data_utils utils.generic_utils utils.io_utils "
    "utils.layer_utils utils.np_utils utils.training_utils utils.vis_utils utils.visualize_util "
    "wrappers wrappers.scikit_learn"
)
"""Modules that were public in Keras 1 or 2."""
