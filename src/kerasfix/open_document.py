"""What an editor has open, as kerasfix reads it, and the way back to places and edits as the editor counts them.

kerasfix counts code points in one text. An editor counts lines from 0 and, within a line, UTF-16 units or whatever it
agreed on with the server; and each cell of a notebook is a text document of its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from kerasfix.diagnostics import Edit, Severity
from kerasfix.source.document import Document, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pygls.workspace import PositionCodec

    from kerasfix.diagnostics import Diagnostic

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One text document of the editor, as it was at one moment: a file, or a cell of a notebook."""

    uri: str
    version: int | None
    text: str
    python: bool
    """Whether it is Python; a cell may be prose, or in another language."""


@dataclass(frozen=True)
class OpenDocument:
    """A file or notebook of the editor, as it was at one moment. `codec` knows the units of the editor's columns."""

    path: str
    parts: tuple[Part, ...]
    notebook: bool
    codec: PositionCodec

    @property
    def searchable(self) -> bytes:
        """Bytes that hold every word of the program."""
        return "\n".join(part.text for part in self.parts if part.python).encode("utf-8", "surrogatepass")

    @cached_property
    def document(self) -> Document:
        """The document as the rest of kerasfix sees it."""
        if not self.notebook:
            return Document(self.path, self.parts[0].text)
        from kerasfix.source.notebook import Notebook

        cells: list[dict[str, Any]] = [
            {"cell_type": "code" if part.python else "markdown", "metadata": {}, "source": part.text}
            for part in self.parts
        ]
        return Notebook.from_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}), self.path)

    def location(self, start: int, end: int) -> types.Location:
        """The code points `start:end` of the document; of several cells, what is in the first one."""
        part, first = self._position(start)
        other, last = self._position(end)
        return types.Location(part.uri, types.Range(first, last if other is part else first))

    def offset(self, uri: str, position: types.Position) -> int | None:
        """The inverse: where a place in one of the editor's text documents is; None if it is no Python."""
        above = 0
        if self.notebook:
            cell = next((cell for cell in self.document.cells if self.parts[cell.number - 1].uri == uri), None)
            if cell is None:
                return None
            above = self.document.location(cell.start).row - 1
        row = min(above + position.line + 1, self.document.row_count)
        units = types.Position(0, position.character)
        column = self.codec.position_from_client_units([self.document.line(row)], units).character
        return self.document.offset(Location(row, column))

    def diagnostics(self, found: Iterable[Diagnostic], *, related: bool) -> dict[str, list[types.Diagnostic]]:
        """Findings by the text document they are in, of which each has an entry; with `related`, the places that they
        have to do with."""
        by_uri: dict[str, list[types.Diagnostic]] = {part.uri: [] for part in self.parts}
        for diagnostic in found:
            uri = self.location(diagnostic.start, diagnostic.end).uri
            by_uri[uri].append(self.diagnostic(diagnostic, related=related))
        return by_uri

    def diagnostic(self, found: Diagnostic, *, related: bool) -> types.Diagnostic:
        """One finding as editors show it."""
        others = [
            types.DiagnosticRelatedInformation(self.location(other.start, other.end), other.message)
            for other in found.related
        ]
        return types.Diagnostic(
            range=self.location(found.start, found.end).range,
            message=found.message,
            severity=_SEVERITIES[found.severity],
            code=found.code,
            source="kerasfix",
            related_information=others if related and others else None,
        )

    def workspace_edit(self, edits: Iterable[Edit], *, versioned: bool) -> types.WorkspaceEdit:
        """Edits of the document as the editor makes them; if `versioned`, of this version only."""
        changes: dict[str, list[types.TextEdit]] = {}
        for edit in sorted(edits):
            location = self.location(edit.start, edit.end)
            changes.setdefault(location.uri, []).append(types.TextEdit(location.range, edit.content))
        if not versioned:
            return types.WorkspaceEdit(changes=changes)
        versions = {part.uri: part.version for part in self.parts}
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, versions[uri]), list(made))
                for uri, made in changes.items()
            ]
        )

    def edits_to(self, fixed: Document) -> Iterator[Edit]:
        """The edits, line by line, that make this document the other one, which has the same cells."""
        if not self.notebook:
            yield from _difference(self.document.text, fixed.text, 0)
        for old, new in zip(self.document.cells, fixed.cells, strict=True):
            before, after = self.document.text[old.start : old.end], fixed.text[new.start : new.end]
            yield from _difference(before, after, old.start)

    def _position(self, offset: int) -> tuple[Part, types.Position]:
        place = self.document.place(offset)
        before = self.document.line(self.document.location(offset).row)[: place.column]
        part = self.parts[0 if place.cell is None else place.cell - 1]
        return part, types.Position(max(place.row - 1, 0), self.codec.client_num_units(before))


def _difference(before: str, after: str, start: int) -> Iterator[Edit]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    places = [start]
    for line in old:
        places.append(places[-1] + len(line))
    for tag, first, last, new_first, new_last in SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield Edit(places[first], places[last], "".join(new[new_first:new_last]))


class EditorText(TextDocument):
    """A text whose lines end where editors end them; pygls itself ends one at a form feed too, and would make a
    change behind it in the wrong place."""

    @property
    def lines(self) -> Sequence[str]:
        return tuple(_LINE.findall(self.source))


class EditorWorkspace(Workspace):
    """What is open, each text with the lines that the editor sees in it."""

    def _create_text_document(
        self, doc_uri: str, source: str | None = None, version: int | None = None, language_id: str | None = None
    ) -> TextDocument:
        kind, codec = self._sync_kind, self.position_codec
        return EditorText(doc_uri, source, version, language_id, sync_kind=kind, position_codec=codec)
