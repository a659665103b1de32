"""From the text of a program to LibCST's tree.

What Python can parse, LibCST need not: it knows fewer spellings, and where a program is nested more deeply than its
stack it takes the process down. So it is not asked before the depth is known, and whatever it says is one error.
"""

from __future__ import annotations

import ast
import io
import itertools
import tokenize
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.source import gate

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 2000
"""So many expressions and statements may be within each other. Real programs have sums of as many terms; LibCST 1.9
does not survive 10,000 of them, nor would the interpreter, which calls itself up to six times for each."""
LARGEST = 250_000
"""So many may be in a file: some 40,000 lines, of which LibCST takes ten seconds."""
_LINK = 4
"""What a call, subscript or attribute counts for: LibCST's time grows with the cube of how many are in one chain."""
_SHORTEST_LINK = 2
"""Characters of `.a` or `()`: no node takes fewer for what it counts."""


class UnreadableError(Exception):
    """A program that Python can parse and kerasfix cannot read; the text says why, and `row` where, from 1."""

    def __init__(self, message: str, row: int = 1) -> None:
        super().__init__(message)
        self.row = row


def read(text: str) -> cst.Module:
    """The tree of a program that Python can parse.

    Raises:
        UnreadableError: LibCST cannot parse it, or it is too large or nested too deeply for it.
    """
    tree = syntax_tree(text)
    may_be_large = 3 * len(text) > LARGEST  # a name is two nodes of a character and the space behind it
    if may_be_large and next(itertools.islice(ast.walk(tree), LARGEST, None), None) is not None:
        raise UnreadableError(f"too large, of more than {LARGEST:,} expressions and statements")
    depth, row = nesting(tree, text)
    if depth > DEEPEST:
        raise UnreadableError(f"nested too deeply, in {depth} levels; kerasfix reads up to {DEEPEST}", row)
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        what = " ".join(error.message.split())
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # that of Rust, which is no `Exception` and has no other name
            raise
        what = str(error)
    raise UnreadableError(
        f"LibCST, which kerasfix reads with, cannot parse this file ({what}); are tabs and spaces mixed in it?"
    )


def syntax_tree(text: str) -> ast.Module:
    """Python's own tree of a program.

    Raises:
        UnreadableError: it cannot parse it.
    """
    tree = gate.parse(text)
    if isinstance(tree, gate.NotPython):
        raise UnreadableError(tree.message, tree.location.row)
    return tree


def nesting(tree: ast.Module, text: str) -> tuple[int, int]:
    """How many nodes of LibCST's tree are within each other at most, about, and the line where that is so.

    A chain of `and`, of `for`s in a comprehension, of strings or of names with dots is one node of Python's tree.
    Statements that are too short for more than `DEEPEST` levels are passed over.
    """
    deepest, row = 0, 1
    longest = max(map(len, text.splitlines()), default=0)
    long_strings = False
    todo: list[tuple[ast.AST, int, int]] = [(tree, 0, 1)]
    while todo:
        node, depth, line = todo.pop()
        line = getattr(node, "lineno", line)
        if isinstance(node, ast.stmt) and not getattr(node, "decorator_list", ()):
            lines = (node.end_lineno or line) - line + 1
            if depth + lines * longest * _LINK // _SHORTEST_LINK < DEEPEST:
                continue
        match node:
            case ast.BoolOp(values=values):
                depth += len(values) - 1
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                depth += len(node.generators)
            case ast.alias(name=name) | ast.ImportFrom(module=str(name)):
                depth += name.count(".")
            case ast.Call() | ast.Subscript() | ast.Attribute():
                depth += _LINK - 1
            case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
                long_strings = long_strings or _may_be_many(node)
        depth += 1
        if depth > deepest:
            deepest, row = depth, line
        todo += [(child, depth, line) for child in ast.iter_child_nodes(node)]
    if long_strings:
        deepest, row = max((deepest, row), *_rows_of_strings(text))
    return deepest, row


def _may_be_many(node: ast.Constant | ast.JoinedStr) -> bool:
    """Whether a string is long enough to be `DEEPEST` strings one behind the other."""
    lines = (node.end_lineno or 0) - node.lineno
    return lines > 0 or (node.end_col_offset or 0) - node.col_offset > 2 * DEEPEST


def _rows_of_strings(text: str) -> Iterator[tuple[int, int]]:
    """The number of strings in each row of them, and the line where it ends."""
    count = inside = 0
    for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
        kind = tokenize.tok_name[token.type]
        inside += kind.endswith("STRING_START") - kind.endswith("STRING_END")  # an f-string, from Python 3.12 on
        if inside or kind in ("NL", "COMMENT"):
            continue
        count = count + 1 if "STRING" in kind else 0
        yield count, token.start[0]
