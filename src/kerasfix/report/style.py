"""What every format of the report is told: whose fixes may be applied, and whether there is colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from kerasfix.diagnostics import allowed

if TYPE_CHECKING:
    from kerasfix.diagnostics import Diagnostic

FIXABLE = "[*]"


@dataclass(frozen=True, slots=True)
class Style:
    """How the findings are to be shown."""

    terminal: bool = False
    """Whether it goes to a terminal, which control characters could confuse."""
    colour: bool = False
    unsafe_fixes: bool = False

    def paint(self, text: str, **style: Any) -> str:
        """The text in a `click.style`, or plain where there is no colour."""
        return click.style(text, **style) if self.colour else text

    def mark(self, diagnostic: Diagnostic) -> str:
        """`[*] ` before the message of a finding that `--fix` would mend with these settings."""
        return f"{self.paint(FIXABLE, fg='cyan')} " if allowed(diagnostic.fix, self.unsafe_fixes) else ""
