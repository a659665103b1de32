"""Where the sources of the cells stand in the JSON of a notebook, and how to change them and nothing else.

A notebook is written by Jupyter, Colab, VS Code and others, each with its own indentation, order of keys and escapes.
So the JSON is never written anew: an edit of a cell becomes an edit of the characters between the quotes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasfix.diagnostics import Edit
from kerasfix.source.document import OtherLanguageError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SPACE = re.compile(r"[ \t\r\n]*")
_CODE_POINT = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
"""What stands for one code point in a JSON string."""
_PYTHON = re.compile(r"i?python", re.IGNORECASE)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CellSource:
    """The source of one code cell: one string, or a list of strings whose joined text it is."""

    number: int
    """Of the cell among all cells of the notebook, from 1, as Jupyter shows them and Ruff counts them."""
    text: str
    strings: tuple[Span, ...]
    """Between the quotes of each."""
    parts: tuple[str, ...]
    line_break: str
    """What stands between two strings, the quotes included; empty where the source is one string."""

    def edit(self, notebook: str, start: int, end: int, content: str) -> Edit:
        """The edit of the JSON that replaces `start:end` of the source by `content`."""
        if not content and 0 < start < end == len(self.text) and self._starts_string(start):
            begin = self._place(notebook, start, behind=True)  # no empty string is left at the end
        else:
            begin = self._place(notebook, start, behind=start == len(self.text))
        stop = self._place(notebook, end, behind=end == len(self.text)) if end > start else begin
        lines = [_in_json(line, ascii_only=notebook.isascii()) for line in _LINE.findall(content)]
        new = self.line_break.join(lines)
        if self.line_break and content.endswith("\n") and end < len(self.text):
            new += self.line_break
        if self.line_break and content and start == len(self.text) and self.text.endswith("\n"):
            new = self.line_break + new
        return Edit(begin, stop, new)

    def place(self, notebook: str, offset: int) -> int:
        """Where the code point at `offset` of the source stands in the JSON."""
        return self._place(notebook, offset, behind=offset == len(self.text))

    def _starts_string(self, offset: int) -> bool:
        return any(offset == sum(map(len, self.parts[:index])) for index in range(1, len(self.parts)))

    def _place(self, notebook: str, offset: int, *, behind: bool) -> int:
        """Where an offset stands in the JSON: between two strings at the end of the first one, if `behind`."""
        for (start, end), part in zip(self.strings, self.parts, strict=True):
            if offset < len(part):
                pieces = _CODE_POINT.finditer(notebook, start, end)
                for _ in range(offset):
                    next(pieces)
                return next(pieces).start()
            offset -= len(part)
            if behind and not offset:
                return end
        raise ValueError("a place outside of the source")


def code_cells(notebook: str) -> list[CellSource]:
    """The code cells of a notebook of format 3 or 4, in their order.

    Raises:
        SourceError: it is not a notebook.
        OtherLanguageError: its language is not Python.
    """
    try:
        root = json.loads(notebook)
    except json.JSONDecodeError as error:
        raise SourceError(f"not a notebook, its JSON is broken at line {error.lineno}: {error.msg}") from error
    except RecursionError as error:
        raise SourceError("not a notebook, its JSON is nested too deeply") from error
    match root:
        case {"cells": [*_]} | {"worksheets": [*_]}:
            pass
        case _:
            raise SourceError("not a notebook: it has neither cells nor worksheets")
    language = _language(root.get("metadata"))
    if language and not _PYTHON.match(language):
        raise OtherLanguageError(f"its language is {language}")
    return list(_code_cells(notebook))


def _language(metadata: Any) -> str:
    """The language of a notebook or cell; empty if it says none."""
    match metadata:
        case {"language_info": {"name": str(name)}} if name:
            return name
        case {"kernelspec": {"language": str(name)}} | {"vscode": {"languageId": str(name)}}:
            return name
    return ""


def _code_cells(notebook: str) -> Iterator[CellSource]:
    for number, span in enumerate(_cells(notebook), start=1):
        cell = dict(_members(notebook, span[0]))
        spans = cell.get("source") or cell.get("input")
        if _value(notebook, cell.get("cell_type")) != "code" or spans is None:
            continue
        language = _language(_value(notebook, cell.get("metadata"))) or _value(notebook, cell.get("language"))
        if isinstance(language, str) and not _PYTHON.match(language):
            continue
        source = _source(notebook, number, spans, cell)
        if source is not None:
            yield source


def _cells(notebook: str) -> Iterator[Span]:
    root = dict(_members(notebook, _skip_space(notebook, 0)))
    if "cells" in root:
        yield from _elements(notebook, root["cells"][0])
        return
    for sheet, _ in _elements(notebook, root["worksheets"][0]):
        cells = dict(_members(notebook, sheet)).get("cells")
        if cells is not None:
            yield from _elements(notebook, cells[0])


def _source(notebook: str, number: int, span: Span, cell: Mapping[str, Span]) -> CellSource | None:
    value = _value(notebook, span)
    if isinstance(value, str):
        return CellSource(number, value, ((span[0] + 1, span[1] - 1),), (value,), "")
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        return None
    strings = list(_elements(notebook, span[0]))
    inside = tuple((start + 1, end - 1) for start, end in strings)
    return CellSource(number, "".join(value), inside, tuple(value), _line_break(notebook, span[0], strings))


def _line_break(notebook: str, start: int, strings: list[Span]) -> str:
    """What stands between the strings of a list, or would if it had a second one."""
    if len(strings) > 1:
        return notebook[strings[0][1] - 1 : strings[1][0] + 1]
    before = notebook[start + 1 : strings[0][0]] if strings else ""
    spaced = before or (" " if notebook[start - 1] == " " else "")
    return f'",{spaced}"'


def _in_json(text: str, *, ascii_only: bool) -> str:
    """A text as it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


# --- reading JSON that is known to be valid, with the places of its values ---------------------------------------


def _members(notebook: str, start: int) -> Iterator[tuple[str, Span]]:
    """The keys of the object at `start`, and where their values stand; none if it is no object."""
    if notebook[start] != "{":
        return
    at = _skip_space(notebook, start + 1)
    while notebook[at] != "}":
        key, at = _decode(notebook, at)
        value = _skip_space(notebook, _skip_space(notebook, at) + 1)
        _, end = _decode(notebook, value)
        yield key, (value, end)
        at = _skip_comma(notebook, end)


def _elements(notebook: str, start: int) -> Iterator[Span]:
    """Where the elements of the list at `start` stand; none if it is no list."""
    if notebook[start] != "[":
        return
    at = _skip_space(notebook, start + 1)
    while notebook[at] != "]":
        _, end = _decode(notebook, at)
        yield at, end
        at = _skip_comma(notebook, end)


def _value(notebook: str, span: Span | None) -> Any:
    return None if span is None else _decode(notebook, span[0])[0]


_DECODER = json.JSONDecoder()


def _decode(notebook: str, start: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(notebook, start)


def _skip_comma(notebook: str, at: int) -> int:
    at = _skip_space(notebook, at)
    return _skip_space(notebook, at + 1) if notebook[at] == "," else at


def _skip_space(notebook: str, at: int) -> int:
    match = _SPACE.match(notebook, at)
    assert match is not None, "space may be empty"
    return match.end()
