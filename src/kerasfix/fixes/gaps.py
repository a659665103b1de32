"""Reading what stands between the elements of a call or a list: whitespace, newlines, comments, a comma.

An edit that respects a layout must know that layout, and most of it is in these gaps. They hold no code, so a
regular expression reads them; what counts as a newline here is what counts as one in Python (not `\\f`,
not `\\u2028`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

NEWLINE: Final = re.compile(r"\r\n|\n|\r")
SPACE: Final = " \t\f"
_PIECE: Final = re.compile(
    r"(?P<space>[ \t\f]+)|(?P<newline>\\?(?:\r\n|\n|\r))|(?P<comment>\#[^\r\n]*)|(?P<mark>.)", re.DOTALL
)

Kind = Literal["space", "newline", "comment", "mark", "code"]


class Piece(NamedTuple):
    """One token of a gap, and its offset. A backslash continuation is a newline; no gap itself has `code`."""

    kind: Kind
    text: str
    start: int = -1


def pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    """The tokens of `text[start:end]`, which must hold no string literal."""
    for match in _PIECE.finditer(text, start, end):
        yield Piece(match.lastgroup, match[0], match.start())  # type: ignore[arg-type]


def has_newline(text: str, start: int, end: int) -> bool:
    return NEWLINE.search(text, start, end) is not None


def find_mark(text: str, mark: str, start: int, end: int) -> int | None:
    """The offset of `mark` in a gap, not counting comments."""
    return next((p.start for p in pieces(text, start, end) if p.kind == "mark" and p.text == mark), None)


def line_start(text: str, offset: int) -> int:
    """Where the physical line that holds `offset` begins."""
    after_line_feed = text.rfind("\n", 0, offset) + 1
    return max(after_line_feed, text.rfind("\r", after_line_feed, offset) + 1)


def indentation(text: str, offset: int) -> str:
    """The whitespace with which the physical line that holds `offset` begins, up to `offset` at most."""
    start = line_start(text, offset)
    first = next(pieces(text, start, offset), None)
    return first.text if first is not None and first.kind == "space" else ""


def newline_near(text: str, offset: int) -> str:
    """The newline that ends the line of `offset`, or else the one before it, or else a line feed."""
    match = NEWLINE.search(text, offset)
    if match is not None:
        return match[0]
    start = line_start(text, offset)
    if text.endswith("\r\n", 0, start):
        return "\r\n"
    return text[start - 1] if start else "\n"
