"""What an expression is known to hold, and what a tensor's shape is known to be.

Never guess: what is not known is `Unknown` and says why. Two symbolic values are equal only when the same expression
was read with no rebinding in between, because a `Symbol` is keyed by the values it was computed from.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from types import EllipsisType
from typing import TypeAlias

Scalar: TypeAlias = int | float | complex | str | bytes | bool | EllipsisType | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Symbol:
    """A value that is not known but can be told from others: equal keys, equal values."""

    key: Hashable


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """A value of which nothing is known; it is equal to nothing but itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple or list whose elements are known."""

    items: tuple[Value, ...]
    kind: str = "tuple"


Value: TypeAlias = "Constant | Symbol | Unknown | Items"

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
