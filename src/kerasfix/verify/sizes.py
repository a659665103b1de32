"""Numbers and shapes of a program as plain data, the unknown ones under a name that says what they are.

The name is the expression itself: one that stands before and after a fix has one name, and so gets one number
(`stand_ins`). A shape of which not even the rank is known is such a name too; its axes are `name[0]`, `name[1]`, ...
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeAlias

from kerasfix.analysis.values import Choice, Constant, Items, Reference, Symbol, Unknown, Value, join_values

if TYPE_CHECKING:
    from collections.abc import Callable

Json: TypeAlias = Any
"""What `json` can write and read."""

OPERATORS = frozenset({"Add", "Subtract", "Multiply", "FloorDivide", "Divide", "Modulo", "Power"})
"""The arithmetic that is computed with stand-ins, by LibCST's name for the operator."""
SHAPE_ROLES = {
    1: ("features",),
    2: ("time", "features"),
    3: ("pixels", "pixels", "channels"),
    4: ("time", "pixels", "pixels", "channels"),
}
"""What the axes of a shape without the batch are, most likely, by its length."""
_LONGEST_NAME = 160
_LARGEST_DECIMAL = 10**20
"""Python refuses to write very large numbers in decimal."""
_DEEPEST_ARITHMETIC = 6


def size(value: Value, role: str, pick: Callable[[Choice], Value], name: str) -> Json:
    """A number or None, or `{"unknown": name, "role": role}`; `name` is for what has no expression of its own."""
    return _size(value, role, pick, name, _DEEPEST_ARITHMETIC)


def _size(value: Value, role: str, pick: Callable[[Choice], Value], name: str, depth: int) -> Json:
    match value:
        case Constant(value=bool() | int() | float() | str() | None as known):
            return known
        case Choice():
            return _size(one_size(value, pick), role, pick, name, depth)
        case Symbol(key=(str() as operator, Value() as left, Value() as right)) if operator in OPERATORS and depth:
            parts = [_size(part, role, pick, name, depth - 1) for part in (left, right)]
            return {"operator": operator, "of": parts}
        case Symbol(key=("call int" | "call round" | "call abs", Value() as inner)) if depth:
            return {"operator": "int", "of": [_size(inner, role, pick, name, depth - 1)]}
    return {"unknown": written(value) or name, "role": role}


def one_size(choice: Choice, pick: Callable[[Choice], Value]) -> Value:
    """One of several sizes. What begins as 0 is counted up before it is used, so 0 is none of them."""
    sizes = join_values(option for option in choice.options if option != Constant(0))
    return pick(sizes) if isinstance(sizes, Choice) else sizes


def shape(value: Value, pick: Callable[[Choice], Value], names: Callable[[int | None], str], batch: bool) -> Json:
    """A tuple or list of sizes, one size, or an unknown shape; with `batch`, its first entry is the batch size.

    `names(i)` names the entry at `i` where it has no expression of its own, `names(None)` the whole.
    """
    if isinstance(value, Choice):
        value = pick(value)
    if isinstance(value, Items):
        kept = len(value.items) - batch
        roles = SHAPE_ROLES.get(kept, ("time",) + ("pixels",) * max(kept - 2, 0) + ("channels",))
        roles = ("batch", *roles) if batch else roles
        entries = [size(item, role, pick, names(place)) for place, (item, role) in enumerate(zip(value.items, roles))]  # noqa: B905
        return {"list" if value.kind == "list" else "tuple": entries}
    if isinstance(value, Constant):
        return size(value, "features", pick, names(None))
    return {"unknown": written(value) or names(None), "role": "batch shape" if batch else "shape"}


def written(value: Value) -> str:
    """The expression that a value stands for, the same before and after a fix; empty where there is none."""
    text = _written(value, {})
    if len(text) <= _LONGEST_NAME:
        return text
    return f"{text[:40]}... {hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _written(value: object, known: dict[int, str]) -> str:
    if id(value) not in known:
        known[id(value)] = ""
        known[id(value)] = _write(value, known)[: 4 * _LONGEST_NAME]
    return known[id(value)]


def _write(value: object, known: dict[int, str]) -> str:
    match value:
        case Constant(value=int(held)) if abs(held) > _LARGEST_DECIMAL:
            return hex(held)
        case Constant(value=held):
            return repr(held)
        case Reference(dotted=dotted):
            return dotted
        case Items(items=(low, high, step), kind="slice"):
            return ":".join("" if part == Constant(None) else _written(part, known) for part in (low, high, step))[
                : None if step != Constant(None) else -1
            ]
        case Items(items=items):
            return f"({', '.join(_written(item, known) for item in items)})"
        case Symbol(key=("name", str() as name)) | Symbol(key=("parameter", _, str() as name)):
            return name
        case Symbol(key=("attribute", owner, str() as name)):
            inner = _written(owner, known)
            return f"{inner}.{name}" if inner else ""
        case Symbol(key=("item", owner, index)):
            inner = _written(owner, known)
            return f"{inner}[{_written(index, known)}]" if inner else ""
        case Symbol(key=(str() as operation, *operands)):
            inner = ", ".join(_written(operand, known) for operand in operands if isinstance(operand, Value))
            return f"{operation}({inner})"
        case Unknown():
            return ""
    return type(value).__name__ if isinstance(value, Value) else ""
