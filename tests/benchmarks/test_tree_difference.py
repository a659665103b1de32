"""The structural difference of two programs: what a fix may do is explained, anything else is not."""

from __future__ import annotations

import ast
from collections import Counter

import pytest
from fix_invariants import comments, line_ends, problems
from tree_difference import Kind, differences

HEAD = "from keras.models import Sequential\nfrom keras.layers import Dense, LSTM\n"
HEAD_WITH_INPUT = "from keras.models import Sequential\nfrom keras.layers import Dense, Input, LSTM\n"


def kinds(before: str, after: str) -> list[Kind]:
    return [difference.kind for difference in differences(ast.parse(before), ast.parse(after))]


def test_nothing_changed() -> None:
    assert kinds(HEAD, HEAD) == []
    assert kinds("x = float('nan')\ny = 1e999 - 1e999", "x = float('nan')\ny = 1e999 - 1e999") == []


def test_a_list_gets_an_input() -> None:
    before = HEAD + "m = Sequential([Dense(4, input_shape=(n, 3)), Dense(1)])"
    after = HEAD_WITH_INPUT + "m = Sequential([Input(shape=(n, 3)), Dense(4), Dense(1)])"
    assert kinds(before, after) == [Kind.IMPORT, Kind.INPUT_ELEMENT, Kind.REMOVED_ARGUMENT]


def test_add_becomes_two_statements() -> None:
    before = HEAD + "def f():\n    m = Sequential()\n    m.add(LSTM(4, input_dim=3, input_length=10))"
    after = HEAD_WITH_INPUT + ("def f():\n    m = Sequential()\n    m.add(Input(shape=(10, 3)))\n    m.add(LSTM(4))")
    assert kinds(before, after) == [
        Kind.IMPORT,
        Kind.INPUT_STATEMENT,
        Kind.REMOVED_ARGUMENT,
        Kind.REMOVED_ARGUMENT,
    ]


def test_a_new_import_of_keras() -> None:
    before = "import os\nfrom keras.layers.core import Dense\nm.add(Dense(4, input_dim=3))"
    after = (
        "import os\nfrom keras.layers import Input\nfrom keras.layers.core import Dense\n"
        "m.add(Input(shape=(3,)))\nm.add(Dense(4))"
    )
    assert kinds(before, after) == [Kind.IMPORT, Kind.INPUT_STATEMENT, Kind.REMOVED_ARGUMENT]


def test_inputs_and_sequentials_may_change_their_arguments() -> None:
    before = HEAD_WITH_INPUT + "a = Input(784)\nm = Sequential(Dense(1), 'net')\nn = Sequential([Input(b), Input(b)])"
    after = (
        HEAD_WITH_INPUT + "a = Input(shape=(784,))\nm = Sequential([Dense(1)], name='net')\nn = Sequential([Input(b)])"
    )
    assert kinds(before, after) == [
        Kind.CHANGED_INPUT,
        Kind.CHANGED_SEQUENTIAL,
        Kind.CHANGED_SEQUENTIAL,
        Kind.REMOVED_INPUT,
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = 1", "x = 2", id="another value"),
        pytest.param("x = 1", "x = 1.0", id="another type of value"),
        pytest.param("x = 1\ny = 2", "x = 1", id="a statement is gone"),
        pytest.param("x = 1", "x = 1\nprint(x)", id="a new statement"),
        pytest.param("m.add(Dense(4, input_dim=3))", "m.add(Input(shape=(4,)))\nm.add(Dense(4))", id="another shape"),
        pytest.param("m.add(Dense(4, use_bias=False))", "m.add(Dense(4))", id="an argument of another name"),
        pytest.param("m.add(Dense(4, input_dim=3))", "m.add(Dense())", id="a positional argument is gone"),
        pytest.param("m.add(Dense(4))", "m.add(Dense(4, name='x'))", id="a new argument"),
        pytest.param("m.add(Dense(a=1, input_dim=3, b=2))", "m.add(Dense(b=2, a=1))", id="arguments in another order"),
        pytest.param("layers = [Dense(4, input_dim=3)]", "layers = [Input(shape=(3,)), Dense(4)]", id="a list"),
        pytest.param(
            "m = Sequential([Dense(2), Dense(4, input_dim=3)])",
            "m = Sequential([Dense(2), Input(shape=(3,)), Dense(4)])",
            id="in the middle",
        ),
        pytest.param(
            "m.add(Dense(4, input_dim=3))",
            "m.add(Dense(4))\nm.add(Input(shape=(3,)))",
            id="behind the layer",
        ),
        pytest.param(
            "m.add(Dense(4, input_dim=3))",
            "n.add(Input(shape=(3,)))\nm.add(Dense(4))",
            id="to another model",
        ),
        pytest.param("a = Input(shape=(3,))", "a = Input(shape=(None,))", id="an input says less"),
        pytest.param("a = Input(shape=(3,))", "a = Input(shape=(3,), name='b')", id="an input says more"),
        pytest.param("a = Dense(1)\nb = Dense(2)", "b = Dense(2)\na = Dense(1)", id="another order"),
        pytest.param("if a:\n    pass\nelse:\n    b()", "if a:\n    pass", id="an empty block"),
        pytest.param("m = Sequential([Dense(1)], 'a')", "m = Sequential([Dense(1)], name='b')", id="a name"),
    ],
)
def test_anything_else_is_unexplained(before: str, after: str) -> None:
    assert Kind.UNEXPLAINED in kinds(HEAD_WITH_INPUT + before, HEAD_WITH_INPUT + after)


@pytest.mark.parametrize(
    "imports",
    [
        pytest.param(HEAD, id="not imported"),
        pytest.param(HEAD + "from dash import Input\n", id="somebody else's"),
        pytest.param(HEAD.replace("Dense,", "Dense, Flatten, Input,"), id="more than an Input"),
        pytest.param(HEAD + "from tensorflow.keras import Input\n", id="of another Keras"),
        pytest.param(HEAD + "from keras.layers.core import Input\n", id="of a module without it"),
        pytest.param(HEAD_WITH_INPUT + "import os\n", id="an import of something else"),
        pytest.param(HEAD_WITH_INPUT.replace("LSTM", "GRU"), id="an import is gone"),
    ],
)
def test_the_import_must_be_right(imports: str) -> None:
    before = HEAD + "m.add(Dense(4, input_dim=3))"
    after = imports + "m.add(Input(shape=(3,)))\nm.add(Dense(4))"
    assert Kind.UNEXPLAINED in kinds(before, after)


def test_a_module_must_have_an_input() -> None:
    before = "from keras.layers import Dense, convolutional as conv\nm.add(conv.Conv1D(4, 3, input_shape=(9, 1)))"
    after = (
        "from keras.layers import Dense, convolutional as conv\n"
        "m.add(conv.Input(shape=(9, 1)))\nm.add(conv.Conv1D(4, 3))"
    )
    assert Kind.UNEXPLAINED in kinds(before, after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("layers", "[Input(shape=(3,)), *layers]"),
        ("first + rest", "[Input(shape=(3,)), *(first + rest)]"),
        ("first + rest", "[Input(shape=(3,)), *first, *rest]"),
        ("[Dense(1)] + rest", "[Input(shape=(3,)), Dense(1), *rest]"),
    ],
)
def test_a_list_in_a_variable_is_unpacked(old: str, new: str) -> None:
    before = HEAD_WITH_INPUT + f"first = [Dense(4, input_dim=3)]\nm = Sequential({old})"
    after = HEAD_WITH_INPUT + f"first = [Dense(4)]\nm = Sequential({new})"
    assert kinds(before, after) == [Kind.REMOVED_ARGUMENT, Kind.CHANGED_SEQUENTIAL, Kind.INPUT_ELEMENT]
    assert Kind.UNEXPLAINED in kinds(before, after.replace("*", "*other, *"))


def test_aliases_are_followed() -> None:
    head = "from keras import Input as In, Sequential as Seq\nfrom keras.layers import Dense\n"
    before = head + "class Net(Seq): ...\nn = Net([Dense(4, input_dim=3)])"
    after = head + "class Net(Seq): ...\nn = Net([In(shape=(3,)), Dense(4)])"
    assert kinds(before, after) == [Kind.INPUT_ELEMENT, Kind.REMOVED_ARGUMENT]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (b"x = 1\n", b"x = (\n", "no longer parses"),
        (b"x = 1  # one\n", b"x = 1\n", "comments"),
        (b"x = 1  # one\n", b"x = 1  # one # one\n", "comments"),
        (b"x = 1\r\ny = 2\r\n", b"x = 1\r\ny = 2\n", "line ends"),
        (b"x = 1", b"x = 1\n", "the end of the last line"),
        (b"\xef\xbb\xbfx = 1\n", b"x = 1\n", "byte order mark"),
        (
            b"from __future__ import division\n",
            b"import keras\nfrom __future__ import division\n",
            "compiles",
        ),
        (b'"""Words."""\nx = 1\n', b'import keras\n"""Words."""\nx = 1\n', "docstring"),
        (b"print 'old'\n", b"print 'older'\n", "not valid Python"),
    ],
)
def test_text_must_be_kept(before: bytes, after: bytes, problem: str) -> None:
    assert any(problem in found for found in problems(before, after, Counter()))


def test_a_right_fix_has_no_problems() -> None:
    before = (HEAD + "m = Sequential()\nm.add(Dense(4, input_dim=3))  # first\n").encode()
    after = (HEAD_WITH_INPUT + "m = Sequential()\nm.add(Input(shape=(3,)))\nm.add(Dense(4))  # first\n").encode()
    assert problems(before, after, Counter()) == []


def test_comments_and_line_ends() -> None:
    assert comments(b"# a\nx = '# no'  # b\n# a\n") == Counter({"# a": 2, "# b": 1})
    assert line_ends(b"a\r\nb\nc\r") == {b"\r\n", b"\n", b"\r"}
    assert line_ends(b"a\r\nb") == {b"\r\n"}
