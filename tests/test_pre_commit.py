"""pre-commit itself, on a scratch repository, with the hooks as `.pre-commit-hooks.yaml` defines them.

Only what pre-commit would install is replaced: the hooks run in the environment that runs these tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
MODEL = "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(8, input_shape=(4,))])\n"


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
    assert "notes.md" not in done.stdout
    assert (repository / "model.py").read_text() == MODEL


def test_the_fix_hook_changes_the_file_and_then_passes(repository: Path) -> None:
    first = hook(repository, "kerasfix-fix")
    assert first.returncode == 1, first.stdout + first.stderr
    assert "keras.Input(shape=(4,))" in (repository / "model.py").read_text()
    assert "- model.py:\n    1 × KFX101 (input-on-first-layer)\n" in first.stdout
    second = hook(repository, "kerasfix-fix")
    assert second.returncode == 0, second.stdout + second.stderr


def test_an_excluded_file_stays_so(repository: Path) -> None:
    (repository / "pyproject.toml").write_text("[tool.kerasfix]\nexclude = ['model.py']\n")
    done = hook(repository, "kerasfix")
    assert done.returncode == 0, done.stdout + done.stderr


def test_pre_commit_accepts_the_manifest() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
