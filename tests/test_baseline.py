"""A baseline on the command line: what is known is passed over, what is new is not."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from test_cli import BAD, BROKEN, GOOD

from kerasfix.cli import main

if TYPE_CHECKING:
    from click.testing import Result

OTHER = "Dense(9, input_shape=5)\n"
LISTED = '{"version": 1, "findings": [{"path": "a", "code": "b", "fingerprint": "c", "count": "COUNT"}]}'


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pretended: object) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def check(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", "--output-format=concise", *arguments], input=input)


def places(result: Result) -> list[str]:
    return re.findall(r"^\S+?:\d+(?=:)", result.stdout, re.MULTILINE)


def entries(name: str = "known.json") -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(Path(name).read_text(encoding="ascii"))["findings"]
    return found


def test_what_is_known_is_not_reported_wherever_it_moves() -> None:
    path = write("src/a.py", BAD + OTHER)
    written = check("--write-baseline=known.json")
    assert (written.exit_code, written.stdout, written.stderr) == (0, "", "Wrote 2 findings to known.json.\n")
    assert [(one["path"], one["code"], one["count"]) for one in entries()] == [("src/a.py", "KFX101", 1)] * 2
    path.write_text("# more\n\nimport keras\n" + OTHER + "if True:\n    " + BAD.splitlines()[1] + "\n")
    known = check("--baseline=known.json")
    assert (known.exit_code, known.stdout) == (0, "All checks passed!\n")
    path.write_text(path.read_text() + "Dense(7, input_shape=4)\n")
    assert places(check("--baseline=known.json")) == ["src/a.py:7"]
    assert places(check()) == ["src/a.py:4", "src/a.py:6", "src/a.py:7"]


def test_a_second_one_that_looks_the_same_is_new() -> None:
    path = write("a.py", BAD + OTHER * 2)
    check("--write-baseline=known.json")
    assert {one["count"] for one in entries()} == {1, 2}
    path.write_text(BAD + OTHER * 3)
    assert places(check("--baseline=known.json")) == ["a.py:5"]


def test_paths_are_relative_to_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write("src/a.py", BAD)
    write("conf/x", "")
    check("--write-baseline=conf/known.json")
    assert [one["path"] for one in entries("conf/known.json")] == ["../src/a.py"]
    monkeypatch.chdir("src")
    assert check("--baseline=../conf/known.json", "a.py").exit_code == 0
    assert check("--baseline=../conf/known.json", "-", "--stdin-filename=a.py", input=BAD).exit_code == 0
    assert check("--baseline=../conf/known.json", "-", "--stdin-filename=b.py", input=BAD).exit_code == 1


def test_the_settings_name_it_relative_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    write("pyproject.toml", "[tool.kerasfix]\nbaseline = 'known.json'\n")
    write("src/a.py", BAD)
    missing = check()
    assert (missing.exit_code, missing.stderr) == (2, "error: known.json: no such file or directory\n")
    assert check("--write-baseline=known.json").exit_code == 0
    monkeypatch.chdir("src")
    assert check().exit_code == 0
    assert check("--isolated").exit_code == 1
    write("none.json", '{"version": 1, "findings": []}')
    assert check("--baseline=none.json").exit_code == 1


def test_what_is_known_is_not_fixed() -> None:
    path = write("a.py", BAD)
    check("--write-baseline=known.json")
    path.write_text(BAD + OTHER)
    result = check("--fix", "--baseline=known.json")
    assert (result.exit_code, path.read_text()) == (0, BAD + OTHER.replace("input_", ""))


def test_what_fixes_leave_can_be_written() -> None:
    path = write("a.py", BAD + "Dense(batch_shape)\n")
    assert check("--fix", "--write-baseline=known.json").exit_code == 0
    assert path.read_text() == GOOD + "Dense(batch_shape)\n"
    assert [one["code"] for one in entries()] == ["KFX103"]
    assert check("--baseline=known.json").exit_code == 0


def test_a_comment_that_suppresses_another_finding_leaves_it_known() -> None:
    write("a.py", BAD)
    check("--write-baseline=known.json")
    write("a.py", BAD.rstrip() + "  # noqa: E501\n")
    assert check("--baseline=known.json").exit_code == 0


def test_failures_are_never_known() -> None:
    write("a.py", BAD)
    write("b.py", BROKEN)
    written = check("--write-baseline=known.json")
    assert (written.exit_code, places(written)) == (2, ["b.py:2"])
    assert [one["path"] for one in entries()] == ["a.py"]
    records = [{"path": "b.py", "code": "KFX000", "fingerprint": "x", "count": 1}]
    write("known.json", json.dumps({"version": 1, "findings": records}))
    assert check("--baseline=known.json", "b.py").exit_code == 2


def test_a_failure_that_is_listed_is_still_reported() -> None:
    from kerasfix.baseline import Baseline
    from kerasfix.diagnostics import Diagnostic, Severity
    from kerasfix.fingerprints import fingerprint
    from kerasfix.source.document import Document

    document = Document("b.py", BROKEN)
    failure = Diagnostic("KFX000", "syntax-error", "m", Severity.ERROR, 0, 1)
    known = Baseline(Path.cwd(), {("b.py", "KFX000", fingerprint(document, failure)): 1})
    assert known.split(document, [failure]) == ([failure], ())


def test_a_model_that_does_not_build_can_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasfix import proving
    from kerasfix.diagnostics import Diagnostic, Severity
    from kerasfix.verify import session

    refused = Diagnostic("KFX901", "model-does-not-build", "no", Severity.ERROR, 13, 23)
    monkeypatch.setattr(session, "version", lambda keras: "3.0.0")
    monkeypatch.setattr(proving, "refused_models", lambda *arguments: [refused])
    write("a.py", "import keras\nSequential([])\n")
    assert places(check("--verify")) == ["a.py:2"]
    assert check("--verify", "--write-baseline=known.json").exit_code == 0
    known = check("--verify", "--baseline=known.json", "-v")
    assert known.exit_code == 0
    assert "no longer found" not in known.stderr


def test_what_is_gone_is_told() -> None:
    paths = [write(name, BAD) for name in ("a.py", "b.py", "c.py")]
    write("d.py", BAD + OTHER * 3)
    check("--write-baseline=known.json")
    paths[0].write_text(GOOD)
    paths[1].unlink()
    write("d.py", BAD + OTHER)
    told = [line for line in check("-v", "--baseline=known.json", "a.py").stderr.splitlines() if "baseline" in line]
    assert told == ["in the baseline, and no longer found: " + gone for gone in ("a.py: KFX101", "b.py: KFX101")]
    told = check("-v", "--baseline=known.json").stderr.splitlines()
    assert "in the baseline, and no longer found: d.py: KFX101 (2 times)" in told
    assert "no longer found" not in check("--baseline=known.json").stderr


def test_files_are_checked_in_processes_too() -> None:
    for number in range(8):
        write(f"m{number}.py", BAD)
    check("--write-baseline=known.json")
    assert check("--baseline=known.json", "-j", "2").exit_code == 0


def test_the_same_findings_make_the_same_file() -> None:
    write("é.py", BAD)
    write("a.py", BAD + OTHER * 2)
    check("--write-baseline=known.json")
    first = Path("known.json").read_bytes()
    check("--write-baseline=known.json", "a.py", "é.py")
    assert Path("known.json").read_bytes() == first
    assert first.count(b'\n    {"path"') == 3


@pytest.mark.skipif(os.name != "posix", reason="names that are not UTF-8")
def test_a_name_that_is_no_text_is_known_too() -> None:
    Path(os.fsdecode(b"a\xff.py")).write_text(BAD)
    check("--write-baseline=known.json")
    assert check("--baseline=known.json").exit_code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not a baseline: Expecting value"),
        ("[" * 100_000, "not a baseline: "),
        ("\xff", "not a baseline: 'utf-8' codec"),
        ("[]", "not a baseline: there is no list of findings in it"),
        ('{"version": 1}', "not a baseline: there is no list of findings in it"),
        ('{"version": 2, "findings": []}', "a baseline of another version; write it anew with --write-baseline"),
        ('{"version": 1, "findings": [3]}', "finding 1 is not made of a path, a code, a fingerprint and a count"),
        *((LISTED.replace('"COUNT"', count), "finding 1 is not") for count in ("0", '"1"', "true", '1, "more": 2')),
        (LISTED.replace('"path"', '"paths"'), "finding 1 is not"),
    ],
)
def test_a_broken_file_is_an_error_of_one_line(content: str, message: str) -> None:
    write("a.py", BAD)
    Path("known.json").write_bytes(content.encode("latin-1"))
    result = check("--baseline=known.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: known.json: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_one_that_cannot_be_written_is_an_error() -> None:
    write("a.py", BAD)
    result = check("--write-baseline=no/known.json")
    assert (result.exit_code, result.stderr) == (2, "error: no/known.json: no such file or directory\n")
