"""The `github` format: workflow commands, which GitHub Actions shows beside the lines of a pull request.

The escapes are those of GitHub's own toolkit (actions/toolkit, packages/core/src/command.ts). A carriage return, which
it has one for too, is made visible like all that could move a cursor.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from kerasfix.report.terminal import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.batch import FileResult
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.report.style import Style
    from kerasfix.source.document import Document


def render(results: Sequence[FileResult], style: Style) -> str:
    """All findings, a workflow command each."""
    return "".join(
        command(result.document, diagnostic) + "\n"
        for result in results
        if result.document is not None
        for diagnostic in result.diagnostics
    )


def command(document: Document, diagnostic: Diagnostic) -> str:
    """One finding as a workflow command; its end column is given only where it ends on its first line.

    Lines are those of the file: in a notebook, of its JSON, where columns say nothing.
    """
    start, end = document.location(diagnostic.start), document.location(diagnostic.end)
    path = PurePath(document.path).as_posix()
    properties = {
        "title": f"kerasfix ({diagnostic.code})",
        "file": path,
        "line": str(document.file_row(diagnostic.start)),
        "endLine": str(document.file_row(diagnostic.end)),
    }
    if start.row == end.row and not document.cells:
        properties |= {"col": str(start.column + 1), "endColumn": str(end.column + 1)}
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    message = f"{path}:{document.place(diagnostic.start)}: {diagnostic.code} {diagnostic.message}"
    return f"::{diagnostic.severity.value} {said}::{_data(message)}"


def _data(text: str) -> str:
    return "%0A".join(map(safe, text.replace("%", "%25").split("\n")))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
