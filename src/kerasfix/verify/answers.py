"""What real Keras said of a plan, kept for the next time: in memory, and in the cache between runs.

An answer has the hash of all that it depends on for its name: the plan, the releases of Keras, TensorFlow and Python,
and the code of kerasfix that builds and describes models.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasfix.cache import Cache


_KIND = "models"
_BUILT_BY = ("allowed.py", "building.py", "description.py", "outcome.py", "worker.py")


class Answers:
    """A store of answers; several runs may use one directory at once."""

    def __init__(self, cache: Cache | None = None) -> None:
        self._cache = cache
        self._known: dict[str, dict[str, Any]] = {}

    def key(self, release: str, plan: dict[str, Any]) -> str:
        """The name under which the answer of a release to a plan is kept.

        Raises:
            TypeError, ValueError, RecursionError: the plan is not what JSON can hold.
        """
        text = json.dumps([code_version(), platform.python_version(), release, plan], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def get(self, key: str) -> dict[str, Any] | None:
        """The answer under a key, None where there is none."""
        if key not in self._known and self._cache is not None:
            found = self._cache.get(_KIND, key)
            if found is not None and ("record" in found or "error" in found):
                self._known[key] = found
        return self._known.get(key)

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer."""
        self._known[key] = answer
        if self._cache is not None:
            self._cache.put(_KIND, key, answer)


@functools.cache
def code_version() -> str:
    """A hash of the code that answers come from."""
    found = hashlib.sha256()
    for name in _BUILT_BY:
        found.update((Path(__file__).parent / name).read_bytes())
    return found.hexdigest()
