"""The `json` format: a list in Ruff's shape, so that what reads Ruff's report reads this one.

Rows and columns count from 1. `filename` is absolute.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.batch import FileResult
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.report.style import Style
    from kerasfix.source.document import Document


def render(results: Sequence[FileResult], style: Style) -> str:
    """All findings as one JSON list."""
    records = [
        record(result.document, diagnostic)
        for result in results
        if result.document is not None
        for diagnostic in result.diagnostics
    ]
    return json.dumps(records, indent=2) + "\n"


def record(document: Document, diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "message": diagnostic.message,
        "severity": diagnostic.severity.value,
        "filename": document.path if document.path == "-" else os.path.abspath(document.path),  # noqa: PTH100
        "location": _place(document, diagnostic.start),
        "end_location": _place(document, diagnostic.end),
        "cell": None,
        "noqa_row": document.location(diagnostic.start).row,
        "url": None,
        "fix": None if diagnostic.fix is None else _fix(document, diagnostic.fix),
    }


def _fix(document: Document, fix: Fix) -> dict[str, Any]:
    return {
        "applicability": fix.applicability.value,
        "message": fix.message,
        "edits": [
            {
                "content": edit.content,
                "location": _place(document, edit.start),
                "end_location": _place(document, edit.end),
            }
            for edit in fix.edits
        ],
    }


def _place(document: Document, offset: int) -> dict[str, int]:
    place = document.location(offset)
    return {"row": place.row, "column": place.column + 1}
