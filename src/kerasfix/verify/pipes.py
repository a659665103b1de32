"""Reads from a process that may be dead, or never answer."""

from __future__ import annotations

import os
import select
import time


def read_line(file: int, deadline: float) -> bytes:
    """The next line, by `time.monotonic`; what there is of it when the time is over or the writer dead."""
    line = bytearray()
    while not line.endswith(b"\n") and (left := deadline - time.monotonic()) > 0:
        if not select.select([file], [], [], left)[0]:
            break
        chunk = os.read(file, 1 << 16)
        if not chunk:
            break
        line += chunk
    return bytes(line)
