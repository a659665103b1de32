"""No file, configuration, baseline or cache makes kerasfix run code, write elsewhere, or move the reader's cursor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kerasfix.cache import Cache
from kerasfix.config import OUTPUT_FORMATS

ESCAPE = "\x1b]0;owned\x07"
COMMAND = "::set-output name=x::y"
MODEL = "import keras\nm = keras.Sequential([keras.layers.Dense(8, input_shape=(4,))])"
HOSTILE = f"import os\n{MODEL}  # {ESCAPE} {COMMAND} \u202e\nos.system('touch owned')\nopen('owned', 'w')\n"

WATCHED = """
import sys
del sys.path[0]  # -c puts the project there
import json, os
import kerasfix.analysis.gathering, kerasfix.checking, kerasfix.repair
from kerasfix.cli import main
seen = []
BAD = ("compile", "exec", "import", "os.exec", "os.fork", "os.link", "os.mkdir", "os.posix_spawn", "os.putenv",
       "os.rename", "os.rmdir", "os.symlink", "os.system", "os.truncate", "pickle.find_class", "shutil.", "socket.",
       "subprocess.", "ctypes.")
def watch(event, arguments):
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        if not isinstance(arguments[0], int):  # what is open already
            seen.append(["write", os.fsdecode(arguments[0])])
    elif event == "compile":
        # to a tree only; dataclasses compile too, but nothing of what the project holds
        if "owned" in str(arguments[0]) and not sys._getframe(1).f_code.co_filename.endswith("ast.py"):
            seen.append([event, str(arguments[1])])
    elif event == "exec":
        code = arguments[0]
        if "owned" in str(code.co_consts) or code.co_filename.startswith(os.getcwd()):
            seen.append([event, code.co_filename])
    elif event == "import":
        if arguments[1] and os.path.abspath(arguments[1]).startswith(os.getcwd()):
            seen.append([event, arguments[1]])
    elif event.startswith(BAD):
        seen.append([event, [str(argument) for argument in arguments]])
sys.addaudithook(watch)
try:
    main(sys.argv[1:], prog_name="kerasfix")
except SystemExit:
    pass
print(json.dumps(seen))
"""


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kerasfix", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=60)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that tries."""
    project = tmp_path / "project"
    project.mkdir()
    (project / f"a{ESCAPE}\n{COMMAND}.py").write_text(HOSTILE, encoding="utf-8")
    for name in ("keras", "click", "libcst", "sitecustomize", "setup", "conftest", "noxfile"):
        (project / f"{name}.py").write_text("open('owned', 'w')\n", encoding="utf-8")
    cells = [{"cell_type": "code", "source": f"!touch owned\n%run owned.py\n{MODEL}\n", "../../x": "../../y"}]
    notebook = {"cells": cells, "metadata": {"kernelspec": {"name": "../../owned"}}, "nbformat": 4}
    (project / "n.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    findings = [{"path": "../../../etc/passwd", "code": "KFX101", "fingerprint": "../x", "count": 1}]
    (project / "known.json").write_text(json.dumps({"version": 1, "findings": findings}), encoding="utf-8")
    config = '[tool.kerasfix]\nbaseline = "known.json"\nexclude = ["../../*", "!/etc/*"]\n'
    (project / "pyproject.toml").write_text(config, encoding="utf-8")
    (project / ".gitignore").write_text("../..\n!!\n[z-a]\n\\\n\0\n", encoding="utf-8")
    return project


def test_only_the_given_files_are_written_and_nothing_is_run(project: Path) -> None:
    outside = sorted(project.parent.iterdir())
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, "check", "--fix", "."], cwd=project, capture_output=True, text=True, timeout=60
    )
    assert done.stdout, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    written = {os.path.abspath(project / path) for event, path in seen if event == "write"}  # noqa: PTH100
    cache = project / ".kerasfix_cache"
    files = (path for path in project.iterdir() if path.is_file())
    fixed = {str(path) for path in files if "keras.Input(" in path.read_text(encoding="utf-8")}
    assert len(fixed) == 2, (done.stdout, done.stderr)
    kept = {path for path in written if Path(path).is_relative_to(cache)}
    temporary = {path for path in written - kept if Path(path).name.startswith(".kerasfix-")}
    assert kept and written - kept - temporary == fixed and {Path(path).parent for path in temporary} == {project}
    made = [Path(arguments[0]) for event, arguments in seen if event == "os.mkdir"]
    assert made and all((project / path).is_relative_to(cache) for path in made)
    assert [event for event, _ in seen if event not in ("write", "os.rename", "os.mkdir")] == []
    assert not (project / "owned").exists() and sorted(project.parent.iterdir()) == outside


def test_modules_of_the_project_are_not_those_of_python(project: Path) -> None:
    run("check", ".", cwd=project)
    assert not (project / "owned").exists()


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_no_escape_and_no_command_gets_through(project: Path, name: str) -> None:
    done = run("check", "--output-format", name, "--show-fixes", "-v", ".", cwd=project)
    assert done.returncode == 1
    text = done.stdout + done.stderr
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(text)
    assert not [line for line in text.splitlines() if line.lstrip().startswith(COMMAND[:12])]
    if name == "junit":
        ElementTree.fromstring(done.stdout)
    elif name in ("json", "sarif", "gitlab"):
        json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", "x = " + "[" * 100_000),
        ("pyproject.toml", "[tool.kerasfix]\nselect = " + "{a=" * 5000),
        ("known.json", '{"findings": ' + "[" * 100_000),
        ("n.ipynb", '{"cells": ' + "[" * 100_000),
        ("n.ipynb", '{"cells": [' + '{"cell_type": ' * 20_000),
        ("pyproject.toml", "[tool.kerasfix]\nextend-exclude = ['!', '/', '**', '[', '\\']"),
        (".gitignore", "!\n/\n[\n\\\n!/\na" + "*" * 3000),
    ],
)
def test_bombs_do_not_go_off(project: Path, name: str, content: str) -> None:
    (project / name).write_text(content, encoding="utf-8")
    done = run("check", ".", cwd=project)
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr
    if done.returncode == 2:
        assert name in done.stderr


def test_a_cache_is_not_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / ".gitignore").write_text("mine", encoding="ascii")
    for link, target in (
        ("cache", victim),
        ("cache/models", victim),
        (f"cache/models/{'a' * 2}", victim),
        ("cache/.gitignore", victim / ".gitignore"),
        ("cache/CACHEDIR.TAG", victim / "new"),
    ):
        here = tmp_path / link.replace("/", "_")
        here.mkdir()
        (here / link).parent.mkdir(parents=True, exist_ok=True)
        (here / link).symlink_to(target)
        cache = Cache(here / "cache")
        cache.put("models", "a" * 64, {"error": "no"})
        assert (victim / ".gitignore").read_text(encoding="ascii") == "mine"
        assert [path.name for path in victim.iterdir()] == [".gitignore"]
        assert bool(cache.problem) is (target == victim)
