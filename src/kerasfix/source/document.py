"""One source file as text, with what is needed to write it back byte for byte.

Places inside kerasfix are offsets in code points into `Document.text`. This module turns them into rows and
columns, where a line is what Python's tokenizer calls one: it ends at LF, CR LF or CR, and at nothing else
(no form feed, no U+2028), unlike `str.splitlines`.
"""

from __future__ import annotations

import bisect
import codecs
import re
import tokenize
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LINE_END = re.compile(r"\r\n|\r|\n")
_TWO_LINES = re.compile(rb"([^\r\n]*(?:\r\n|\r|\n)?)([^\r\n]*(?:\r\n|\r|\n)?)")


class SourceError(Exception):
    """A file that cannot be read as Python source; the text says why, without the file's name."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a document: `row` counts from 1, `column` from 0 and in code points."""

    row: int
    column: int


@dataclass(frozen=True)
class Document:
    """The text of one file.

    `path` is how the file is shown to the reader. `text` is without the byte order mark, its line ends as
    they stand in the file. `raw` is what was read, None for a text that never was a file's content.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    raw: bytes | None = None

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

    def with_text(self, text: str) -> Document:
        """The same file with another text."""
        return replace(self, text=text, raw=None)

    def encode(self, text: str) -> bytes:
        """The bytes of a file that holds `text` in this file's encoding.

        Raises:
            SourceError: a character of `text` does not exist in that encoding.
        """
        try:
            encoded = text.encode(self.encoding)
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
        SourceError: the operating system refuses it.
    """
    try:
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
