"""Findings that are remembered are those that would be found again, and never more than shown."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from kerasfix import engine, findings_cache
from kerasfix.cache import Cache
from kerasfix.cli import main
from kerasfix.config import Settings
from kerasfix.engine import inspect_whole
from kerasfix.findings_cache import Findings
from kerasfix.rules.selection import Selection
from kerasfix.source.document import Document
from kerasfix.target import InputStyle, TargetKeras

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
import keras
from keras import layers

left = keras.Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(2, input_dim=5)])
right = keras.Sequential([layers.Dense(4, input_dim=3), layers.Dense(2)])
flat = keras.Sequential([keras.Input(shape=(28, 28)), layers.Conv2D(4, 3)])
"""
FIXED = "left = keras.Sequential([layers.Input(shape=(3,)), "


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    return Findings(Cache(tmp_path / "cache"))


def entry(directory: Path) -> Path:
    """The one file with findings."""
    (path,) = directory.rglob("*.json")
    return path


def test_what_is_remembered_is_what_was_found(findings: Findings) -> None:
    settings, raw = Settings(), SOURCE.encode()
    seen = inspect_whole(Document.from_bytes(raw, "a.py"), settings)
    assert any(one.fix for one in seen.diagnostics) and any(one.related for one in seen.diagnostics)
    assert findings.get("a.py", raw, settings) is None
    findings.put("a.py", raw, settings, seen)
    assert findings.get("a.py", raw, settings) == seen


def test_it_holds_for_one_content_one_choice_of_rules_and_one_kerasfix(
    findings: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, raw = Settings(), SOURCE.encode()
    findings.put("a.py", raw, settings, inspect_whole(Document.from_bytes(raw, "a.py"), settings))
    others = [
        replace(settings, target=TargetKeras.KERAS3),
        replace(settings, input_style=InputStyle.INPUT_LAYER),
        replace(settings, selections=(Selection(ignore=("KFX101",)),)),
        replace(settings, per_file_ignores=(("a.py", ("KFX101",)),)),
    ]
    assert findings.get("a.py", raw, settings)
    assert not findings.get("a.py", raw + b" ", settings)
    assert not findings.get("b.py", raw, settings)
    assert not any(findings.get("a.py", raw, other) for other in others)
    monkeypatch.setattr(findings_cache, "_made_by", lambda: "another")
    assert not findings.get("a.py", raw, settings)


def test_a_file_has_one_entry(findings: Findings, tmp_path: Path) -> None:
    for number in range(3):
        raw = SOURCE.encode() + b"#" * number
        findings.put("a.py", raw, Settings(), inspect_whole(Document.from_bytes(raw, "a.py"), Settings()))
    assert entry(tmp_path / "cache")


def test_a_failure_of_kerasfix_is_not_remembered(findings: Findings) -> None:
    failed = replace(inspect_whole(Document("a.py", ""), Settings()), diagnostics=(engine.internal_error("no"),))
    findings.put("a.py", b"", Settings(), failed)
    assert findings.get("a.py", b"", Settings()) is None


@pytest.mark.parametrize(
    "forged",
    [
        {"found": None},
        {"found": [1]},
        {"found": [{"code": "KFX101"}]},
        {"reached": 7},
        {"found.code": 3},
        {"found.severity": "fatal"},
        {"found.start": -1},
        {"found.end": 10**9},
        {"found.start": "0"},
        {"found.fix": {"message": "", "applicability": "safe", "edits": [{"start": 0, "end": 10**9, "content": ""}]}},
        {"found.fix": {"message": "", "applicability": "certain", "edits": []}},
        {"found.fix": []},
        {"found.related": 3},
    ],
)
def test_an_entry_that_is_none_of_ours_counts_as_absent(
    findings: Findings, tmp_path: Path, forged: dict[str, Any]
) -> None:
    settings, raw = Settings(), SOURCE.encode()
    findings.put("a.py", raw, settings, inspect_whole(Document.from_bytes(raw, "a.py"), settings))
    path = entry(tmp_path / "cache")
    content = json.loads(path.read_text())
    ((key, value),) = forged.items()
    where = content if "." not in key else content["found"][0]
    where[key.rpartition(".")[2]] = value
    path.write_text(json.dumps(content))
    assert findings.get("a.py", raw, settings) is None


class TestCommandLine:
    @pytest.fixture(autouse=True)
    def project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "a.py").write_text(SOURCE)
        (tmp_path / "clean.py").write_text("import keras\n\nkeras.Sequential([keras.Input(shape=(3,))])\n")
        (tmp_path / "none.py").write_text("import torch\n")

    def check(self, *options: str) -> Result:
        return CliRunner().invoke(main, ["check", *options])

    def test_a_second_run_says_the_same_and_looks_at_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = self.check()
        assert "KFX101" in first.output
        assert len(list((tmp_path / ".kerasfix_cache/findings").rglob("*.json"))) == 2
        monkeypatch.setattr(engine, "inspect_whole", None)
        second = self.check()
        assert (second.output, second.exit_code) == (first.output, 1)

    @pytest.mark.parametrize("name", ["json", "sarif", "grouped", "junit"])
    def test_every_report_is_the_same(self, name: str) -> None:
        fresh = self.check("--output-format", name, "--no-cache").output
        assert [self.check("--output-format", name).output for _ in range(2)] == [fresh, fresh]

    def test_no_cache(self, tmp_path: Path) -> None:
        self.check("--no-cache")
        assert not (tmp_path / ".kerasfix_cache").exists()

    def test_cache_dir_and_clean(self, tmp_path: Path) -> None:
        self.check("--cache-dir", "kept")
        assert (tmp_path / "kept/findings").is_dir() and not (tmp_path / ".kerasfix_cache").exists()
        CliRunner().invoke(main, ["clean", "--cache-dir", "kept"])
        assert not (tmp_path / "kept").exists()

    def test_a_tree_without_findings_to_be_has_no_cache(self, tmp_path: Path) -> None:
        for name in ("a.py", "clean.py"):
            (tmp_path / name).unlink()
        self.check()
        assert not (tmp_path / ".kerasfix_cache").exists()

    def test_a_changed_file_is_looked_at_again(self, tmp_path: Path) -> None:
        self.check()
        (tmp_path / "a.py").write_text(SOURCE.replace("input_shape", "activity"))
        assert self.check("--output-format", "json", "--select", "KFX101").output.count('"KFX101"') == 1

    def test_a_fix_is_never_taken_from_the_cache(self, tmp_path: Path) -> None:
        self.check()
        for path in (tmp_path / ".kerasfix_cache/findings").rglob("*.json"):
            path.write_text(
                path.read_text().replace("Input(shape=", "evil(").replace('"content": ""', '"content": "x"')
            )
        assert "evil" in self.check("--output-format", "json").output, "it would be shown"
        self.check("--fix")
        text = (tmp_path / "a.py").read_text()
        assert FIXED in text and "evil" not in text

    def test_the_baseline_is_no_part_of_it(self) -> None:
        assert self.check("--write-baseline", "known.json").exit_code == 0
        assert self.check("--baseline", "known.json").exit_code == 0
        assert self.check().exit_code == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="links")
    def test_a_cache_that_cannot_be_written_is_told_of_once(self, tmp_path: Path) -> None:
        (tmp_path / ".kerasfix_cache").write_text("")
        done = self.check()
        assert done.exit_code == 1
        assert done.stderr.count("nothing is kept for the next run") == 1
