"""Which expressions may be read once more, or a little earlier, without anyone noticing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterable

_PURE_CALLS = frozenset(
    [
        "abs",
        "bool",
        "dict",
        "float",
        "int",
        "len",
        "list",
        "max",
        "min",
        "pow",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "zip",
        "range",
        "np.prod",
        "numpy.prod",
        "np.shape",
        "numpy.shape",
        "np.array",
        "numpy.array",
        "np.max",
        "np.min",
        "np.ceil",
        "np.floor",
        "np.sqrt",
        "math.ceil",
        "math.floor",
        "math.sqrt",
        "math.prod",
        "tf.TensorShape",
        "tensorflow.TensorShape",
        "os.path.join",
    ]
)
"""Functions that only look at their arguments, by the name that everybody calls them."""
_PURE_METHODS = frozenset({"as_list", "get_shape", "tolist", "item", "keys", "values", "lower", "upper", "format"})

_OPERATIONS = (
    cst.BinaryOperation,
    cst.UnaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.ComparisonTarget,
    cst.IfExp,
    cst.Tuple,
    cst.List,
    cst.Element,
    cst.StarredElement,
    cst.Dict,
    cst.DictElement,
    cst.Subscript,
    cst.SubscriptElement,
    cst.Index,
    cst.Slice,
    cst.ConcatenatedString,
)
_LEAVES = (cst.Name, cst.BaseNumber, cst.SimpleString, cst.Ellipsis)


def is_pure(node: cst.CSTNode) -> bool:
    """Whether evaluating it changes nothing: names, attributes, subscripts, literals, arithmetic, some functions."""
    if isinstance(node, _LEAVES):
        return True
    if isinstance(node, cst.Attribute):
        return is_pure(node.value)
    if isinstance(node, cst.Call):
        return _is_pure_call(node)
    return isinstance(node, _OPERATIONS) and all(is_pure(child) for child in _expressions(node))


def _is_pure_call(node: cst.Call) -> bool:
    name = _dotted(node.func)
    harmless = name in _PURE_CALLS or (
        isinstance(node.func, cst.Attribute) and node.func.attr.value in _PURE_METHODS and is_pure(node.func.value)
    )
    return harmless and all(is_pure(arg.value) for arg in node.args)


def _dotted(node: cst.BaseExpression) -> str:
    match node:
        case cst.Name():
            return node.value
        case cst.Attribute():
            return f"{_dotted(node.value)}.{node.attr.value}"
    return ""


def _expressions(node: cst.CSTNode) -> Iterable[cst.CSTNode]:
    skipped = (
        cst.BaseParenthesizableWhitespace,
        cst.Comma,
        cst.Colon,
        cst.LeftParen,
        cst.RightParen,
        cst.LeftSquareBracket,
        cst.RightSquareBracket,
        cst.LeftCurlyBrace,
        cst.RightCurlyBrace,
        cst.BaseBinaryOp,
        cst.BaseUnaryOp,
        cst.BaseBooleanOp,
        cst.BaseCompOp,
        cst.Dot,
    )
    return (child for child in node.children if not isinstance(child, skipped))
