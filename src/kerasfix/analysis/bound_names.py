"""What a program calls the objects that its calls make: the variable that is bound to them, or the function that
returns them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLAUSES = cst.Else | cst.Finally | cst.ExceptHandler | cst.ExceptStarHandler | cst.MatchCase


@dataclass(frozen=True, slots=True)
class BoundName:
    """`model` or `self.encoder`, empty for what is returned; and the function that this happens in, if any."""

    name: str
    function: str = ""


def names_of_calls(module: cst.Module) -> dict[cst.CSTNode, BoundName]:
    """The names of calls and classes by their nodes, as far as they have one."""
    found: dict[cst.CSTNode, BoundName] = {}
    for node, function in _statements(module, ""):
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=target), *_], value=cst.Call() as call):
                found[call] = BoundName(_dotted(target), function)
            case cst.AnnAssign(target=target, value=cst.Call() as call):
                found[call] = BoundName(_dotted(target), function)
            case cst.Return(value=cst.Call() as call):
                found[call] = BoundName("", function)
            case cst.ClassDef(name=cst.Name(value=name)):
                found[node] = BoundName(name)
    return found


def _statements(node: cst.CSTNode, function: str) -> Iterator[tuple[cst.CSTNode, str]]:
    """Every simple statement and class, with the name of the function that it is in."""
    for child in node.children:
        if isinstance(child, cst.BaseSmallStatement | cst.ClassDef):
            yield child, function
        if isinstance(child, cst.FunctionDef):
            yield from _statements(child, child.name.value)
        elif isinstance(child, cst.BaseCompoundStatement | cst.BaseSuite | cst.SimpleStatementLine | _CLAUSES):
            yield from _statements(child, function)


def _dotted(node: cst.CSTNode) -> str:
    """`model` or `self.model`; empty for any other target."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=owner, attr=cst.Name(value=name)):
            inner = _dotted(owner)
            return f"{inner}.{name}" if inner else ""
    return ""
