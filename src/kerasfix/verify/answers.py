"""What real Keras said of a plan, kept for the next time: in memory, and in a directory between runs.

An answer is a small JSON file under the hash of all that it depends on: the plan, the releases of Keras, TensorFlow
and Python, and the code of kerasfix that builds and describes models. A file that cannot be read counts as absent.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import json
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Any

DIRECTORY = ".kerasfix_cache"
_TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by kerasfix; `kerasfix clean` removes it.\n"
"""The beginning by which backup programs know a cache, https://bford.info/cachedir/."""
_BUILT_BY = ("allowed.py", "building.py", "description.py", "outcome.py", "worker.py")


class Answers:
    """A store of answers; several runs may use one directory at once."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory
        self.problem = ""
        """Why nothing more is kept between runs."""
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
        if key not in self._known and self.directory is not None:
            try:
                found = json.loads(self._path(self.directory, key).read_bytes())
            except (OSError, ValueError, RecursionError):
                return None
            if isinstance(found, dict) and ("record" in found or "error" in found):
                self._known[key] = found
        return self._known.get(key)

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer; the file appears whole or not at all."""
        self._known[key] = answer
        if self.directory is None or self.problem:
            return
        path = self._path(self.directory, key)
        try:
            _make(self.directory)
            for parent in (path.parent.parent, path.parent):
                if parent.is_symlink():
                    raise OSError(errno.ELOOP, f"{parent.name} in it is a symbolic link")
                parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="ascii") as file:
                json.dump(answer, file)
            os.replace(file.name, path)  # noqa: PTH105
        except OSError as error:
            self.problem = (
                f"{self.directory}: nothing is kept for the next run: {(error.strerror or str(error)).lower()}"
            )

    def _path(self, directory: Path, key: str) -> Path:
        return directory / "models" / key[:2] / f"{key[2:]}.json"


@functools.cache
def code_version() -> str:
    """A hash of the code that answers come from."""
    found = hashlib.sha256()
    for name in _BUILT_BY:
        found.update((Path(__file__).parent / name).read_bytes())
    return found.hexdigest()


def _make(directory: Path) -> None:
    """Create the directory, marked as a cache and hidden from git.

    A project may bring a link under any of these names; nothing is written through one.
    """
    if directory.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link")
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in ((".gitignore", "*\n"), (_TAG, _SIGNATURE)):
        with contextlib.suppress(FileExistsError), (directory / name).open("x", encoding="ascii") as file:
            file.write(content)


def remove(directory: Path) -> bool:
    """Delete a directory of answers; whether there was one. What kerasfix did not make is left alone.

    Raises:
        OSError: it cannot be deleted.
    """
    try:
        is_ours = not directory.is_symlink() and (directory / _TAG).read_text(encoding="ascii") == _SIGNATURE
    except (OSError, ValueError):
        return False
    if is_ours:
        shutil.rmtree(directory)
    return is_ours
