"""What operations make of Keras tensors is what Keras 3 and tf_keras make of them, and what is not known stays so."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from test_layer_shapes import keras_2, keras_3

from kerasfix.analysis.array_functions import FUNCTIONS, SPLITTING
from kerasfix.analysis.gathering import analyse
from kerasfix.analysis.objects import InputObject, Tensor

SHAPES = {
    "x": (None, 4, 6),
    "y": (None, 4, 6),
    "fixed": (8, 4, 6),
    "row": (None, 1, 6),
    "long": (None, None, 6),
    "flat": (None, 6),
    "whole": (2, 3),
    "wide": (None, 6, 5),
    "thin": (None, 4, 1),
}
"""The inputs that expressions are about, the batch included."""

HEAD = "\n".join(
    (
        "import keras",
        "import numpy as np",
        "import tensorflow as tf",
        "from keras import backend as K, layers, ops",
        *(f"{name} = keras.Input(batch_shape={shape})" for name, shape in SHAPES.items()),
        "pair = keras.Model([x, flat], [layers.Dense(3)(x), flat])",
        "",
    )
)

NO_TENSOR = frozenset(
    (
        *("zeros", "ones", "random_normal", "random_uniform", "truncated_normal", "random.normal", "random.uniform"),
        *("random.truncated_normal", "fill", "constant", "convert_to_tensor", "placeholder", "eye"),
    )
)
"""What TensorFlow makes arrays with, which `test_data_shapes` holds to it."""

ARGUMENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("clip", "clip_by_value"), ("x, 0.0, 1.0",)),
    "cast": ("x, 'float32'",),
    "dropout": ("x, 0.5",),
    **dict.fromkeys(
        ("add", "subtract", "multiply", "divide", "true_divide", "maximum", "minimum", "power", "pow"),
        ("x, y", "x, 2.0", "x, row", "thin, row", "fixed, x", "long, x", "x, long", "flat, x"),
    ),
    "matmul": ("x, wide", "flat, whole", "fixed, wide", "x, x", "row, wide"),
    "reshape": ("x, (-1, 24)", "x, [-1, 3, 8]", "x, (-1, 12)", "x, (8, 4, 6)", "fixed, (-1, 48)", "whole, (6, 2)"),
    "K.transpose": ("x",),
    "transpose": ("x", "x, (0, 2, 1)", "x, [2, 0, 1]", "x, (0, 1)"),
    "permute_dimensions": ("x, (0, 2, 1)", "x, [2, 1, 0]"),
    "expand_dims": ("x, axis=1", "x, -1", "x, 3", "x, 4", "x"),
    "squeeze": ("thin, -1", "thin, axis=2", "row, 1", "x, 1"),
    "stack": ("[x, y]", "[x, y], axis=1", "[x, y], -1", "[fixed, x], 1", "[x, flat]"),
    "ravel": ("x", "fixed", "whole"),
    "flatten": ("x", "fixed", "whole"),
    **dict.fromkeys(("argmax", "argmin"), ("x", "x, 1", "x, axis=-1", "x, axis=3")),
    **dict.fromkeys(
        ("concatenate", "concat"),
        ("[x, y], axis=-1", "[x, y], 1", "[fixed, x], 1", "[fixed, fixed], 0", "[x, y]", "[x, flat], 1"),
    ),
    "split": ("x, 2, axis=1", "x, 3, -1", "x, [1, 3], axis=1", "fixed, 4", "x, 4, axis=2", "x, 2"),
    "unstack": ("x, axis=1", "fixed", "x", "x, 2"),
}
"""What a function is called with, by its whole name or the last part of it: `x` where it keeps the shape of one."""
_REDUCTIONS = (
    "x",
    "x, axis=1",
    "x, -1, True",
    "x, axis=(1, 2)",
    "x, axis=[1, 2], keepdims=True",
    "x, 3",
    "x, None, True",
)

OPERATIONS = [
    *("x + y", "x * 0.5", "2 - x", "-x", "x / 255.0", "x // 2", "x % 2", "x ** 2", "2.0 ** x", "x + row", "row + thin"),
    *("fixed + x", "x + fixed", "long + x", "x - long", "flat * x", "x + np.zeros((4, 6))", "x + np.zeros(6)"),
    *("x @ wide", "flat @ whole", "fixed @ wide", "(x + y) * 0.5 - row", "x + x + x"),
    *("x[:, 0]", "x[:, -1, :]", "x[..., 0:3]", "x[:, tf.newaxis]", "x[:, None, 0]", "x[:, 1:3, ::2]", "x[0]", "x[1:]"),
    *("x[..., -1]", "x[..., None]", "x[:, 0:100]", "long[:, 1:]", "long[:, -1]", "long[:, ::-1]", "fixed[:4, 1]"),
    *("x[:, 9]", "x[0, 0, 0, 0]", "x[:, [0, 1]]", "x[:, -2:, :][:, 0]"),
    *("layers.Dense(3)(x[:, 0] * 2)", "layers.Dense(5)(x) + 1", "layers.add([x, y]) * x"),
    *("pair([x, flat])", "pair([x, flat])[0]", "pair([x, flat])[1] * 2", "layers.LSTM(5, return_state=True)(x)"),
    *("layers.LSTM(5, return_sequences=True)(x)[:, -1]", "layers.MultiHeadAttention(2, 3)(x, y)[:, 0]"),
]


def calls() -> dict[str, tuple[str, ...]]:
    """Every function of the table that takes tensors, as a program writes it, with the arguments to try."""
    found = {}
    for name in (*FUNCTIONS, *SPLITTING):
        root, _, function = name.partition(".")
        last = name.rpartition(".")[2]
        if root == "numpy" or ".compat." in name or name.startswith(("keras.utils", "keras.preprocessing")):
            continue
        if root == "tensorflow" and function in NO_TENSOR:
            continue
        is_reduction = last.startswith("reduce_") or FUNCTIONS.get(name) is FUNCTIONS["keras.ops.mean"]
        short = name.replace("tensorflow.", "tf.").replace("keras.ops.", "ops.").replace("keras.backend.", "K.")
        found[short] = _REDUCTIONS if is_reduction else ARGUMENTS.get(short, ARGUMENTS.get(last, ("x",)))
    return found


CALLS = calls()


def predicted(expression: str) -> list[tuple[object, ...] | None] | None:
    """The shapes of one tensor or several; a size that is not known is `"?"`; None where it is not even a tensor."""
    outputs = analyse(f"{HEAD}model = keras.Model([x], {expression})\n").models[-1].made.outputs
    shapes = [shape_of(output) for output in outputs if isinstance(output, Tensor)]
    return shapes if len(shapes) == len(outputs) else None


def shape_of(tensor: Tensor) -> tuple[object, ...] | None:
    """A shape as `predicted` gives it."""
    dims = tensor.shape.dims
    return None if dims is None else tuple(dim if dim is None or isinstance(dim, int) else "?" for dim in dims)


@functools.cache
def names(version: str) -> dict[str, Any]:
    """What the expressions read, of one Keras; Keras 3 has no `K`, Keras 2 no `ops`."""
    import numpy as np
    import tensorflow as tf

    keras = keras_3() if version == "keras3" else keras_2()
    found = {"keras": keras, "tf": tf, "np": np, "layers": keras.layers, "K": keras.backend}
    found["ops"] = getattr(keras, "ops", None)
    for name, shape in SHAPES.items():
        found[name] = keras.Input(batch_shape=shape)
    x, flat = found["x"], found["flat"]
    found["pair"] = keras.Model([x, flat], [keras.layers.Dense(3)(x), flat])
    return found


def real(expression: str, version: str) -> list[tuple[object, ...]] | None:
    """The shapes that one Keras gives; None where it refuses."""
    try:
        made = eval(expression, names(version))
        tensors = made if isinstance(made, list | tuple) else [made]
        return [tuple(tensor.shape) for tensor in tensors]
    except Exception:
        return None


def difference(expression: str) -> tuple[bool, str]:
    """Whether some Keras accepts an expression, and where what is predicted is not what it gives."""
    found = [shapes for version in ("keras3", "keras2") if (shapes := real(expression, version)) is not None]
    guess = predicted(expression)
    known = [dims for dims in guess or () if dims is not None]
    if not found:  # what all refuse has no shape
        return False, "" if not any("?" not in dims for dims in known) else f"{expression} is refused, not {guess}"
    agree = all(shapes == found[0] for shapes in found)
    if agree:
        return True, "" if guess == found[0] else f"{expression} is {found[0]}, not {guess}"
    right = guess is not None and all(len(guess) == len(known) == len(shapes) for shapes in found)
    right = right and all(
        dim in ("?", size)
        for shapes in found
        for dims, sizes in zip(known, shapes, strict=True)
        for dim, size in zip(dims, sizes, strict=True)
    )
    return True, "" if right else f"{expression} is {found}, not {guess}"


def exists(name: str) -> bool:
    """Whether some Keras, or TensorFlow, has a function of that name."""
    for version in ("keras3", "keras2"):
        root, *path = name.split(".")
        try:
            functools.reduce(getattr, path, names(version)[root])
        except AttributeError:
            continue
        return True
    return False


@pytest.mark.keras
def test_operators_and_slices_are_those_of_keras() -> None:
    found = [difference(expression) for expression in OPERATIONS]
    assert [text for _, text in found if text] == []
    assert sum(works for works, _ in found) > len(OPERATIONS) - 6


@pytest.mark.keras
def test_every_function_of_the_table_is_that_of_keras() -> None:
    accepted: dict[str, bool] = {}
    wrong = []
    for name, every in CALLS.items():
        last = name.rpartition(".")[2]
        accepted.setdefault(last, False)
        for arguments in every if exists(name) else ():
            works, text = difference(f"{name}({arguments})")
            accepted[last] = accepted[last] or works
            wrong += [text] if text else []
    assert wrong == []
    assert [name for name, works in accepted.items() if not works] == []


NOT_KNOWN = {
    "ops.concatenate([x, fixed], 1)": [("?", 8, 6)],  # Keras 3 says None, TensorFlow 8
    "x * unknown": [None],
    "x[unknown]": [None],
    "x[:, :unknown]": [(None, "?", 6)],
    "ops.mean(x, axis=unknown)": [None],
    "ops.mean(x, axis=(1, unknown))": [None],
    "ops.reshape(x, (-1, unknown))": [(None, "?")],
    "tf.reshape(x, (tf.shape(x)[0], 24))": [("?", 24)],
    "tf.image.resize(x, (8, 8))": None,
    "tf.split(x, unknown, axis=1)": None,
    "tf.split(x, 10**9, axis=0)": None,
    "tf.unstack(x, 10**9)": None,
    "layers.Dense(unknown)(x) + x": [(None, 4, "?")],
    "(x if unknown else flat) * 2": [None],
    "(x if unknown else y) * 2": [(None, 4, 6)],
    "(x if unknown else fixed) * 2": [("?", 4, 6)],
    "layers.Lambda(lambda t: t[:, 0])(x) * 2": [None],
    "layers.MultiHeadAttention(2, 3)(x, y, return_attention_scores=True)[0]": None,
    "unknown(x) + 1": None,
    "x == y": None,
    "np.abs(x)": None,
    "'%s' % x": None,
    "ops.relu(*x)": None,
}


@pytest.mark.parametrize("expression", NOT_KNOWN)
def test_what_is_not_known(expression: str) -> None:
    assert predicted(expression) == NOT_KNOWN[expression]


def test_a_class_or_function_of_the_file_is_no_function_of_keras() -> None:
    assert predicted("[relu(x) for relu in [lambda t: t[:, 0]]][0]") == [(None, 6)]
    found = analyse(f"{HEAD}def relu(t):\n    return custom(t)\nmodel = keras.Model([x], relu(x) * 2)\n").models[-1]
    assert not found.tensors()


def test_the_graph_leads_through_operations_back_to_the_inputs() -> None:
    found = analyse(f"{HEAD}z = ops.stack([x * 2, y], 1)[:, 0]\nz += pair([x, flat])[1]\nmodel = keras.Model([x], z)\n")
    sources = [tensor.source for tensor in found.models[-1].tensors() if isinstance(tensor.source, InputObject)]
    assert [source.shape.dims for source in sources] == [(None, 4, 6), (None, 4, 6), (None, 6)]
    made = [tensor.applied.function for tensor in found.models[-1].tensors() if tensor.applied is not None]
    assert made == ["Multiply", "keras.ops.stack", "item", "", "Add"]
