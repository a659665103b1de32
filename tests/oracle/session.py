"""The workers of one test run, and `prove`, which asks them both about a pair of programs."""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from .compare import Verdict, compare

if TYPE_CHECKING:
    from .records import Feeds, ProgramRecord, ScopeRecord

Keras: TypeAlias = Literal["keras3", "keras2"]
KERAS: tuple[Keras, ...] = ("keras3", "keras2")
SECONDS = 120.0
"""The limit for one scope of one program; far above what a fixture takes on a busy machine."""


class Worker:
    """One warm process with one Keras in it."""

    def __init__(self, keras: Keras, *options: str) -> None:
        root = Path(__file__).resolve().parents[len(__package__.split("."))]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker", keras, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("KERASFIX_ORACLE_DEBUG") else subprocess.DEVNULL,
            cwd=root,
            encoding="utf-8",
        )
        atexit.register(self.close)

    def send(self, source: str, feeds: Feeds | None = None, seconds: float = SECONDS) -> None:
        """Asks for the record of a program; `receive` returns it."""
        assert self._process.stdin is not None
        request = {"source": source, "feeds": feeds or {}, "seconds": seconds}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def receive(self) -> ProgramRecord:
        """The record of the program sent first among those not yet received."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the oracle's worker died with status {self._process.wait()}")
        return cast("ProgramRecord", json.loads(line))

    def close(self) -> None:
        """Ends the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()


@functools.cache
def worker(keras: Keras, *options: str) -> Worker:
    """The one worker of this test run for a Keras and these options, started when it is first asked for."""
    return Worker(keras, *options)


def records(source: str, feeds: dict[Keras, Feeds] | None = None) -> dict[Keras, ProgramRecord]:
    """What a program builds under each Keras; both work at the same time."""
    for keras in KERAS:
        worker(keras).send(source, (feeds or {}).get(keras))
    return {keras: worker(keras).receive() for keras in KERAS}


def endings(source: str) -> dict[Keras, ScopeRecord]:
    """How a program ends under each Keras and what it warns of, without a fork; its models are not described."""
    for keras in KERAS:
        worker(keras, "--run-only").send(source)
    return {keras: worker(keras, "--run-only").receive()["scopes"][0] for keras in KERAS}


def prove(before: str, after: str) -> dict[Keras, Verdict]:
    """Builds both programs under both Keras and compares: the verdict under each.

    The second program is built first, so that models of the first that do not know their input can be called
    on what the second declares, and compared all the same.
    """
    new = records(after)
    old = records(before, {keras: feeds_of(new[keras]) for keras in KERAS})
    return {
        "keras3": compare(old["keras3"], new["keras3"], reference=old["keras2"]),
        "keras2": compare(old["keras2"], new["keras2"], reference=old["keras3"]),
    }


def feeds_of(program: ProgramRecord) -> Feeds:
    """The inputs of every model of a program."""
    return {scope["scope"]: [model["inputs"] for model in scope["models"]] for scope in program["scopes"]}
