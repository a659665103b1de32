"""Putting a fixed file in the place of the original, wholly or not at all.

A file may be edited, or the machine may stop, while kerasfix works: nobody may lose a line to that, nor find
half a file, nor a changed mode, nor a link turned into a file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path


class FileChangedError(Exception):
    """The file no longer holds what was read from it; it is left as it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: changed since it was read")
        self.path = path


def write_atomically(path: Path, data: bytes, expected: bytes) -> None:
    """Replaces the content of `path`, which must still be `expected`, by `data`.

    The mode and, where permitted, the owner are kept. A symbolic link stays one, and its target is replaced;
    a hard link is cut off from its siblings. Raises `FileChangedError`, or `OSError` where the file is not a
    regular one, may not be written, or its directory takes no new file. No temporary file stays behind.
    """
    import tempfile  # takes a while to import, and is needed for fixes only

    target = Path(os.path.realpath(path))
    try:
        status = target.stat()
    except FileNotFoundError:
        raise FileChangedError(path) from None
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    target.open("r+b").close()  # raises where the file may not be written, though its directory may
    descriptor, name = tempfile.mkstemp(prefix=".kerasfix-", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _copy_permissions(status, Path(name))
            os.fsync(file.fileno())
        if not _holds(target, expected):
            raise FileChangedError(path)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file of kerasfix's own, such as a report: a reader finds the old one or the new one, never a part.

    What is no regular file (`/dev/stdout`, a pipe) is written to as it is. Raises `OSError`.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    put_file(target, data, target.stat() if target.exists() else None)


def put_file(path: Path, data: bytes, permissions: os.stat_result | None = None) -> None:
    """Puts a whole file at `path`, in the place of a file or link. Raises `OSError`; no part of it is left then."""
    copy = path.with_name(f".kerasfix-{os.urandom(8).hex()}")
    try:
        with copy.open("xb") as file:
            file.write(data)
        if permissions is not None:
            _copy_permissions(permissions, copy)
        copy.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            copy.unlink()
        raise


def _holds(path: Path, expected: bytes) -> bool:
    try:
        return path.read_bytes() == expected
    except FileNotFoundError:
        return False


def _copy_permissions(status: os.stat_result, copy: Path) -> None:
    new = copy.stat()
    if hasattr(os, "chown") and (new.st_uid, new.st_gid) != (status.st_uid, status.st_gid):
        with contextlib.suppress(PermissionError):
            os.chown(copy, status.st_uid, status.st_gid)
    copy.chmod(stat.S_IMODE(status.st_mode))
