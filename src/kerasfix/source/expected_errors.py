"""Where a program may mean to have an error: what is refused there is no finding."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from kerasfix.source import gate
from kerasfix.source.document import Document, Location

if TYPE_CHECKING:
    from collections.abc import Iterator


def where_errors_are_expected(document: Document, tree: ast.AST) -> tuple[tuple[int, int], ...]:
    """The bodies of `try`, of `with pytest.raises(...)` and its like, and of tests that are skipped or to fail."""
    return tuple(_bodies(document, tree))


@functools.lru_cache(maxsize=1)
def expected_in(text: str) -> tuple[tuple[int, int], ...]:
    """The same for the text of a program; there are none in what is not Python."""
    tree = gate.parse(text)
    return () if isinstance(tree, gate.NotPython) else where_errors_are_expected(Document("", text), tree)


def _bodies(document: Document, tree: ast.AST) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.Try(handlers=[_, *_], body=body):
                yield _span(document, body)
            case ast.With(items=items, body=body) if any(_expects(item.context_expr) for item in items):
                yield _span(document, body)
            case ast.FunctionDef(decorator_list=decorators, body=body) if any(map(_expects, decorators)):
                yield _span(document, body)


def _expects(expression: ast.expr) -> bool:
    function = expression.func if isinstance(expression, ast.Call) else expression
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return any(word in name.lower() for word in ("raise", "fail", "skip", "suppress"))


def _span(document: Document, body: list[ast.stmt]) -> tuple[int, int]:
    """From the first line of some statements to the end of their last one."""
    last = body[-1].end_lineno or body[-1].lineno
    return document.offset(Location(body[0].lineno, 0)), document.offset(Location(last, len(document.line(last))))
