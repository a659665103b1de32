"""What an expression is known to hold, and what a tensor's shape is known to be.

Never guess: what is not known is `Unknown` and says why. Two symbolic values are equal only when the same expression
was read with no rebinding in between, because a `Symbol` is keyed by the values it was computed from.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from types import EllipsisType

    import libcst as cst

    Scalar: TypeAlias = int | float | complex | str | bytes | bool | EllipsisType | None


class Value:
    """What a name or an expression holds; its subclasses say how much of that is known."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Constant(Value):
    """A literal."""

    value: Scalar


class Symbol(Value):
    """A value that is not known but can be told from others: equal keys, equal values.

    There is one object for each key, so that symbols made of symbols compare in no time however deep they are.
    """

    __slots__ = ("__weakref__", "key")
    __match_args__ = ("key",)
    key: Hashable
    _known: ClassVar[weakref.WeakValueDictionary[Hashable, Symbol]] = weakref.WeakValueDictionary()

    def __new__(cls, key: Hashable) -> Symbol:
        known = cls._known.get(key)
        if known is None:
            known = super().__new__(cls)
            known.key = key
            cls._known[key] = known
        return known

    def __repr__(self) -> str:
        return f"Symbol({self.key!r})"


@dataclass(frozen=True, slots=True, eq=False)
class Unknown(Value):
    """A value of which nothing is known; it is equal to nothing but itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class Items(Value):
    """A tuple or list whose elements are known."""

    items: tuple[Value, ...]
    kind: str = "tuple"
    depth: int = field(init=False, compare=False)
    """How deep tuples are nested in it."""
    size: int = field(init=False, compare=False)
    """How many values are in it, at any depth."""

    def __post_init__(self) -> None:
        inner = [item for item in self.items if isinstance(item, Items)]
        object.__setattr__(self, "depth", 1 + max((item.depth for item in inner), default=0))
        object.__setattr__(self, "size", len(self.items) + sum(item.size for item in inner))


@dataclass(frozen=True, slots=True)
class Reference(Value):
    """A dotted name reached by imports, as `tensorflow.keras.layers.Dense`.

    `imports` are the import statements and the name under which each brought it in; they do not count for equality.
    """

    dotted: str
    imports: tuple[ImportSite, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class ImportSite:
    """One import statement that binds `name` in `frame`."""

    statement: cst.Import | cst.ImportFrom
    name: str
    frame: object


@dataclass(frozen=True, slots=True)
class Choice(Value):
    """One of several values, depending on the way taken through the program."""

    options: tuple[Value, ...]


UNBOUND = Symbol(("not bound",))
"""What a name holds on a way through the program that does not bind it."""
MOST_OPTIONS = 8
DEEPEST_ITEMS = 8
LARGEST_ITEMS = 4096


def items_of(values: tuple[Value, ...], kind: str = "tuple") -> Value:
    """A tuple or list, of which nothing is known if it is so large or deep that comparing it takes too long."""
    items = Items(values, kind)
    fits = items.depth <= DEEPEST_ITEMS and items.size <= LARGEST_ITEMS
    return items if fits else Unknown("a tuple or list that is too large")


def pairs_of(value: Value | None) -> dict[Value, Value] | None:
    """What `Items` of the kind `dict` hold by their keys; None for any other value."""
    if not isinstance(value, Items) or value.kind != "dict":
        return None
    held: dict[Value, Value] = {}
    for pair in value.items:
        if isinstance(pair, Items):
            held[pair.items[0]] = pair.items[1]
    return held


def if_bound(value: Value | None) -> Value | None:
    """What a name holds where it is read: on a way that does not bind it, the program ends there."""
    if isinstance(value, Choice) and UNBOUND in value.options:
        return join_values(option for option in value.options if option is not UNBOUND)
    return None if value is UNBOUND else value


def options(value: Value) -> tuple[Value, ...]:
    """The values that `value` may be: itself, or what a `Choice` offers."""
    return value.options if isinstance(value, Choice) else (value,)


def is_result(value: Value) -> bool:
    """Whether a value is what a call of a library gives, so that it is not the None that a caller may leave it at."""
    match value:
        case Symbol(key=(str(operation), *_)):
            return operation.startswith("call ")
        case Unknown(reason=reason):
            return reason.startswith("what ") and reason.endswith("() gives")
    return False


def join_values(values: Iterable[Value]) -> Value:
    """What is known when any of `values` may be the one: themselves while they are few, and `Unknown` if one is."""
    found: dict[Value, None] = {}
    for value in values:
        found.update(dict.fromkeys(options(value)))
    if len(found) == 1:
        return next(iter(found))
    unknown = next((option for option in found if isinstance(option, Unknown)), None)
    if unknown is not None:
        return Unknown(unknown.reason)  # a value of its own: what is joined elsewhere need not be the same
    return Choice(tuple(found)) if 0 < len(found) <= MOST_OPTIONS else Unknown("too many possible values")


Dim: TypeAlias = int | Symbol | Unknown | None
"""One axis of a shape: a size, Keras's own `None` (any size), a size that has a symbol, or one that is not known."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a tensor, the batch dimension included; `dims` is None where not even the rank is known."""

    dims: tuple[Dim, ...] | None

    @property
    def rank(self) -> int | None:
        """The number of axes, the batch among them."""
        return None if self.dims is None else len(self.dims)


UNKNOWN_SHAPE = Shape(None)
