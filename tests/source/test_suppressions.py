from __future__ import annotations

import pytest

from kerasfix.diagnostics import Diagnostic, Severity
from kerasfix.source.document import Document
from kerasfix.source.suppressions import filter_diagnostics

ENABLED = frozenset({"KFX101", "KFX204"})
WITH_UNUSED = ENABLED | {"KFX900"}


def finding(text: str, code: str = "KFX101", at: str = "BAD") -> Diagnostic:
    start = text.index(at)
    return Diagnostic(code, "a-name", "a message", Severity.WARNING, start, start + len(at))


def kept(text: str, code: str = "KFX101", enabled: frozenset[str] = ENABLED) -> list[str]:
    document = Document("a.py", text)
    return [left.code for left in filter_diagnostics(document, [finding(text, code)], enabled)]


@pytest.mark.parametrize(
    "line",
    [
        "BAD  # noqa",
        "BAD  #noqa",
        "BAD  # NOQA",
        "BAD  # noqa: KFX101",
        "BAD  # noqa:kfx101",
        "BAD  # noqa: E501,KFX101",
        "BAD  # noqa: E501 KFX101",
        "BAD  # noqa: KFX1",
        "BAD  # type: ignore # noqa: KFX101",
        "BAD  # kerasfix: ignore",
        "BAD  # kerasfix: ignore[KFX101]",
        "BAD  # kerasfix:ignore[kfx204, kfx101] because",
        "BAD  # kerasfix: ignore[KFX]",
        "x = 1  # kerasfix: skip-file\nBAD",
        "BAD\r\n# kerasfix: skip-file\r\n",
        "# flake8: noqa\nBAD",
        "# flake8: noqa: KFX101\nBAD",
        "x = '''\n''' ; BAD # noqa\n",
        "é = 'é𝒳'; BAD  # noqa: KFX101",
    ],
)
def test_suppressed(line: str) -> None:
    assert kept(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "BAD",
        "BAD  # noqa: E501",
        "BAD  # noqa: KFX102",
        "BAD  # kerasfix: ignore[KFX204]",
        "BAD  # kerasfix: ignore[]",
        "BAD  # kerasfix: ignored",
        "BAD\n# noqa",
        "BAD; x = '# noqa'",
        "BAD(\n  3,  # noqa\n)",
        "'''\n# kerasfix: skip-file\n'''\nBAD",
        "# flake8: noqa: E501\nBAD",
        "x = 1  # flake8: noqa: because\nBAD",
    ],
)
def test_not_suppressed(line: str) -> None:
    assert kept(line) == ["KFX101"]


@pytest.mark.parametrize("code", ["KFX000", "KFX999"])
def test_a_failure_is_suppressed_for_a_whole_file_only(code: str) -> None:
    assert kept("BAD  # noqa", code) == [code]
    assert kept("# kerasfix: skip-file\nBAD", code) == []


def test_comments_before_a_syntax_error_count() -> None:
    assert kept("# kerasfix: skip-file\nprint 'x'\n    BAD ((\n", "KFX000") == []


def unused(text: str) -> list[str]:
    document = Document("a.py", text)
    found = [finding(text)] if "BAD" in text else []
    return [left.message for left in filter_diagnostics(document, found, WITH_UNUSED) if left.code == "KFX900"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("good  # noqa: KFX101", "KFX101"),
        ("BAD  # noqa: KFX101, KFX204", "KFX204"),
        ("good  # kerasfix: ignore", "this comment"),
        ("good  # kerasfix: ignore[KFX1, KFX2]", "KFX1, KFX2"),
        ("good  # kerasfix: ignore[KFX777]", "KFX777"),
        ("good  # kerasfix: ignore[E501]", "E501"),
    ],
)
def test_an_unused_suppression_is_reported_where_asked_for(text: str, names: str) -> None:
    assert unused(text) == [f"{names} suppresses nothing here"]
    assert filter_diagnostics(Document("a.py", "good  # noqa: KFX101"), [], ENABLED) == []


@pytest.mark.parametrize(
    "text",
    [
        "BAD  # noqa: KFX101",
        "BAD  # kerasfix: ignore",
        "good  # noqa",
        "good  # noqa: E501",
        "good  # kerasfix: ignore[KFX999]",
        "good  # noqa: KFX101\n# kerasfix: skip-file",
    ],
)
def test_a_useful_or_foreign_suppression_is_not(text: str) -> None:
    assert unused(text) == []
