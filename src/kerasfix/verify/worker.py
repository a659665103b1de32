"""Builds plans with one Keras, in children that are forked for it, and tells what came of them.

    python -m kerasfix.verify.worker {keras3,keras2}

Reads one request a line from stdin and answers each with a line on stdout; both are JSON. Keras is imported once and
no operation is run before a fork, so that a child is there in no time. It builds plan after plan, each with fresh
name counters, and is replaced when it crashes, hangs or asks for too much memory, or has built many: a model takes
nothing with it. This is the only module of kerasfix whose process imports Keras.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time
import warnings
from typing import Any

from kerasfix.verify.building import Builder, NotAllowed
from kerasfix.verify.description import call_with_weights_set, call_without_weights, describe, note_steps
from kerasfix.verify.pipes import read_line

ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "KERAS_BACKEND": "tensorflow",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
}
INPUT_WARNINGS = ("`input_shape`/`input_dim`", "Argument `input_shape` is deprecated", "Argument `input_length`")
FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.kill", "os.posix_spawn", "os.spawn", "os.system")
"""What no child may do, by the beginnings of Python's audit events."""
TOO_LONG = "it took too long"
DIED = "the process that built it died, of too much memory perhaps"
MOST_PLANS = 200
"""What a child builds before another takes its place: Keras keeps some memory of every model."""
SIDE_BY_SIDE = 2
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Answers requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    keras = import_keras(sys.argv[1])
    print(json.dumps({"ready": keras.__version__}), file=answers, flush=True)
    pool = Pool(keras)
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
    """A forked process that builds plans, one after the other."""

    def __init__(self, keras: Any, megabytes: int) -> None:
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        self.left = MOST_PLANS
        """How many plans it may still be given."""
        self.process = os.fork()
        if self.process:
            os.close(requests)
            os.close(answers)
            return
        os.close(self._requests)
        os.close(self._answers)
        try:
            limit(megabytes)
            with os.fdopen(requests, encoding="utf-8") as plans, os.fdopen(answers, "w", encoding="utf-8") as pipe:
                for line in plans:
                    print(json.dumps(build(keras, json.loads(line))), file=pipe, flush=True)
        finally:
            os._exit(0)

    def send(self, plan: dict[str, Any]) -> None:
        """Give it a plan; `receive` has to come next."""
        self.left -= 1
        with contextlib.suppress(BrokenPipeError):  # it is dead, as `receive` will find
            data = json.dumps(plan).encode() + b"\n"
            while data:
                data = data[os.write(self._requests, data) :]

    def receive(self, deadline: float) -> dict[str, Any]:
        """What came of the plan; a child that failed is not to be used again."""
        line = read_line(self._answers, deadline)
        try:
            found: dict[str, Any] = json.loads(line)
        except ValueError:
            late = time.monotonic() >= deadline
            found = {
                "failure": "it took too long" if late else "the process that built it died, of too much memory perhaps"
            }
        if "failure" in found:
            self.left = 0
        return found

    def end(self) -> None:
        """Kill it."""
        os.close(self._requests)
        os.close(self._answers)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


class Pool:
    """The children of a worker: as many as build side by side."""

    def __init__(self, keras: Any) -> None:
        self._keras = keras
        self._children: list[Child] = []

    def answer(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """What comes of each plan of a request."""
        found: list[dict[str, Any]] = []
        plans = request["plans"]
        for first in range(0, len(plans), SIDE_BY_SIDE):
            found += self._side_by_side(plans[first : first + SIDE_BY_SIDE], request["memory"], request["seconds"])
        return found

    def _side_by_side(self, plans: list[dict[str, Any]], megabytes: int, seconds: float) -> list[dict[str, Any]]:
        while len(self._children) < len(plans):
            self._children.append(Child(self._keras, megabytes))
        children = self._children[: len(plans)]
        deadline = time.monotonic() + seconds
        for child, plan in zip(children, plans, strict=True):
            child.send(plan)
        found = [child.receive(deadline) for child in children]
        for child in children:
            if not child.left:
                child.end()
        self._children = [child for child in self._children if child.left]
        return found


def limit(megabytes: int) -> None:
    """Let this process have so much more memory, no files to write, no network, no children."""
    if os.path.exists("/proc/self/statm"):  # noqa: PTH110 - on Linux; elsewhere address space cannot be limited
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            pages = int(file.read().split()[0])
        most = pages * resource.getpagesize() + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(forbid)


def forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """Stops a child that does what building a model never needs."""
    if event.startswith(FORBIDDEN) or (
        event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING and isinstance(arguments[0], str)
    ):
        raise PermissionError(f"a model may not be built by {event}{arguments!r}"[:300])


def forget_names(keras: Any) -> None:
    """Lets automatic names be counted from the start again."""
    if keras.__version__.startswith("2."):
        keras.backend.clear_session()
    else:
        keras.backend.clear_session(free_memory=False)  # collecting garbage takes longer than building a model


def build(keras: Any, plan: dict[str, Any]) -> dict[str, Any]:
    """The record of the model that a plan makes, or the error that Keras raises and at which step."""
    # In Keras 3's stateless scope a weight has a shape and no values, so that a model of any size can be built.
    scope = getattr(keras, "StatelessScope", None)
    forget_names(keras)
    keras.backend.set_image_data_format(plan["data_format"])
    keras.utils.set_random_seed(0)
    builder = Builder(keras)
    with (
        warnings.catch_warnings(record=True) as caught,
        scope(initialize_variables=False) if scope else contextlib.nullcontext(),
    ):
        warnings.simplefilter("always")
        try:
            model = builder.build(plan["steps"])
            record = describe(model, "", plan["feed"], call_without_weights if scope else call_with_weights_set)
            note_steps(record, model, builder.made)
        except MemoryError:
            return {"failure": "it needs too much memory"}
        except NotAllowed as error:
            return {"failure": str(error)}
        except Exception as error:
            text = f"{type(error).__name__}: {' '.join(str(error).split())}"[:1000]
            return {"error": text, "step": builder.at}
    found = [str(warning.message) for warning in caught]
    return {"record": record, "warnings": [text for text in found if any(part in text for part in INPUT_WARNINGS)]}


if __name__ == "__main__":
    main()
