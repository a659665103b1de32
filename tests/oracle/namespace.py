"""Makes every spelling of Keras in a program mean the Keras under test.

A program says `keras`, `tensorflow.keras`, `tf_keras`, `tensorflow.python.keras`, or a module path of
Keras 1 and 2 that no longer exists. Only the import statements of the program are redirected: its globals
carry an `__import__` of their own, and TensorFlow and Keras keep theirs.
"""

from __future__ import annotations

import builtins
import importlib.util
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOTS = (
    ("tensorflow", "python", "keras"),
    ("tensorflow", "contrib", "keras"),
    ("tensorflow", "keras"),
    ("tf_keras",),
    ("keras",),
)
ENGINE = ("Input", "InputLayer", "InputSpec", "Layer", "Model", "Sequential")


class Absent:
    """Whatever a package that is not installed would give: any attribute, call or base class."""

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **kwargs: object) -> Absent:
        return self

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()


def absent_module(name: str) -> ModuleType:
    """A module of which every name is `Absent`."""
    module = ModuleType(name)
    module.__getattr__ = lambda attribute: getattr(Absent(), attribute)  # type: ignore[method-assign]
    return module


def hub_module(keras: Any) -> ModuleType:
    """A tensorflow_hub whose KerasLayer maps each text to eight numbers, without a download.

    Like the real one it gives its keyword arguments to the Keras base class.
    """
    import tensorflow as tf

    class KerasLayer(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, handle: str, trainable: bool = False, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.handle = handle
            self.trainable = trainable

        def call(self, inputs: Any) -> Any:
            buckets = [tf.strings.to_hash_bucket_fast(inputs, 97 + step) for step in range(8)]
            return tf.cast(tf.stack(buckets, axis=-1), tf.float32) / 97.0

    module = ModuleType("tensorflow_hub")
    module.KerasLayer = KerasLayer  # type: ignore[attr-defined]
    return module


def keras_path(name: str) -> tuple[str, ...] | None:
    """The part of a dotted module name below Keras, None where the name is no Keras."""
    parts = tuple(name.split("."))
    for root in ROOTS:
        if parts[: len(root)] == root:
            below = parts[len(root) :]
            while below and below[0] in ("api", "src", "_tf_keras"):
                below = below[1:]
            return below
    return None


class Namespace:
    """The import system of one program under one Keras."""

    def __init__(self, keras: Any) -> None:
        self.keras = keras
        self._stand_ins: dict[str, ModuleType] = {}

    def builtins(self) -> dict[str, Any]:
        """The builtins for a program's globals."""
        return {**vars(builtins), "__import__": self.import_}

    def import_(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """What an import statement of the program gets; the signature is Python's own."""
        below = keras_path(name) if level == 0 else None
        if below is not None:
            module = self._resolve(below)
            if fromlist:
                return module
            if name.startswith("tensorflow."):
                tensorflow = importlib.import_module("tensorflow")
                if name.startswith("tensorflow.python."):
                    tensorflow.python.keras = self.keras
                return tensorflow
            return self.keras
        top = name.partition(".")[0]
        if level == 0 and top in ("torch", "tensorflow_hub") and importlib.util.find_spec(top) is None:
            return self._stand_in(top)
        return builtins.__import__(name, globals, locals, fromlist or (), level)

    def _stand_in(self, name: str) -> ModuleType:
        if name not in self._stand_ins:
            make: Callable[[], ModuleType] = (
                (lambda: hub_module(self.keras)) if name == "tensorflow_hub" else (lambda: absent_module(name))
            )
            self._stand_ins[name] = make()
        return self._stand_ins[name]

    def _resolve(self, path: tuple[str, ...]) -> Any:
        """The module at a path below Keras; a module that was split up later is the one that it became."""
        if path and path[0] in ("engine", "topology"):
            return self._engine()
        module = self.keras
        for part in path:
            found = getattr(module, part, None)
            if isinstance(found, ModuleType):
                module = found
            elif found is None:
                # So that `import keras.layers.core` can be followed by `keras.layers.core.Dense`.
                setattr(module, part, module)
        return module

    def _engine(self) -> ModuleType:
        module = ModuleType("keras.engine")
        for name in ENGINE:
            home = self.keras if hasattr(self.keras, name) else self.keras.layers
            setattr(module, name, getattr(home, name))
        for name in ("topology", "training", "sequential", "input_layer", "base_layer"):
            setattr(module, name, module)
        return module
