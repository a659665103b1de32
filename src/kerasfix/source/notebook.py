"""A notebook as one program: its Python cells one below the other, and the way back from there into the file.

Rules, fixes and reports see a `Document`. That a model is built over several cells, or that an import stands in
another one, makes no difference to them.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kerasfix.source import gate, ipython
from kerasfix.source.document import Cell, Document, Location, SourceError
from kerasfix.source.notebook_json import code_cells

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerasfix.diagnostics import Edit
    from kerasfix.source.notebook_json import CellSource

_BORDER = "\n"
_ABOVE_INDENTED = "with _:\n"
"""Goes before a cell whose lines are all indented, which IPython takes as if they were not."""


@dataclass(frozen=True)
class Notebook(Document):
    """A notebook of format 3 or 4; `text` is that of its Python cells, as they are written."""

    json: str = ""
    sources: tuple[CellSource, ...] = ()
    """Those of `cells`, in their order."""

    @classmethod
    def from_bytes(cls, raw: bytes, path: str) -> Notebook:
        """Read the content of a file.

        Raises:
            SourceError: it is not a notebook.
            OtherLanguageError: its language is not Python.
        """
        bom = raw.startswith(codecs.BOM_UTF8)
        try:
            text = raw[len(codecs.BOM_UTF8) if bom else 0 :].decode()
        except UnicodeDecodeError as error:
            raise SourceError(f"not a notebook, its byte {error.start} is not valid utf-8") from error
        return replace(cls.from_text(text, path), bom=bom, raw=raw)

    @classmethod
    def from_text(cls, text: str, path: str) -> Notebook:
        """The same of its JSON, without a byte order mark."""
        sources = tuple(source for source in code_cells(text) if ipython.is_python(source.text))
        parts: list[str] = []
        cells = []
        at = 0
        for source in sources:
            border = (_BORDER if parts else "") + (_ABOVE_INDENTED if _is_indented(source.text) else "")
            parts += [border, source.text]
            at += len(border)
            cells.append(Cell(source.number, at, at + len(source.text)))
            at += len(source.text)
        return cls(path, "".join(parts), cells=tuple(cells), json=text, sources=sources)

    @property
    def program(self) -> str:
        """The text without what is not Python; as long as `text`, and every offset holds in both."""
        return self._masked[0].text

    @property
    def failures(self) -> tuple[gate.NotPython, ...]:
        """The syntax errors of cells that are left out."""
        return self._masked[1]

    @property
    def content(self) -> str:
        """The notebook's JSON."""
        return self.json

    @property
    def searchable(self) -> bytes:
        """The text's bytes: what a notebook shows as output is no part of the program."""
        return self.text.encode("utf-8", "surrogatepass")

    def may_edit(self, edit: Edit) -> bool:
        """Whether an edit is within one cell, and does not touch what is not Python."""
        masked = any(
            edit.start < end and start < edit.end if edit.start < edit.end else start < edit.start < end
            for start, end in self._masked[0].spans
        )
        return not masked and any(cell.start <= edit.start and edit.end <= cell.end for cell in self.cells)

    def edited(self, edits: Iterable[Edit]) -> Notebook:
        """The same notebook with these edits of its text made; no other character of the file is touched.

        Raises:
            ValueError: they overlap, or one is not within a cell.
        """
        from kerasfix.fixes.apply import splice

        edits = list(edits)
        changed = self.from_text(splice(self.json, map(self.file_edit, edits)), self.path)
        if changed.text != splice(self.text, edits):
            raise ValueError("the notebook would not hold what it should")
        return replace(changed, bom=self.bom)

    @cached_property
    def file(self) -> Document:
        """The notebook's JSON as a text."""
        return Document(self.path, self.json)

    def file_offset(self, offset: int) -> int:
        """Where a place of the text stands in the JSON."""
        index = self.cells.index(self._cell(offset))
        return self.sources[index].place(self.json, offset - self.cells[index].start)

    def file_edit(self, edit: Edit) -> Edit:
        """An edit of the text as one of the JSON.

        Raises:
            ValueError: it is not within a cell.
        """
        for cell, source in zip(self.cells, self.sources, strict=True):
            if cell.start <= edit.start and edit.end <= cell.end:
                return source.edit(self.json, edit.start - cell.start, edit.end - cell.start, edit.content)
        raise ValueError("an edit that is not within a cell")

    @cached_property
    def _masked(self) -> tuple[ipython.Masked, tuple[gate.NotPython, ...]]:
        """What Python reads, and what is not Python though it should be."""
        parts: list[str] = []
        spans: list[tuple[int, int]] = []
        failures = []
        at = 0
        for cell in self.cells:
            masked, failure = _python_of(self.text[cell.start : cell.end])
            parts += [self.text[at : cell.start], masked.text]
            spans += [(cell.start + start, cell.start + end) for start, end in masked.spans]
            if failure is not None:
                above = self.location(cell.start).row - 1
                location = Location(failure.location.row + above, failure.location.column)
                failures.append(replace(failure, location=location))
            at = cell.end
        return ipython.Masked("".join([*parts, self.text[at:]]), tuple(spans)), tuple(failures)


def _is_indented(cell: str) -> bool:
    """Whether a cell is Python only without the indentation of its first line."""
    if cell.lstrip("\r\n")[:1] not in (" ", "\t"):
        return False
    program = ipython.mask(cell).text
    return not _is_valid(program) and _is_valid(_ABOVE_INDENTED + program)


def _is_valid(program: str) -> bool:
    return not isinstance(gate.parse(program), gate.NotPython)


def _python_of(cell: str) -> tuple[ipython.Masked, gate.NotPython | None]:
    """A cell as Python, and why it is none if it is left out."""
    cell = gate.UNPARSABLE.sub("\ufffd", cell)
    masked = ipython.mask(cell)
    parsed = gate.parse(masked.text)
    if not isinstance(parsed, gate.NotPython) or _is_indented(cell):
        return masked, None
    if ipython.is_automatic_magic(cell):
        return ipython.mask_all(cell), None
    row = min(parsed.location.row, cell.count("\n") + 1)
    return ipython.mask_all(cell), replace(parsed, location=Location(row, parsed.location.column))
