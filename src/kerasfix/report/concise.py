"""The `concise` format: one finding, one line, in the form that editors and grep know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.report.terminal import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.batch import FileResult
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.report.style import Style
    from kerasfix.source.document import Document


def render(results: Sequence[FileResult], style: Style) -> str:
    """All findings, a line each."""
    return "".join(
        headline(result.document, diagnostic, style) + "\n"
        for result in results
        if result.document is not None
        for diagnostic in result.diagnostics
    )


def headline(document: Document, diagnostic: Diagnostic, style: Style) -> str:
    """`path:row:column: CODE [*] message`, in a notebook `path:cell 3:row:column: ...`."""
    colon = style.paint(":", fg="cyan")
    where = style.paint(safe(document.path), bold=True)
    code = style.paint(diagnostic.code, fg="red", bold=True)
    message = safe(diagnostic.message)
    place = str(document.place(diagnostic.start)).replace(":", colon)
    return f"{where}{colon}{place}{colon} {code} {style.mark(diagnostic)}{message}"
