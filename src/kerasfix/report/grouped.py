"""The `grouped` format: the findings under the name of their file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.report.terminal import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.batch import FileResult
    from kerasfix.report.style import Style
    from kerasfix.source.document import Document


def render(results: Sequence[FileResult], style: Style) -> str:
    """All findings, an empty line after those of each file."""
    return "".join(
        f"{style.paint(safe(result.path), bold=True)}:\n{''.join(_lines(result, result.document, style))}\n"
        for result in results
        if result.document is not None and result.diagnostics
    )


def _lines(result: FileResult, document: Document, style: Style) -> Iterator[str]:
    """`row:column  CODE [*] message`, in columns."""
    places = [str(document.place(diagnostic.start)) for diagnostic in result.diagnostics]
    widest = max(map(len, places))
    for place, diagnostic in zip(places, result.diagnostics, strict=True):
        code = style.paint(diagnostic.code, fg="red", bold=True)
        yield f"  {place:{widest}}  {code} {style.mark(diagnostic)}{safe(diagnostic.message)}\n"
