"""Other packages that Keras programs use, and the methods by which data reach a model."""

from __future__ import annotations

LIBRARIES = frozenset(
    [
        "tensorflow",
        "keras",
        "tf_keras",
        "keras_core",
        "numpy",
        "scipy",
        "sklearn",
        "pandas",
        "matplotlib",
        "seaborn",
        "plotly",
        "cv2",
        "PIL",
        "torch",
        "jax",
        "os",
        "sys",
        "tensorflow_model_optimization",
        "tensorflow_hub",
        "tensorflow_datasets",
        "tensorflow_probability",
        "tensorflow_addons",
        "tqdm",
        "scikeras",
        "keras_tuner",
        "kerastuner",
        "shap",
        "livelossplot",
        "visualkeras",
        "hls4ml",
        "mlflow",
        "wandb",
        "horovod",
        "json",
        "pickle",
        "time",
        "logging",
        "random",
        "math",
        "collections",
        "pathlib",
        "joblib",
        "h5py",
        "copy",
        "itertools",
        "functools",
        "warnings",
    ]
)
"""Packages that do not add layers to a Sequential that they are given."""

FEEDING = frozenset(
    [
        *("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"),
        *("fit_generator", "evaluate_generator", "predict_generator"),
    ]
)
"""Methods of a model that it is fed by, besides being called."""

FORWARDING = (
    "tensorflow_hub.KerasLayer",
    "hub.KerasLayer",
    "tensorflow_addons.layers.",
    "tensorflow_probability.layers.",
    "keras_contrib.layers.",
    "qkeras.",
    "keras_hub.layers.",
    "keras_nlp.layers.",
    "keras_cv.layers.",
)
"""Layers of other packages, which hand `input_shape` and the like on to Keras's own `Layer`."""
