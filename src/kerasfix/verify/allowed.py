"""What a build plan may name: Keras's own layers, merges, applications and the objects that configure them.

Plans are data, and this list is what keeps them from being a program: nothing on it runs code that it is given, reads
a file, or fetches anything. The worker looks here again before it looks a name up.
"""

from __future__ import annotations

MODULES = frozenset(
    {
        "keras.layers",
        "keras.applications",
        "keras.activations",
        "keras.initializers",
        "keras.regularizers",
        "keras.constraints",
    }
)
TOP = frozenset({"keras.Input"})
REFUSED = frozenset(
    {
        "deserialize",
        "get",
        "serialize",
        # they run what they are given, or load a model from a file
        "FlaxLayer",
        "JaxLayer",
        "Lambda",
        "Pipeline",
        "TFSMLayer",
        "TorchModuleWrapper",
        "Wrapper",
        # nothing to build
        "DenseFeatures",
        "InputSpec",
        "Layer",
    }
)


def is_allowed(name: str) -> bool:
    """Whether a plan may name `name`, the canonical name of something of Keras."""
    module, _, last = name.rpartition(".")
    if name in TOP:
        return True
    return module in MODULES and last.isidentifier() and not last.startswith("_") and last not in REFUSED
