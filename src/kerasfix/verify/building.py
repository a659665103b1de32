"""Builds the model that a plan describes, with the Keras that it is given. Runs in the worker's child process only.

A plan is data: whatever it names is looked up on the allow-list and has to be of the kind that it is used as. No text
of it is ever compiled, evaluated or imported.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from kerasfix.verify.allowed import is_allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MERGES = frozenset({"add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"})
ATTRIBUTES = frozenset({"input", "inputs", "output", "outputs"})
OPERATORS: dict[str, Callable[..., Any]] = {
    "Add": operator.add,
    "Subtract": operator.sub,
    "Multiply": operator.mul,
    "Divide": operator.truediv,
    "FloorDivide": operator.floordiv,
    "Modulo": operator.mod,
    "Power": operator.pow,
    "MatrixMultiply": operator.matmul,
    "Minus": operator.neg,
    "item": operator.getitem,
}
"""What is done to tensors, by LibCST's names of the operators."""


class NotAllowed(Exception):
    """A plan that names what it may not."""


class Builder:
    """Makes what the steps of one plan say, in order."""

    def __init__(self, keras: Any) -> None:
        self.keras = keras
        self.made: list[Any] = []
        self.at = 0
        """The step that is being done."""
        self.model: Any = None
        """The last model that was made."""

    def build(self, steps: Sequence[Any]) -> Any:
        """The model of a plan. Raises whatever Keras raises."""
        for self.at, step in enumerate(steps):
            if "freeze" in step:
                self.made[step["freeze"]].trainable = bool(step["trainable"])
            elif "build" in step:
                self.made[step["build"]].build(tuple(step["shape"]))
            else:
                self.made.append(self._do(step))
                if isinstance(self.made[-1], self.keras.Model):
                    self.model = self.made[-1]
        return self.model

    def _do(self, step: dict[str, Any]) -> Any:
        positional, named = self._arguments(step.get("arguments", step.get("model", ())))
        if "make" in step:
            return self._named(step["make"])(*positional, **named)
        if "sequential" in step:
            return self._sequential(step["sequential"], positional, named)
        if "model" in step:
            return self.keras.Model(*positional, **named)
        if "apply" in step:
            return self.made[step["apply"]](*positional, **named)
        if "stand in" in step:
            return self._stand_in(str(step["stand in"]))(*positional, **named)
        if "attribute" in step and step["attribute"] in ATTRIBUTES:
            return getattr(self.made[step["of"]], step["attribute"])
        if "operator" in step and step["operator"] in OPERATORS:
            return self._operated(step)
        if "function" in step and _is_function(step["function"]):
            return self._named(step["function"])(*positional, **named)
        raise NotAllowed(f"a step of no known kind: {sorted(step)}")

    def _sequential(self, entries: list[Any], positional: list[Any], named: dict[str, Any]) -> Any:
        values = [self._value(entry) for entry in entries]
        try:
            return self.keras.Sequential(values, *positional, **named)
        except Exception:
            self.at = self._first_refused(entries, values)
            raise

    def _first_refused(self, entries: list[Any], values: list[Any]) -> int:
        """The step that made the first entry which Keras refuses behind those before it."""
        good, bad = 0, len(values)
        while bad - good > 1:
            middle = (good + bad) // 2
            try:
                self.keras.Sequential(values[:middle])
                good = middle
            except Exception:
                bad = middle
        entry = entries[bad - 1] if entries else None
        return int(entry["step"]) if isinstance(entry, dict) and "step" in entry else self.at

    def _arguments(self, pairs: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        positional = [self._value(value) for name, value in pairs if name is None]
        return positional, {str(name): self._value(value) for name, value in pairs if name is not None}

    def _value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if "step" in data:
            made = self.made[data["step"]]
            return made[data["place"]] if "place" in data else made
        for kind, make in (("tuple", tuple), ("list", list)):
            if kind in data:
                return make(self._value(item) for item in data[kind])
        if "slice" in data:
            return slice(*data["slice"])
        if "ellipsis" in data:
            return ...
        if "name" in data:
            return self._named(data["name"])
        if "call" in data and not data["call"].startswith(("keras.layers.", "keras.applications.")):
            positional, named = self._arguments(data["arguments"])
            return self._named(data["call"])(*positional, **named)
        raise NotAllowed(f"a value of no known kind: {sorted(data)}")

    def _operated(self, step: dict[str, Any]) -> Any:
        """What an operator makes of tensors, beside which numbers and indices may stand."""
        parts = [self._value(part) for part in step["of"]]
        if not any(hasattr(part, "_keras_history") for part in parts):
            raise NotAllowed(f"{step['operator']} of what is no tensor")
        return OPERATORS[step["operator"]](*parts)

    def _named(self, name: str) -> Any:
        """What an allowed name stands for in this Keras."""
        if not is_allowed(name):
            raise NotAllowed(f"{name} may not be named in a plan")
        found = self.keras
        for part in name.split(".")[1:]:
            found = getattr(found, part)
        return found

    def _stand_in(self, name: str) -> Any:
        """A layer class of that name that gives back the first tensor that it gets."""

        def call(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            return inputs[0] if isinstance(inputs, list | tuple) else inputs

        def compute_output_shape(self: Any, input_shape: Any, *args: Any, **kwargs: Any) -> Any:
            nested = input_shape and isinstance(input_shape[0], list | tuple)
            return input_shape[0] if nested else input_shape

        members = {"call": call, "compute_output_shape": compute_output_shape}
        return type(name if name.isidentifier() else "StandIn", (self.keras.layers.Layer,), members)


def _is_function(name: str) -> bool:
    """Whether a name is that of a function on tensors: a merge or an activation."""
    module, _, last = name.rpartition(".")
    return last in MERGES if module == "keras.layers" else module == "keras.activations"
