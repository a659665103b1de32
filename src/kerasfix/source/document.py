"""One source file as text, with what is needed to write it back byte for byte.

Places inside kerasfix are offsets in code points into `Document.text`. This module turns them into rows and
columns, where a line is what Python's tokenizer calls one: it ends at LF, CR LF or CR, and at nothing else
(no form feed, no U+2028), unlike `str.splitlines`.
"""

from __future__ import annotations

import bisect
import codecs
import re
import stat
import tokenize
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kerasfix.diagnostics import Edit, Fix
    from kerasfix.source.gate import NotPython

_LINE_END = re.compile(r"\r\n|\r|\n")
_TWO_LINES = re.compile(rb"([^\r\n]*(?:\r\n|\r|\n)?)([^\r\n]*(?:\r\n|\r|\n)?)")

LARGEST_FILE = 256 << 20
"""In bytes: some notebooks are large by what they show."""


class SourceError(Exception):
    """A file that cannot be read as Python source; the text says why, without the file's name."""


class OtherLanguageError(Exception):
    """A notebook that is not in Python, and so none of kerasfix's business; the text says so, without its name."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a document: `row` counts from 1, `column` from 0 and in code points."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Where the source of one cell of a notebook stands in the notebook's text."""

    number: int
    """Among all cells of the notebook, from 1."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the reader looks for it: in a notebook, rows count within their cell."""

    row: int
    """From 1."""
    column: int
    """From 0, in code points."""
    cell: int | None = None
    """The number of the cell, None in a file that is no notebook."""

    def __str__(self) -> str:
        """`row:column`, in a notebook `cell 3:row:column`, the column counted from 1."""
        place = f"{self.row}:{self.column + 1}"
        return place if self.cell is None else f"cell {self.cell}:{place}"

    @property
    def line(self) -> str:
        """The line in words."""
        return f"line {self.row}" if self.cell is None else f"line {self.row} of cell {self.cell}"


@dataclass(frozen=True)
class Document:
    """The text of one file.

    `path` is how the file is shown to the reader. `text` is without the byte order mark, its line ends as
    they stand in the file. `raw` is what was read, None for a text that never was a file's content. `cells` are
    those of a notebook (see `kerasfix.source.notebook`).
    """

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    raw: bytes | None = None
    cells: tuple[Cell, ...] = ()

    @classmethod
    def from_bytes(cls, raw: bytes, path: str) -> Document:
        """Decode as Python does: byte order mark, PEP 263 cookie, or else UTF-8.

        Raises:
            SourceError: the bytes are not in their encoding, the encoding is unknown, or there is a null
            byte.
        """
        encoding = _encoding(raw)
        bom = raw.startswith(codecs.BOM_UTF8)
        try:
            text = raw[len(codecs.BOM_UTF8) if bom else 0 :].decode(encoding)
        except UnicodeDecodeError as error:
            row = len(_LINE_END.findall(raw[: error.start].decode("latin-1"))) + 1
            raise SourceError(f"line {row} is not valid {encoding}: {error.reason}") from error
        except (LookupError, UnicodeError) as error:
            raise SourceError(str(error)) from error
        if "\0" in text:
            raise SourceError("the file contains null bytes, it is no Python source")
        return cls(path, text, encoding, bom, raw)

    @property
    def program(self) -> str:
        """What Python reads: as long as `text`, and every offset holds in both."""
        return self.text

    @property
    def failures(self) -> tuple[NotPython, ...]:
        """The parts that are not Python and do not keep the rest from being read."""
        return ()

    @property
    def content(self) -> str:
        """The text of the file."""
        return self.text

    @property
    def searchable(self) -> bytes:
        """Bytes that hold every word of the program."""
        return self.text.encode("utf-8", "surrogatepass") if self.raw is None else self.raw

    def may_edit(self, edit: Edit) -> bool:
        """Whether an edit stays within what can be changed at once."""
        return True

    def reachable(self, fix: Fix) -> Fix | None:
        """The fix as it can be made here; None if it cannot be."""
        return fix if all(map(self.may_edit, fix.edits)) else None

    def edited(self, edits: Iterable[Edit]) -> Document:
        """The same file with these edits made.

        Raises:
            OverlappingEditsError: they overlap, or leave the text.
        """
        from kerasfix.fixes.apply import splice

        return replace(self, text=splice(self.text, edits), raw=None)

    def to_bytes(self) -> bytes:
        """The bytes of the file in its encoding.

        Raises:
            SourceError: a character does not exist in that encoding.
        """
        try:
            encoded = self.content.encode(self.encoding)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise SourceError(f"{character!r} cannot be written in {self.encoding}") from error
        return codecs.BOM_UTF8 + encoded if self.bom else encoded

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @property
    def row_count(self) -> int:
        """The number of lines; what follows the last line end is one, even if empty."""
        return len(self._line_starts)

    def location(self, offset: int) -> Location:
        """Where the code point at `offset` stands; the end of the text is a place too."""
        row = bisect.bisect_right(self._line_starts, offset)
        return Location(row, offset - self._line_starts[row - 1])

    def place(self, offset: int) -> Place:
        """The same as the reader looks for it."""
        location = self.location(offset)
        cell = self._cell(offset)
        if cell is None:
            return Place(location.row, location.column)
        return Place(location.row - self.location(cell.start).row + 1, location.column, cell.number)

    @property
    def file(self) -> Document:
        """The text of the file itself, of which a notebook's JSON is one."""
        return self

    def file_offset(self, offset: int) -> int:
        """Where a place of the text stands in the file."""
        return offset

    def file_edit(self, edit: Edit) -> Edit:
        """An edit of the text as one of the file."""
        return edit

    def file_row(self, offset: int) -> int:
        """The line of the file, from 1, in which a place of the text stands."""
        return self.file.location(self.file_offset(offset)).row

    def rows_around(self, row: int) -> range:
        """The rows that belong together with this one: those of its cell, or of the file."""
        cell = self._cell(self._line_starts[row - 1])
        if cell is None:
            return range(1, self.row_count + 1)
        return range(self.location(cell.start).row, self.location(cell.end).row + 1)

    def _cell(self, offset: int) -> Cell | None:
        """The cell that holds an offset, the one before it if none does."""
        index = bisect.bisect_right(self.cells, offset, key=lambda cell: cell.start)
        return self.cells[max(index - 1, 0)] if self.cells else None

    def offset(self, location: Location) -> int:
        """The inverse of `location`, held within the document and the line."""
        row = min(max(location.row, 1), self.row_count)
        start = self._line_starts[row - 1]
        return start + min(max(location.column, 0), len(self.line(row)))

    def line(self, row: int) -> str:
        """The line of this number, without its end."""
        start = self._line_starts[row - 1]
        end = self._line_starts[row] if row < self.row_count else len(self.text)
        line = self.text[start:end]
        return line[: -len(ending)] if (ending := _line_ending(line)) else line


def read_document(path: Path, display: str | None = None) -> Document:
    """The document of a file, shown as `display` (the path as given, if None).

    Raises:
        SourceError: the file cannot be read or decoded.
    """
    return Document.from_bytes(read_bytes(path), str(path) if display is None else display)


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        SourceError: it is no file that has an end, or too large, or the operating system refuses it.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise SourceError("not a regular file; what comes from a pipe is read as -")
        if status.st_size > LARGEST_FILE:
            raise SourceError(f"too large, of {status.st_size >> 20:,} MiB; kerasfix reads up to {LARGEST_FILE >> 20}")
        return path.read_bytes()
    except OSError as error:
        raise SourceError((error.strerror or type(error).__name__).lower()) from error


def _line_ending(line: str) -> str:
    if line.endswith("\r\n"):
        return "\r\n"
    return line[-1:] if line.endswith(("\n", "\r")) else ""


def _encoding(raw: bytes) -> str:
    """The name of the encoding, the byte order mark left out of it."""
    lines = _TWO_LINES.match(raw)
    assert lines is not None, "both of its lines may be empty"
    try:
        name, _ = tokenize.detect_encoding(iter(lines.groups()).__next__)
    except SyntaxError as error:
        raise SourceError(error.msg) from error
    return "utf-8" if name == "utf-8-sig" else name
