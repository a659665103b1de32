"""The README is held to the code: what it shows is run, and what it lists is all there is."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml
from click.testing import CliRunner

import kerasfix
from kerasfix.cli import DIAGRAMS, MODEL_FORMATS, main
from kerasfix.cli import check as check_command
from kerasfix.cli import models as models_command
from kerasfix.config import KEYS, OUTPUT_FORMATS, Settings, load_settings, parse_settings
from kerasfix.diagnostics import Applicability
from kerasfix.ipython_extension import KerasfixMagics
from kerasfix.rules import registry
from kerasfix.verify.verifier import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{2,3}) (.+)$", re.MULTILINE)


def section(name: str) -> str:
    """The text below a heading, up to the next one of any level."""
    parts = HEADING.split(FENCED.sub(_hide_comments, README))
    sections = dict(zip(parts[2::3], parts[3::3], strict=True))
    return sections[name].replace("\0", "#")


def _hide_comments(block: re.Match[str]) -> str:
    return block[0].replace("#", "\0")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return [block for found, block in FENCED.findall(text) if found == language]


def table(name: str) -> list[list[str]]:
    """The rows of the first table of a section, without its head."""
    lines = [line for line in section(name).splitlines() if line.startswith("|")]
    assert set(lines[1]) == {"|", "-"}
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


MAGIC_OPTIONS = {option for action in KerasfixMagics.kerasfix.parser._actions for option in action.option_strings}

BEFORE, AFTER, *_ = blocks(README, "python")


class TestExample:
    @pytest.fixture(autouse=True)
    def model(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        path = tmp_path / "model.py"
        path.write_text(BEFORE, encoding="utf-8")
        return path

    def test_after_is_what_the_tool_makes_of_before(self, model: Path) -> None:
        assert kerasfix.fix(BEFORE).text == AFTER != BEFORE
        assert CliRunner().invoke(main, ["check", "--fix", "model.py"]).exit_code == 0
        assert model.read_text(encoding="utf-8") == AFTER

    def test_the_session_is_what_a_terminal_shows(self) -> None:
        (session,) = blocks(section("Use"), "console")
        for command, expected in _commands(session):
            program, *arguments = shlex.split(command)
            assert program == "kerasfix"
            assert CliRunner().invoke(main, arguments).output == expected, command

    def test_the_table_of_models_is_what_a_terminal_shows(self) -> None:
        (session,) = blocks(section("Models"), "console")
        ((command, expected),) = _commands(session)
        assert CliRunner().invoke(main, shlex.split(command)[1:]).output == expected

    def test_the_diagram_is_the_one_that_its_command_draws(self) -> None:
        (command,) = re.findall(r"`kerasfix (models --diagram [^`]*model\.py)`", section("Models"))
        (diagram,) = blocks(section("Models"), "mermaid")
        assert CliRunner().invoke(main, shlex.split(command)).output == diagram

    def test_stdin_gives_the_fixed_text(self, model: Path) -> None:
        (command,) = blocks(section("Stdin and editors"), "sh")
        environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
        done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == AFTER

    def test_the_editor_gets_the_same(self) -> None:
        (line,) = blocks(section("Stdin and editors"), "vim")
        command = line.removeprefix(":%!").replace("%", "model.py").removesuffix(" 2>/dev/null\n")
        program, *arguments = shlex.split(command)
        assert program == "kerasfix"
        assert CliRunner().invoke(main, arguments, input=BEFORE).stdout == AFTER

    def test_notebooks(self) -> None:
        imports, model = BEFORE.split("\n\n")
        texts = (("markdown", "MNIST"), ("code", imports), ("code", model.replace('32, activation="relu"', "32")))
        cells = [{"cell_type": kind, "metadata": {}, "source": text} for kind, text in texts]
        Path("mnist.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
        (session,) = blocks(section("Notebooks"), "console")
        ((command, expected),) = _commands(session)
        assert CliRunner().invoke(main, shlex.split(command)[1:]).output == expected

    def test_json(self) -> None:
        shown = json.loads(blocks(section("JSON"), "json")[0])
        found = json.loads(CliRunner().invoke(main, ["check", "--output-format=json", "model.py"]).stdout)
        for record in (*shown, *found):
            record["filename"] = Path(record["filename"]).name
        assert shown == found

    def test_a_baseline(self) -> None:
        (session,) = blocks(section("Adoption"), "console")
        for command, expected in _commands(session):
            assert CliRunner().invoke(main, shlex.split(command)[1:]).output == expected, command

    def test_ruff_is_told_of_the_codes(self, model: Path) -> None:
        (block,) = blocks(section("Suppression"), "toml")
        line = "(784,)))  # noqa: E501\n"
        model.write_text(BEFORE.replace("(784,)))\n", line), encoding="utf-8")
        assert CliRunner().invoke(main, ["check", "--add-noqa"]).exit_code == 0
        ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select=RUF100", "--fix"]
        Path("pyproject.toml").write_text(block, encoding="utf-8")
        subprocess.run(ruff, capture_output=True, check=True)
        assert model.read_text(encoding="utf-8") == BEFORE.replace("(784,)))\n", line.replace("E501", "KFX101"))
        assert CliRunner().invoke(main, ["check"]).exit_code == 0
        model.write_text(BEFORE.replace("(784,)))\n", line.replace("E501", "E501, KFX101")), encoding="utf-8")
        subprocess.run([*ruff, "--isolated"], capture_output=True, check=True)
        assert model.read_text(encoding="utf-8") == BEFORE

    @pytest.mark.keras
    def test_proof(self, model: Path) -> None:
        (session,) = blocks(section("Proof"), "console")
        ((command, expected),) = _commands(session)
        assert CliRunner().invoke(main, shlex.split(command)[1:]).output == expected
        model.write_text(BEFORE, encoding="utf-8")
        arguments = [*shlex.split(command)[1:], "--output-format=json"]
        found = json.loads(CliRunner().invoke(main, arguments).stdout)
        found["verification"][0]["filename"] = "/project/model.py"
        assert found == json.loads(blocks(section("JSON"), "json")[1])

    def test_every_verdict(self) -> None:
        assert [row[0] for row in table("Proof")] == [verdict.value for verdict in Verdict]

    def test_python(self) -> None:
        (program,) = blocks(section("Python"), "python")
        exec(program, {})


def _commands(session: str) -> Iterator[tuple[str, str]]:
    """The commands of a terminal session, each with what it printed."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


class TestCommands:
    def test_install(self) -> None:
        commands = [block.strip() for block in blocks(section("Install"), "sh")]
        (run_it,) = [command for command in commands if "kerasfix check" in command]
        (test_it,) = [command for command in commands if "/pytest " in command]
        assert commands == [run_it, test_it]
        for command in commands:
            assert "\n" not in command
            assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert "'.[dev]'" in test_it
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert "dev" in project["optional-dependencies"]
        assert "tensorflow" not in str(project["dependencies"])

    def test_the_first_command_finds_something_in_the_fixtures(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        (command,) = [block for block in blocks(section("Install"), "sh") if "kerasfix check" in block]
        arguments = shlex.split(command.partition("kerasfix check")[2])
        shown = CliRunner().invoke(main, ["check", *arguments])
        assert shown.exit_code == 0
        assert re.search(r"^ *\d+\tKFX101\t", shown.stdout, re.MULTILINE)
        assert CliRunner().invoke(main, ["check", "fixtures"]).exit_code == 1

    def test_ci_runs_the_commands_of_the_readme(self) -> None:
        script = (ROOT / ".ci/run").read_text(encoding="utf-8")
        assert os.access(ROOT / ".ci/run", os.X_OK)
        patterns = re.findall(r"readme_command '(.+?)'", script)
        assert len(patterns) == 2
        for pattern in patterns:
            (line,) = [
                line
                for line in README.splitlines()
                if line.startswith("python3 -m venv .venv && ") and re.search(pattern, line)
            ]
            assert line + "\n" in blocks(section("Install"), "sh")

    def test_every_command_that_is_mentioned_can_be_read(self) -> None:
        mentioned = set(re.findall(r"`kerasfix ((?:check|clean|models|rule|server)[^`]*)`", README))
        assert len(mentioned) > 5
        for command in mentioned:
            name, *arguments = shlex.split(command.replace("CODE", "KFX101"))
            subcommand = main.commands[name]
            subcommand.make_context(name, [argument for argument in arguments if argument != name])

    def test_every_option_that_is_mentioned_is_there(self) -> None:
        options = [*_options(check_command), *_options(models_command)]
        known = {option for parameter in options for option in _spellings(parameter)}
        known.add("--all")
        known |= MAGIC_OPTIONS
        assert set(re.findall(r"(?<![\w-])--[a-z][\w-]+", README)) <= known


def _options(command: click.Command) -> list[click.Parameter]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def _spellings(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


class TestReference:
    def test_every_option_has_a_row(self) -> None:
        rows = [re.findall(r"(?<![\w-])-{1,2}[a-z][\w-]*", row[0]) for row in table("Options of `kerasfix check`")]
        assert rows == [_spellings(parameter) for parameter in _options(check_command)]

    def test_every_option_of_models_is_there(self) -> None:
        rows = table("Options of `kerasfix models`")
        told = [option for row in rows for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", row[0])]
        assert told == [option for parameter in _options(models_command) for option in _spellings(parameter)]
        for option, choices in (("--diagram", DIAGRAMS), ("--output-format", MODEL_FORMATS)):
            (row,) = [row for row in rows if option in row[0]]
            assert set(re.findall(r"`(\w+)`", row[1])) == set(choices)

    def test_every_output_format_is_named(self) -> None:
        (row,) = [row for row in table("Options of `kerasfix check`") if "--output-format" in row[0]]
        assert tuple(re.findall(r"`([\w-]+)`", row[1])) == OUTPUT_FORMATS
        assert tuple(row[0].strip("`") for row in table("Formats")) == OUTPUT_FORMATS

    def test_every_option_of_the_magic_is_there(self) -> None:
        told = {option for row in table("In Jupyter and Colab") for option in re.findall(r"--[a-z][\w-]*", row[0])}
        assert told == MAGIC_OPTIONS

    def test_every_exit_status(self) -> None:
        assert [row[0] for row in table("Exit status")] == ["0", "1", "2"]

    def test_every_applicability(self) -> None:
        assert [row[0] for row in table("Fixes")] == [applicability.value for applicability in Applicability]

    def test_every_key_has_a_row_with_its_default(self) -> None:
        rows = {row[0].strip("`"): row for row in table("Configuration")}
        assert [(key, row[1]) for key, row in rows.items()] == [(key, KEYS[key].kind) for key in KEYS]
        defaults = Settings()
        for key, (_, kind, default) in rows.items():
            if key in ("select", "target", "exclude", "baseline"):
                continue
            value = tomllib.loads(f"value = {default.strip('`')}")["value"]
            parsed = parse_settings({key: value}, Path("README.md"))
            assert parsed == parse_settings({}, Path("README.md")), key
            assert value in ([], {}) or value == getattr(defaults, key.replace("-", "_")), key
            for choice in re.findall(r'`("[\w-]+")`', kind):
                parse_settings({key: json.loads(choice)}, Path("README.md"))

    def test_defaults_that_are_told_in_words(self) -> None:
        rows = {row[0].strip("`"): row[2] for row in table("Configuration")}
        assert '"both"' in rows["target"] and Settings().target.value == "both"
        assert set(re.findall(r"`([^`]+)`", rows["exclude"])) <= set(Settings().exclude)

    def test_the_configuration_loads(self, tmp_path: Path) -> None:
        (block,) = blocks(section("Configuration"), "toml")
        (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
        settings = load_settings(tmp_path)
        assert settings.target_reason.endswith("tool.kerasfix.target")
        on, tested = settings.codes_for(str(tmp_path / "a.py")), settings.codes_for(str(tmp_path / "tests/a.py"))
        assert {"KFX101", "KFX110"} <= on and "KFX107" not in on
        assert tested == {code for code in on if not code.startswith("KFX1")}

    @pytest.mark.parametrize("requirement", re.findall(r"`([\w-]+[<>]=?[\d.]+|tf-keras)`", section("Configuration")))
    def test_the_target_is_read_from_the_requirements(self, tmp_path: Path, requirement: str) -> None:
        (tmp_path / "requirements.txt").write_text(requirement + "\n")
        expected = "keras3" if ">" in requirement else "keras2"
        assert load_settings(tmp_path).target.value == expected

    @pytest.mark.parametrize("row", table("Suppression"), ids=lambda row: row[0])
    def test_every_comment_suppresses(self, row: list[str]) -> None:
        comment = row[0].strip("`")
        line = "model = keras.Sequential([keras.layers.Dense(8, input_shape=(4,))])"
        of_file = "skip-file" in comment or "flake8" in comment
        assert kerasfix.check(f"import keras\n{line}\n")
        text = f"{comment}\nimport keras\n{line}\n" if of_file else f"import keras\n{line}  {comment}\n"
        assert kerasfix.check(text) == []


class TestOtherTools:
    def test_flake8(self, tmp_path: Path) -> None:
        (block,) = blocks(section("flake8"), "ini")
        (tmp_path / ".flake8").write_text(block, encoding="utf-8")
        (tmp_path / "legacy").mkdir()
        for name in ("model.py", "legacy/model.py"):
            (tmp_path / name).write_text(BEFORE, encoding="utf-8")
        command = [sys.executable, "-m", "flake8", "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        (line,) = done.stdout.splitlines()
        assert line.startswith("./model.py:5:40: KFX101 ")

    def test_editors_start_the_server(self) -> None:
        text = section("Editors")
        (vscode,) = map(json.loads, blocks(text, "json"))
        helix = tomllib.loads(blocks(text, "toml")[0])["language-server"]["kerasfix"]
        (neovim,) = re.findall(r"cmd = \{ (.+) \}", blocks(text, "lua")[0])
        (emacs,) = re.findall(r'\. \((".+")\)', blocks(text, "elisp")[0])
        commands = [
            [vscode["glspc.server.command"], *vscode["glspc.server.commandArguments"]],
            [helix["command"], *helix["args"]],
            json.loads(f"[{neovim}]"),
            json.loads(f"[{emacs.replace(' ', ', ')}]"),
        ]
        assert commands == [["kerasfix", "server"]] * 4
        assert "server" in main.commands
        assert "source.fixAll.kerasfix" in vscode["[python]"]["editor.codeActionsOnSave"]

    def test_pre_commit(self) -> None:
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
        shown = [yaml.safe_load(block) for block in blocks(section("pre-commit"), "yaml")]
        used = [hook for configuration in shown for repo in configuration["repos"] for hook in repo["hooks"]]
        assert [hook["id"] for hook in used] == [hook["id"] for hook in hooks]
        for hook in used:
            entry = next(known["entry"] for known in hooks if known["id"] == hook["id"])
            program, name, *arguments = shlex.split(entry)
            assert program == "kerasfix"
            main.commands[name].make_context(name, [*arguments, *hook.get("args", [])])


class TestRules:
    ROWS = table("Rules")

    def test_the_table_lists_every_rule(self) -> None:
        expected = [
            (rule.code, rule.name, rule.summary + ("" if rule.default else " (off by default)"))
            for rule in registry.every_code()
        ]
        assert [tuple(row[:3]) for row in self.ROWS] == expected

    @pytest.mark.parametrize(("code", "fix"), [(row[0], row[3]) for row in ROWS])
    def test_the_fix_is_the_one_of_the_fixtures(self, code: str, fix: str) -> None:
        rule = registry.find(code)
        assert rule is not None
        ending = {"always": "", "sometimes": "; else none", "never": "none"}[rule.fixable]
        assert fix.endswith(ending)
        assert ("none" in fix) is (rule.fixable != "always")
        told = set(re.findall(r"\w+", fix)) & {applicability.value for applicability in Applicability}
        seen = {finding["applicability"] for finding in _fixture_findings() if finding["code"] == code} - {None}
        assert seen <= told
        assert ("safe" in told) is ("safe" in seen) or "for Keras 3 alone" in fix


def _fixture_findings() -> Iterator[dict[str, Any]]:
    for path in sorted((ROOT / "fixtures").glob("*.diagnostics.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)


def test_the_changelog_has_the_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = re.findall(r"^## \[?([\d.]+)\]?", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions[0] == project["version"]


def test_the_changelog_names_every_rule_that_was_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for rule in registry.every_code():
        assert any(fnmatch(rule.code, pattern) for pattern in re.findall(r"KFX\d{3}", text)), rule.code
