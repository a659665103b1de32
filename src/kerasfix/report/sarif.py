"""The `sarif` format: SARIF 2.1.0, which GitHub's code scanning and many viewers read.

Paths are relative to the current directory (`%SRCROOT%`), which has to be the root of the repository for GitHub. Places
are those of the file: in a notebook, of its JSON. "Standard" below is OASIS's text of SARIF 2.1.0.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import kerasfix
from kerasfix.diagnostics import Applicability, Severity
from kerasfix.fingerprints import numbered, relative_path
from kerasfix.rules import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.batch import FileResult
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.report.style import Style
    from kerasfix.rules.registry import Rule
    from kerasfix.source.document import Document

MOST_RESULTS = 25_000
"""GitHub refuses a run with more ("SARIF results exceed hard limit" in its documentation)."""
_ROOT = "%SRCROOT%"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "kerasfix/v1"

_Found = tuple["Document", "Diagnostic", str]


def render(results: Sequence[FileResult], style: Style) -> str:
    """The findings as a log of one run: as many as GitHub takes, errors before warnings."""
    found = [
        (result.document, diagnostic, mark)
        for result in results
        if result.document is not None
        for diagnostic, mark in numbered(result.document, result.diagnostics)
    ]
    if len(found) > MOST_RESULTS:
        found = sorted(found, key=lambda one: one[1].severity is not Severity.ERROR)[:MOST_RESULTS]
    codes = {diagnostic.code for _, diagnostic, _ in found}
    rules = [rule for rule in registry.every_code() if rule.code in codes]
    run = {
        "tool": {
            "driver": {
                "name": "kerasfix",
                "semanticVersion": kerasfix.__version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\r", "\n"],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory that kerasfix was run in."}}},
        "results": _results(found, {rule.code: index for index, rule in enumerate(rules)}),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def left_out(results: Sequence[FileResult]) -> str:
    """What to say of the findings that `render` leaves out; empty if it gives all."""
    count = sum(len(result.diagnostics) for result in results)
    if count <= MOST_RESULTS:
        return ""
    return f"{count - MOST_RESULTS} findings are left out, GitHub takes no more than {MOST_RESULTS}"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.documentation, "markdown": rule.documentation},
        "defaultConfiguration": {"enabled": rule.default, "level": "warning"},
    }


def _results(found: Sequence[_Found], indices: dict[str, int]) -> list[dict[str, Any]]:
    root = Path.cwd()
    made = []
    for document, diagnostic, mark in found:
        where = _artifact(document.path, root)
        result = {
            "ruleId": diagnostic.code,
            "ruleIndex": indices[diagnostic.code],
            "level": diagnostic.severity.value,
            "message": {"text": diagnostic.message},
            "locations": [_location(document, where, diagnostic.start, diagnostic.end)],
            "partialFingerprints": {_FINGERPRINT: mark},
        }
        if diagnostic.related:
            result["relatedLocations"] = [
                {
                    "id": number,
                    **_location(document, where, other.start, other.end),
                    "message": {"text": other.message},
                }
                for number, other in enumerate(diagnostic.related)
            ]
        if diagnostic.fix is not None and diagnostic.fix.applicability is not Applicability.DISPLAY:
            result["fixes"] = [_fix(document, where, diagnostic.fix)]
        made.append(result)
    return made


def _location(document: Document, where: dict[str, str], start: int, end: int) -> dict[str, Any]:
    region = _region(document, document.file_offset(start), document.file_offset(end))
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": where, "region": region}}
    if document.cells:
        location["logicalLocations"] = [{"name": f"cell {document.place(start).cell}"}]
    return location


def _region(document: Document, start: int, end: int) -> dict[str, int]:
    """A region of the file; the column that it ends before is counted as SARIF counts it, from 1."""
    first, last = document.file.location(start), document.file.location(end)
    return {
        "startLine": first.row,
        "startColumn": first.column + 1,
        "endLine": last.row,
        "endColumn": last.column + 1,
    }


def _fix(document: Document, where: dict[str, str], fix: Fix) -> dict[str, Any]:
    edits = sorted(map(document.file_edit, fix.edits), key=lambda edit: (edit.start, edit.end))
    return {
        "description": {"text": fix.message},
        "properties": {"applicability": fix.applicability.value},
        "artifactChanges": [
            {
                "artifactLocation": where,
                "replacements": [
                    {
                        "deletedRegion": _region(document, edit.start, edit.end),
                        "insertedContent": {"text": edit.content},
                    }
                    for edit in edits
                ],
            }
        ],
    }


def _artifact(path: str, root: Path) -> dict[str, str]:
    """The address of a file: relative to the current directory if it is in there."""
    relative = relative_path(path, root)
    if relative.startswith("../") or Path(relative).is_absolute():
        return {"uri": Path(os.path.abspath(path)).as_uri()}  # noqa: PTH100 - the name, not the link's target
    return {"uri": quote(os.fsencode(relative)), "uriBaseId": _ROOT}
