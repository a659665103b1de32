"""Builds plans with one Keras, in children that are forked for it, and tells what came of them.

    python -m kerasfix.verify.worker {keras3,keras2}

Reads one request a line from stdin and answers each with a line on stdout; both are JSON. Keras is imported once and
no operation is run before a fork, so that a child is there in no time. It builds plan after plan, each with fresh
name counters, and is replaced when it crashes, hangs or asks for too much memory, or has built many: a model takes
nothing with it. This is the only module of kerasfix whose process imports Keras.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from kerasfix.verify.outcome import outcomes
from kerasfix.verify.pipes import LARGEST, read_until

if TYPE_CHECKING:
    from collections.abc import Iterable

ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "KERAS_BACKEND": "tensorflow",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
}
FORBIDDEN = (
    *("socket.", "subprocess.", "shutil.", "os.exec", "os.fork", "os.kill", "os.posix_spawn", "os.spawn", "os.system"),
    *("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"),
)
"""What no child may do, by the beginnings of Python's audit events."""
PART_FOR_ANSWERS = 0.3
"""The part of its time that a model's answers may take."""
MOST_PLANS = 200
"""What a child builds before another takes its place: Keras keeps some memory of every model."""
SIDE_BY_SIDE = 2
END = b"null\n"
"""What a child writes when it has told all of a plan."""
TOO_LONG = "it took too long"
TOO_MUCH = "there is too much to tell of it"
DIED = "the process that built it died, of too much memory perhaps"
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Answers requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    keras = import_keras(sys.argv[1])
    importlib.import_module("numpy.random")  # every child would import it
    gc.freeze()  # else a collection in a child looks at, and so copies, all the memory that it shares with this process
    print(json.dumps({"ready": keras.__version__}), file=answers, flush=True)
    pool = Pool(keras, (0, answers.fileno()))
    for line in sys.stdin:
        print(json.dumps(pool.answer(json.loads(line))), file=answers, flush=True)


def import_keras(which: str) -> Any:
    """The Keras that plans are built with."""
    os.environ.update(ENVIRONMENT)
    if which == "keras2":
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
        import tf_keras

        return tf_keras
    os.environ.pop("TF_USE_LEGACY_KERAS", None)
    import keras

    return keras


class Child:
    """A forked process that builds plans, one after the other, each within `seconds` and `megabytes` more."""

    def __init__(self, keras: Any, megabytes: int, seconds: float, private: Iterable[int]) -> None:
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        self.left = MOST_PLANS
        """How many plans it may still be given."""
        self.limits = (megabytes, seconds)
        self.process = os.fork()
        if self.process:
            os.close(requests)
            os.close(answers)
            return
        for descriptor in (*self.descriptors, *private):
            os.close(descriptor)
        try:
            limit(megabytes)
            with os.fdopen(requests, encoding="utf-8") as plans, os.fdopen(answers, "w", encoding="utf-8") as pipe:
                for line in plans:
                    limit_seconds(seconds)
                    for found in outcomes(keras, json.loads(line)):
                        print(json.dumps(found), file=pipe, flush=True)
                    print("null", file=pipe, flush=True)
        finally:
            os._exit(0)

    @property
    def descriptors(self) -> tuple[int, int]:
        """Its parent's ends of the pipes, which no other child is to hold."""
        return self._requests, self._answers

    def is_fit(self, megabytes: int, seconds: float) -> bool:
        """Whether it may be given a plan with these limits."""
        alive = self.left > 0 and os.waitpid(self.process, os.WNOHANG) == (0, 0)
        self.left = self.left if alive else 0
        return alive and self.limits == (megabytes, seconds)

    def send(self, plan: dict[str, Any]) -> None:
        """Give it a plan; `receive` has to come next."""
        self.left -= 1
        with contextlib.suppress(BrokenPipeError):  # it is dead, as `receive` will find
            data = json.dumps(plan).encode() + b"\n"
            while data:
                data = data[os.write(self._requests, data) :]

    def receive(self, deadline: float, for_answers: float) -> dict[str, Any]:
        """What came of the plan. Once the model is built, its answers may take so many seconds more."""
        text = read_until(self._answers, b"\n", deadline)
        if text.endswith(b"\n") and not text.endswith(END):
            text += read_until(self._answers, END, min(deadline, time.monotonic() + for_answers))
        if not text.endswith(END):
            self.left = 0
        whole = [line for line in text[: text.rfind(b"\n") + 1].splitlines() if line != END.strip()]
        if not whole:
            late = time.monotonic() >= deadline
            return {"failure": TOO_MUCH if len(text) > LARGEST else TOO_LONG if late else DIED}
        found: dict[str, Any] = json.loads(whole[-1])
        if "failure" in found:
            self.left = 0
        return found

    def end(self) -> None:
        """Kill it."""
        for descriptor in self.descriptors:
            os.close(descriptor)
        with contextlib.suppress(ProcessLookupError, ChildProcessError):  # it is dead already
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)


class Pool:
    """The children of a worker: as many as build side by side. They do not get the `private` file descriptors."""

    def __init__(self, keras: Any, private: tuple[int, ...] = ()) -> None:
        self._keras = keras
        self._private = private
        self._children: list[Child] = []

    def answer(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """What comes of each plan of a request."""
        found: list[dict[str, Any]] = []
        plans = request["plans"]
        for first in range(0, len(plans), SIDE_BY_SIDE):
            found += self._side_by_side(plans[first : first + SIDE_BY_SIDE], request["memory"], request["seconds"])
        return found

    def _side_by_side(self, plans: list[dict[str, Any]], megabytes: int, seconds: float) -> list[dict[str, Any]]:
        self._keep(child for child in self._children if child.is_fit(megabytes, seconds))
        while len(self._children) < len(plans):
            private = (*self._private, *(end for child in self._children for end in child.descriptors))
            self._children.append(Child(self._keras, megabytes, seconds, private))
        deadline = time.monotonic() + seconds
        pairs = list(zip(self._children, plans, strict=False))
        for child, plan in pairs:
            child.send(plan)
        found = [child.receive(deadline, seconds * PART_FOR_ANSWERS) for child, _ in pairs]
        self._keep(child for child in self._children if child.left > 0)
        return found

    def _keep(self, children: Iterable[Child]) -> None:
        kept = list(children)
        for child in self._children:
            if child not in kept:
                child.end()
        self._children = kept


def limit(megabytes: int) -> None:
    """Let this process have so much more memory, no files to write, no network, no children."""
    if os.path.exists("/proc/self/statm"):  # noqa: PTH110 - on Linux; elsewhere address space cannot be limited
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            pages = int(file.read().split()[0])
        most = pages * resource.getpagesize() + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(forbid)


def limit_seconds(seconds: float) -> None:
    """Let this process have so much more processor time, should nobody be there any more to kill it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + 2 * seconds) + 1  # of two threads
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """Stops a child that does what building a model never needs."""
    path, _, flags = arguments if event == "open" else (0, None, 0)
    if event.startswith(FORBIDDEN) or (isinstance(flags, int) and flags & WRITING and not isinstance(path, int)):
        raise PermissionError(f"a model may not be built by {event}{arguments!r}"[:300])


if __name__ == "__main__":
    main()
