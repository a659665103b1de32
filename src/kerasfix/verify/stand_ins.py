"""Numbers in the place of sizes that a program does not tell, the same before and after a fix.

What a size is used for bounds what it can be: a kernel of 96 would leave no pixel. The most binding use counts. When
a model cannot be built with the numbers of one attempt, others are tried: small images and large ones, sizes that
differ and sizes that are equal, and the order of the axes that Keras calls `channels_first`.
"""

from __future__ import annotations

import hashlib
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasfix.verify.sizes import SHAPE_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kerasfix.verify.plan import Plan
    from kerasfix.verify.sizes import Json

CHANNELS_LAST, CHANNELS_FIRST = "channels_last", "channels_first"
_CANDIDATES: dict[str, tuple[tuple[float, ...], ...]] = {
    "kernel": ((2,), (3,), (1,), (2,)),
    "rate": ((0.25,), (0.25,), (0.25,), (0.25,)),
    "heads": ((2,), (2,), (1,), (2,)),
    "channels": ((3,), (1,), (3,), (3,)),
    "batch": ((4,), (4,), (2,), (8,)),
    "time": ((11, 13, 14, 17), (32,), (8,), (100,)),
    "units": ((5, 6, 7, 9, 10), (16,), (8,), (32,)),
    "features": ((5, 6, 7, 9, 10), (16,), (8,), (784,)),
    "pixels": ((64, 68, 72), (224,), (28,), (299,)),
    "vocabulary": ((50, 51, 53), (100,), (8,), (1000,)),
}
"""By use, the most binding first, the numbers of each attempt; an expression always gets the same one of them."""
_RANKS = (1, 3, 2, 4)
"""What the rank of an unknown shape is taken to be, the batch left out, where no layer tells."""
_OPERATORS: Mapping[str, Callable[..., float]] = {
    "Add": operator.add,
    "Subtract": operator.sub,
    "Multiply": operator.mul,
    "FloorDivide": operator.floordiv,
    "Divide": operator.truediv,
    "Modulo": operator.mod,
    "Power": lambda base, exponent: base**exponent if abs(base) < 10_000 and abs(exponent) < 5 else base,
    "int": int,
}
_SLICE = re.compile(r"(.*)\[(\d+):\]")
_SPATIAL = re.compile(r"[123]D")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One choice of numbers."""

    number: int
    data_format: str = CHANNELS_LAST


def attempts(plans: Sequence[Plan]) -> list[Attempt]:
    """What to try, in order, for plans that are to be built alike."""
    steps = [step for plan in plans for step in plan.steps]
    numbers = range(4) if any(_unknowns(steps)) else range(1)
    found = [Attempt(number) for number in numbers]
    if any(_SPATIAL.search(step.get("make", "")) for step in steps):
        found.append(Attempt(0, CHANNELS_FIRST))
    return found


def has_stand_ins(plan: Plan) -> bool:
    """Whether something in the plan is a stand-in."""
    return bool(plan.assumptions) or any(_unknowns(plan.steps))


class StandIns:
    """The numbers of one attempt for plans that are to be built alike."""

    def __init__(self, plans: Sequence[Plan], attempt: Attempt) -> None:
        self._attempt = attempt
        self._ranks = {name: rank for plan in plans for name, rank in plan.ranks}
        self._roles: dict[str, str] = {}
        unknowns = list(_unknowns([step for plan in plans for step in plan.steps]))
        self._numbers = {name for name, role in unknowns if not role.endswith("shape")}
        for name, role in unknowns:
            for axis, use in self._axes(name, role) if self._is_shape(name, role) else [(name, role)]:
                if use.endswith("shape"):
                    continue
                known = self._roles.get(axis)
                self._roles[axis] = use if known is None else min(known, use, key=list(_CANDIDATES).index)

    def numbers(self) -> dict[str, float]:
        """Every number that stands in for something, by the name of that."""
        return {name: self._size(name) for name in self._roles}

    def request(self, plan: Plan) -> dict[str, Any]:
        """What a worker is asked to build of a plan; the model is given nothing but its own inputs."""
        return {"steps": self.resolve(plan.steps), "data_format": self._attempt.data_format, "feed": None}

    def resolve(self, data: Json) -> Json:
        """A plan's steps, or any part of them, with numbers for all that is not known."""
        if isinstance(data, list | tuple):
            return [self.resolve(item) for item in data]
        if not isinstance(data, dict):
            return data
        if "unknown" in data:
            return self._number(data["unknown"], data["role"])
        if "operator" in data and data["operator"] in _OPERATORS:
            return self._computed(data)
        return {key: self.resolve(value) for key, value in data.items()}

    def _computed(self, data: Json) -> Json:
        values = self.resolve(data["of"])
        if not all(isinstance(value, int | float) for value in values):
            return {"operator": data["operator"], "of": values}  # of tensors
        try:
            computed = _OPERATORS[data["operator"]](*values)
        except (ArithmeticError, ValueError):
            return 1
        return computed if isinstance(computed, int | float) else 1  # a root of a negative number

    def _is_shape(self, name: str, role: str) -> bool:
        """Whether an unknown is a shape: what is a number in another place is one here too."""
        return role.endswith("shape") and name not in self._numbers

    def _number(self, name: str, role: str) -> Json:
        if self._is_shape(name, role):
            return {"tuple": [self._size(axis) for axis, _ in self._axes(name, role)]}
        return self._size(name)

    def _size(self, name: str) -> float:
        candidates = _CANDIDATES[self._roles[name]][self._attempt.number]
        return candidates[int(hashlib.sha256(name.encode("utf-8", "replace")).hexdigest(), 16) % len(candidates)]

    def _axes(self, name: str, role: str) -> Iterator[tuple[str, str]]:
        """The names and uses of the axes of an unknown shape; `x.shape[1:]` begins with `x.shape[1]`."""
        rank = self._ranks.get(name, _RANKS[self._attempt.number])
        roles = SHAPE_ROLES.get(rank, ("time",) * rank)
        if role == "batch shape":
            roles = ("batch", *roles)
        sliced = _SLICE.fullmatch(name)
        owner, first = (sliced[1], int(sliced[2])) if sliced else (name, 0)
        return ((f"{owner}[{first + place}]", use) for place, use in enumerate(roles))


def _unknowns(data: Json) -> Iterator[tuple[str, str]]:
    """The names of what is not known, with what they are for."""
    items: Iterable[Json] = data if isinstance(data, list | tuple) else ()
    if isinstance(data, dict):
        if "unknown" in data:
            yield data["unknown"], data["role"]
        items = data.values()
    for item in items:
        yield from _unknowns(item)
