"""The comments that `--add-noqa` writes, so that the findings of today are known at their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Edit
from kerasfix.rules import registry
from kerasfix.source import suppressions
from kerasfix.source.document import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kerasfix.diagnostics import Diagnostic
    from kerasfix.source.document import Document

_NEVER = {
    **dict.fromkeys(registry.FAILURES, "it is not a matter of one line"),
    registry.UNUSED_SUPPRESSION.code: "it is a comment that can go",
}
_BACKSLASH = "its line goes on behind a backslash"
_STRING = "its line ends within a string"
_MAGIC = "its line is not Python to its end"


@dataclass(frozen=True, slots=True)
class Comments:
    """The edits that write the comments, and where there are findings that no comment can suppress, with the reason."""

    edits: tuple[Edit, ...]
    impossible: tuple[str, ...]


def comments_for(document: Document, diagnostics: Iterable[Diagnostic]) -> Comments:
    """A `# noqa` for each line with findings, in the comment that is there or as a new one."""
    impossible: list[tuple[Diagnostic, str]] = []
    rows: dict[int, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        if reason := _NEVER.get(diagnostic.code):
            impossible.append((diagnostic, reason))
        else:
            rows.setdefault(document.location(diagnostic.start).row, []).append(diagnostic)
    comments = (
        {place.row: (place.column, text) for text, place in suppressions.comment_tokens(document)} if rows else {}
    )
    edits = {}
    for row, found in rows.items():
        edit = _edit(document, row, comments.get(row), sorted({diagnostic.code for diagnostic in found}))
        if row not in comments and document.line(row).endswith("\\"):
            impossible += [(diagnostic, _BACKSLASH) for diagnostic in found]
        elif document.may_edit(edit):
            edits[row] = edit
        else:
            impossible += [(diagnostic, _MAGIC) for diagnostic in found]
    for row in sorted(edits.keys() - _suppressed(document, list(edits.values()))):
        del edits[row]
        impossible += [(diagnostic, _STRING) for diagnostic in rows[row]]
    said = (
        f"{document.place(found.start)}: {found.code} cannot be suppressed: {reason}"
        for found, reason in sorted(impossible, key=lambda one: one[0].start)
    )
    return Comments(tuple(edits.values()), tuple(said))


def _edit(document: Document, row: int, comment: tuple[int, str] | None, codes: Sequence[str]) -> Edit:
    line = document.line(row)
    start = document.offset(Location(row, 0))
    if comment is not None:
        column, text = comment
        named = suppressions.NOQA.search(text)
        if named is not None and named["codes"]:
            at = start + column + named.start("codes") + len(named["codes"].rstrip(", \t"))
            return Edit(at, at, f", {', '.join(codes)}")
    end = len(line.rstrip())
    return Edit(start + end, start + len(line), f"  # noqa: {', '.join(codes)}")


def _suppressed(document: Document, edits: Sequence[Edit]) -> set[int]:
    """The rows that hold a comment once the edits are made: in a string, what looks like one is none."""
    return {comment.row for comment in suppressions.suppressions(document.edited(edits)) if comment.row is not None}
