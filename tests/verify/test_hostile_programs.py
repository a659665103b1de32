"""Whatever a program says, `kerasfix check --fix --verify` does not run it, ends in time, and says what came of it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from kerasfix.cli import main
from kerasfix.verify import session as sessions
from kerasfix.verify.session import Limits
from kerasfix.verify.worker import SIDE_BY_SIDE

from .hostile_programs import CANARY, HEAD, THAT_ARE_TOO_LARGE, THAT_MAKE_NO_SENSE, THAT_WANT_TO_RUN

if TYPE_CHECKING:
    from kerasfix.verify.session import Session

pytestmark = pytest.mark.keras

SECONDS = 90
"""What one program may take on a busy machine, all attempts in both Keras counted."""
PROGRAMS = {
    **{f"runs: {name}": text for name, text in THAT_WANT_TO_RUN.items()},
    **{f"large: {name}": text for name, text in THAT_ARE_TOO_LARGE.items()},
    **{f"nonsense: {name}": text for name, text in THAT_MAKE_NO_SENSE.items()},
}


def below(directory: Path) -> set[str]:
    """Every path below a directory."""
    return {str(path) for path in directory.rglob("*")}


def children(process: int) -> set[int]:
    """The processes that were started by one."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == process:
                found.add(int(path.parent.name))
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_hostile_program(
    name: str, tmp_path: Path, real_keras: Session, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sessions, "Session", lambda answers: contextlib.nullcontext(real_keras))
    monkeypatch.setattr(real_keras, "limits", Limits(seconds=20))
    canary = tmp_path / "canary"
    program = tmp_path / "project" / "program.py"
    program.parent.mkdir()
    text = HEAD + PROGRAMS[name].replace(CANARY, str(canary)) + "\n"
    program.write_text(text, encoding="utf-8")
    monkeypatch.chdir(program.parent)
    began = time.monotonic()
    options = ["--isolated", "--no-cache", "--fix", "--unsafe-fixes", "--verify", "--output-format=concise"]
    result = CliRunner().invoke(main, ["check", *options, "program.py"])
    assert time.monotonic() - began < SECONDS

    said = result.output + "".join(capfd.readouterr())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1)
    assert "Traceback" not in said and "KFX999" not in said and "could not be verified" not in said
    assert "\x1b" not in said and "\ud800" not in said, "it is fit for a terminal"
    fixed = program.read_text(encoding="utf-8") != text
    assert not fixed or ", 0 different, " in result.stdout
    assert not fixed or not result.stdout.startswith("0 models"), "a fix without a verdict"

    assert not canary.exists()
    assert below(tmp_path) == {str(program.parent), str(program)}, "something was written"
    home = Path(real_keras._directory.name)
    assert below(home) <= {str(home / "keras.json")}
    for worker in real_keras._workers.values():
        assert len(children(worker.pid)) <= SIDE_BY_SIDE


def test_programs_of_every_kind_reach_real_keras() -> None:
    assert len(PROGRAMS) >= 80
    for programs in (THAT_WANT_TO_RUN, THAT_ARE_TOO_LARGE, THAT_MAKE_NO_SENSE):
        assert len(programs) == len(set(programs.values()))
    assert sum(CANARY in text for text in THAT_WANT_TO_RUN.values()) > 15
