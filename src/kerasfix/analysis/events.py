"""What the interpreter writes down for the rules: which objects are made, and where each of them ends up."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis.slots import Position
from kerasfix.analysis.values import UNKNOWN_SHAPE, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    import libcst as cst

    from kerasfix.analysis.objects import Argument, Spelling, Tensor


class Role(enum.Enum):
    """What a layer, input or model is used for at one place."""

    ENTRY = "entry"
    """It is put into a Sequential."""
    CALLED = "called"
    """It is called on a tensor, so that whatever it declares is ignored."""
    WRAPPED = "wrapped"
    """It is given to Bidirectional, TimeDistributed, RNN or the like."""
    ESCAPED = "escaped"
    """It goes where it cannot be followed."""
    BUILT = "built"
    """Its `build()` is called."""


class Rank(enum.IntEnum):
    """How good the evidence of an event is; where there is better, worse does not count."""

    CALLED = 0
    """The module runs it, directly or by calling functions of the file."""
    CALLED_FROM_TRIAL = 1
    """A function that nothing in the file calls would run it by calling another one."""
    TRIAL = 2
    """It is in a function that was only tried out, with unknown arguments."""


class Where(enum.Enum):
    """How a new first entry gets into a Sequential."""

    ELEMENT = "element"
    """As first element of the list display `node`."""
    AROUND = "around"
    """By a list around the argument `node`: `[Input(...), *node]`."""
    BESIDE = "beside"
    """By a list around the only layer `node`: `[Input(...), node]`."""
    STATEMENT = "statement"
    """By a statement `receiver.add(Input(...))` before the statement `node`."""


@dataclass(frozen=True, slots=True, eq=False)
class Insertion:
    """A place where an Input can be put in front of an entry."""

    where: Where
    node: cst.CSTNode
    receiver: cst.BaseExpression | None
    spellings: Mapping[str, Spelling]
    """By what is spelled, `Input` or `InputLayer`; empty where the file offers no way that is sure."""
    readable: frozenset[cst.Arg]
    """The declaring arguments whose expressions mean the same here as in the layer's own call."""
    inputs: Mapping[str, Tensor]
    """The local names that hold the tensors of an `Input` here."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A layer, input or model comes into being, or a tensor that a function makes of several."""

    subject: Value
    rank: Rank


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """A layer, input or model is used."""

    subject: Value
    role: Role
    node: cst.CSTNode
    """The call that uses it."""
    rank: Rank
    position: Position = Position.UNKNOWN
    holder: Value | None = None
    """The Sequential or wrapper that it is put into."""
    arriving: Shape = UNKNOWN_SHAPE
    """The shape that reaches it there."""
    declared: Shape | None = UNKNOWN_SHAPE
    """The input shape that the Sequential has before it; None if none is declared."""
    insertion: Insertion | None = None
    reason: str = ""
    """Why nothing more is known."""
    declared_after: Shape | None = UNKNOWN_SHAPE
    """The input shape that the Sequential has behind it; None if none is declared."""
    given: tuple[Value, ...] = ()
    """What it is called on."""
    spelling: Spelling | None = None
    """How `Input` is written at the call, where what is called gets an array or a raw tensor."""


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """Data are given to a model by `fit`, `predict` or the like; a call of the model itself is a `Placement`."""

    model: Value
    method: str
    node: cst.Call
    arguments: Mapping[str, Argument]
    """By keyword; positional ones are `#0`, `#1`, ..."""
    rank: Rank


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a model is to compute on or is built for: the data of `fit` and the like, the argument of a call."""

    model: Value
    method: str
    """The method; `__call__` for a call of the model itself."""
    node: cst.Call
    argument: cst.Arg
    data: Value
    """A dict of arrays is `Items` of kind `dict`, which holds pairs."""
    rank: Rank


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """`.input`, `.output`, `.input_shape` or `.output_shape` of a layer or Sequential is read; see `READ`."""

    owner: Value
    name: str
    node: cst.Attribute
    rank: Rank
    called: bool
    """Whether it may have been called before, by itself or in a model around it: Keras 3 has these only then."""
    declared: Shape | None = None
    """The input that the Sequential has by then; None if none is declared."""


READ = frozenset({"input", "output", "input_shape", "output_shape"})
"""The attributes whose reads are noted (Keras 3: `Operation.input`, `Layer` has no `input_shape`)."""

Event: TypeAlias = Made | Placement | Feed | Given | Read
