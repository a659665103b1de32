"""What `--diff` shows: the fixes as a unified diff that `patch` and `git apply` take.

Of a notebook it shows each changed cell as a file of its own: the diff of its JSON would say little to a reader.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from kerasfix.fixes.apply import unified_diff
from kerasfix.report.terminal import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.batch import FileResult
    from kerasfix.report.style import Style
    from kerasfix.source.document import Document

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def render(results: Sequence[FileResult], style: Style) -> str:
    """The changes of all files: to the letter, unless they are for a terminal."""
    return "".join(
        _painted(line, style)
        for result in results
        if result.before is not None and result.document is not None
        for line in _diff(result.before, result.document)
    )


def _diff(before: Document, after: Document) -> Iterator[str]:
    path = PurePath(before.path).as_posix()
    if not before.cells:
        text = unified_diff(before.text, after.text, path)
    else:
        text = "".join(
            unified_diff(before.text[was.start : was.end], after.text[now.start : now.end], f"{path}:cell {was.number}")
            for was, now in zip(before.cells, after.cells, strict=True)
        )
    return (f"{line}\n" for line in text.split("\n")[:-1])


def _painted(line: str, style: Style) -> str:
    if not style.terminal:
        return line
    colour = None if line.startswith(("+++", "---")) else _COLOURS.get(line[0])
    ending = "\n" if line.endswith("\n") else ""
    return style.paint(safe(line.rstrip("\r\n")), fg=colour) + ending
