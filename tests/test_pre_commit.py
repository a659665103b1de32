"""pre-commit itself, on a scratch repository, with the hooks as `.pre-commit-hooks.yaml` defines them.

Only what pre-commit would install is replaced: the hooks run in the environment that runs these tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
MODEL = "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(8, input_shape=(4,))])\n"


SOURCE = [line + "\n" for line in ("%matplotlib inline", *MODEL.splitlines())]
CELL = {"cell_type": "code", "execution_count": 3, "metadata": {}, "outputs": [], "source": SOURCE}
NOTEBOOK = json.dumps({"cells": [CELL], "metadata": {"kept": "as it is"}, "nbformat": 4, "nbformat_minor": 4}, indent=1)


def run(repository: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "PATH": path,
        "PRE_COMMIT_HOME": str(repository.parent / "pre-commit"),
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    path.mkdir()
    run(path, "git", "init", "--quiet")
    (path / "model.py").write_text(MODEL)
    (path / "train.ipynb").write_text(NOTEBOOK)
    (path / "r.ipynb").write_text(NOTEBOOK.replace('"kept": "as it is"', '"language_info": {"name": "R"}'))
    (path / "plain.py").write_text("x = 1\n")
    (path / "notes.md").write_text("keras.layers.Dense(8, input_shape=(4,))\n")
    return path


def hook(repository: Path, name: str) -> subprocess.CompletedProcess[str]:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (chosen,) = [{**hook, "language": "system"} for hook in hooks if hook["id"] == name]
    configuration = {"repos": [{"repo": "local", "hooks": [chosen]}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    run(repository, "git", "add", "--all")
    return run(repository, sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose")


def test_the_check_hook_fails_on_a_finding_and_changes_nothing(repository: Path) -> None:
    done = hook(repository, "kerasfix")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "model.py:3:" in done.stdout and "KFX101" in done.stdout
    assert "train.ipynb:cell 1:4:" in done.stdout
    assert "notes.md" not in done.stdout and "r.ipynb" not in done.stdout
    assert (repository / "model.py").read_text() == MODEL
    assert (repository / "train.ipynb").read_text() == NOTEBOOK


def test_the_fix_hook_changes_program_and_notebook_and_then_passes(repository: Path) -> None:
    first = hook(repository, "kerasfix-fix")
    assert first.returncode == 1, first.stdout + first.stderr
    assert "keras.Input(shape=(4,))" in (repository / "model.py").read_text()
    before, after = "keras.layers.Dense(8, input_shape=(4,))", "keras.Input(shape=(4,)), keras.layers.Dense(8)"
    assert (repository / "train.ipynb").read_text() == NOTEBOOK.replace(before, after)
    for name in ("model.py", "train.ipynb"):
        assert f"- {name}:\n    1 × KFX101 (input-on-first-layer)\n" in first.stdout
    second = hook(repository, "kerasfix-fix")
    assert second.returncode == 0, second.stdout + second.stderr


def test_an_excluded_file_stays_so(repository: Path) -> None:
    (repository / "pyproject.toml").write_text("[tool.kerasfix]\nexclude = ['model.py', '*.ipynb']\n")
    done = hook(repository, "kerasfix")
    assert done.returncode == 0, done.stdout + done.stderr


def test_pre_commit_accepts_the_manifest() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
