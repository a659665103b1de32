"""What a finding is known by when the lines above it come and go: its code and the text of its own lines.

Baselines, SARIF and GitLab compare findings of different days by it. The path is not part of it, nor are comments
that suppress: a line stays the same line when one is added.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfix.source import suppressions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kerasfix.diagnostics import Diagnostic
    from kerasfix.source.document import Document

_DIGITS = 32


def fingerprint(document: Document, diagnostic: Diagnostic) -> str:
    """A hash of the code and of the lines that the finding stands on, without what is only space."""
    first = document.location(diagnostic.start).row
    last = document.location(max(diagnostic.start, diagnostic.end - 1)).row
    lines = (suppressions.without_comment(document.line(row)) for row in range(first, last + 1))
    words = [diagnostic.code, *(" ".join(line.split()) for line in lines)]
    return digest(word for word in words if word)


def numbered(document: Document, diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, str]]:
    """Each finding of a document with its fingerprint and which of the equal ones it is: `...:2` is the second."""
    seen: Counter[str] = Counter()
    for diagnostic in diagnostics:
        found = fingerprint(document, diagnostic)
        seen[found] += 1
        yield diagnostic, f"{found}:{seen[found]}"


def digest(words: Iterable[str]) -> str:
    """A hash of some words."""
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def relative_path(path: str, root: Path) -> str:
    """The path as it is seen from a directory, with slashes; the whole path where it is on another drive."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - `resolve` would follow the link that the name is of
    try:
        return Path(os.path.relpath(absolute, root)).as_posix()
    except ValueError:
        return Path(absolute).as_posix()
