from __future__ import annotations

import ast

import pytest

from kerasfix.source import gate
from kerasfix.source.document import Location

KEYWORDS = frozenset({"input_shape", "batch_size"})
NAMES = frozenset({"InputLayer"})


@pytest.mark.parametrize(
    ("raw", "passes"),
    [
        (b"import keras; Dense(3, input_shape=(4,))", True),
        (b"from tensorflow.python import layers; Dense(3, input_shape=(4,))", True),
        (b"import torch; Dense(3, input_shape=(4,))", False),
        (b"import keras; Dense(3)", False),
        (b"", False),
    ],
)
def test_words(raw: bytes, passes: bool) -> None:
    assert gate.passes_words(raw, {"input_shape"}) is passes


@pytest.mark.parametrize(
    "source",
    [
        "Dense(3, input_shape=(4,))",
        "layers.Dense(3, input_shape=(4,))",
        "options = {'input_shape': (4,)}\nDense(3, **options)",
        "options = dict(input_shape=4)",
        "model.add(layers.InputLayer((4,)))",
        "from layers import InputLayer as First\nFirst((4,))",
        "First = InputLayer",
        "class Mine(InputLayer): ...",
        "Dense(3, batch_size=4)",
    ],
)
def test_syntax_lets_through_what_could_be_a_finding(source: str) -> None:
    assert gate.passes_syntax(ast.parse(f"import keras\n{source}"), KEYWORDS, NAMES)
    assert gate.passes_syntax(ast.parse(f"{source}\nfrom tensorflow.python import layers"), KEYWORDS, NAMES)
    assert not gate.passes_syntax(ast.parse(f"import torch  # not keras\n{source}"), KEYWORDS, NAMES)


@pytest.mark.parametrize(
    "source",
    [
        "# Dense(3, input_shape=(4,))",
        "input_shape = (4,)",
        "'input_shape'",
        "def build(input_shape): ...",
        "model.fit(x, batch_size=4)",
        "Dense(3, **options)",
        "from keras.layers import InputLayer",
    ],
)
def test_syntax_stops_what_cannot(source: str) -> None:
    assert not gate.passes_syntax(ast.parse(f"import keras\n{source}"), KEYWORDS, NAMES)


def test_a_syntax_error_has_its_place_in_code_points() -> None:
    problem = gate.parse("x = 1\ny = 'é𝒳' 3\n")
    assert isinstance(problem, gate.NotPython)
    assert problem.location == Location(2, 9)


@pytest.mark.parametrize(
    "source",
    [
        'print "loss", loss\n',
        "print loss\n",
        "try: pass\nexcept Exception, e: pass\n",
        "raise ValueError, 'no'\n",
        "if a <> b: pass\n",
        "x = 0777\n",
        "x = ur'a'\n",
        'exec "x = 1"\n',
    ],
)
def test_python_2_is_told_apart(source: str) -> None:
    problem = gate.parse(source)
    assert isinstance(problem, gate.NotPython)
    assert "looks like Python 2" in problem.message


@pytest.mark.parametrize("source", ["def f(:\n", "x = 1.05 2\n", "print(1))\n"])
def test_an_ordinary_mistake_is_not_python_2(source: str) -> None:
    problem = gate.parse(source)
    assert isinstance(problem, gate.NotPython)
    assert "Python 2" not in problem.message


@pytest.mark.filterwarnings("error")
def test_the_warnings_of_the_source_are_not_ours() -> None:
    assert isinstance(gate.parse("x = '\\d'\nx is 1\n"), ast.Module)


def test_a_source_too_deep_for_the_parser_is_reported() -> None:
    assert isinstance(gate.parse("(" * 5000 + ")" * 5000), gate.NotPython)
