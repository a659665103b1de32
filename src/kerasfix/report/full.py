"""The `full` format: each finding with the lines around it, what is meant underlined, and the fix as help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.diagnostics import Applicability
from kerasfix.report.concise import headline
from kerasfix.report.terminal import columns, safe, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.batch import FileResult
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.report.style import Style
    from kerasfix.source.document import Document

CONTEXT = 2
_REMARKS = {
    Applicability.SAFE: "",
    Applicability.UNSAFE: " (unsafe fix)",
    Applicability.DISPLAY: " (not applied automatically)",
}


def render(results: Sequence[FileResult], style: Style) -> str:
    """All findings, an empty line after each."""
    return "".join(
        f"{headline(result.document, diagnostic, style)}\n{_excerpt(result.document, diagnostic, style)}\n"
        for result in results
        if result.document is not None
        for diagnostic in result.diagnostics
    )


def _excerpt(document: Document, diagnostic: Diagnostic, style: Style) -> str:
    row = document.location(diagnostic.start).row
    rows = _context(document, row)
    above = document.rows_around(row).start - 1
    margin = len(str(rows[-1] - above))
    bar = style.paint("|", fg="blue", bold=True)
    lines = [f"{'':{margin}} {bar}"]
    for number in rows:
        label = style.paint(f"{number - above:{margin}}", fg="blue", bold=True)
        lines.append(f"{label} {bar} {columns(document.line(number))}".rstrip())
        if number == row:
            lines.append(f"{'':{margin}} {bar} {style.paint(_underline(document, diagnostic), fg='red', bold=True)}")
    lines.append(f"{'':{margin}} {bar}")
    if diagnostic.fix is not None:
        lines.append(f"{'':{margin}} {style.paint('=', fg='blue', bold=True)} {_help(diagnostic.fix, style)}")
    return "".join(line + "\n" for line in lines)


def _context(document: Document, row: int) -> range:
    """The lines around `row`, without empty ones at the ends."""
    all_rows = document.rows_around(row)
    first, last = max(all_rows.start, row - CONTEXT), min(all_rows.stop - 1, row + CONTEXT)
    while first < row and not document.line(first).strip():
        first += 1
    while last > row and not document.line(last).strip():
        last -= 1
    return range(first, last + 1)


def _underline(document: Document, diagnostic: Diagnostic) -> str:
    """Carets under what the finding speaks of; of several lines, under the rest of the first one."""
    start, end = document.location(diagnostic.start), document.location(diagnostic.end)
    line = document.line(start.row)
    stop = end.column if end.row == start.row else len(line.rstrip())
    indent = width(columns(line[: start.column]))
    return " " * indent + "^" * max(1, width(columns(line[:stop])) - indent)


def _help(fix: Fix, style: Style) -> str:
    says_so = "(unsafe: " in fix.message  # and why
    remark = "" if says_so else _REMARKS[fix.applicability]
    return f"{style.paint('help', bold=True)}: {safe(fix.message)}{remark}"
