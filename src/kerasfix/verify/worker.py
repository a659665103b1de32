"""Builds plans with one Keras, each in a child of its own, and tells what came of them.

    python -m kerasfix.verify.worker {keras3,keras2}

Reads one request a line from stdin and answers each with a line on stdout; both are JSON. Keras is imported once and
no operation is run before the fork, so that every child has fresh name counters and is started in no time. A child
that crashes, hangs or asks for too much memory takes nothing with it. This is the only module of kerasfix whose
process imports Keras.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
import warnings
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from kerasfix.verify.building import Builder, NotAllowed
from kerasfix.verify.description import call_with_weights_set, call_without_weights, describe, is_exhausted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.verify.records import InputSpec

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
FORBIDDEN = (
    *("socket.", "subprocess.", "shutil.", "os.exec", "os.fork", "os.kill", "os.posix_spawn", "os.spawn", "os.system"),
    *("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"),
)
"""What no child may do, by the beginnings of Python's audit events."""
PART_FOR_ANSWERS = 0.3
"""The part of its time that a model's answers may take."""
LARGEST_ANSWER = 64 * 1024 * 1024
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
    for line in sys.stdin:
        print(json.dumps(answer(keras, json.loads(line), (0, answers.fileno()))), file=answers, flush=True)


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


def answer(keras: Any, request: dict[str, Any], private: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """What comes of each plan of a request; they are built side by side, without the `private` file descriptors."""
    running = [start(keras, plan, request, private) for plan in request["plans"]]
    deadline = time.monotonic() + request["seconds"]
    for_answers = request["seconds"] * PART_FOR_ANSWERS
    return [finish(child, reading, deadline, for_answers) for child, reading in running]


def start(keras: Any, plan: dict[str, Any], request: dict[str, Any], private: tuple[int, ...]) -> tuple[int, int]:
    """Forks a child that builds a plan: its process, and the pipe that it tells its result through."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    for descriptor in (reading, *private):
        os.close(descriptor)
    try:
        limit(request["memory"], request["seconds"])
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            for found in build(keras, plan):
                print(json.dumps(found), file=pipe, flush=True)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def finish(child: int, reading: int, deadline: float, for_answers: float) -> dict[str, Any]:
    """The last whole result of a child, which does not outlive this; after the first it has so many seconds more."""
    text = bytearray()
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while (left := deadline - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
            chunk = pipe.read(1 << 16)
            if not chunk or len(text) > LARGEST_ANSWER:
                break
            if b"\n" in chunk:
                deadline = min(deadline, time.monotonic() + for_answers)
            text += chunk
        in_time = deadline - time.monotonic() > 0
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    whole = text[: text.rfind(b"\n") + 1].splitlines()
    if whole:
        found: dict[str, Any] = json.loads(whole[-1])
        return found
    if not in_time:
        return {"failure": "it took too long"}
    if len(text) > LARGEST_ANSWER:
        return {"failure": "there is too much to tell of it"}
    return {"failure": "the process that built it died, of too much memory perhaps"}


def limit(megabytes: int, seconds: float) -> None:
    """Let this process have so much more memory and processor time, no files to write, no network, no children."""
    if os.path.exists("/proc/self/statm"):  # noqa: PTH110 - on Linux; elsewhere address space cannot be limited
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            pages = int(file.read().split()[0])
        most = pages * resource.getpagesize() + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(forbid)


def forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """Stops a child that does what building a model never needs."""
    path, _, flags = arguments if event == "open" else (0, None, 0)
    if event.startswith(FORBIDDEN) or (isinstance(flags, int) and flags & WRITING and not isinstance(path, int)):
        raise PermissionError(f"a model may not be built by {event}{arguments!r}"[:300])


def build(keras: Any, plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The record of the model that a plan makes, or the error that Keras raises and at which step.

    The record comes without the model's answers first, which some models take too much time or memory to give.
    """
    # In Keras 3's stateless scope a weight has a shape and no values, so that a model of any size can be built.
    scope = getattr(keras, "StatelessScope", None)
    keras.backend.set_image_data_format(plan["data_format"])
    keras.utils.set_random_seed(0)
    builder = Builder(keras)
    with warnings.catch_warnings(record=True) as caught, scope(initialize_variables=False) if scope else nullcontext():
        warnings.simplefilter("always")
        try:
            model = builder.build(plan["steps"])
            for call in (answer_nothing, call_without_weights if scope else call_with_weights_set):
                record = describe(model, "", plan["feed"], call)
                found = [str(warning.message) for warning in caught]
                yield {
                    "record": record,
                    "warnings": [text for text in found if any(part in text for part in INPUT_WARNINGS)],
                }
        except NotAllowed as error:
            yield {"failure": str(error)}
        except RecursionError:
            yield {"failure": "it is nested too deeply"}
        except Exception as error:
            if is_exhausted(error):
                yield {"failure": "it needs too much memory"}
            else:
                text = f"{type(error).__name__}: {' '.join(str(error).split())}"[:1000]
                yield {"error": text, "step": builder.at}


def answer_nothing(model: Any, specs: list[InputSpec]) -> None:
    """Stands for asking a model."""


if __name__ == "__main__":
    main()
