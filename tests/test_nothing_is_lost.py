"""`kerasfix check --fix` on files that are pulled away from under it: each is as before or wholly fixed, and the
message says which. Every case runs the command line in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

OLD = b"import keras\nm = keras.Sequential([keras.layers.Dense(8, input_shape=(4,))])\n"
NEW = b"import keras\nm = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8)])\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes, links and permissions of POSIX")

RUN = """
import os, resource, signal, sys
{before}
from kerasfix.cli import main
main(["check", "--isolated", "--no-cache", *sys.argv[1:]], prog_name="kerasfix")
"""

KILLING = """
# A process for each number of steps, which dies before the next one: every step that touches a file is an audit event.
import json, os, pathlib, signal, sys
import hashlib, importlib.metadata, tempfile
import kerasfix.analysis.gathering, kerasfix.checking, kerasfix.repair
from kerasfix.cli import main
from kerasfix.rules import registry
registry.rules()
STEPS = ("open", "os.rename", "os.remove", "os.chmod", "os.chown", "os.listdir", "os.scandir", "tempfile.mkstemp")
directory, cache, old, *names = sys.argv[1:]

def watched(left):
    def step(event, arguments):
        nonlocal left
        if event in STEPS:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(step)

for steps in range(1000):
    for name in names:
        pathlib.Path(directory, name).write_text(old)
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        watched(steps)
        main(["check", "--isolated", "--cache-dir", cache, "--fix", "-j", "1", directory])
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = {path.name: path.read_text() for path in pathlib.Path(directory).iterdir()}
    for entry in pathlib.Path(cache).rglob("*.json"):
        json.loads(entry.read_bytes())
    print(json.dumps([status, found]), flush=True)
    if status != -signal.SIGKILL:
        break
"""

AS_NOBODY = "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n" if os.name == "posix" and os.geteuid() == 0 else ""


def start(*arguments: str | Path, before: str = "", **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(before=before), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def run(*arguments: str | Path, before: str = "", **environment: str) -> tuple[int, str, str]:
    process = start(*arguments, before=before, **environment)
    out, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    return process.returncode, out, errors


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_bytes(OLD)
    return path


def test_the_plain_case(path: Path) -> None:
    assert run("--fix", path)[0] == 0
    assert path.read_bytes() == NEW


def test_killed_before_any_step(tmp_path: Path) -> None:
    names = ("a.py", "b.py", "c.py")
    directory, cache = tmp_path / "files", tmp_path / "cache"
    directory.mkdir()
    command = [sys.executable, "-c", KILLING, str(directory), str(cache), OLD.decode(), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert [code for code, _ in runs] == [-signal.SIGKILL] * (len(runs) - 1) + [0]
    assert len(runs) > 30
    seen = set()
    for _, found in runs:
        assert {found[name].encode() for name in names} <= {OLD, NEW}
        seen.add(tuple(found[name].encode() == NEW for name in names))
        litter = found.keys() - set(names)
        assert all(name.startswith(".kerasfix-") and not name.endswith(".py") for name in litter)
    assert seen == {(False, False, False), (True, False, False), (True, True, False), (True, True, True)}
    assert any(len(found) > len(names) for _, found in runs), "some are killed while the new file is being written"
    assert len(list(cache.rglob("*.json"))) == len(names)
    assert run("--fix", directory)[0] == 0  # what they left behind is no file to check


def test_the_disk_is_full(path: Path, tmp_path: Path) -> None:
    path.write_bytes(OLD + b"# " + b"x" * 9000)
    before = path.read_bytes()
    code, _, errors = run("--fix", path, before="resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))")
    assert (code, path.read_bytes()) == (2, before)
    assert "model.py: cannot be written: file too large; it is not fixed" in errors
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("what", ["directory", "file"])
def test_what_is_read_only_is_told(what: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "model.py"
        path.write_bytes(OLD)
        other = Path(name) / "deep" / "other.py"
        other.parent.mkdir()
        other.write_bytes(OLD)
        Path(name).chmod(0o755)
        for one in (path, other, other.parent):
            os.chown(one, 65534, 65534) if AS_NOBODY else None
        if what == "file":
            os.chown(name, 65534, 65534) if AS_NOBODY else None
            path.chmod(0o444)
        elif AS_NOBODY:
            pass  # the directory is root's
        else:
            Path(name).chmod(0o555)
        try:
            code, _, errors = run("--fix", name, before=_IMPORTS + AS_NOBODY)
        finally:
            Path(name).chmod(0o755)
        assert (code, path.read_bytes(), other.read_bytes()) == (2, OLD, NEW)
        assert "model.py: cannot be written: permission denied; it is not fixed" in errors


_IMPORTS = (
    f"import tempfile, kerasfix.checking, kerasfix.fixes.apply, kerasfix.report.full\nkerasfix.fix({OLD.decode()!r})\n"
)
"""What nobody may not read when it is wanted: kerasfix is root's."""


def test_an_editor_writes_between_reading_and_writing(path: Path) -> None:
    edit = (
        f"import tempfile; make = tempfile.mkstemp\ndef mkstemp(*a, **k):\n    open({str(path)!r}, 'a').write('mine')\n"
    )
    code, _, errors = run("--fix", path, before=edit + "    return make(*a, **k)\ntempfile.mkstemp = mkstemp\n")
    assert (code, path.read_bytes()) == (2, OLD + b"mine")
    assert "model.py: it changed while it was checked; it is not fixed" in errors


def test_links_and_permissions_stay(path: Path, tmp_path: Path) -> None:
    path.chmod(0o750)
    os.link(path, tmp_path / "sibling.txt")
    (tmp_path / "link.py").symlink_to("model.py")
    assert run("--fix", tmp_path / "link.py")[0] == 0
    assert (tmp_path / "link.py").is_symlink() and path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert (tmp_path / "sibling.txt").read_bytes() == OLD


def test_two_runs_at_once(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.py" for number in range(12)]
    for path in files:
        path.write_bytes(OLD)
    both = [start("--fix", tmp_path) for _ in range(2)]
    said = [(*process.communicate(timeout=60), process.returncode) for process in both]
    assert {path.read_bytes() for path in files} == {NEW}
    for _, errors, code in said:
        assert code == (2 if errors else 0)
        assert all("changed while it was checked" in line for line in errors.splitlines())
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_what_is_no_file_in_the_tree_does_not_hold_it_up(path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "around").symlink_to(tmp_path)
    (tmp_path / "null.py").symlink_to(os.devnull)
    with (tmp_path / "huge.py").open("wb") as file:
        file.truncate(10 << 30)
    began = time.monotonic()
    code, _, errors = run("--fix", tmp_path)
    assert time.monotonic() - began < 30
    assert (code, path.read_bytes()) == (2, NEW)
    assert [line.rpartition("/")[2] for line in errors.splitlines()] == [
        "huge.py: too large, of 10,240 MiB; kerasfix reads up to 256"
    ]
    for name, reason in (
        ("fifo.py", "not a regular file"),
        ("loop.py", "symbolic links"),
        ("null.py", "not a regular"),
    ):
        code, _, errors = run(tmp_path / name)
        assert code == 2 and reason in errors and len(errors.splitlines()) == 1


def test_a_link_does_not_lead_out_of_what_was_given(path: Path, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.py").symlink_to(path)
    assert run("--fix", inside)[0] == 0
    assert path.read_bytes() == OLD
    assert run("--fix", inside, path)[0] == 0
    assert path.read_bytes() == NEW


def test_a_path_that_is_not_utf_8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n\x1b]0;.py"))
    path.write_bytes(OLD)
    formats = ("full", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit", "grouped")
    for name in formats:
        code, out, errors = run("--output-format", name, tmp_path)
        assert (code, errors) == (1, "")
        assert "KFX101" in out and "\x1b" not in out
    code, out, _ = run("--diff", tmp_path)
    assert code == 1 and "\x1b" not in out
    assert out.splitlines()[0].startswith('--- "') and out.splitlines()[0].endswith('/caf\\351\\n\\033]0;.py"')
    assert run("--fix", tmp_path)[0] == 0
    assert path.read_bytes() == NEW


def test_a_tree_that_is_deeper_than_functions_can_call_themselves(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    (tmp_path / "a.py").write_bytes(OLD)
    try:
        assert run("--fix", tmp_path)[0] == 0
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)
    assert (tmp_path / "a.py").read_bytes() == NEW
