"""flake8 itself, in a process of its own, with the plugin as it is installed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kerasfix import flake8_plugin
from kerasfix.flake8_plugin import Plugin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = """\
import keras

model = keras.Sequential()
model.add(keras.layers.Dense(8, name="é模𝒳", input_shape=(4,)))
"""
PLACE = "model.py:4:45:"


def flake8(directory: Path, *arguments: str, stdin: str | None = None) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "flake8",
        "--isolated",
        "--max-line-length=200",
        *arguments,
        "-" if stdin is not None else ".",
    ]
    done = subprocess.run(
        command, cwd=directory, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    return [line.removeprefix("./") for line in done.stdout.splitlines()]


def test_the_findings_are_those_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    command = [sys.executable, "-m", "kerasfix", "check", "--output-format=json", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    (record,) = json.loads(done.stdout)
    row, column = record["location"]["row"], record["location"]["column"]
    assert f"model.py:{row}:{column}:" == PLACE
    assert flake8(tmp_path) == [f"{PLACE} KFX101 {record['message']}"]


@pytest.mark.parametrize(
    ("text", "arguments", "found"),
    [
        (MODEL, [], True),
        (MODEL, ["--select=KFX"], True),
        (MODEL, ["--select=E"], False),
        (MODEL, ["--select=KFX1"], True),
        (MODEL, ["--ignore=KFX101"], False),
        (MODEL, ["--extend-ignore=KFX"], False),
        (MODEL, ["--per-file-ignores=model.py:KFX101"], False),
        (MODEL, ["--per-file-ignores=other.py:KFX101"], True),
        (MODEL.replace(")))", ")))  # noqa"), [], False),
        (MODEL.replace(")))", ")))  # noqa: KFX101"), [], False),
        (MODEL.replace(")))", ")))  # noqa: E501"), [], True),
        (MODEL.replace(")))", ")))  # kerasfix: ignore[KFX101]"), [], False),
        ("# kerasfix: skip-file\n" + MODEL, [], False),
        (MODEL.replace("import keras", "import torch as keras"), [], False),
        ("\ufeff" + MODEL, [], True),
        (MODEL.replace("\n", "\r\n"), ["--ignore=W291"], True),
    ],
)
def test_flake8s_own_selection_and_suppression_hold(
    tmp_path: Path, text: str, arguments: list[str], found: bool
) -> None:
    (tmp_path / "model.py").write_bytes(text.encode())
    places = [line.split()[:2] for line in flake8(tmp_path, *arguments)]
    assert places == ([[PLACE, "KFX101"]] if found else [])


def test_stdin(tmp_path: Path) -> None:
    (line,) = flake8(tmp_path, "--stdin-display-name=model.py", stdin=MODEL)
    assert line.startswith(f"{PLACE} KFX101 ")


def test_a_syntax_error_is_left_to_flake8(tmp_path: Path) -> None:
    lines = flake8(tmp_path, "--stdin-display-name=model.py", stdin=MODEL + "print 'x'\n")
    assert {line.split()[1] for line in lines} == {"E999"}


def test_the_settings_of_the_project_hold(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.kerasfix]\nignore = ['KFX101']\n")
    assert flake8(tmp_path) == []


def test_the_baseline_of_the_project_holds(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.kerasfix]\nbaseline = 'known.json'\n")
    command = [sys.executable, "-m", "kerasfix", "check", "--write-baseline=known.json", "."]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert flake8(tmp_path) == []
    (tmp_path / "model.py").write_text(MODEL + MODEL.splitlines()[-1].replace("é", "è") + "\n", encoding="utf-8")
    (line,) = flake8(tmp_path)
    assert line.startswith("model.py:5:45: KFX103 ")


def test_a_comment_that_was_added_holds_in_flake8(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    command = [sys.executable, "-m", "kerasfix", "check", "--add-noqa", "."]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert flake8(tmp_path) == []


def test_a_broken_configuration_is_one_line_of_flake8s_own(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.kerasfix]\ntarget = 'keras4'\n")
    command = [sys.executable, "-m", "flake8", "--isolated", "-j", "1", "--select=KFX", "model.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "expected one of 'both', 'keras2', 'keras3'" in done.stdout + done.stderr


@pytest.fixture
def fresh_settings() -> Iterator[None]:
    flake8_plugin._settings.cache_clear()
    yield
    flake8_plugin._settings.cache_clear()


@pytest.mark.usefixtures("pretended", "fresh_settings")
def test_what_flake8_is_told() -> None:
    text = "import keras\nx = 'é'; Dense(8, input_shape=4)\n"
    lines = text.splitlines(keepends=True)
    assert list(Plugin(ast.parse(text), "a.py", lines).run()) == [(2, 18, "KFX101 `input_shape=` is wrong", Plugin)]
