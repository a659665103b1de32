"""Offsets of nodes, on every layout that can shift them: newlines, tabs, form feeds, wide characters."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfix.analysis.positions import PositionError, Positions

if TYPE_CHECKING:
    from collections.abc import Iterator


def descendants(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from descendants(child)


def texts(source: str, kind: type[cst.CSTNode]) -> list[str]:
    module = cst.parse_module(source)
    positions = Positions(module, source)
    return [source[slice(*positions.span(n))] for n in descendants(module) if isinstance(n, kind)]


@pytest.mark.parametrize(
    "source",
    [
        "f(a)",
        "f(a)\n",
        "x = 1\r\nf(a)\r\n",
        "x = 1\rf(a)\r",
        "x = 1\n\x0cf(a)\n",
        "\x0c\nx = 1\n\x0c\x0cf(a)",
        "if x:\n\x0c    f(a)\n",
        "\ufefff(a)\n",
        "\\\nf(a)\n",
        "f(a)\n #0\n #",
        "f(a)\n # a\n # b\n",
        "f(a)\n  # ab\n # a",
        "f(a)\n   #3\n\t \r\n \t\n  #t\n   #3#4",
        "x = '''\n#'''; f(a)\r",
        "f(a)\n # a\n\n  # b\n# c\n",
        "if x:\n    f(a)\n  # a\n  # aa\n",
        "f(a)  # x\n # x\n # x",
        "if x:\n\tif y:\n\t\tf(a)\n",
        "# é 😀 \u2028 # \n'\u00a0'; f(a); x\n",
        "x = '''\r\n\f'''; y = 1, \\\n   f(a)  # f(b)\n",
        "@f(a)\ndef g(): pass\n",
        "((  (f(a)) ))\n",
        "x = [1,\n    # f(b)\n    f(a)  ,\n]\n",
        "if x: f(a)\n",
        "while x: y; f(a);\n",
        "x = {**f(a)}\n",
        "print(f'é{f(a)!r:>{w}}')\n",
        "match x:\n    case 1: f(a)\n",
        "class A:\n  def f(self): return(f(a))\n  \n\n   # c",
    ],
)
def test_the_span_of_a_call_is_its_own_text(source: str) -> None:
    assert "f(a)" in texts(source, cst.Call)


def test_spans_leave_out_commas_whitespace_and_own_parentheses() -> None:
    source = "f( a = (1) , * b )\n"
    assert texts(source, cst.Arg) == ["a = (1)", "* b"]
    assert texts(source, cst.Integer) == ["1"]
    assert texts("[ (a), *b , ]", cst.Element) == ["(a)"]
    assert texts("[ (a), *b , ]", cst.StarredElement) == ["*b"]
    assert texts("x = y ; z  # c\n", cst.Assign) == ["x = y"]
    assert texts("x = y ; z  # c\n", cst.SimpleStatementLine) == ["x = y ; z"]
    assert texts("from m import (a as b , c,)\n", cst.ImportAlias) == ["a as b", "c"]
    assert texts("f(  # one\n# two\n)", cst.Comment) == ["# one", "# two"]


def test_the_outer_span_has_the_parentheses() -> None:
    source = "x = ( # c\n ( 1, ) )\n"
    module = cst.parse_module(source)
    (node,) = (n for n in descendants(module) if isinstance(n, cst.Tuple))
    positions = Positions(module, source)
    assert source[slice(*positions.outer_span(node))] == "( # c\n ( 1, ) )"
    assert source[slice(*positions.outer_span(node.elements[0]))] == "1"


def test_the_outer_span_of_an_import_is_not_the_bracket_of_its_names() -> None:
    source = "from m import (a)\n"
    module = cst.parse_module(source)
    (node,) = (n for n in descendants(module) if isinstance(n, cst.ImportFrom))
    assert Positions(module, source).outer_span(node) == (0, len(source) - 1)


def test_a_comment_that_libcst_loses_behind_the_last_statement_shifts_nothing() -> None:
    source = "f(a)  # x\n          # lost\n          \n# kept\n"
    assert cst.parse_module(source).code != source
    assert texts(source, cst.Call) == ["f(a)"]


@pytest.mark.parametrize(
    ("source", "text"), [("f(a)\n", "f(b)\n"), ("f(a)\n", "f(a);\n"), ("f(a)\n", "\\f(a)\n"), ("f(a)", "f(a")]
)
def test_a_text_of_another_tree_is_refused(source: str, text: str) -> None:
    module = cst.parse_module(source)
    with pytest.raises(PositionError, match="offset"):
        Positions(module, text).span(module)


def test_a_node_of_another_tree_is_refused() -> None:
    module = cst.parse_module("f(a)\n")
    other = cst.parse_expression("f(a)")
    with pytest.raises(PositionError, match="Call is not part"):
        Positions(module, "f(a)\n").span(other)


NAMES = st.sampled_from(["a", "keras", "é", "名前"])
SPACES = st.sampled_from(["", " ", "  ", "\t", "\f", "\n", " \\\n", "  # ü f(x)\n", "\n\n   "])


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """Expressions with odd whitespace in every place where brackets allow it."""
    kind = draw(st.sampled_from(["name", "call", "list", "tuple", "paren", "add", "text"] if depth else ["name"]))
    gap = draw(st.lists(SPACES, min_size=6, max_size=6))
    inner = [draw(expressions(depth - 1)) for _ in range(draw(st.integers(0, 2)))] if depth else []
    joined = f"{gap[0]},{gap[1]}".join(inner)
    match kind:
        case "call":
            return f"{draw(NAMES)}({gap[2]}{joined}{gap[3]})"
        case "list":
            return f"[{gap[2]}{joined}{gap[3]}]"
        case "tuple":
            return f"({gap[2]}{joined}{gap[3]},)" if inner else "()"
        case "paren":
            return f"({gap[2]}{draw(expressions(depth - 1))}{gap[3]})"
        case "add":
            return f"({draw(expressions(depth - 1))}{gap[2]}+{gap[3]}{draw(expressions(depth - 1))})"
        case "text":
            return draw(st.sampled_from(["'''\n#'''", "'ß\\\n'", 'f"{a}é"']))
    return draw(NAMES)


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        prefix = draw(st.sampled_from(["", "x = ", "x; y = ", "if x: ", "if x:\n\t", "\f", "# é\n", "\n \f\n"]))
        lines.append(f"{prefix}g({draw(expressions())})" + draw(st.sampled_from(["", " ;", "  # ö"])))
    source = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n  # end", "\n\n\f"]))
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return source.replace("\n", newline)


@given(programs())
def test_every_span_parses_to_the_node_itself(source: str) -> None:
    module = cst.parse_module(source)
    positions = Positions(module, source)
    nodes = [n for n in descendants(module) if isinstance(n, (cst.Call, cst.List, cst.Name))]
    assert nodes
    for node in nodes:
        text = source[slice(*positions.span(node))]
        assert text == text.strip()
        assert dumped(text) == dumped(module.code_for_node(node))


def dumped(expression: str) -> str:
    return ast.dump(ast.parse(f"(\n{expression}\n)", mode="eval"))
