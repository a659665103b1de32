"""What `--diff` shows: the fixes as a unified diff that `patch` and `git apply` take."""

from __future__ import annotations

import difflib
from pathlib import PurePath
from typing import TYPE_CHECKING

from kerasfix.report.terminal import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.batch import FileResult
    from kerasfix.report.style import Style
    from kerasfix.source.document import Document

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def render(results: Sequence[FileResult], style: Style) -> str:
    """The changes of all files. Without colour, to the letter; with colour, it is meant for a terminal's
    reader."""
    return "".join(
        _painted(line, style)
        for result in results
        if result.before is not None and result.document is not None
        for line in _diff(result.before, result.document)
    )


def _diff(before: Document, after: Document) -> Iterator[str]:
    # difflib gives the last line of a file without a line end as it is, and patch must be told.
    path = PurePath(before.path).as_posix()
    for line in difflib.unified_diff(_lines(before), _lines(after), f"a/{path}", f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(document: Document) -> list[str]:
    """The lines with their ends, as `patch` sees them: only a line feed ends one."""
    *lines, rest = document.text.split("\n")
    return [*(line + "\n" for line in lines), *([rest] if rest else [])]


def _painted(line: str, style: Style) -> str:
    if not style.colour:
        return line
    colour = None if line.startswith(("+++", "---")) else _COLOURS.get(line[0])
    ending = "\n" if line.endswith("\n") else ""
    return style.paint(safe(line.rstrip("\r\n")), fg=colour) + ending
