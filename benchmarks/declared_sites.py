"""The places where a program declares its input on a layer, counted without kerasfix.

A site is the call of a built-in Keras layer that carries one of six arguments with the meaning that Keras 1
and 2 gave to them: "this model's input looks like this". The words mean something else on some classes
(`Embedding(input_dim=...)` is its vocabulary); those calls are no sites.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from dataclasses import dataclass

from keras_names import ModuleNames

ARGUMENTS = frozenset({"input_shape", "input_dim", "batch_input_shape", "batch_size", "batch_shape", "input_length"})
_OF_THEIR_OWN = {
    "Embedding": frozenset({"input_dim"}),
    "DynamicEmbedding": frozenset({"input_dim"}),
    "ReversibleEmbedding": frozenset({"input_dim", "input_length"}),
}
_KERAS = (b"keras", b"tensorflow")
_PYTHON_2 = re.compile(
    r"^\s*(?:print\s+[\w\"'(%]|print\s*>>|exec\s+[\w\"']|raise\s+[\w.]+\s*,|except\s+[^:]+,\s*\w+\s*:)|<>"
    r"|\bxrange\(|\bur[\"']",
    re.MULTILINE,
)
_ADDERS = frozenset({"add", "append", "insert", "extend"})


@dataclass(frozen=True, slots=True)
class Site:
    """One call: rows and columns are 1-based, columns count code points, `end` is behind the last one."""

    start: tuple[int, int]
    end: tuple[int, int]
    layer: str
    arguments: tuple[str, ...]
    through: str
    context: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why `ast` could not read a file."""

    reason: str
    python2: bool


def sites(raw: bytes) -> list[Site] | Unreadable:
    """The sites in the bytes of one Python file, in the order of the file.

    A file without a word of Keras, or without one of the arguments, has none, valid Python or not.
    """
    if not mentions(raw):
        return []
    tree = parse(raw)
    if isinstance(tree, Unreadable):
        return tree
    lines = source_lines(raw)
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    found = []
    for call, layer in ModuleNames(tree).layer_calls():
        own = _OF_THEIR_OWN.get(layer.name, frozenset())
        names = tuple(keyword.arg for keyword in call.keywords if keyword.arg in ARGUMENTS and keyword.arg not in own)
        if names:
            found.append(
                Site(
                    _place(lines, call.lineno, call.col_offset),
                    _place(lines, call.end_lineno or 0, call.end_col_offset or 0),
                    layer.name,
                    names,
                    layer.through,
                    _context(call, parents),
                    _remarks(call, names),
                )
            )
    return sorted(found, key=lambda site: site.start)


def mentions(raw: bytes) -> bool:
    """Whether a file has the words without which it can have no site."""
    return any(word in raw for word in _KERAS) and any(word.encode() in raw for word in ARGUMENTS)


def parse(raw: bytes) -> ast.Module | Unreadable:
    """The tree of a file, or why there is none."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))  # sums of a thousand terms do occur
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(raw)
    except SyntaxError as error:
        python2 = "inconsistent use of tabs" in error.msg or _PYTHON_2.search(raw.decode("utf-8", "replace"))
        return Unreadable(f"{error.msg} (line {error.lineno})", bool(python2))
    except (ValueError, RecursionError, MemoryError) as error:
        return Unreadable(f"{type(error).__name__}: {error}", False)


def source_lines(raw: bytes) -> list[bytes]:
    """The lines as `ast` counts them: only CR, LF and CRLF end one."""
    without_bom = raw.removeprefix(b"\xef\xbb\xbf")
    return without_bom.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _place(lines: list[bytes], row: int, offset: int) -> tuple[int, int]:
    """`ast` counts UTF-8 bytes, people count characters."""
    line = lines[row - 1] if row <= len(lines) else b""
    return row, len(line[:offset].decode("utf-8", "replace")) + 1


def _remarks(call: ast.Call, names: tuple[str, ...]) -> tuple[str, ...]:
    """What may make a site harder than most."""
    remarks = []
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        remarks.append("has *arguments")
    if any(keyword.arg is None for keyword in call.keywords):
        remarks.append("has **arguments")
    for keyword in call.keywords:
        if keyword.arg in names and isinstance(keyword.value, ast.Constant) and keyword.value.value is None:
            remarks.append("the value is None")
    return tuple(remarks)


def _context(call: ast.Call, parents: dict[ast.AST, ast.AST]) -> str:
    """How the layer leaves its call: what happens to the new object first."""
    node: ast.AST = call
    while True:
        parent = parents.get(node)
        match parent:
            case ast.List() | ast.Tuple() | ast.Starred() | ast.IfExp() | ast.BinOp() | ast.keyword():
                node = parent
            case ast.Call(func=function) if function is node:
                return "called on a tensor"
            case ast.Call(func=ast.Attribute(attr=name)) if name in _ADDERS:
                return f".{name}(...)"
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                return "Sequential(...)" if name == "Sequential" else f"argument of {name}(...)"
            case ast.Assign(targets=[ast.Attribute(), *_]):
                return "assigned to an attribute"
            case ast.Assign() | ast.AnnAssign():
                return "assigned"
            case ast.Return():
                return "returned"
            case ast.Attribute(attr=name):
                return f"its .{name} is used"
            case None:
                return "module"
            case _:
                return type(parent).__name__
