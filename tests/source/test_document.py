from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfix.diagnostics import Edit
from kerasfix.source.document import Document, Location, SourceError, read_document

if TYPE_CHECKING:
    from pathlib import Path


def read(raw: bytes) -> Document:
    return Document.from_bytes(raw, "a.py")


@pytest.mark.parametrize(
    ("raw", "text", "encoding", "bom"),
    [
        (b"x = 1\n", "x = 1\n", "utf-8", False),
        (codecs.BOM_UTF8 + b"x = 1", "x = 1", "utf-8", True),
        (
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\r\n",
            "# -*- coding: latin-1 -*-\nx = 'é'\r\n",
            "iso-8859-1",
            False,
        ),
        (b"#!/usr/bin/python\n# vim: fileencoding=cp1252\n'\x80'", None, "cp1252", False),
        (
            b"# old Macintosh\r# coding: latin-1\r'\xe9'\r",
            "# old Macintosh\r# coding: latin-1\r'é'\r",
            "iso-8859-1",
            False,
        ),
        (
            "# coding: shift_jis\nx = 'モデル'\n".encode("shift_jis"),
            "# coding: shift_jis\nx = 'モデル'\n",
            "shift_jis",
            False,
        ),
        (b"", "", "utf-8", False),
    ],
)
def test_decodes_as_python_does_and_gives_the_bytes_back(
    raw: bytes, text: str | None, encoding: str, bom: bool
) -> None:
    document = read(raw)
    assert (document.encoding, document.bom) == (encoding, bom)
    if text is not None:
        assert document.text == text
    assert document.to_bytes() == raw


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"x = 1\r\ny = '\xe9'\n", "line 2 is not valid utf-8"),
        (b"# coding: latin-1\n\x00", "null bytes"),
        (b"# coding: no-such-thing\n", "unknown encoding"),
        (b"# coding: hex\n", "hex"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "encoding problem"),
    ],
)
def test_says_why_bytes_are_no_source(raw: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(raw)


def test_says_why_a_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a directory"):
        read_document(tmp_path)
    with pytest.raises(SourceError, match="no such file"):
        read_document(tmp_path / "missing.py")


def test_refuses_a_text_that_the_encoding_cannot_hold() -> None:
    with pytest.raises(SourceError, match="'→' cannot be written in iso-8859-1"):
        read(b"# coding: latin-1\n").edited([Edit(0, 0, "→")]).to_bytes()


def test_lines_are_those_of_the_tokenizer() -> None:
    document = Document("a.py", "a\nb\r\nc\rd\fe\u2028f\x0bg\n")
    lines = [document.line(row) for row in range(1, document.row_count + 1)]
    assert lines == ["a", "b", "c", "d\fe\u2028f\x0bg", ""]


def test_columns_are_code_points() -> None:
    document = Document("a.py", "x = 'é𝒳'; y = 1\n")
    assert document.location(document.text.index("y")) == Location(1, 10)


def test_a_place_beyond_the_end_is_held_within() -> None:
    document = Document("a.py", "ab\nc")
    assert document.offset(Location(1, 99)) == 2
    assert document.offset(Location(99, 99)) == 4
    assert document.location(4) == Location(2, 1)


@given(st.text(alphabet="a \n\r\u2028\fé𝒳"), st.data())
def test_place_and_offset_are_inverse(text: str, data: st.DataObject) -> None:
    document = Document("a.py", text)
    offset = data.draw(st.integers(0, len(text)))
    place = document.location(offset)
    line = document.line(place.row)
    inside = place.column <= len(line)
    assert document.offset(place) == (offset if inside else offset - 1)  # between CR and LF there is no place
    assert document.location(document.offset(place)).row == place.row
