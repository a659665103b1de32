"""The checks around a fix run, with a stand-in for kerasfix that does what each test needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kerasfix_run
import pytest
from fix_invariants import Report, check_repository, main
from kerasfix_run import Finding, Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD = "from keras.layers import Dense\nm.add(Dense(4, input_dim=3))\n"
NEW = "from keras.layers import Dense, Input\nm.add(Input(shape=(3,)))\nm.add(Dense(4))\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "owner__name"
    folder.mkdir()
    (folder / "old.py").write_text(OLD)
    (folder / "plain.py").write_text("x = 1\n")
    return folder


def stand_in(monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], list[Finding]]) -> None:
    def check(folder: Path, *options: str) -> Run:
        assert "--fix" in options
        return Run(act(folder), 0, "", 0.25)

    monkeypatch.setattr(kerasfix_run, "check", check)


def test_a_right_fix_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fix(folder: Path) -> list[Finding]:
        (folder / "old.py").write_text(NEW)
        return []

    stand_in(monkeypatch, fix)
    diffs = tmp_path / "diffs"
    assert main([str(repository), "--diffs-to", str(diffs), "--sample", "3"]) == 0
    printed = capsys.readouterr().out
    assert "2 files, 1 changed" in printed and "broken invariants: 0" in printed
    assert "+m.add(Input(shape=(3,)))" in printed
    assert [path.name for path in diffs.iterdir()] == ["owner__name__old.py.diff"]
    assert (repository / "old.py").read_text() == OLD  # only the copy is fixed


def broken(monkeypatch: pytest.MonkeyPatch, repository: Path, act: Callable[[Path], list[Finding]]) -> str:
    stand_in(monkeypatch, act)
    report = Report()
    check_repository(repository, report)
    return "\n".join(report.broken)


def test_a_second_change_is_noticed(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    def fix(folder: Path) -> list[Finding]:
        with (folder / "plain.py").open("a") as file:
            file.write("# more\n")
        return []

    assert "plain.py: a second run changed the file again" in broken(monkeypatch, repository, fix)


def test_a_safe_fix_that_is_left_is_noticed(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    def fix(folder: Path) -> list[Finding]:
        path = folder / "old.py"
        return [
            Finding("KFX101", "left here", path, (2, 1), (2, 5), "safe", ""),
            Finding("KFX101", "not this", path, (2, 1), (2, 5), "unsafe", ""),
        ]

    problems = broken(monkeypatch, repository, fix)
    assert "old.py:2: left: KFX101 left here" in problems
    assert "not this" not in problems


def test_an_unexplained_change_is_noticed(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    def fix(folder: Path) -> list[Finding]:
        (folder / "plain.py").write_text("x = 2\n")
        return []

    assert "plain.py:1: value of Constant: 1 became 2" in broken(monkeypatch, repository, fix)


def test_stray_files_are_noticed(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    def fix(folder: Path) -> list[Finding]:
        (folder / ".old.py.tmp").write_text("")
        return []

    assert "a new file .old.py.tmp" in broken(monkeypatch, repository, fix)


def test_a_failed_run_is_noticed(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    monkeypatch.setattr(kerasfix_run, "check", lambda *_: Run([], 1, "Traceback (most recent...", 0))
    report = Report()
    check_repository(repository, report)
    assert len(report.broken) == 2 and not report.kinds
