"""The variables of a program by their text: where each is bound and where it is read.

A fix that takes an object away has to know everything that speaks of it. What is asked for here is simple enough to be
sure: a name that one statement alone binds, in its scope and in all scopes within.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that is bound once, to the result of a call."""

    name: str
    statement: cst.SimpleStatementLine
    """`name = call`, alone on its line."""
    block: Sequence[cst.CSTNode]
    """The statements among which that one is."""
    reads: tuple[cst.Name, ...]
    """Everything else that says the name, in the scope and the scopes within."""

    def precedes(self, other: Variable) -> bool:
        """Whether it is bound before the other, wherever that is: both are in one block."""
        if self.block is not other.block:
            return False
        return _place(self.block, self.statement) < _place(self.block, other.statement)


def variable_of(module: cst.Module, call: cst.CSTNode) -> Variable | None:
    """The variable that a call is bound to; None where it is bound to none, or to one that is bound again."""
    found = next(_bindings(module, module, module.body, call), None)
    if found is None:
        return None
    scope, block, statement, name = found
    every = [*_mentions(scope, name)]
    bound = [node for node, binds in every if binds]
    if len(bound) != 1:
        return None
    return Variable(name, statement, block, tuple(node for node, binds in every if not binds))


def reads_as(module: cst.Module, variable: Variable, attributes: frozenset[str]) -> bool:
    """Whether all that is done with a variable is to call it, or to use some of its attributes."""
    harmless: set[int] = set()
    for node in _every(module):
        match node:
            case cst.Call(func=cst.Name() as name):
                harmless.add(id(name))
            case cst.Attribute(value=cst.Name() as name, attr=cst.Name(value=attribute)) if attribute in attributes:
                harmless.add(id(name))
    return all(id(read) in harmless for read in variable.reads)


def attributes_of(module: cst.Module, variable: Variable) -> tuple[cst.Attribute, ...]:
    """The attributes by which a variable is read."""
    reads = {id(read) for read in variable.reads}
    return tuple(node for node in _every(module) if isinstance(node, cst.Attribute) and id(node.value) in reads)


def _place(block: Sequence[cst.CSTNode], statement: cst.CSTNode) -> int:
    return next(place for place, other in enumerate(block) if other is statement)


def _bindings(
    node: cst.CSTNode, scope: cst.CSTNode, block: Sequence[cst.CSTNode], call: cst.CSTNode
) -> Iterator[tuple[cst.CSTNode, Sequence[cst.CSTNode], cst.SimpleStatementLine, str]]:
    """The statement that binds a call to a name, with its scope and block."""
    match node:
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]
        ):
            if value is call and not isinstance(scope, cst.ClassDef):
                yield scope, block, node, name
            return
        case cst.BaseSmallStatement() | cst.BaseExpression():
            return
        case cst.FunctionDef() | cst.ClassDef():
            scope = node
        case cst.IndentedBlock(body=body):
            block = body
    for child in node.children:
        yield from _bindings(child, scope, block, call)


def _every(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)


def _mentions(node: cst.CSTNode, wanted: str, *, binds: bool = False) -> Iterator[tuple[cst.Name, bool]]:
    """Every place in a node that says a name as a variable, and whether it binds it there."""
    match node:
        case cst.Name(value=name):
            if name == wanted:
                yield node, binds
        case cst.Attribute(value=owner):
            yield from _mentions(owner, wanted)
        case cst.Subscript(value=owner, slice=index):
            for part in (owner, *index):
                yield from _mentions(part, wanted)
        case cst.Arg(value=value):
            yield from _mentions(value, wanted)
        case cst.ImportAlias(name=name, asname=None):
            first: cst.BaseExpression = name
            while isinstance(first, cst.Attribute):
                first = first.value
            yield from _mentions(first, wanted, binds=True)
        case cst.ImportAlias(asname=asname) if asname is not None:
            yield from _mentions(asname, wanted, binds=True)
        case cst.ImportFrom(names=names) if not isinstance(names, cst.ImportStar):
            for alias in names:
                yield from _mentions(alias, wanted)
        case cst.Param(name=name) | cst.FunctionDef(name=name) | cst.ClassDef(name=name):
            yield from _mentions_beside(node, name, wanted)
        case cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.AugAssign(target=target):
            yield from _mentions_beside(node, target, wanted)
        case (
            cst.For(target=target) | cst.CompFor(target=target) | cst.NamedExpr(target=target) | cst.Del(target=target)
        ):
            yield from _mentions_beside(node, target, wanted)
        case cst.AsName() | cst.NameItem() | cst.MatchAs() | cst.MatchStar() | cst.MatchMapping():
            for child in node.children:
                yield from _mentions(child, wanted, binds=True)
        case _:
            keeps = isinstance(node, cst.Tuple | cst.List | cst.Element | cst.StarredElement)
            for child in node.children:
                yield from _mentions(child, wanted, binds=binds and keeps)


def _mentions_beside(node: cst.CSTNode, target: cst.CSTNode, wanted: str) -> Iterator[tuple[cst.Name, bool]]:
    """What a node says that binds one of its parts."""
    for child in node.children:
        yield from _mentions(child, wanted, binds=child is target)
