"""Path patterns as .gitignore has them: for `exclude`, `per-file-ignores` and .gitignore files themselves."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfix.source.document import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathspec import GitIgnoreSpec

_MEANS_MORE = re.compile(r"[][/*?!\\#\s]")
"""What makes a pattern more than a name."""


@dataclass(frozen=True)
class Patterns:
    """Patterns that are relative to the directory `root`; one without a slash matches at any depth."""

    lines: tuple[str, ...]
    root: Path

    @cached_property
    def _names(self) -> frozenset[str] | None:
        """What is taken, where it is named and nothing more; most excludes are, and need no regular expression."""
        return None if any(_MEANS_MORE.search(line) for line in self.lines) else frozenset(self.lines)

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(filter(is_pattern, self.lines))  # to Git, what is none matches nothing

    def match(self, path: Path, directory: bool = False) -> bool:
        """Whether the last pattern that speaks of `path`, or of a directory above it, takes it."""
        return self.verdict(path, directory) is True

    def verdict(self, path: Path, directory: bool = False) -> bool | None:
        """True if taken, False if taken back by a `!` pattern, None if no pattern speaks of it."""
        if not self.lines:
            return None
        name = self._relative(path)
        if self._names is not None:
            return True if self._names.intersection(name.split("/")) else None
        return self._spec.check_file(name + "/" if directory else name).include if name else None

    def _relative(self, path: Path) -> str:
        absolute = os.path.abspath(path)  # noqa: PTH100 - `resolve` would follow the link that the name is of
        if absolute.startswith(self._prefix):
            relative = absolute[len(self._prefix) :]
        else:
            relative = "" if absolute == str(self.root) else absolute[len(os.path.splitdrive(absolute)[0]) + 1 :]
        return relative.replace(os.sep, "/")

    @cached_property
    def _prefix(self) -> str:
        return str(self.root).rstrip(os.sep) + os.sep


def is_pattern(line: str) -> bool:
    """Whether a line is a pattern, and not a lone `!` or a class of characters from z to a."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def read_patterns(file: Path) -> Patterns:
    """The patterns of a .gitignore file, relative to its directory.

    Raises:
        SourceError: it cannot be read.
    """
    text = read_bytes(file).decode("utf-8", "surrogateescape")
    root = Path(os.path.abspath(file.parent))  # noqa: PTH100 - the name, not the link's target
    return Patterns(lines_of(text), root)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of an ignore file that hold a pattern."""
    return tuple(line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def any_match(specs: Iterable[Patterns], path: Path, directory: bool = False) -> bool:
    """Whether the last of `specs` that speaks of the path takes it: a .gitignore further down has the last
    word."""
    verdicts = [verdict for spec in specs if (verdict := spec.verdict(path, directory)) is not None]
    return bool(verdicts) and verdicts[-1]
