"""Writing a file so that no failure leaves it half written, and nobody's change is lost.

The new content goes to a temporary file beside the target, which then takes the target's place. Mode and
owner are kept where the system allows it; a symbolic link stays one, and the file that it leads to is
replaced.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from kerasfix.source.document import SourceError


def rewrite(path: Path, before: bytes, after: bytes) -> None:
    """Replace the content of a file that still holds `before`.

    Raises:
        SourceError: the file changed since it was read, or cannot be written.
    """
    try:
        target = path.resolve(strict=True)
        if target.read_bytes() != before:
            raise SourceError("the file changed while it was checked; it is left as it is")
        if not os.access(target, os.W_OK):
            raise SourceError("the file is read-only")
        _replace(target, after)
    except OSError as error:
        raise SourceError(f"cannot be written: {(error.strerror or str(error)).lower()}") from error


def _replace(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".kerasfix", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, temporary)
        with contextlib.suppress(PermissionError, AttributeError):  # only root may give a file away
            status = target.stat()
            os.chown(temporary, status.st_uid, status.st_gid)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
