"""The promises of the edits, held on calls of random shape: right code, every comment, no litter."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst
from hypothesis import given
from hypothesis import strategies as st

from kerasfix.analysis.positions import Positions
from kerasfix.diagnostics import Applicability, Fix
from kerasfix.fixes.apply import apply_fixes, splice
from kerasfix.fixes.edits import (
    append_argument,
    insert_argument_first,
    insert_first_element,
    remove_arguments,
    remove_elements,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PLAIN = ["a", "*b", "é", "(1,\n   2)", "g(x, y)", "[  # in\n  1,\n\n  # in\n  2\n  ]", "'''\n # no\n\t'''"]
KEYWORDS = ["1", "**", "(\n        28,  # in\n    )", "g('#',  # in\n  [1])", '"""\n#, """', "[\n]", "\\\n 3"]
LEADS = ["", "", " ", "\n    ", "\n", " \\\n  ", "  # o\n    ", "\n    # o\n    ", "\n\n\t", "\n  \f "]
BEFORE_COMMA = ["", "", "", "", " ", "\n  ", "  # bc\n    ", "\n  # bc\n  ", " \\\n "]
AFTER_COMMA = [
    "",
    " ",
    " ",
    "\n    ",
    "\n    ",
    "# b\n",
    "  # b\n    ",
    "\n    # o\n    ",
    "\n\n   ",
    "\t",
    "\\\n ",
]
FRAMES = [
    "CALL",
    "CALL\n",
    "x = [CALL]  # c\n",
    "if y:\n\tz; CALL; z\n",
    "if y: CALL\n",
    "@CALL\ndef h(): pass\n",
]


@dataclass(frozen=True)
class Case:
    """A program with one call or list of interest, `f(...)` or `[f, ...]`, and indices into its elements."""

    source: str
    chosen: frozenset[int]
    others: frozenset[int]


@st.composite
def cases(draw: st.DrawFn, form: str = "f({})") -> Case:
    count = draw(st.integers(0, 5))
    positional = count if form[0] != "f" else draw(st.integers(0, count))
    texts = [draw(st.sampled_from(PLAIN)) for _ in range(positional)]
    for index in range(positional, count):
        value = draw(st.sampled_from(KEYWORDS))
        texts.append(f"**k{index}" if value == "**" else f"k{index}={value}")
    inner = draw(st.sampled_from(LEADS))
    for index, text in enumerate(texts):
        inner += text + draw(st.sampled_from(BEFORE_COMMA))
        if index < count - 1 or draw(st.booleans()):
            inner += "," + draw(st.sampled_from(AFTER_COMMA))
    inner = re.sub(r"[ \t\f]+(?=\n)", "", inner)
    code = draw(st.sampled_from(FRAMES)).replace("CALL", form.format(inner))
    indices = st.frozensets(st.integers(0, count - 1)) if count else st.just(frozenset[int]())
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return Case(code.replace("\n", newline), draw(indices), draw(indices))


def every(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from every(child)


def the_call(source: str) -> tuple[cst.Call, Positions]:
    module = cst.parse_module(source)
    calls = (n for n in every(module) if isinstance(n, cst.Call))
    call = next(c for c in calls if isinstance(c.func, cst.Name) and c.func.value == "f")
    return call, Positions(module, source)


def the_display(source: str) -> tuple[cst.List | cst.Tuple, Positions]:
    module = cst.parse_module(source)
    assigned = next(n for n in every(module) if isinstance(n, cst.NamedExpr))
    assert isinstance(assigned.value, (cst.List, cst.Tuple))
    return assigned.value, Positions(module, source)


def tree_with(source: str, change: Callable[[list[ast.expr | ast.keyword]], list[ast.expr | ast.keyword]]) -> str:
    """The dump of the program's tree, the arguments of `f` or the elements of `d := ...` changed."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "f":
            arguments = change([*node.args, *node.keywords])
            node.args = [a for a in arguments if isinstance(a, ast.expr)]
            node.keywords = [a for a in arguments if isinstance(a, ast.keyword)]
        elif isinstance(node, ast.NamedExpr):
            assert isinstance(node.value, (ast.List, ast.Tuple))
            node.value.elts = [e for e in change([*node.value.elts]) if isinstance(e, ast.expr)]
    return ast.dump(tree)


def without(indices: Iterable[int]) -> Callable[[list[ast.expr | ast.keyword]], list[ast.expr | ast.keyword]]:
    gone = set(indices)
    return lambda items: [item for index, item in enumerate(items) if index not in gone]


def tokens(source: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(source, newline="").readline))


def comments(source: str) -> Counter[str]:
    return Counter(t.string for t in tokens(source) if t.type == tokenize.COMMENT)


def litter(source: str) -> Counter[str]:
    """What an edit must never leave: stray commas, blank lines, spaces at the end of a line."""
    code = re.sub(r"'''[^']*'''|\"\"\"[^\"]*\"\"\"", "S", source).replace("\r\n", "\n")
    found = Counter(re.findall(r"\(,|\[,|,,|, +\)|, +\]", code))
    found["only a comma"] = len(re.findall(r"^[ \t\f]*,[ \t\f]*$", code, re.MULTILINE))
    found["blank line"] = len(re.findall(r"^[ \t\f]*$", code, re.MULTILINE))
    found["space at the end"] = len(re.findall(r"[ \t\f]$", code, re.MULTILINE))
    return found


def newlines(source: str) -> set[str]:
    return set(re.findall(r"\r\n|\r|\n", source))


def assert_clean(before: str, after: str) -> None:
    assert comments(after) == comments(before)
    assert not litter(after) - litter(before)
    assert newlines(after) <= newlines(before) or not newlines(before)
    module = cst.parse_module(after)
    assert Positions(module, after).span(module) == (0, len(after))


@given(cases())
def test_removed_arguments_leave_no_trace(case: Case) -> None:
    call, positions = the_call(case.source)
    edits = remove_arguments(positions, call, [call.args[i] for i in case.chosen])
    after = splice(case.source, edits)
    assert ast.dump(ast.parse(after)) == tree_with(case.source, without(case.chosen))
    assert_clean(case.source, after)
    for index, argument in enumerate(call.args):
        start, end = positions.span(argument)
        assert index in case.chosen or all(e.end <= start or end <= e.start for e in edits)


@given(cases("(d := [{}])"))
def test_removed_elements_leave_no_trace(case: Case) -> None:
    display, positions = the_display(case.source)
    edits = remove_elements(positions, display, [display.elements[i] for i in case.chosen])
    after = splice(case.source, edits)
    assert ast.dump(ast.parse(after)) == tree_with(case.source, without(case.chosen))
    assert_clean(case.source, after)


@given(cases("(d := (0, 0,{}))"))
def test_a_tuple_stays_a_tuple(case: Case) -> None:
    display, positions = the_display(case.source)
    gone = {0, *(i + 1 for i in case.chosen)}
    after = splice(case.source, remove_elements(positions, display, [display.elements[i] for i in gone]))
    assert ast.dump(ast.parse(after)) == tree_with(case.source, without(gone))
    assert comments(after) == comments(case.source)


@given(cases())
def test_two_removals_from_one_call_that_both_land_are_both_right(case: Case) -> None:
    call, positions = the_call(case.source)
    fixes = [
        Fix("", Applicability.SAFE, remove_arguments(positions, call, [call.args[i] for i in chosen]))
        for chosen in (case.chosen, case.others)
    ]
    after, taken = apply_fixes(case.source, fixes)
    gone: set[int] = set()
    for fix, chosen in zip(fixes, (case.chosen, case.others), strict=True):
        gone |= chosen if any(fix is one for one in taken) else set()
    assert ast.dump(ast.parse(after)) == tree_with(case.source, without(gone))
    assert comments(after) == comments(case.source)


@given(cases())
def test_a_new_first_argument_is_the_first(case: Case) -> None:
    call, positions = the_call(case.source)
    after = splice(case.source, insert_argument_first(positions, call, "*new"))
    new = ast.Starred(ast.Name("new", ast.Load()), ast.Load())
    assert ast.dump(ast.parse(after)) == tree_with(case.source, lambda items: [new, *items])
    assert_clean(case.source, after)


@given(cases())
def test_a_new_last_argument_is_the_last(case: Case) -> None:
    call, positions = the_call(case.source)
    after = splice(case.source, append_argument(positions, call, "new=1"))
    new = ast.keyword("new", ast.Constant(1))
    assert ast.dump(ast.parse(after)) == tree_with(case.source, lambda items: [*items, new])
    assert_clean(case.source, after)


@given(cases("(d := [{}])"))
def test_a_new_first_element_is_the_first(case: Case) -> None:
    display, positions = the_display(case.source)
    after = splice(case.source, insert_first_element(positions, display, "new"))
    new = ast.Name("new", ast.Load())
    assert ast.dump(ast.parse(after)) == tree_with(case.source, lambda items: [new, *items])
    assert_clean(case.source, after)


@given(cases("(d := (0,{}))"))
def test_a_new_first_element_of_a_tuple_is_the_first(case: Case) -> None:
    display, positions = the_display(case.source)
    after = splice(case.source, insert_first_element(positions, display, "new"))
    new = ast.Name("new", ast.Load())
    assert ast.dump(ast.parse(after)) == tree_with(case.source, lambda items: [new, *items])
    assert_clean(case.source, after)


@given(cases())
def test_an_argument_and_its_replacement_land_together(case: Case) -> None:
    """What a rule does in one fix: other arguments go, a new one comes first."""
    call, positions = the_call(case.source)
    if case.chosen == frozenset(range(len(call.args))):
        return
    edits = remove_arguments(positions, call, [call.args[i] for i in case.chosen if i])
    edits += insert_argument_first(positions, call, "*new")
    after = splice(case.source, edits)
    new = ast.Starred(ast.Name("new", ast.Load()), ast.Load())
    kept = without(i for i in case.chosen if i)
    assert ast.dump(ast.parse(after)) == tree_with(case.source, lambda items: [new, *kept(items)])
    assert comments(after) == comments(case.source)


def test_the_litter_that_is_looked_for_is_found() -> None:
    assert litter("f(,a,,b, )\n\n  ,\nx ") == Counter(
        {"(,": 1, ",,": 1, ", )": 1, "only a comma": 1, "blank line": 1, "space at the end": 1}
    )
    assert not comments("'''#'''") and comments("x  # y") == Counter(["# y"])
