"""Finds the statement that a node is in, for fixes that put a statement before it or take it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.fixes import edits

if TYPE_CHECKING:
    from kerasfix.analysis.positions import Positions
    from kerasfix.diagnostics import Edit


def enclosing(positions: Positions, node: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
    """The nodes that a node is in, from the module inwards, the node itself last."""
    start, end = positions.span(node)
    path: list[cst.CSTNode] = []
    inner: cst.CSTNode | None = positions.module
    while inner is not None and inner is not node:
        path.append(inner)
        inner = next((child for child in inner.children if _holds(positions, child, node, start, end)), None)
    return (*path, node)


def _holds(positions: Positions, child: cst.CSTNode, node: cst.CSTNode, start: int, end: int) -> bool:
    if child is node:
        return True
    first, last = positions.outer_span(child)
    return first <= start and end <= last and bool(child.children)


def in_test(path: tuple[cst.CSTNode, ...]) -> bool:
    """Whether what is `enclosing` a node is a test: a function or class that is named so."""
    definitions = (node.name.value.lower() for node in path if isinstance(node, cst.FunctionDef | cst.ClassDef))
    return any(name.startswith("test") or name.endswith("test") for name in definitions)


def remove_statement(positions: Positions, node: cst.CSTNode) -> tuple[Edit, ...]:
    """Takes the statement that `node` is all of out of its block; there are no edits where it does not stand alone."""
    match enclosing(positions, node):
        case (
            *_,
            cst.Module(body=body) | cst.IndentedBlock(body=body),
            cst.SimpleStatementLine() as line,
            cst.Expr(),
            _,
        ):
            if len(body) > 1 and len(line.body) == 1:
                return edits.remove_statement(positions, line)
    return ()
