"""How an Input is written in the place where one is needed, and which import is changed for it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from kerasfix.analysis.gathering import analyse
from kerasfix.analysis.slots import Position

if TYPE_CHECKING:
    from kerasfix.analysis.objects import Spelling
    from kerasfix.analysis.program import Program


def spelled(text: str, what: str = "Input") -> str | None:
    """The spelling in front of the only first layer of a program, and ` | ` the imports that it takes, if any."""
    program = analyse(dedent(text))
    uses = [use for layer in program.layers for use in layer.entries(Position.FIRST)]
    [insertion] = [use.insertion for use in uses if use.insertion is not None]
    spelling = insertion.spellings.get(what)
    return None if spelling is None else in_words(program, spelling)


def in_words(program: Program, spelling: Spelling) -> str:
    """A spelling; for each import either the name that is added to a statement, or the statement that is added."""
    changes = [
        f"{change.text} behind {program.code(change.statement)}"
        if change.text
        else f"{change.name} to {program.code(change.statement)}"
        for change in spelling.imports
    ]
    return " | ".join([spelling.text, *changes])


FROM_LAYERS = "from keras.layers import Dense"

IN_SCOPE = {
    # imports: the model's class, the layer's class, Input, InputLayer
    "import keras": ("keras.Sequential", "keras.layers.Dense", "keras.Input", "keras.layers.InputLayer"),
    "import keras as k": ("k.models.Sequential", "k.layers.Dense", "k.Input", "k.layers.InputLayer"),
    "import keras\nfrom keras import layers": (
        "keras.Sequential",
        "layers.Dense",
        "layers.Input",
        "layers.InputLayer",
    ),
    "import keras.layers as kl, keras.models as km": ("km.Sequential", "kl.Dense", "kl.Input", "kl.InputLayer"),
    "import tensorflow as tf": (
        "tf.keras.Sequential",
        "tf.keras.layers.Dense",
        "tf.keras.Input",
        "tf.keras.layers.InputLayer",
    ),
    "import tf_keras": (
        "tf_keras.Sequential",
        "tf_keras.layers.Dense",
        "tf_keras.Input",
        "tf_keras.layers.InputLayer",
    ),
    f"import keras\n{FROM_LAYERS}": ("keras.Sequential", "Dense", "keras.Input", "keras.layers.InputLayer"),
    f"from keras import Sequential, layers\n{FROM_LAYERS}": (
        "Sequential",
        "Dense",
        "layers.Input",
        "layers.InputLayer",
    ),
    "from keras import Sequential, Input\nfrom keras.layers import Dense, InputLayer": (
        "Sequential",
        "Dense",
        "Input",
        "InputLayer",
    ),
    f"from keras import Sequential, Input as I\n{FROM_LAYERS}": (
        "Sequential",
        "Dense",
        "I",
        f"InputLayer | InputLayer to {FROM_LAYERS}",
    ),
    "from keras.models import *\nfrom keras.layers import *": ("Sequential", "Dense", "Input", "InputLayer"),
    "import tensorflow as tf\nfrom tensorflow.keras.models import Sequential\n"
    "from tensorflow.keras.layers import Dense": (
        "Sequential",
        "Dense",
        "tf.keras.Input",
        "tf.keras.layers.InputLayer",
    ),
}


@pytest.mark.parametrize("imports", IN_SCOPE)
def test_what_is_in_scope_is_used(imports: str) -> None:
    sequential, dense, spelled_input, spelled_layer = IN_SCOPE[imports]
    program = f"{imports}\nmodel = {sequential}([{dense}(8, input_dim=4)])\n"
    assert spelled(program) == spelled_input
    assert spelled(program, "InputLayer") == spelled_layer


MODEL = "from keras.models import Sequential"

IMPORTED = {
    f"{MODEL}\n{FROM_LAYERS}": f"Input | Input to {FROM_LAYERS}",
    f"{MODEL}\nfrom keras.layers import (\n    Dense,\n)": "Input | Input to from keras.layers import (\n    Dense,\n)",
    f"{MODEL}\nfrom keras.layers import Dense as Dense": "Input | Input to from keras.layers import Dense as Dense",
    f"{MODEL}\nfrom tf_keras.layers import Dense": "Input | Input to from tf_keras.layers import Dense",
    f"{MODEL}\nfrom keras.api.layers import Dense": "Input | Input to from keras.api.layers import Dense",
    # Modules that have no Input of their own:
    f"{MODEL}\nfrom keras.layers.core import Dense": (
        "Input | from keras.layers import Input behind from keras.layers.core import Dense"
    ),
    f"{MODEL}\nfrom keras.src.layers.core.dense import Dense": (
        "Input | from keras.src.layers import Input behind from keras.src.layers.core.dense import Dense"
    ),
    f"{MODEL}\nfrom tensorflow.python.keras.layers.core import Dense": (
        "Input | from tensorflow.python.keras.layers import Input "
        "behind from tensorflow.python.keras.layers.core import Dense"
    ),
}


@pytest.mark.parametrize("imports", IMPORTED)
def test_else_the_import_that_brings_the_layer_brings_the_input(imports: str) -> None:
    assert spelled(f"{imports}\nmodel = Sequential()\nmodel.add(Dense(8, input_dim=4))\n") == IMPORTED[imports]


def test_a_name_that_the_file_binds_anywhere_is_never_taken() -> None:
    program = f"{MODEL}\n{FROM_LAYERS}\nmodel = Sequential([Dense(8, input_dim=4)])\n"
    for other in (
        "Input = 1",
        "def Input(): ...",
        "class Input: ...",
        "def read(Input): ...",
        "for Input in (): ...",
        "from dash import Input",
        "import dash.Input as Input",
        "with open(x) as Input: ...",
        "try: ...\nexcept OSError as Input: ...",
        "def later():\n    Input = 1",
    ):
        for text in (program + other, f"{other}\n{program}"):
            assert spelled(text) == f"KerasInput | Input as KerasInput to {FROM_LAYERS}", text


def test_where_both_names_are_taken_there_is_no_spelling() -> None:
    program = f"{MODEL}\n{FROM_LAYERS}\nmodel = Sequential([Dense(8, input_dim=4)])\n"
    assert spelled(program + "Input = KerasInput = 1") is None
    assert spelled(program + "InputLayer = KerasInputLayer = 1", "InputLayer") is None


def test_a_local_that_hides_the_input_is_not_captured() -> None:
    program = """
        from keras import Input, Sequential
        from keras.layers import Dense

        def build({parameter}):
            return Sequential([Dense(8, input_dim=4)])
    """
    assert spelled(program.format(parameter="units")) == "Input"
    assert spelled(program.format(parameter="Input")) == f"KerasInput | Input as KerasInput to {FROM_LAYERS}"


def test_a_package_is_never_mixed_with_another() -> None:
    layers = "import keras\nfrom tensorflow.keras.layers import Dense\nfrom tensorflow.keras.models import Sequential\n"
    added = "to from tensorflow.keras.layers import Dense"
    model = "model = Sequential([Dense(8, input_dim=4)])\n"
    other = "from keras import Input\n"
    assert spelled(layers + model) == f"Input | Input {added}"
    assert spelled(other + layers + model) == f"KerasInput | Input as KerasInput {added}"
    assert spelled(layers + other + model) == f"KerasInput | Input as KerasInput {added}"


TRY = """\
try:
    from keras.layers import Dense
    from keras.models import Sequential
except ImportError:
    from tensorflow.keras.layers import Dense
    from tensorflow.keras.models import Sequential
"""


def test_of_imports_from_either_package_each_brings_its_input() -> None:
    assert spelled(f"{TRY}model = Sequential([Dense(8, input_dim=4)])\n") == (
        f"Input | Input to {FROM_LAYERS} | Input to from tensorflow.keras.layers import Dense"
    )


def test_an_input_from_one_package_does_not_serve_layers_that_may_be_of_another() -> None:
    assert spelled(f"from keras import Input\n{TRY}model = Sequential([Dense(8, input_dim=4)])\n") == (
        f"KerasInput | Input as KerasInput to {FROM_LAYERS} "
        "| Input as KerasInput to from tensorflow.keras.layers import Dense"
    )


def test_an_import_inside_a_function_is_extended_there() -> None:
    body = f"    {FROM_LAYERS}\n    {MODEL}\n    return Sequential([Dense(8, input_dim=4)])\n"
    assert spelled(f"def build():\n{body}") == f"Input | Input to {FROM_LAYERS}"


def test_an_import_that_cannot_be_seen_from_here_is_not_extended() -> None:
    program = """
        def names():
            from keras.layers import Dense
            from keras.models import Sequential
            return Dense, Sequential

        Dense, Sequential = names()
        {another}
        model = Sequential([Dense(8, input_dim=4)])
    """
    assert spelled(program.format(another="")) is None
    assert spelled(program.format(another=MODEL)) == f"Input | from keras.layers import Input behind {MODEL}"


def test_the_model_s_path_serves_where_the_layer_s_does_not() -> None:
    assert spelled("import keras\nDense = keras.layers.Dense\nmodel = keras.Sequential([Dense(8, input_dim=4)])") == (
        "keras.Input"
    )


def test_one_import_serves_all_places_that_it_is_sure_to_have_run_for() -> None:
    text = """
        from keras.models import Sequential
        from keras.layers import Dense
        from keras.layers import LSTM

        first = Sequential([Dense(8, input_dim=4)])
        second = Sequential([LSTM(8, input_shape=(4, 2))])

        def third():
            from keras.layers import GRU

            return Sequential([GRU(8, input_shape=(4, 2))])
    """
    program = analyse(dedent(text))
    insertions = [use.insertion for layer in program.layers for use in layer.entries(Position.FIRST)]
    spelled_by = [in_words(program, i.spellings["Input"]) for i in insertions if i is not None]
    assert spelled_by == ["Input | Input to from keras.layers import Dense"] * 3


def test_an_import_on_another_branch_does_not_serve() -> None:
    text = """
        from keras.models import Sequential

        if small:
            from keras.layers import Dense
            model = Sequential([Dense(8, input_dim=4)])
        else:
            from keras.layers import LSTM
            model = Sequential([LSTM(8, input_shape=(4, 2))])
    """
    program = analyse(dedent(text))
    insertions = [use.insertion for layer in program.layers for use in layer.entries(Position.FIRST)]
    assert [in_words(program, i.spellings["Input"]) for i in insertions if i is not None] == [
        "Input | Input to from keras.layers import Dense",
        "Input | Input to from keras.layers import LSTM",
    ]
