from __future__ import annotations

from pathlib import Path

import pytest

from kerasfix.diagnostics import Diagnostic, Severity
from kerasfix.fingerprints import fingerprint, numbered, relative_path
from kerasfix.source.document import Document

TEXT = "import keras\nDense(\n    8, input_shape=(4,)\n)\n"


def mark(text: str, start: str = "Dense(", end: str = ")\n)", code: str = "KFX101") -> str:
    at = text.index(start)
    found = Diagnostic(code, "name", "message", Severity.WARNING, at, text.index(end, at) + len(end))
    return fingerprint(Document("a.py", text), found)


@pytest.mark.parametrize(
    "other",
    [
        "# more\n\n" + TEXT,
        TEXT.replace("    8", "\t8"),
        TEXT.replace("Dense(\n", "Dense(  \n"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace(",)\n", ",)  # noqa: E501\n"),
        TEXT.replace("Dense(\n", "Dense(# kerasfix: ignore[KFX204]\n"),
        TEXT + "more = 1\n",
    ],
)
def test_what_leaves_a_finding_the_same(other: str) -> None:
    end = ")\r\n)" if "\r" in other else ")  # noqa: E501\n)" if "noqa" in other else ")\n)"
    assert mark(other, end=end) == mark(TEXT)


@pytest.mark.parametrize("other", [TEXT.replace("8", "9"), TEXT.replace("(4,)\n", "(4,), name='a')\n")])
def test_what_makes_it_another_one(other: str) -> None:
    assert mark(other) != mark(TEXT)
    assert mark(TEXT, code="KFX204") != mark(TEXT)


def test_a_finding_that_ends_with_its_line_does_not_take_the_next_one() -> None:
    assert mark("f(x)\ng(y)\n", "f", "\n") == mark("f(x)\nother\n", "f", "\n")


def test_equal_ones_are_counted() -> None:
    document = Document("a.py", "f(x)\nf(x)\ng(x)\n")
    found = [Diagnostic("KFX101", "name", "message", Severity.WARNING, at, at + 4) for at in (0, 5, 10)]
    first, second, third = (mark.rpartition(":") for _, mark in numbered(document, found))
    assert first[0] == second[0] != third[0]
    assert [first[2], second[2], third[2]] == ["1", "2", "1"]


def test_paths_are_those_that_a_directory_sees() -> None:
    here = Path.cwd()
    assert relative_path("src/../a.py", here) == "a.py"
    assert relative_path(str(here / "b" / "a.py"), here) == "b/a.py"
    assert relative_path("a.py", here / "sub") == "../a.py"
