"""Whatever Python can parse is read, or refused in a sentence: LibCST is not asked where it would break down."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

import libcst as cst
import pytest

from kerasfix import check
from kerasfix.analysis.parsing import DEEPEST, UnreadableError, nesting, read

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "import keras\nm = keras.Sequential([keras.layers.Dense(8, input_shape=(4,))])\n"

NESTS: dict[str, Callable[[int], str]] = {
    "not": lambda n: f"x = {'not ' * n}y",
    "minus": lambda n: f"x = {'-' * n}1",
    "plus": lambda n: f"x = {'1+' * n}1",
    "power": lambda n: f"x = {'1**' * n}1",
    "and": lambda n: f"x = {'y and ' * n}y",
    "attributes": lambda n: f"x = y{'.a' * n}",
    "calls": lambda n: f"x = y{'()' * n}",
    "methods": lambda n: f"x = m{'.add()' * (n // 2)}",
    "subscripts": lambda n: f"x = y{'[0]' * n}",
    "conditions": lambda n: f"x = {'1 if y else ' * n}1",
    "lambdas": lambda n: f"x = {'lambda: ' * n}1",
    "elif": lambda n: "if y: pass\n" + "elif y: pass\n" * n,
    "for in a comprehension": lambda n: f"x = [y {'for y in z ' * n}]",
    "strings": lambda n: "x = '' " + "'' " * n,
    "f-strings": lambda n: "x = (\n" + "f'{y}'\n" * n + ")",
    "strings on their lines": lambda n: "x = (\n" + "b''  # é\n\n" * n + ")",
    "dotted import": lambda n: f"import y{'.a' * n} as x",
    "dotted module": lambda n: f"from y{'.a' * n} import x",
}


@pytest.mark.parametrize("nest", NESTS.values(), ids=NESTS)
def test_what_is_nested_is_read_up_to_a_depth_and_told_beyond(nest: Callable[[int], str]) -> None:
    (found,) = check(MODEL + nest(480))
    assert (found.code, found.fix is not None) == ("KFX101", True)
    for depth in (DEEPEST + 1, 10_000):
        text = MODEL + nest(depth)
        (found,) = check(text)
        assert (found.code, "nested too deeply" in found.message) == ("KFX000", True)
        assert found.start >= len(MODEL) or "Python's parser" in found.message


@pytest.mark.parametrize("name", ["not", "plus", "and", "conditions", "lambdas", "elif", "f-strings"])
def test_the_interpreter_goes_as_deep_as_that(name: str) -> None:
    (found,) = check(MODEL + NESTS[name](DEEPEST - 20 if name in ("and", "elif", "f-strings") else DEEPEST // 2))
    assert (found.code, found.fix is not None) == ("KFX101", True)


def test_what_is_long_and_flat_is_no_nest() -> None:
    many = 3 * DEEPEST
    for text in (f"x = [{'1, ' * many}]", f"x = {'y < ' * many}y", f"f({'a, ' * many})", "a = 1\n" * many):
        assert nesting(ast.parse(text), text)[0] < 10
    quotes = "x = '''" + "\"'\n" * many + "'''"
    assert nesting(ast.parse(quotes), quotes)[0] < 10


def test_a_line_that_only_python_can_read() -> None:
    text = MODEL + "if x:\n    \\\n    y\n"
    ast.parse(text)
    (found,) = check(text)
    assert (found.code, found.fix) == ("KFX000", None)
    assert "LibCST" in found.message and "tabs and spaces" in found.message


def test_a_panic_in_rust_is_told_and_what_ends_the_program_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As pyo3 raises it."""

    def parse(text: str) -> cst.Module:
        raise error

    monkeypatch.setattr(cst, "parse_module", parse)
    error: BaseException = PanicException("index out of bounds")
    (found,) = check(MODEL)
    assert found.code == "KFX000" and "index out of bounds" in found.message
    error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        check(MODEL + "\n")


SYNTAX = {
    "PEP 634": ((3, 10), "match x:\n    case {'a': [1, *rest]} | P(a=b) if b: pass\n"),
    "PEP 654": ((3, 11), "try: pass\nexcept* (A, B) as e: pass\n"),
    "PEP 646": ((3, 11), "def f(*a: *T) -> A[*B, 1]: pass\n"),
    "PEP 695": ((3, 12), "type A[T: int, *U, **P] = B\ndef f[T](x: T): pass\nclass C[T: (int, str)](D): pass\n"),
    "PEP 701": ((3, 12), "f'{f'{x!r:>{w}}'} {x # why\n} {'\\n'.join(y)}'\n"),
    "PEP 696": ((3, 13), "type A[T = int, *U = *tuple[int]] = B\nclass C[T = int]: pass\n"),
    "PEP 750": ((3, 14), "t'{x!r:>{w}} {t'{y}'}'\n"),
    "PEP 758": ((3, 14), "try: pass\nexcept A, B: pass\n"),
}


@pytest.mark.parametrize(("version", "text"), SYNTAX.values(), ids=SYNTAX)
def test_syntax_of_this_and_of_later_releases(version: tuple[int, int], text: str) -> None:
    """What this Python does not know is its syntax error; what LibCST does not know is told; the rest is read."""
    found = check(text + MODEL)
    if sys.version_info < version:
        assert [one.code for one in found] == ["KFX000"] and "LibCST" not in found[0].message
        return
    try:
        cst.parse_module(text)
    except cst.ParserSyntaxError:
        assert [one.code for one in found] == ["KFX000"] and "LibCST" in found[0].message
    else:
        assert [one.code for one in found] == ["KFX101"]


def test_a_file_that_is_too_large_is_told_at_once() -> None:
    (found,) = check(MODEL + f"x = [{'1,' * 1_000_000}]")
    assert found.code == "KFX000" and found.message.startswith("too large, of more than 250,000 ")


def test_the_error_says_where() -> None:
    with pytest.raises(UnreadableError, match="nested too deeply") as caught:
        read("x\n" + "y" + "()" * 600)
    assert caught.value.row == 2
