"""The `gitlab` format: a Code Quality report, which GitLab shows in merge requests.

The form is in GitLab's documentation, under "Code Quality report format". Paths are relative to the current directory,
which has to be the root of the repository; a fingerprint must occur once only in a report.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Severity
from kerasfix.fingerprints import digest, numbered, relative_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.batch import FileResult
    from kerasfix.report.style import Style

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def render(results: Sequence[FileResult], style: Style) -> str:
    """All findings as one JSON list."""
    root = Path.cwd()
    records = []
    for result in results:
        if (document := result.document) is None:
            continue
        path = relative_path(result.path, root)
        for diagnostic, found in numbered(document, result.diagnostics):
            lines = {"begin": document.file_row(diagnostic.start), "end": document.file_row(diagnostic.end)}
            place = f"{document.place(diagnostic.start)}: " if document.cells else ""
            records.append(
                {
                    "description": f"{place}{diagnostic.code} {diagnostic.message}",
                    "check_name": diagnostic.name,
                    "fingerprint": digest([path, found]),
                    "severity": _SEVERITIES[diagnostic.severity],
                    "location": {"path": path, "lines": lines},
                }
            )
    return json.dumps(records, indent=2) + "\n"
