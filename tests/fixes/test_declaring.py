"""The exact text of an input that moves from a layer to an `Input`, and what makes that doubtful."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from kerasfix.analysis.gathering import analyse
from kerasfix.analysis.slots import Position
from kerasfix.diagnostics import Applicability
from kerasfix.fixes.apply import splice
from kerasfix.fixes.declaring import declare_input, flat, remove_declaration
from kerasfix.target import InputStyle, Target, TargetKeras

if TYPE_CHECKING:
    from kerasfix.analysis.program import Layer, Program

IMPORTS = "import keras\nfrom keras import Input, Sequential\nfrom keras.layers import *\n"
BOTH = Target.of(TargetKeras.BOTH)
KERAS2 = Target.of(TargetKeras.KERAS2)
KERAS3 = Target.of(TargetKeras.KERAS3)
LAYERS = Target.of(TargetKeras.BOTH, InputStyle.INPUT_LAYER)


def declaring(program: Program) -> Layer:
    """The layer of a program that declares an input."""
    [layer] = [layer for layer in program.layers if layer.made.declares]
    return layer


def fixed(text: str, target: Target = BOTH) -> str:
    """A program, that need not say its imports, with its input moved."""
    program = analyse(IMPORTS + dedent(text).lstrip("\n"))
    layer = declaring(program)
    fix, reason = declare_input(program, layer, layer.entries(Position.FIRST), target)
    assert fix is not None, reason
    result = splice(program.text, fix.edits)
    assert not [layer for layer in analyse(result).layers if layer.made.declares]
    return result.removeprefix(IMPORTS)


def doubt(text: str, target: Target = BOTH) -> tuple[str, str]:
    """Whether the fix is safe, unsafe, display or none, and why."""
    program = analyse(IMPORTS + dedent(text).lstrip("\n"))
    layer = declaring(program)
    fix, reason = declare_input(program, layer, layer.entries(Position.FIRST), target)
    return (fix.applicability.value if fix is not None else "none"), reason


def moved(layer: str, target: Target = BOTH) -> str:
    """The call that takes over the input of the first layer of a model."""
    text = fixed(f"Sequential([{layer}])\n", target)
    _, _, inserted = text.partition("[")
    depth = 0
    for place, character in enumerate(inserted):
        depth += (character in "([") - (character in ")]")
        if character == ")" and not depth:
            return inserted[: place + 1]
    raise AssertionError(text)


# --- where it goes ---------------------------------------------------------------------------------------------

INSERTIONS = {
    # The first element of a list or tuple:
    "Sequential([Dense(8, input_dim=4)])": "Sequential([Input(shape=(4,)), Dense(8)])",
    "Sequential((Dense(8, input_dim=4),))": "Sequential((Input(shape=(4,)), Dense(8)))",
    "Sequential(layers=[Dense(8, input_dim=4), Dense(1)])": (
        "Sequential(layers=[Input(shape=(4,)), Dense(8), Dense(1)])"
    ),
    "Sequential([\n    Dense(8, input_dim=4),  # in\n    Dense(1),\n])": (
        "Sequential([\n    Input(shape=(4,)),\n    Dense(8),  # in\n    Dense(1),\n])"
    ),
    "Sequential([Dense(8, input_dim=4)] + rest)": "Sequential([Input(shape=(4,)), Dense(8)] + rest)",
    "d = Dense(8, input_dim=4)\nSequential([d])": "d = Dense(8)\nSequential([Input(shape=(4,)), d])",
    # A list around what is not one:
    "l = [Dense(8, input_dim=4)]\nSequential(l)": "l = [Dense(8)]\nSequential([Input(shape=(4,)), *l])",
    "l = [Dense(8, input_dim=4)]\nSequential(l + [Dense(1)])": (
        "l = [Dense(8)]\nSequential([Input(shape=(4,)), *l, Dense(1)])"
    ),
    "l = [Dense(8, input_dim=4)]\nSequential(l + [Dense(1),] + m)": (
        "l = [Dense(8)]\nSequential([Input(shape=(4,)), *l, *[Dense(1),], *m])"
    ),
    "l = [Dense(8, input_dim=4)]\nSequential(l + (m or []))": (
        "l = [Dense(8)]\nSequential([Input(shape=(4,)), *l, *(m or [])])"
    ),
    "l = [Dense(8, input_dim=4)]\nSequential(l * 1)": "l = [Dense(8)]\nSequential([Input(shape=(4,)), *(l * 1)])",
    # A list around a lone layer:
    "Sequential(Dense(8, input_dim=4))": "Sequential([Input(shape=(4,)), Dense(8)])",
    "Sequential(layers=(Dense(8, input_dim=4)))": "Sequential(layers=[Input(shape=(4,)), (Dense(8))])",
    # A statement before another:
    "m = Sequential()\nm.add(Dense(8, input_dim=4))": "m = Sequential()\nm.add(Input(shape=(4,)))\nm.add(Dense(8))",
    "m = Sequential(); m.add(Dense(8, input_dim=4))": "m = Sequential(); m.add(Input(shape=(4,))); m.add(Dense(8))",
    "m = Sequential()\nif x: m.add(Dense(8, input_dim=4))": (
        "m = Sequential()\nif x: m.add(Input(shape=(4,))); m.add(Dense(8))"
    ),
    "class Net(Sequential):\n    def __init__(self):\n        super().__init__()\n"
    "        super().add(Dense(8, input_dim=4))": (
        "class Net(Sequential):\n    def __init__(self):\n        super().__init__()\n"
        "        super().add(Input(shape=(4,)))\n        super().add(Dense(8))"
    ),
    # In front of every model that begins with it:
    "Sequential([Sequential([Dense(8, input_dim=4)]), Dense(1)])": (
        "Sequential([Input(shape=(4,)), Sequential([Input(shape=(4,)), Dense(8)]), Dense(1)])"
    ),
    "inner = Sequential([Dense(8, input_dim=4)])\nSequential([Dense(9), inner])": (
        "inner = Sequential([Input(shape=(4,)), Dense(8)])\nSequential([Dense(9), inner])"
    ),
}


@pytest.mark.parametrize("text", INSERTIONS)
def test_the_input_goes_in_front(text: str) -> None:
    assert fixed(text) == INSERTIONS[text]


# --- what it says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "call", "layer_call"),
    [
        ("Dense(8, input_shape=(4,))", "Input(shape=(4,))", "InputLayer((4,))"),
        ("Dense(8, input_shape=[4])", "Input(shape=[4])", "InputLayer([4])"),
        ("Dense(8, input_shape=4)", "Input(shape=(4,))", "InputLayer((4,))"),
        ("Dense(8, input_shape=(4))", "Input(shape=(4,))", "InputLayer((4,))"),
        ("Dense(8, input_shape=shape)", "Input(shape=shape)", "InputLayer(shape)"),
        ("Dense(8, input_shape=X.shape[1:])", "Input(shape=X.shape[1:])", "InputLayer(X.shape[1:])"),
        ("Dense(8, input_dim=n + 1)", "Input(shape=(n + 1,))", "InputLayer((n + 1,))"),
        ("Dense(8, input_dim=(n))", "Input(shape=(n,))", "InputLayer((n,))"),
        ("Dense(8, input_dim=(4,))", "Input(shape=(4,))", "InputLayer((4,))"),
        ("Dense(8, batch_input_shape=(2, 4))", "Input(batch_shape=(2, 4))", "InputLayer(batch_input_shape=(2, 4))"),
        ("Dense(8, batch_shape=(2, 4))", "Input(batch_shape=(2, 4))", "InputLayer(batch_input_shape=(2, 4))"),
        ("Dense(8, input_dim=4, batch_size=2)", "Input(shape=(4,), batch_size=2)", "InputLayer((4,), 2)"),
        ("LSTM(8, input_dim=4)", "Input(shape=(None, 4))", "InputLayer((None, 4))"),
        ("LSTM(8, input_length=9, input_dim=4)", "Input(shape=(9, 4))", "InputLayer((9, 4))"),
        ("LSTM(8, input_dim=4, input_length=(9))", "Input(shape=(9, 4))", "InputLayer((9, 4))"),
        ("Embedding(99, 8, input_length=9)", "Input(shape=(9,))", "InputLayer((9,))"),
        ("Dense(8, input_shape=(4,), input_dim=4)", "Input(shape=(4,))", "InputLayer((4,))"),
        ("Dense(8, input_shape=(\n  4,  # four\n  5,\n))", "Input(shape=(4, 5))", "InputLayer((4, 5))"),
        ("Bidirectional(LSTM(8), input_shape=(9, 4))", "Input(shape=(9, 4))", "InputLayer((9, 4))"),
        ("Dense(8, name='first', input_dim=4)", "Input(shape=(4,))", "InputLayer((4,))"),
    ],
)
def test_the_input_declares_the_same(layer: str, call: str, layer_call: str) -> None:
    assert moved(layer) == call
    assert moved(layer, LAYERS) == layer_call


@pytest.mark.parametrize(
    ("layer", "keras2", "keras3"),
    [
        ("Dense(8, input_dim=4, dtype='float64')", ", dtype='float64'", ""),
        ("Dense(8, input_dim=4, dtype='float32')", "", ""),
        ("Dense(8, input_dim=4, dtype=None)", "", ""),
        ("Dense(8, input_dim=4, dtype=policy)", ", dtype=policy", ""),
        ("TextVectorization(input_shape=(1,), dtype='string')", ", dtype='string'", ", dtype='string'"),
        ("TextVectorization(input_shape=(1,), dtype=tf.string)", ", dtype=tf.string", ", dtype=tf.string"),
        ("TextVectorization(input_shape=(1,))", ', dtype="string"', ', dtype="string"'),
        ("Discretization(input_shape=(1,))", ', dtype="int64"', ', dtype="int64"'),
    ],
)
def test_the_input_has_the_dtype_that_it_had(layer: str, keras2: str, keras3: str) -> None:
    prefix = "import tensorflow as tf\n"
    shape = "shape=(4,)" if "input_dim" in layer else "shape=(1,)"
    for target, dtype in ((KERAS2, keras2), (BOTH, keras2), (KERAS3, keras3)):
        assert f"[Input({shape}{dtype}), " in fixed(f"{prefix}Sequential([{layer}])", target)


def test_the_import_comes_with_the_input() -> None:
    text = "from keras.models import Sequential\nfrom keras.layers import Dense\nSequential([Dense(8, input_dim=4)])\n"
    program = analyse(text)
    layer = declaring(program)
    fix, _ = declare_input(program, layer, layer.entries(Position.FIRST), BOTH)
    assert fix is not None
    assert splice(text, fix.edits) == (
        "from keras.models import Sequential\nfrom keras.layers import Dense, Input\n"
        "Sequential([Input(shape=(4,)), Dense(8)])\n"
    )


# --- doubts ----------------------------------------------------------------------------------------------------

UNSAFE = {
    "Sequential([Dense(8, input_dim=4, **options)])": "the call unpacks more arguments",
    "Sequential([Dense(8, batch_input_shape=(2, 4), batch_size=3)])": (
        "its `batch_size` says something else, which Keras 2 ignores"
    ),
    "class Own(Dense): pass\nSequential([Own(8, input_dim=4)])": (
        "`Own` is not Keras's own, and may look at the argument itself"
    ),
    "Sequential([Dense(8, input_dim=4)])\nSequential(base.layers[1:])": (
        "the layers of a model are put into another one in this file"
    ),
    "Sequential([Discretization(input_shape=(1,))])": "Keras 2 gives this input the dtype int64",
    "Sequential([Dense(8, input_dim=4, dtype='float64')])": (
        "the layer's dtype is the input's in Keras 2 and not in Keras 3"
    ),
    "m = Sequential([Dense(8, input_dim=4)])\nm.fit({'dense_input': x})": (
        "the file may use the name that Keras 2 gives to this input"
    ),
    "m = Sequential([Dense(8, input_dim=4, name='pixels')])\nm.fit({'pixels_input': x})": (
        "the file may use the name that Keras 2 gives to this input"
    ),
    "m = Sequential([SimpleRNN(8, input_dim=4)])\nm.fit({'simple_rnn_3_input': x})": (
        "the file may use the name that Keras 2 gives to this input"
    ),
    "m = Sequential([Dense(8, input_dim=4)])\nprint(m.input_names)": (
        "the file may use the name that Keras 2 gives to this input"
    ),
    "d = Dense(8, input_dim=4)\nSequential([d])\nd(x)": "the layer is used elsewhere too",
    "d = Dense(8, input_dim=4)\nSequential([d])\nSequential([d])": "the layer is shared by several models",
    "m = Sequential([Dense(8, input_dim=4)])\nSequential([*others, m])": (
        "the model may begin another one, which then needs an `Input` too"
    ),
}

SHOWN = {
    "n = 4\nd = Dense(8, input_dim=n)\nn = 5\nSequential([d])": (
        "the value may not mean the same where the `Input` stands"
    ),
    "Sequential([Dense(8, input_shape=read())])": "the value may not mean the same where the `Input` stands",
    "def inner():\n    n = int(text)\n    return Sequential([Dense(8, input_dim=n)])\nSequential([inner()])": (
        "the value may not mean the same in the enclosing model"
    ),
}

NONE = {
    "Sequential([Dense(8, input_dim=4, input_shape=(5,))])": "its arguments say different things",
    "m = Sequential()\nx = m.add(Dense(8, input_dim=4))": "there is no place for an `Input` that is sure to be right",
    "Input = KerasInput = keras = None\nSequential([Dense(8, input_dim=4)])": ("no way to write `Input` here is sure"),
}

DOUBTS = (
    dict.fromkeys(INSERTIONS, ("safe", ""))
    | {text: ("unsafe", reason) for text, reason in UNSAFE.items()}
    | {text: ("display", reason) for text, reason in SHOWN.items()}
    | {text: ("none", reason) for text, reason in NONE.items()}
)


@pytest.mark.parametrize("text", DOUBTS)
def test_a_doubt_has_its_reason(text: str) -> None:
    assert doubt(text) == DOUBTS[text]


@pytest.mark.parametrize(
    ("text", "keras2", "keras3"),
    [
        ("m = Sequential([Dense(8, input_dim=4)])\nm.fit({'dense_input': x})", "unsafe", "safe"),
        ("Sequential([Dense(8, input_dim=4, dtype='float64')])", "safe", "safe"),
        ("Sequential([TextVectorization(input_shape=(1,))])", "safe", "safe"),
        ("Sequential([Dense(8, input_dim=4, dtype='string')])", "safe", "safe"),
    ],
)
def test_some_doubts_are_of_one_keras_only(text: str, keras2: str, keras3: str) -> None:
    assert doubt(text, KERAS2)[0] == keras2
    assert doubt(text, KERAS3)[0] == keras3


def test_the_gravest_doubt_counts() -> None:
    assert doubt("Sequential([Dense(8, input_shape=read(), **options)])")[0] == "display"
    assert doubt("Sequential([Dense(8, input_shape=read(), input_dim=4)])")[0] == "none"


def test_a_literal_may_go_anywhere() -> None:
    assert doubt("def inner():\n    return Sequential([Dense(8, input_dim=4)])\nSequential([inner()])") == ("safe", "")


# --- the rest --------------------------------------------------------------------------------------------------


def test_a_declaration_is_removed_with_all_its_arguments() -> None:
    text = f"{IMPORTS}Dense(8, input_dim=4, activation='relu', batch_size=2)(x)\n"
    program = analyse(text)
    fix = remove_declaration(program, declaring(program), Applicability.SAFE, "Remove them")
    assert splice(text, fix.edits) == f"{IMPORTS}Dense(8, activation='relu')(x)\n"
    assert (fix.applicability, fix.message) == (Applicability.SAFE, "Remove them")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("(4, 5)", "(4, 5)"),
        ("(\n    4,\n    5,\n)", "(4, 5)"),
        ("(\n    4,\n)", "(4,)"),
        ("(4,  # rows\n 5)", "(4, 5)"),
        ("(\r\n    4,\r\n    5\r\n)", "(4, 5)"),
        ("[\n    f(\n        4,\n    ),\n    5,\n]", "[f(4,), 5]"),
        ("X[\n    0\n].shape", "X[0].shape"),
        ("a + \\\n b", "a + \\\n b"),
        ('d["#"\n]', 'd["#"\n]'),
        ("d['a'\n]", "d['a']"),
    ],
)
def test_an_expression_goes_on_one_line(code: str, line: str) -> None:
    assert flat(code) == line
