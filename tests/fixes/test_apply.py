"""Which fixes land together, what they make of the text, and the diff that shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfix.diagnostics import Applicability, Edit, Fix
from kerasfix.fixes.apply import OverlappingEditsError, apply_fixes, splice, unified_diff

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "abcdefghij"


def fix(*edits: tuple[int, int, str]) -> Fix:
    return Fix("", Applicability.SAFE, tuple(Edit(*edit) for edit in edits))


@pytest.mark.parametrize(
    ("fixes", "after", "taken"),
    [
        ([], TEXT, []),
        ([fix((1, 2, "B"))], "aBcdefghij", [0]),
        ([fix((8, 9, "I")), fix((0, 1, ""))], "bcdefghIj", [0, 1]),
        ([fix((0, 1, "A"), (8, 9, "I")), fix((4, 5, "E"))], "AbcdEfghIj", [0, 1]),
        # overlap: the first in the document, then the first given
        ([fix((2, 5, "X")), fix((1, 3, "Y"))], "aYdefghij", [1]),
        ([fix((1, 3, "X")), fix((1, 3, "Y"))], "aXdefghij", [0]),
        ([fix((0, 9, "")), fix((3, 4, ""))], "j", [0]),
        # all or none
        ([fix((1, 2, "B")), fix((1, 2, "X"), (5, 6, "F"))], "aBcdefghij", [0]),
        ([fix((1, 3, "")), fix((2, 4, ""), (8, 9, "")), fix((8, 9, "I"))], "adefghIj", [0, 2]),
        # an edit in common is made once
        ([fix((0, 0, "+"), (3, 4, "")), fix((0, 0, "+"), (6, 7, ""))], "+abcefhij", [0, 1]),
        ([fix((3, 5, "")), fix((3, 5, ""))], "abcfghij", [0, 1]),
        ([fix((3, 3, "x"), (3, 3, "x"))], "abcxdefghij", [0]),
        # other insertions at one place wait; within one fix they keep their order
        ([fix((3, 3, "x")), fix((3, 3, "y"))], "abcxdefghij", [0]),
        ([fix((3, 3, "z"), (3, 3, "y"))], "abczydefghij", [0]),
        # an insertion and a neighbour
        ([fix((3, 3, "x")), fix((3, 4, ""))], "abcxdefghij", [0]),
        ([fix((2, 3, "")), fix((3, 3, "x"))], "abdefghij", [0]),
        ([fix((3, 3, "x"), (3, 4, ""), (2, 3, ""))], "abxefghij", [0]),
        ([fix((2, 3, "")), fix((3, 4, ""))], "abefghij", [0, 1]),
        # nothing to do
        ([fix()], TEXT, []),
        ([fix((10, 10, "k"))], "abcdefghijk", [0]),
    ],
)
def test_fixes_that_can_land_do(fixes: list[Fix], after: str, taken: list[int]) -> None:
    result, landed = apply_fixes(TEXT, fixes)
    assert result == after
    assert [id(f) for f in landed] == [id(fixes[index]) for index in taken]


@pytest.mark.parametrize("edits", [[(1, 3, ""), (2, 4, "")], [(2, 2, "x"), (1, 3, "")], [(9, 11, "")], [(3, 2, "")]])
def test_a_fix_at_odds_with_itself_is_refused(edits: list[tuple[int, int, str]]) -> None:
    with pytest.raises(OverlappingEditsError, match="Edit"):
        apply_fixes(TEXT, [fix(*edits)])
    with pytest.raises(OverlappingEditsError, match="Edit"):
        splice(TEXT, [Edit(*edit) for edit in edits])


@st.composite
def fixes_of_a_text(draw: st.DrawFn) -> tuple[str, list[Fix]]:
    text = draw(st.text("abc\r\nü", max_size=20))
    fixes = []
    for _ in range(draw(st.integers(0, 6))):
        bounds = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=6)))
        pairs = zip(bounds[::2], bounds[1::2], strict=False)
        fixes.append(fix(*[(a, b, draw(st.sampled_from(["", "X", "YZ"]))) for a, b in pairs]))
    return text, fixes


@given(fixes_of_a_text())
def test_what_lands_is_what_would_be_made_one_edit_at_a_time(case: tuple[str, list[Fix]]) -> None:
    text, fixes = case
    after, taken = apply_fixes(text, fixes)
    first = sorted(taken, key=lambda one: min((edit.start for edit in one.edits), default=0))
    edits = list(dict.fromkeys(edit for one in first for edit in one.edits))
    expected = text
    for edit in sorted(edits, key=lambda e: (e.start, e.end))[::-1]:
        expected = expected[: edit.start] + edit.content + expected[edit.end :]
    assert after == expected


@given(fixes_of_a_text())
def test_a_fix_waits_only_for_one_that_landed(case: tuple[str, list[Fix]]) -> None:
    text, fixes = case
    _, taken = apply_fixes(text, fixes)
    landed = {id(one) for one in taken}
    made = [edit for one in taken for edit in one.edits]
    for one in fixes:
        in_the_way = [
            (edit, other)
            for edit in one.edits
            for other in made
            if edit != other and touch(edit, other) and edit not in made
        ]
        assert (id(one) in landed) != bool(in_the_way)
    assert apply_fixes(text, fixes[:1])[1] == fixes[:1]


def touch(edit: Edit, other: Edit) -> bool:
    if edit.start == edit.end or other.start == other.end:
        return edit.start <= other.end and other.start <= edit.end
    return bool(set(range(edit.start, edit.end)) & set(range(other.start, other.end)))


def test_many_fixes_take_no_more_than_one_pass_over_the_text() -> None:
    text = "x = 1\n" * 50_000
    fixes = [fix((0, 0, "import y\n"), (at + 4, at + 5, "2")) for at in range(0, len(text), 6)]
    after, taken = apply_fixes(text, fixes)
    assert after == "import y\n" + "x = 2\n" * 50_000
    assert len(taken) == 50_000


@pytest.mark.parametrize(
    ("before", "after", "diff"),
    [
        ("a\n", "a\n", ""),
        ("a\n", "b\n", "--- m.py\n+++ m.py\n@@ -1 +1 @@\n-a\n+b\n"),
        ("a", "b\n", "--- m.py\n+++ m.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"),
        ("a\nb", "c\nb", "--- m.py\n+++ m.py\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"),
        ("a\r\n", "b\r\n", "--- m.py\n+++ m.py\n@@ -1 +1 @@\n-a\r\n+b\r\n"),
        ("a\u2028\x0c\n", "b\n", "--- m.py\n+++ m.py\n@@ -1 +1 @@\n-a\u2028\x0c\n+b\n"),
        ("", "b\n", "--- m.py\n+++ m.py\n@@ -0,0 +1 @@\n+b\n"),
    ],
)
def test_a_diff_shows_what_changed(before: str, after: str, diff: str) -> None:
    assert unified_diff(before, after, "m.py") == diff


def test_a_path_with_a_space_ends_in_a_tab() -> None:
    assert unified_diff("", "b\n", "my m.py").startswith("--- my m.py\t\n+++ my m.py\t\n")


LINES = st.lists(st.sampled_from(["a\n", "b\n", "a\r\n", "\n", "é\r", "c\f\n"]), max_size=12)
TEXTS = st.builds(lambda lines, end: "".join(lines) + end, LINES, st.sampled_from(["", "", "end", "\r"]))


@given(TEXTS, TEXTS)
def test_a_diff_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    diff = unified_diff(before, after, "m.py")
    assert patched(before, diff) == after
    assert (diff == "") == (before == after)


def patched(before: str, diff: str) -> str:
    """What `patch` makes of a text and a diff of one file."""
    old = re.findall(r"[^\n]*\n|[^\n]+", before)
    new: list[str] = []
    at, kind = 0, " "
    for line in re.findall(r"[^\n]*\n", diff)[2:]:
        hunk = re.match(r"@@ -(\d+)(?:,(\d+))? ", line)
        if hunk:
            start = int(hunk[1]) - (hunk[2] != "0")
            new += old[at:start]
            at = start
        elif line.startswith("\\"):
            if kind != "-":
                new[-1] = new[-1].removesuffix("\n")
        else:
            kind = line[0]
            if kind != "+":
                assert old[at].removesuffix("\n") == line[1:].removesuffix("\n")
                at += 1
            if kind != "-":
                new.append(line[1:])
    return "".join(new + old[at:])


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(("before", "after"), [("a\r\nb", "a\r\nc\r\n"), ("a\n", "a"), ("é\rb\n", "é\rc\n")])
def test_git_applies_a_diff(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "my m.py"
    path.write_bytes(before.encode())
    diff = unified_diff(before, after, path.name).encode()
    git = ["git", "-c", "core.autocrlf=false", "apply", "-p0", "--whitespace=nowarn"]
    subprocess.run(git, cwd=tmp_path, input=diff, check=True)
    assert path.read_bytes() == after.encode()
