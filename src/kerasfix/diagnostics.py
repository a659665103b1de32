"""What every part speaks of: a finding, the fix that mends it, and the edits that the fix is made of.

All places are offsets in code points into the text of one document; each front end converts them at its own
border (rows and columns, UTF-16 units, notebook cells).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.Enum):
    """How bad a finding is for the chosen target: what Keras refuses is an error, what it ignores a warning."""

    ERROR = "error"
    WARNING = "warning"


class Applicability(enum.Enum):
    """How far a fix may be trusted. It belongs to one fix, never to a rule as a whole."""

    SAFE = "safe"
    """The same model is built: input and output shapes, dtypes, weights, layer names, `model.layers`."""
    UNSAFE = "unsafe"
    """Right in most programs; applied with `--unsafe-fixes` only."""
    DISPLAY = "display"
    """Shown to the reader, never applied."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the code points `start:end` of the document by `content`."""

    start: int
    end: int
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that land together or not at all, the import they need among them."""

    message: str
    applicability: Applicability
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding has to do with, and what is there."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding of one rule at the code points `start:end`."""

    code: str
    name: str
    message: str
    severity: Severity
    start: int
    end: int
    fix: Fix | None = None
    related: tuple[Related, ...] = ()


def allowed(fix: Fix | None, unsafe: bool) -> bool:
    """Whether a fix may be applied: a safe one always, an unsafe one where the user asked for it."""
    return fix is not None and (
        fix.applicability is Applicability.SAFE or (unsafe and fix.applicability is Applicability.UNSAFE)
    )
