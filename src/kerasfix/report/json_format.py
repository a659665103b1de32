"""The `json` format: a list in Ruff's shape, so that what reads Ruff's report reads this one.

Rows and columns count from 1, in a notebook within the `cell`, which has the number that Ruff gives it. `filename` is
absolute. Beyond what Ruff says, edits and related places name their cell too.
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
    return json.dumps(_records(results), indent=2) + "\n"


def render_lines(results: Sequence[FileResult], style: Style) -> str:
    """The `json-lines` format: the same findings, each a JSON object on a line of its own."""
    return "".join(json.dumps(found) + "\n" for found in _records(results))


def render_verified(results: Sequence[FileResult]) -> str:
    """All findings, and what building the models said of the fixes, as one JSON object."""
    verification = [
        {
            "filename": _filename(result.path),
            "model": found.model,
            "location": {"row": found.place.row, "column": found.place.column + 1},
            "cell": found.place.cell,
            "verdict": found.verdict.value,
            "reason": found.reason,
            "notes": list(found.notes),
            "before": found.before or None,
            "after": found.after or None,
        }
        for result in results
        for found in result.verification
    ]
    return json.dumps({"diagnostics": _records(results), "verification": verification}, indent=2) + "\n"


def _records(results: Sequence[FileResult]) -> list[dict[str, Any]]:
    return [
        record(result.document, diagnostic)
        for result in results
        if result.document is not None
        for diagnostic in result.diagnostics
    ]


def record(document: Document, diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "message": diagnostic.message,
        "severity": diagnostic.severity.value,
        "filename": _filename(document.path),
        "location": _place(document, diagnostic.start),
        "end_location": _place(document, diagnostic.end),
        "cell": document.place(diagnostic.start).cell,
        "noqa_row": document.place(diagnostic.start).row,
        "url": None,
        "fix": None if diagnostic.fix is None else _fix(document, diagnostic.fix),
        "related": [
            {
                "message": other.message,
                "cell": document.place(other.start).cell,
                "location": _place(document, other.start),
                "end_location": _place(document, other.end),
            }
            for other in diagnostic.related
        ],
    }


def _filename(path: str) -> str:
    return path if path == "-" else os.path.abspath(path)  # noqa: PTH100


def _fix(document: Document, fix: Fix) -> dict[str, Any]:
    return {
        "applicability": fix.applicability.value,
        "message": fix.message,
        "edits": [
            {
                "content": edit.content,
                "cell": document.place(edit.start).cell,
                "location": _place(document, edit.start),
                "end_location": _place(document, edit.end),
            }
            for edit in fix.edits
        ],
    }


def _place(document: Document, offset: int) -> dict[str, int]:
    place = document.place(offset)
    return {"row": place.row, "column": place.column + 1}
