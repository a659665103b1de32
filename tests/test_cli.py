from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from conftest import SAFE, text_rule

from kerasfix import checking
from kerasfix.cache import DIRECTORY
from kerasfix.cli import check as check_command
from kerasfix.cli import main
from kerasfix.config import OUTPUT_FORMATS, Settings
from kerasfix.source.document import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from kerasfix.source.document import Document
    from kerasfix.verify.session import Session
    from kerasfix.verify.verifier import Verification

BAD = "import keras\nDense(8, input_shape=4)\n"
GOOD = BAD.replace("input_shape=", "shape=")
UNSAFE = "import keras\nDense(batch_shape)\n"
BROKEN = "import keras\nDense(8, input_shape=4))\n"
SUPPRESSED = BAD.replace("4)", "4)  # noqa")


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pretended: object) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.py").write_text(text, encoding="utf-8")


def check(*arguments: str, input: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *arguments], input=input)


CONCISE = "a.py:2:10: KFX101 [*] `input_shape=` is wrong\n"
SUMMARY = "Found 1 error.\n[*] 1 fixable with the `--fix` option.\n"


class TestExit:
    @pytest.mark.parametrize(
        ("text", "status"),
        [(GOOD, 0), (BAD, 1), (BROKEN, 2), (SUPPRESSED, 0), ("", 0), ("# keras \0", 0), (BAD + "#\0", 2)],
    )
    def test_status(self, text: str, status: int) -> None:
        write(a=text)
        assert check().exit_code == status

    def test_what_cannot_be_read_is_told_and_the_rest_is_checked(self) -> None:
        write(a=BAD)
        Path("b.py").write_bytes(BAD.encode() + b"\xff")
        result = check("--output-format=concise", "a.py", "b.py", "missing")
        assert result.exit_code == 2
        assert result.stdout == CONCISE + SUMMARY
        assert result.stderr == (
            "error: missing: no such file or directory\nerror: b.py: line 3 is not valid utf-8: invalid start byte\n"
        )

    def test_a_syntax_error_leaves_the_other_files(self) -> None:
        write(a=BAD, b=BROKEN)
        result = check("--output-format=concise")
        assert result.exit_code == 2
        assert result.stdout.startswith(CONCISE + "b.py:2:24: KFX000 unmatched ')'\n")

    def test_an_error_of_ours_is_status_2(self, use_rules: Callable[..., None]) -> None:
        def fail(*arguments: object) -> Any:
            raise ValueError("no")

        broken = text_rule("KFX102", "")
        use_rules(SAFE, type(broken)("KFX102", "broken", "s", SAFE.keywords, SAFE.names, fail))
        write(a=BAD)
        result = check("--output-format=concise")
        assert result.exit_code == 2
        assert "KFX102 failed on this file: ValueError: no" in result.stdout
        assert "KFX101" in result.stdout

    def test_nothing_to_check(self) -> None:
        result = check()
        assert (result.exit_code, result.stderr) == (0, "warning: no Python files or notebooks found\n")

    def test_only_a_missing_path_is_no_success(self) -> None:
        result = check("missing.py")
        assert (result.exit_code, result.stdout) == (2, "")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--selct", "ALL"], "No such option"),
            (["--select", "KFX999x"], "unknown rule 'KFX999x'; did you mean 'KFX999'?"),
            (["--ignore", "E501"], "unknown rule 'E501'"),
            (["--per-file-ignores", "KFX101"], "'KFX101' is not of the form PATTERN:CODE"),
            (["--per-file-ignores", "a.py:E501"], "unknown rule 'E501'"),
            (["--target", "keras4"], "'keras4' is not one of 'both', 'keras2', 'keras3'"),
            (["-j", "0"], "0 is not in the range"),
            (["-q", "-v"], "--quiet and --verbose exclude each other"),
            (["--add-noqa", "--fix"], "--add-noqa and --fix exclude each other"),
            (["--add-noqa", "--diff"], "exclude each other"),
            (["--add-noqa", "--verify"], "exclude each other"),
            (["--add-noqa", "--write-baseline=a.json"], "--add-noqa and --write-baseline exclude each other"),
            (["--write-baseline=a.json", "--diff"], "exclude each other"),
            (["--write-baseline=a.json", "--baseline=a.json"], "exclude each other"),
            (["--baseline=a.json"], "error: a.json: no such file or directory"),
            (["--add-noqa", "-"], "error: stdin (-) is no file that comments could be added to"),
            (["--isolated", "--config", "a.toml"], "exclude each other"),
            (["--config", "a.toml"], "error: a.toml: no such file or directory"),
            (["-", "a.py"], "stdin (-) cannot be checked together with other paths"),
            (["--output-file", "no/such/directory"], "error: no/such/directory: no such directory: no/such"),
        ],
    )
    def test_a_wrong_option_is_status_2(self, arguments: list[str], message: str) -> None:
        result = check(*arguments)
        assert result.exit_code == 2
        assert message in result.stderr

    def test_a_broken_configuration_is_status_2_in_one_line(self) -> None:
        Path("pyproject.toml").write_text("[tool.kerasfix]\nselect = 'KFX101'\n", encoding="utf-8")
        result = check()
        assert result.exit_code == 2
        assert result.stderr == (
            "error: pyproject.toml: tool.kerasfix.select: expected a list of strings, found 'KFX101' (str)\n"
        )


OPTIONS: dict[str, Callable[..., None]] = {}


def option(test: Callable[..., None]) -> Callable[..., None]:
    """A test that an option has an effect; its name is the option's."""
    OPTIONS[test.__name__.removeprefix("test_")] = test
    return test


@option
def test_fix() -> None:
    write(a=BAD, b=UNSAFE)
    result = check("--fix")
    assert result.exit_code == 1
    assert Path("a.py").read_text() == GOOD
    assert Path("b.py").read_text() == UNSAFE
    assert "Found 2 errors (1 fixed, 1 remaining).\n" in result.stdout
    assert check("--fix", "a.py").exit_code == 0


@option
def test_unsafe_fixes() -> None:
    write(a=UNSAFE)
    assert "[*]" not in check("--output-format=concise").stdout.partition("\n")[0]
    assert "[*]" in check("--output-format=concise", "--unsafe-fixes").stdout.partition("\n")[0]
    assert check("--fix", "--unsafe-fixes").exit_code == 0
    assert Path("a.py").read_text() == UNSAFE.replace("batch_shape", "shapes")


@option
def test_diff() -> None:
    write(a=BAD)
    result = check("--diff")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "--- a.py",
        "+++ a.py",
        "@@ -1,2 +1,2 @@",
        " import keras",
        "-Dense(8, input_shape=4)",
        "+Dense(8, shape=4)",
    ]
    assert result.stderr == "Would fix 1 error.\n"
    assert Path("a.py").read_text() == BAD


@option
def test_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasfix import proving
    from kerasfix.verify import session
    from kerasfix.verify.verifier import Verdict, Verification

    def verdict(before: Document, after: Document, *rest: object) -> list[Verification]:
        found = Verdict.DIFFERENT if before.path == "b.py" else Verdict.IDENTICAL
        return [Verification("Sequential", Place(2, 0), found, "for a reason")]

    monkeypatch.setattr(session, "version", lambda keras: "3.0.0")
    monkeypatch.setattr(proving, "verify_documents", verdict)
    write(a=BAD, b=BAD)
    result = check("--fix", "--verify", "--output-format=concise")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "b.py:2:10: KFX101 `input_shape=` is wrong; its fix was withdrawn, real Keras builds another model with it",
        "b.py:2:1: Sequential: different: for a reason",
        "2 models: 1 identical, 0 now build, 1 different, 0 not verifiable",
        "Found 2 errors (1 fixed, 1 remaining).",
    ]
    assert Path("a.py").read_text() == GOOD
    assert Path("b.py").read_text() == BAD


def test_stdin_is_verified_once_and_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasfix import proving
    from kerasfix.verify import session
    from kerasfix.verify.verifier import Verdict, Verification

    asked: list[str] = []

    def verdict(before: Document, after: Document, *rest: object) -> list[Verification]:
        asked.append(after.text)
        found = Verdict.DIFFERENT if "batch_shape" in before.text else Verdict.IDENTICAL
        return [Verification("Sequential", Place(2, 0), found, "for a reason")]

    monkeypatch.setattr(session, "version", lambda keras: "3.0.0")
    monkeypatch.setattr(proving, "verify_documents", verdict)
    assert check("--fix", "--verify", "-", input=BAD).stdout == GOOD
    assert asked == [GOOD]
    kept = check("--fix", "--unsafe-fixes", "--verify", "-", input=UNSAFE)
    assert (kept.exit_code, kept.stdout, len(asked)) == (1, UNSAFE, 2)


def test_verify_without_keras_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasfix.verify import session

    monkeypatch.setattr(session, "version", lambda keras: None)
    write(a=BAD)
    result = check("--fix", "--verify")
    assert result.exit_code == 2
    assert "pip install 'kerasfix[verify]'" in result.stderr
    assert Path("a.py").read_text() == BAD


@option
def test_show_fixes() -> None:
    write(a=BAD)
    result = check("--fix", "--show-fixes")
    assert result.stdout.startswith("Fixed 1 error:\n- a.py:\n    1 × KFX101 (pretended-kfx101)\n")


@option
def test_select() -> None:
    write(a=BAD)
    assert check("--select", "KFX2,KFX103").exit_code == 0
    assert check("--select", "KFX2", "--select", "KFX101").exit_code == 1


@option
def test_ignore() -> None:
    write(a=BAD)
    assert check("--ignore=KFX101").exit_code == 0


@option
def test_extend_select() -> None:
    write(a="import keras\nDense(Sequential)\n")
    assert check().exit_code == 0
    assert check("--extend-select=KFX110").exit_code == 1


@option
def test_per_file_ignores() -> None:
    write(a=BAD, b=BAD)
    assert check("--per-file-ignores=a.py:KFX101").stdout.count("KFX101") == 1
    assert check("--per-file-ignores=a.py:KFX2,KFX101,b.py:KFX1").exit_code == 0


@option
def test_target() -> None:
    write(a=BAD)
    assert "target: both (the project does not say" in check("-v").stderr
    assert "target: keras2 (--target)" in check("-v", "--target=keras2").stderr


@option
def test_input_style() -> None:
    command = checking.Command(paths=(), input_style="InputLayer")
    settings = checking.overlay(Settings(), command)
    assert settings.rule_target.input_style == "InputLayer"


@option
def test_output_format() -> None:
    write(a=BAD)
    assert [record["code"] for record in json.loads(check("--output-format=json").stdout)] == ["KFX101"]
    assert [json.loads(line)["code"] for line in check("--output-format=json-lines").stdout.splitlines()] == ["KFX101"]
    assert json.loads(check("--output-format=sarif").stdout)["runs"][0]["results"][0]["ruleId"] == "KFX101"
    assert check("--output-format=github").stdout.startswith("::warning ")
    assert json.loads(check("--output-format=gitlab").stdout)[0]["check_name"] == "pretended-kfx101"
    assert check("--output-format=junit").stdout.startswith("<?xml ")
    assert check("--output-format=grouped").stdout == f"a.py:\n  2:10  {CONCISE[11:]}\n{SUMMARY}"
    assert check("--output-format=concise").stdout == CONCISE + SUMMARY
    assert check().stdout == check("--output-format=full").stdout


@option
def test_output_file() -> None:
    write(a=BAD)
    assert check("--output-file=report.txt", "--output-format=concise").stdout == ""
    assert Path("report.txt").read_text(encoding="utf-8") == CONCISE + SUMMARY
    assert set(listed()) - {DIRECTORY} == {"a.py", "report.txt"}


def test_a_report_that_has_nowhere_to_go_keeps_the_work_from_being_done() -> None:
    write(a=BAD)
    assert check("--fix", "--output-file=no/such/report").exit_code == 2
    assert Path("a.py").read_text() == BAD


@pytest.mark.skipif(os.name != "posix", reason="names that are not UTF-8")
def test_a_report_names_files_whose_name_is_no_text() -> None:
    Path(os.fsdecode(b"a\xff.py")).write_text(BAD)
    for name in OUTPUT_FORMATS:
        assert check("--output-file=report", f"--output-format={name}").exit_code == 1
        assert b"KFX101" in Path("report").read_bytes()


@option
def test_stdin_filename() -> None:
    result = check("-", "--stdin-filename=tests/b.py", "--output-format=concise", input=BAD)
    assert result.stdout.startswith("tests/b.py:2:10: KFX101")
    ignored = check("-", "--stdin-filename=b.py", "--per-file-ignores=b.py:KFX", input=BAD)
    assert ignored.exit_code == 0


@option
def test_exclude() -> None:
    write(a=BAD)
    Path("venv").mkdir()
    Path("venv/b.py").write_text(BAD)
    assert "venv/b.py" in check("--exclude=a.py", "--output-format=concise").stdout


@option
def test_extend_exclude() -> None:
    write(a=BAD, b=BAD)
    assert check("--extend-exclude=a.*,b.py").stderr == "warning: no Python files or notebooks found\n"


@option
def test_force_exclude() -> None:
    write(a=BAD)
    assert check("--extend-exclude=a.py", "a.py").exit_code == 1
    assert check("--extend-exclude=a.py", "--force-exclude", "a.py").exit_code == 0
    arguments = ["-", "--stdin-filename=a.py", "--fix", "--extend-exclude=a.py", "--force-exclude"]
    assert check(*arguments, input=BAD).stdout == BAD


@option
def test_respect_gitignore() -> None:
    write(a=BAD)
    Path(".gitignore").write_text("a.py\n")
    assert check().exit_code == 0
    assert check("--no-respect-gitignore").exit_code == 1


@option
def test_config() -> None:
    write(a=BAD)
    Path("mine.toml").write_text("[tool.kerasfix]\nignore = ['KFX1']\n")
    assert check("--config=mine.toml").exit_code == 0


@option
def test_isolated() -> None:
    write(a=BAD)
    Path("pyproject.toml").write_text("[tool.kerasfix]\nignore = ['KFX1']\n")
    assert check().exit_code == 0
    assert check("--isolated").exit_code == 1


def listed() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Keras that is always installed, and a verification that keeps one answer."""
    from kerasfix import proving
    from kerasfix.verify import session

    def verdict(before: Document, after: Document, session: Session, target: object) -> list[Verification]:
        session.answers.put(session.answers.key("3.0.0", {}), {"error": "no"})
        return []

    monkeypatch.setattr(session, "version", lambda keras: "3.0.0")
    monkeypatch.setattr(proving, "verify_documents", verdict)
    write(a=BAD)


@option
@pytest.mark.usefixtures("kept")
def test_no_cache() -> None:
    check("--diff", "--verify", "--no-cache")
    assert listed() == ["a.py"]
    check("--diff", "--verify")
    assert listed() == [".kerasfix_cache", "a.py"]


@option
@pytest.mark.usefixtures("kept")
def test_cache_dir() -> None:
    check("--diff", "--verify", "--cache-dir", "kept/here")
    assert listed() == ["a.py", "kept"]
    assert [path.parts[2] for path in sorted(Path("kept/here").rglob("*.json"))] == ["findings", "models"]


@pytest.mark.usefixtures("kept")
def test_a_cache_that_cannot_be_written_is_told_and_does_no_harm() -> None:
    Path("taken").write_text("", encoding="utf-8")
    result = check("--fix", "--verify", "--cache-dir", "taken/here")
    assert result.exit_code == 0
    assert result.stderr == "warning: taken/here: nothing is kept for the next run: not a directory\n"
    assert Path("a.py").read_text() == GOOD


@pytest.mark.usefixtures("kept")
def test_clean_removes_the_cache_and_nothing_else() -> None:
    check("--diff", "--verify")
    other = Path("other")
    other.mkdir()
    cleaned = CliRunner().invoke(main, ["clean"])
    assert (cleaned.exit_code, cleaned.stdout) == (0, "")
    assert "Removed " in cleaned.stderr and cleaned.stderr.endswith(".kerasfix_cache\n")
    again = CliRunner().invoke(main, ["clean", "--cache-dir", "other"])
    assert (again.exit_code, again.output) == (0, "")
    assert listed() == ["a.py", "other"]


@option
def test_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    write(**{f"m{number}": BAD for number in range(6)})
    asked = []

    def count(files: int, jobs: int | None) -> int:
        asked.append((files, jobs))
        return 1

    monkeypatch.setattr("kerasfix.batch.worker_count", count)
    check("-j", "3")
    assert asked == [(6, 3)]


@option
def test_statistics() -> None:
    write(a=BAD, b=BAD)
    assert check("--statistics", "-q").stdout == "2\tKFX101\t[*] pretended-kfx101\n"


@option
def test_exit_zero() -> None:
    write(a=BAD)
    assert check("--exit-zero").exit_code == 0
    write(a=BROKEN)
    assert check("--exit-zero").exit_code == 2


@option
def test_exit_non_zero_on_fix() -> None:
    write(a=BAD)
    assert check("--fix", "--exit-non-zero-on-fix").exit_code == 1
    assert check("--fix", "--exit-non-zero-on-fix").exit_code == 0


@option
def test_add_noqa() -> None:
    write(a=BAD)
    result = check("--add-noqa")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Added 1 comment.\n")
    assert Path("a.py").read_text() == BAD.rstrip() + "  # noqa: KFX101\n"
    assert check().exit_code == 0


@option
def test_write_baseline() -> None:
    write(a=BAD)
    result = check("--write-baseline=known.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Wrote 1 finding to known.json.\n")
    assert json.loads(Path("known.json").read_text())["findings"][0]["path"] == "a.py"


@option
def test_baseline() -> None:
    write(a=BAD)
    check("--write-baseline=known.json")
    write(b=BAD)
    assert check("--baseline=known.json", "--output-format=concise").stdout == CONCISE.replace("a.", "b.") + SUMMARY
    assert check("--baseline=known.json", "a.py").exit_code == 0


@option
def test_quiet() -> None:
    write(a=BAD)
    result = check("-q", "--output-format=concise")
    assert (result.stdout, result.stderr) == (CONCISE, "")
    assert check("-q", "--write-baseline=known.json").output == ""
    assert check("-q", "--add-noqa").output == ""


@option
def test_verbose() -> None:
    write(a=BAD, b="import keras\n# Dense\n", c="import torch\n")
    assert "files: 3 read, 2 with words of the rules, 1 with a call to look at\n" in check("-v").stderr


def test_every_option_has_a_test_here() -> None:
    names = {parameter.name for parameter in check_command.params if parameter.param_type_name == "option"}
    assert names == set(OPTIONS)


class TestStdin:
    def test_findings_go_to_stdout(self) -> None:
        result = check("-", "--output-format=concise", input=BAD)
        assert (result.exit_code, result.stdout) == (1, CONCISE.replace("a.py", "-") + SUMMARY)

    def test_fixed_text_goes_to_stdout_and_findings_to_stderr(self) -> None:
        text = b"\xef\xbb\xbf" + (BAD + "Dense(batch_shape)").replace("\n", "\r\n").encode()
        result = check("-", "--fix", "--output-format=concise", input=text)
        assert result.exit_code == 1
        assert result.stdout_bytes == text.replace(b"input_shape=", b"shape=")
        assert result.stderr.startswith("-:3:7: KFX103")
        assert "(1 fixed, 1 remaining)" in result.stderr

    @pytest.mark.parametrize("text", [BROKEN.encode(), BAD.encode() + b"\xff", BAD.encode() + b"#\0"])
    def test_what_cannot_be_checked_comes_back_as_it_is(self, text: bytes) -> None:
        result = check("-", "--fix", input=text)
        assert (result.exit_code, result.stdout_bytes) == (2, text)

    def test_diff(self) -> None:
        result = check("-", "--diff", input=BAD)
        assert result.exit_code == 1
        assert "+Dense(8, shape=4)\n" in result.stdout


class TestColour:
    @pytest.fixture
    def terminal(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        told: list[Any] = []
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setattr("click.echo", lambda text, **options: told.append((text, options.get("color"))))
        return told

    def test_on_a_terminal(self, terminal: list[Any]) -> None:
        write(a=BAD)
        checking.check_paths(checking.Command(paths=(Path(),)))
        assert "\x1b[" in terminal[0][0] and terminal[0][1] is True

    @pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
    def test_not_where_it_is_not_wanted(
        self, terminal: list[Any], monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        write(a=BAD)
        checking.check_paths(checking.Command(paths=(Path(),)))
        assert "\x1b[" not in terminal[0][0]


class TestRule:
    def rule(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["rule", *arguments])

    def test_shows_a_rule_by_code_or_name(self) -> None:
        assert self.rule("kfx101").stdout == (
            "# pretended-kfx101 (KFX101)\n\nA fix is always available.\n\n"
            "# What it does\n\nFinds input_shape=(?=\\d).\n"
        )
        off = self.rule("pretended-kfx110").stdout
        assert off.splitlines()[2] == "Off by default; select it by its code."

    def test_shows_all(self) -> None:
        shown = self.rule("--all").stdout
        assert all(f"({code})" in shown for code in ("KFX000", "KFX101", "KFX900", "KFX999"))

    def test_as_json(self) -> None:
        record = json.loads(self.rule("KFX101", "--output-format=json").stdout)
        assert (record["code"], record["fix"], record["default"]) == ("KFX101", "always", True)
        records = json.loads(self.rule("--all", "--output-format=json").stdout)
        assert [record["code"] for record in records][:2] == ["KFX000", "KFX101"]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "give either a CODE or --all"),
            (["KFX101", "--all"], "give either a CODE or --all"),
            (["KFX777"], "unknown rule 'KFX777'"),
            (["syntax-eror"], "did you mean 'syntax-error'?"),
        ],
    )
    def test_wrong_use_is_status_2(self, arguments: list[str], message: str) -> None:
        result = self.rule(*arguments)
        assert result.exit_code == 2
        assert message in result.stderr


def test_a_closed_stdin_is_an_error_of_one_line() -> None:
    command = f"{sys.executable} -m kerasfix check --isolated - <&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "error: stdin (-) is closed"


@pytest.mark.parametrize("files", [2, 60])
def test_a_bar_is_shown_on_a_terminal_while_there_is_enough_to_wait_for(tmp_path: Path, files: int) -> None:
    pty = pytest.importorskip("pty")
    for number in range(files):
        (tmp_path / f"model{number}.py").write_text("import keras\nkeras.layers.Dense(8, input_dim=4)\n")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kerasfix", "check", "--isolated", "--exit-zero", "-j", "1", str(tmp_path)]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while chunk := os.read(ours, 4096):
            shown += chunk
    os.close(ours)
    assert (b"Checking" in shown) is (files > 50)
