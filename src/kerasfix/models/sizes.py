"""Shapes as they are shown: numbers, None, the program's own expressions, and `?` for what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis.shapes import in_words
from kerasfix.analysis.values import Constant, Dim, Shape, Symbol, Value
from kerasfix.verify.sizes import written

if TYPE_CHECKING:
    from collections.abc import Hashable

Size: TypeAlias = int | str | None
Sizes: TypeAlias = tuple[Size, ...] | None
"""A shape, the batch included; None where not even the rank is known."""

UNKNOWN = "?"
_OPERATORS = {"Add": "+", "Subtract": "-", "Multiply": "*", "FloorDivide": "//", "Divide": "/", "Modulo": "%"}
_LEAVES = frozenset({"name", "parameter", "attribute", "item"})
_DEEPEST = 6
_LONGEST = 40


def sizes_of(shape: Shape) -> Sizes:
    """A shape of the analysis as it is shown."""
    return None if shape.dims is None else tuple(map(size_of, shape.dims))


def size_of(dim: Dim) -> Size:
    """One size: a number, None, an expression such as `X.shape[1]`, or `?`."""
    return dim if dim is None or isinstance(dim, int) else _expression(dim, _DEEPEST) or UNKNOWN


def shape_in_words(sizes: Sizes) -> str:
    """`(None, 28, 28, X.shape[1])`; `?` where not even the rank is known."""
    return UNKNOWN if sizes is None else in_words(sizes)


def _expression(value: object, depth: int) -> str:
    """The expression of the program that gives a size; empty where none is short and readable."""
    text = _of_key(value.key, depth) if isinstance(value, Symbol) and depth else ""
    if isinstance(value, Constant | int):
        text = repr(value.value if isinstance(value, Constant) else value)
    return text if len(text) <= _LONGEST else ""


def _of_key(key: Hashable, depth: int) -> str:
    match key:
        case (str() as kind, *_) if kind in _LEAVES:
            return written(Symbol(key)) if _is_readable(key) else ""
        case ("call int" | "call len" | "call round" | "call abs" as call, Value() as inner):
            name = call.removeprefix("call ")
            text = written(inner) if name == "len" and _is_readable(getattr(inner, "key", None)) else ""
            text = text or _expression(inner, depth - 1)
            return f"{name}({text})" if text else ""
        case (str() as operator, Value() as left, Value() as right) if operator in _OPERATORS:
            sign = _OPERATORS[operator]
            before, after = (_expression(side, depth - 1) for side in (left, right))
            return _joined(sign, [_in_parentheses(before, sign in "+-"), _in_parentheses(after, sign == "+")])
        case ("+" | "*" as sign, int() as number, frozenset() as symbols):
            parts = sorted(
                text
                for symbol, count in symbols
                for text in [_in_parentheses(_expression(symbol, depth - 1), sign == "+")]
                for _ in range(count)
            )
            neutral = number == (0 if sign == "+" else 1)
            return _joined(sign, [*parts, *([] if neutral else [str(number)])])
    return ""


def _is_readable(key: Hashable) -> bool:
    """Whether a name, attribute or item is made of names, attributes and items only."""
    match key:
        case ("name", str()) | ("parameter", _, str()):
            return True
        case ("attribute", Symbol(key=owner), str()):
            return _is_readable(owner)
        case ("item", Symbol(key=owner), Constant()):
            return _is_readable(owner)
    return False


def _in_parentheses(text: str, is_term: bool) -> str:
    """An operand as it stands beside an operator; a term of a sum needs no parentheses."""
    return text if is_term or " " not in text else f"({text})"


def _joined(sign: str, parts: list[str]) -> str:
    return f" {sign} ".join(parts) if all(parts) else ""
