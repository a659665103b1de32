"""Reads from a process that may be dead, or never answer."""

from __future__ import annotations

import os
import select
import time

LARGEST = 64 * 1024 * 1024
"""Bytes; who writes more is not listened to any longer."""


def read_until(file: int, end: bytes, deadline: float) -> bytes:
    """What is written up to and with `end`; what there is of it at the deadline (of `time.monotonic`) or at the death
    of the writer.
    """
    text = bytearray()
    while not text.endswith(end) and len(text) <= LARGEST and (left := deadline - time.monotonic()) > 0:
        if not select.select([file], [], [], left)[0]:
            break
        chunk = os.read(file, 1 << 16)
        if not chunk:
            break
        text += chunk
    return bytes(text)
