"""Checks programs in a child process that may crash or hang: the parent sees it, notes it and starts another.

What `every_file.py` and `fuzz.py` share.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one piece of work."""

    value: Any
    seconds: float
    failure: str = ""
    """How the process ended that did it; empty where it did not end."""


class Child:
    """One child that does pieces of work, each within a time; a context manager."""

    def __init__(self, work: Callable[[Any], Any], seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._context = multiprocessing.get_context("fork")
        self._start()

    def do(self, piece: Any) -> Outcome:
        """Have one piece of work done."""
        began = time.perf_counter()
        self._pipe.send(piece)
        try:
            if self._pipe.poll(self._seconds):
                return Outcome(self._pipe.recv(), time.perf_counter() - began)
            failure = f"no end after {self._seconds:.0f} s"
        except EOFError:
            self._process.join()
            failure = f"the process died ({self._process.exitcode})"
        self._stop()
        self._start()
        return Outcome(None, time.perf_counter() - began, failure)

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(theirs, self._pipe, self._work), daemon=True)
        self._process.start()
        theirs.close()

    def _stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()


def _serve(pipe: Connection, parents: Connection, work: Callable[[Any], Any]) -> None:
    parents.close()
    faulthandler.enable()
    while True:
        try:
            piece = pipe.recv()
        except EOFError:
            os._exit(0)
        pipe.send(work(piece))
