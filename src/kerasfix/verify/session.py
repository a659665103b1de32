"""The workers of one run, as their parent sees them: one warm process for each Keras, replaced when it fails."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from kerasfix.verify.answers import Answers
from kerasfix.verify.pipes import read_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from kerasfix.target import Target

Keras: TypeAlias = Literal["keras3", "keras2"]

START_SECONDS = 180.0
_OF_PYTHON = frozenset(
    {
        *("PYTHONPATH", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONBREAKPOINT", "PYTHONWARNINGS", "PYTHONOPTIMIZE"),
        *("PYTHONDEBUG", "PYTHONVERBOSE", "PYTHONPROFILEIMPORTTIME", "PYTHONDUMPREFS", "PYTHONSAFEPATH"),
    }
)
"""What the environment may tell Python and the worker is not told."""
_DISTRIBUTIONS: dict[Keras, str] = {"keras3": "keras", "keras2": "tf_keras"}


class WorkerError(Exception):
    """Real Keras cannot be asked; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one model may take to be built."""

    seconds: float = 60.0
    megabytes: int = 4096


def version(keras: Keras) -> str | None:
    """The release of a Keras that is installed with TensorFlow, None where it is not."""
    if any(importlib.util.find_spec(name) is None for name in (_DISTRIBUTIONS[keras], "tensorflow")):
        return None
    try:
        found = metadata.version(_DISTRIBUTIONS[keras])
    except metadata.PackageNotFoundError:
        return None
    return found if keras == "keras2" or int(found.partition(".")[0]) >= 3 else None


def _tensorflow() -> str:
    """The release of TensorFlow, whatever the name that it is installed under."""
    for name in ("tensorflow", "tensorflow-cpu", "tensorflow-macos", "tf-nightly"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "of unknown release"


def import_path(entries: str) -> str:
    """What is left of a PYTHONPATH for the worker: the directories of installed packages, and kerasfix's own.

    In any other, such as that of the program, a module named `keras` or `numpy` would be the program's.
    """
    own = Path(__file__).parents[2]
    kept = [
        entry
        for entry in entries.split(os.pathsep)
        if (path := Path(entry)).is_absolute()
        and (path == own or path.name in ("site-packages", "dist-packages") or any(path.glob("*.dist-info")))
    ]
    return os.pathsep.join(kept)


def environment(home: str) -> dict[str, str]:
    """The worker's environment: nothing in it makes Python run anything more; files go to `home`."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_PYTHON}
    path = import_path(os.environ.get("PYTHONPATH", ""))
    return {
        **kept,
        **({"PYTHONPATH": path} if path else {}),
        "KERAS_HOME": home,
        "TMPDIR": home,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def in_order(versions: Mapping[Keras, str | None], target: Target) -> list[Keras]:
    """The Keras that are installed, that of the target first: Keras 3 where both are meant."""
    order: list[Keras] = ["keras3", "keras2"] if target.keras3 else ["keras2", "keras3"]
    return [keras for keras in order if versions[keras]]


def called(keras: Keras, versions: Mapping[Keras, str | None]) -> str:
    """What a Keras is called in reports: `Keras 3.15.1`, `tf_keras 2.21.0`."""
    return f"{'Keras' if keras == 'keras3' else 'tf_keras'} {versions[keras]}"


class Session:
    """Asks real Keras; a context manager that leaves no process and no file behind."""

    def __init__(self, limits: Limits | None = None, answers: Answers | None = None) -> None:
        self.limits = limits or Limits()
        self.answers = answers or Answers()
        self.versions: dict[Keras, str | None] = {keras: version(keras) for keras in _DISTRIBUTIONS}
        if not hasattr(os, "fork"):
            raise WorkerError("building models needs a system with fork(): Linux, macOS, or WSL on Windows")
        if not any(self.versions.values()):
            raise WorkerError("models are built in real Keras: install it with `pip install 'kerasfix[verify]'`")
        self._directory = tempfile.TemporaryDirectory(prefix="kerasfix-")
        self._workers: dict[Keras, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keras in list(self._workers):
            self._stop(keras)
        self._directory.cleanup()

    def build(self, keras: Keras, plans: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """What comes of each plan: a `record` with `warnings`, an `error` at a `step`, or a `failure` to build.

        Raises:
            WorkerError: the worker cannot be started.
        """
        release = f"{_DISTRIBUTIONS[keras]} {self.versions[keras]}, tensorflow {_tensorflow()}"
        try:
            keys = [self.answers.key(release, plan) for plan in plans]
        except (TypeError, ValueError, RecursionError) as error:
            return [{"failure": f"its plan cannot be told to the worker: {error}"} for _ in plans]
        found = [self.answers.get(key) for key in keys]
        missing = [place for place, answer in enumerate(found) if answer is None]
        if missing:
            for place, answer in zip(missing, self._ask(keras, [plans[place] for place in missing]), strict=True):
                found[place] = answer
                if "failure" not in answer:
                    self.answers.put(keys[place], answer)
        return [answer for answer in found if answer is not None]

    def _ask(self, keras: Keras, plans: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        request = {"plans": list(plans), "seconds": self.limits.seconds, "memory": self.limits.megabytes}
        worker = self._worker(keras)
        most = self.limits.seconds * len(plans) + 30
        try:
            assert worker.stdin is not None and worker.stdout is not None
            worker.stdin.write(json.dumps(request).encode() + b"\n")
            worker.stdin.flush()
            found: list[dict[str, Any]] = json.loads(read_until(worker.stdout.fileno(), b"\n", time.monotonic() + most))
        except (OSError, ValueError, RecursionError):
            self._stop(keras)
            return [{"failure": "the process that builds models died"} for _ in plans]
        return found

    def _worker(self, keras: Keras) -> subprocess.Popen[bytes]:
        known = self._workers.get(keras)
        if known is not None and known.poll() is None:
            return known
        worker = subprocess.Popen(
            [sys.executable, "-m", "kerasfix.verify.worker", keras],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # An empty directory: modules beside the program, named `keras` or `numpy`, are not imported.
            cwd=self._directory.name,
            env=environment(self._directory.name),
            start_new_session=True,
        )
        self._workers[keras] = worker
        assert worker.stdout is not None
        if b"ready" not in read_until(worker.stdout.fileno(), b"\n", time.monotonic() + START_SECONDS):
            self._stop(keras)
            raise WorkerError(f"{_DISTRIBUTIONS[keras]} {self.versions[keras]} cannot be imported by {sys.executable}")
        return worker

    def _stop(self, keras: Keras) -> None:
        worker = self._workers.pop(keras)
        for stream in (worker.stdin, worker.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)  # its children too; it leads a group of its own
        worker.wait()
