"""The directory in which kerasfix keeps what it would otherwise have to find out again.

An entry is a small JSON file. It appears whole or not at all, so that several runs may use one directory at once, and
is only ever read as data. A file that cannot be read counts as absent, and a directory that cannot be written as empty.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kerasfix.fixes.writing import put_file

if TYPE_CHECKING:
    from pathlib import Path

DIRECTORY = ".kerasfix_cache"
_IGNORE = ".gitignore"
_TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by kerasfix; `kerasfix clean` removes it.\n"
"""The beginning by which backup programs know a cache, https://bford.info/cachedir/."""


class Cache:
    """The cache of one run. An entry has a kind, and a hash in hexadecimal for its name."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problem = ""
        """Why nothing more is kept between runs."""

    def get(self, kind: str, name: str) -> dict[str, object] | None:
        """The entry of this name, None where there is none."""
        try:
            found = json.loads(self._path(kind, name).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def put(self, kind: str, name: str, entry: dict[str, object]) -> None:
        """Keep an entry, in the place of an earlier one."""
        if self.problem:
            return
        path = self._path(kind, name)
        try:
            _make(self.directory)
            if path.parent.resolve() != self.directory.resolve() / kind / name[:2]:
                raise OSError("a link in it leads elsewhere")
            path.parent.mkdir(parents=True, exist_ok=True)
            put_file(path, json.dumps(entry).encode())
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self.problem = f"{self.directory}: nothing is kept for the next run: {reason}"

    def _path(self, kind: str, name: str) -> Path:
        return self.directory / kind / name[:2] / f"{name[2:]}.json"


def remove(directory: Path) -> bool:
    """Delete a cache; whether there was one. What kerasfix did not make is left alone.

    Raises:
        OSError: it cannot be deleted.
    """
    import shutil

    found = _is_ours(directory)
    if found:
        shutil.rmtree(directory)
    return found


def _is_ours(directory: Path) -> bool:
    try:
        return not directory.is_symlink() and (directory / _TAG).read_text(encoding="ascii") == _SIGNATURE
    except (OSError, ValueError):
        return False


def _make(directory: Path) -> None:
    """Create the directory, marked as a cache and hidden from git.

    Raises:
        OSError: it cannot be made, or is there and something else.
    """
    if _is_ours(directory):
        return
    directory.mkdir(parents=True, exist_ok=True)
    strangers = [
        entry.name for entry in directory.iterdir() if not entry.name.startswith((_IGNORE, _TAG, ".kerasfix-"))
    ]
    if (strangers or directory.is_symlink()) and not _is_ours(directory):  # another run may just have made it
        raise OSError("this is no cache of kerasfix's")
    put_file(directory / _IGNORE, b"*\n")
    put_file(directory / _TAG, _SIGNATURE.encode())
