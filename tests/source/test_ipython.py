"""Held against IPython itself: what it rewrites is masked, what it leaves alone is not."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from kerasfix.source.ipython import is_automatic_magic, is_python, mask, mask_all

CELLS = [
    "%matplotlib inline\nimport keras",
    "x = 1\n%time model.fit(x)\ny = 2\n",
    "!pip install 'keras\nimport keras",
    "!pip install \\\n  keras\nimport keras\n",
    "!!ls",
    "?keras.Input",
    "model.fit?",
    "model.fit??\nx = 1",
    "if x:\n    !ls\nelse:\n    %cd ..\n",
    "files = !ls -la\nn = len(files)",
    "x = %time f()\n",
    "a, b = !ls\n",
    "a[0] = !ls\r\nb = 1\r\n",
    "t = '''\n%time\n!ls\nx?\n'''\nu = 1\n",
    'f(\n"""\n!x\n""",\n  y\n)\n',
    "x = 'a' # b?\n",
    "x = y == '=!'\ny = '?'\n",
    "x = a \\\n% b\n",
    "f(\n  1, b\n % 3)\n",
    "r'\\\\'\n!ls\n",
    "%%time\nmodel.fit(x)\n!ls\n",
    "\n\n%%capture out\nx = 1",
    "await model\nasync with a as b:\n    pass\n",
    "get_ipython().system('ls')\nx = get_ipython().getoutput('ls')\n",
    "print('?')\n# %time\n#!ls\nx = 3 % 2\n",
    "f'''{x\n!r}'''\n",
    "x = !ls \\\n -l\ny = 1",
    "é = !ls\nü = 'é'\n",
]


@pytest.mark.parametrize("cell", CELLS)
def test_ipython_rewrites_what_is_masked(cell: str) -> None:
    masked = mask(cell).text
    assert parses(masked), masked
    assert len(masked) == len(cell)
    ours, theirs = masked.splitlines(), TransformerManager().transform_cell(cell).splitlines()
    if cell.lstrip().startswith("%%") or "\\\n" in cell:  # IPython joins lines there
        return
    lines = cell.splitlines()
    rewritten = [
        number for number, line in enumerate(lines) if "get_ipython" in theirs[number] and theirs[number] != line
    ]
    assert [number for number, line in enumerate(lines) if ours[number] != line] == rewritten


def test_what_a_command_returns_is_not_known_and_what_it_is_assigned_to_is_bound() -> None:
    assert mask("x = !ls -l\ny = !w\n").text == "x = _()   \ny = __\n"


def test_a_line_keeps_its_indentation_and_every_line_its_end() -> None:
    assert mask("if x:\r\n\t!ls \\\r\n  -l\r\n").text == "if x:\r\n\t0    \r\n    \r\n"


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("x = 1", True),
        ("%%time\nx = 1", True),
        ("\n%%capture\nx = 1", True),
        ("%matplotlib inline", True),
        ("%%bash\nls", False),
        ("%%writefile model.py\nimport keras", False),
        ("%%python2\nprint 1", False),
        ("%%html", False),
        ("%%kerasfix --fix\nx = 1", True),
        ("%%kerasfix\n%%time\nx = 1", True),
        ("%%time\n%%bash\nls", False),
        ("%%!\nls", False),
        # with comments above, as Colab takes it
        ("#@title A form\n\n  # of Colab\n%%html\n<p>", False),
        ("# x\r\n\r\n%%bash\r\nls", False),
        ("# time\n%%time\nx = 1", True),
        ("# x\ny = 1\n%%html", True),
        ("#" * 5000 + "\r\n" * 5000 + "x = 1", True),
    ],
)
def test_a_cell_of_another_language_is_no_python(cell: str, python: bool) -> None:
    assert is_python(cell) is python


def test_a_magic_needs_no_mark_where_it_is_all_of_a_cell() -> None:
    assert is_automatic_magic("pip install -q keras\n")
    assert not is_automatic_magic("pip install keras\nimport keras")
    assert not is_automatic_magic("print 'x'")


def test_what_a_cell_that_is_left_out_may_have_changed_is_not_known() -> None:
    cell = "print 'x'\nmodel.add(Dense(3))\nx, y = f()\nlayers.Dense(3)\nif (\n  a = 3\n)"
    assert mask_all(cell).text.split() == ["model=_", "x=_"]
    assert len(mask_all(cell).text) == len(cell)


PIECES = [
    "x",
    "=",
    " ",
    "%",
    "!",
    "?",
    "'",
    '"',
    "'''",
    "(",
    ")",
    "\n",
    "\r\n",
    "\\",
    "#",
    "\\\n",
    "    ",
    "é",
    "%%time",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@example("x=")
@example("x=%")
@example("=%")
@example("x\\\n=")
@example("x\\\r\n=")
def test_every_offset_holds_in_both(cell: str) -> None:
    for masked in (mask(cell), mask_all(cell)):
        assert len(masked.text) == len(cell)
        assert [at for at, c in enumerate(cell) if c in "\r\n"] == [
            at for at, c in enumerate(masked.text) if c in "\r\n"
        ]
        outside = set(range(len(cell))) - {at for start, end in masked.spans for at in range(start, end)}
        assert all(cell[at] == masked.text[at] for at in outside)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_valid_python_is_left_alone(cell: str) -> None:
    if parses(cell):
        assert mask(cell).text == cell


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.parent.glob("*/test_*.py")), ids=lambda path: path.stem)
def test_real_python_is_left_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert mask(text).text == text


def parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
