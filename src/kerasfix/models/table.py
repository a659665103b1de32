"""What is shown of a model: plain data, which text, JSON and diagrams share.

What only a branch or a loop decides is told as it is: a row says how often its layer is there, and on which of
several ways.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasfix.models.sizes import Sizes
    from kerasfix.source.document import Place

ONE, MAYBE, MANY = "1", "0..1", "0..n"
"""How often a layer is there."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text."""

    start: int
    end: int

    def holds(self, offset: int) -> bool:
        """Whether a character is in it."""
        return self.start <= offset < self.end


@dataclass(frozen=True, slots=True)
class Way:
    """One of several ways that the program may take."""

    fork: int
    """Where the ways part, counted from 1 in the model."""
    number: int
    count: int

    def __str__(self) -> str:
        letter = chr(ord("a") + self.number - 1) if self.number <= 26 else f".{self.number}"
        return f"{self.fork}{letter}"


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer, input, nested model or operation of a model."""

    kind: str
    """Its class or function: `Dense`, `Sequential`, `concatenate`, `+`; `?` for what is not known."""
    name: str
    """Its name: what `name=` gives it, or else the variable that it is bound to."""
    detail: str
    """Its arguments as they are written, or why it is not known."""
    arriving: tuple[Sizes, ...]
    leaving: tuple[Sizes, ...]
    parameters: int | None
    """None if not known."""
    declares: tuple[str, ...]
    """The arguments by which it declares the input of the model."""
    span: Span
    place: Place | None
    presence: str = ONE
    ways: tuple[Way, ...] = ()
    """On which ways it is, for each fork around it, from the outside in."""
    sources: tuple[int, ...] = ()
    """The rows that it is connected to."""
    shared: bool = False
    """Whether an earlier row is the same layer, which has the parameters."""
    codes: tuple[str, ...] = ()

    @property
    def counted(self) -> int | None:
        """What it adds to the parameters of its model; None if that is not known."""
        if self.shared:
            return 0
        return self.parameters if not self.parameters or (self.presence == ONE and not self.ways) else None


@dataclass(frozen=True, slots=True)
class InputSource:
    """Where the input of a model is declared."""

    by: str
    """`Input`, `input_shape`, `build`, ...; empty for nowhere, `?` if it is not known."""
    layer: str = ""
    """The layer whose argument it is."""
    place: Place | None = None
    """The line, as the place where it begins."""


@dataclass(frozen=True, slots=True)
class Build:
    """What real Keras says of a model; its shapes and parameters are then in the rows."""

    keras: str = ""
    """The Keras that builds it, with its release; empty if none does."""
    refusals: tuple[str, ...] = ()
    """What each Keras that was asked raises."""
    problem: str = ""
    """Why it could not be tried."""
    unbuilt: bool = False
    """Whether Keras makes the model and leaves it without an input."""
    stand_ins: tuple[tuple[str, float], ...] = ()
    """Numbers in the place of what the program does not tell, by expression."""
    notes: tuple[str, ...] = ()
    """What had to be supposed."""


@dataclass(frozen=True, slots=True)
class ModelOverview:
    """One model; a call that makes several different ones has one for each."""

    path: str
    place: Place
    kind: str
    name: str
    """The variable that it is bound to; empty if it is bound to none."""
    function: str
    """The function that makes it; empty for the module."""
    rows: tuple[LayerRow, ...]
    outputs: tuple[int, ...]
    """The rows that the outputs come from."""
    parameters: int | None
    inputs: tuple[InputSource, ...]
    span: Span
    codes: tuple[str, ...] = ()
    """The findings at the call itself."""
    variant: tuple[int, int] = (1, 1)
    """Which of how many different models the call makes."""
    time: int = field(default=0, compare=False)
    """The first time that the call makes it, from 0."""
    build: Build | None = None
    """What real Keras says, where it was asked."""
