"""Runs programs under one Keras, each in a child of its own, and tells what models they built.

    python -m oracle.worker {keras3,keras2} [--run-only]

Reads one `Request` a line from stdin and answers with one `ProgramRecord` a line on stdout. Keras is
imported once and no operation is run before the fork, so that every child starts with fresh name counters.
With `--run-only` the programs are run in the worker itself, one after the other, and only how they end is told: a
fork costs more than a small program does.
The programs are kerasfix's own fixtures and examples: this executes them, which `kerasfix.verify` never does.
"""

from __future__ import annotations

import inspect
import json
import linecache
import os
import re
import select
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasfix.verify.outcome import INPUT_WARNINGS
from kerasfix.verify.worker import import_keras

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kerasfix.verify.records import ModelRecord

    from .records import Feeds, ProgramRecord, Request, ScopeRecord

MODULE = "<module>"
PROGRAM = "program.py"
FACTORY = re.compile(r"(make|build|create)_\w+")
REBUILDING = frozenset({"add", "build", "_maybe_rebuild", "__init__"})
"""The functions of Keras 3's Sequential that make a Functional for its own use."""


def main() -> None:
    """Answers requests until stdin ends."""
    keras = import_keras(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    if not os.environ.get("KERASFIX_ORACLE_DEBUG"):
        os.dup2(silence, 2)
    answer = run_only if "--run-only" in sys.argv else run
    for line in sys.stdin:
        print(json.dumps(answer(keras, json.loads(line))), file=answers, flush=True)


def run(keras: Any, request: Request) -> ProgramRecord:
    """The records of the module, and then of each of its factories, each scope from a fresh start."""
    first = in_child(keras, request, MODULE)
    scopes = [first["record"]]
    scopes += [in_child(keras, request, name)["record"] for name in first["factories"]]
    return {"scopes": scopes}


def run_only(keras: Any, request: Request) -> ProgramRecord:
    """How the module ends and what it warns of; its models are not described, its factories not called."""
    keras.backend.clear_session()
    record = scope_record(MODULE)
    namespace = fresh_namespace(keras, request["source"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(request["source"], PROGRAM, "exec"), namespace)
        except Exception as error:
            record["error"] = f"{type(error).__name__}: {error}"
    record["warnings"] = input_warnings(str(warning.message) for warning in caught)
    return {"scopes": [record]}


def in_child(keras: Any, request: Request, scope: str) -> dict[str, Any]:
    """What one forked child tells of one scope; if it dies or takes too long, that is the scope's error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            answer = run_scope(keras, request["source"], scope, request["feeds"])
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump(answer, pipe)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    text, in_time = read_until(reading, time.monotonic() + request["seconds"])
    if not in_time:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        loaded: dict[str, Any] = json.loads(text)
    except ValueError:
        error = "the worker's child died" if in_time else f"TimeoutError: more than {request['seconds']} s"
        return {"record": scope_record(scope, error), "factories": []}
    return loaded


def read_until(reading: int, deadline: float) -> tuple[bytes, bool]:
    """Everything written to a pipe, and whether its end came before the deadline."""
    chunks: list[bytes] = []
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([pipe], [], [], left)[0]:
                break
            chunk = pipe.read(1 << 16)
            if not chunk:
                return b"".join(chunks), True
            chunks.append(chunk)
    return b"".join(chunks), False


def scope_record(scope: str, error: str | None = None) -> ScopeRecord:
    """A scope of which nothing but its error is known."""
    return {"scope": scope, "error": error, "warnings": [], "models": []}


def run_scope(keras: Any, source: str, scope: str, feeds: Feeds) -> dict[str, Any]:
    """Executes the program, then the factory that `scope` names, and describes the models that this made."""
    from kerasfix.verify.description import describe

    created = record_creation(keras)
    namespace = fresh_namespace(keras, source)
    record = scope_record(scope)
    returned: Any = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(source, PROGRAM, "exec"), namespace)
            if scope != MODULE:
                created.clear()
                caught.clear()
                returned = namespace[scope]()
        except Exception as error:
            record["error"] = f"{type(error).__name__}: {error}"
        found = [str(warning.message) for warning in caught]
        known = labels(namespace if scope == MODULE else {scope: returned})
        record["models"] = list(described(created, known, feeds.get(scope, []), describe))
    record["warnings"] = input_warnings(found)
    return {"record": record, "factories": factories(namespace) if record["error"] is None else []}


def fresh_namespace(keras: Any, source: str) -> dict[str, Any]:
    """The globals that a program starts with; random numbers start anew."""
    from .namespace import Namespace

    keras.utils.set_random_seed(0)
    linecache.cache[PROGRAM] = (len(source), None, source.splitlines(keepends=True), PROGRAM)
    return {"__name__": "__main__", "__file__": PROGRAM, "__builtins__": Namespace(keras).builtins()}


def input_warnings(texts: Iterable[str]) -> list[str]:
    """The warnings that are about how an input is declared."""
    return [text for text in texts if any(part in text for part in INPUT_WARNINGS)]


def described(created: list[Any], known: dict[int, str], feeds: list[Any], describe: Any) -> Iterator[ModelRecord]:
    """The records of the models that were finished, in the order in which they were begun."""
    begun = [model for model in created if hasattr(model, "_layers") or hasattr(model, "_self_tracked_trackables")]
    finished = [model for model in begun if hasattr(model, "built")]  # Keras 3 may refuse the inputs before that
    for place, model in enumerate(finished):
        feed = feeds[place] if place < len(feeds) else None
        yield describe(model, known.get(id(model), f"model {place + 1}"), feed)


def factories(namespace: dict[str, Any]) -> list[str]:
    """The module's functions that are named as if they made a model and that need no argument."""
    return [
        name
        for name, value in namespace.items()
        if inspect.isfunction(value)
        and FACTORY.fullmatch(name)
        and value.__code__.co_filename == PROGRAM
        and all(p.default is not p.empty for p in inspect.signature(value).parameters.values())
    ]


def labels(namespace: dict[str, Any]) -> dict[int, str]:
    """The names by which the program reaches its models: globals, their items, attributes of its objects."""
    found: dict[int, str] = {}
    for name, value in namespace.items():
        if name.startswith("__"):
            continue
        found.setdefault(id(value), name)
        if isinstance(value, list | tuple):
            for place, item in enumerate(value):
                found.setdefault(id(item), f"{name}[{place}]")
        elif type(value).__module__ == "__main__":
            for attribute, item in vars(value).items():
                found.setdefault(id(item), f"{name}.{attribute}")
    return found


def record_creation(keras: Any) -> list[Any]:
    """A list that every model created from now on joins, but those that a Sequential makes for itself."""
    created: list[Any] = []
    original = keras.Model.__new__

    def remember(cls: Any, *args: Any, **kwargs: Any) -> Any:
        model = original(cls, *args, **kwargs)
        if isinstance(model, keras.Model) and not any(model is one for one in created) and not made_by_keras():
            created.append(model)
        return model

    keras.Model.__new__ = remember
    return created


def made_by_keras() -> bool:
    """Whether a Sequential of Keras, rather than the program, is asking for the model."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename != PROGRAM:
        code = frame.f_code
        if Path(code.co_filename).name == "sequential.py" and code.co_name in REBUILDING:
            return True
        frame = frame.f_back
    return False


if __name__ == "__main__":
    main()
