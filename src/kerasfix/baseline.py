"""Findings that are known and wait for their turn, so that a large project can adopt kerasfix at once: only what is not
in its baseline is reported.

A baseline is a JSON file with an entry for each path, code and fingerprint, and how many findings it stands for. No
line number is in it: code may be put above a known finding, or moved within its file. An entry is a line, so that
merges are easy.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from kerasfix.config import ConfigError
from kerasfix.fingerprints import fingerprint, relative_path
from kerasfix.fixes.writing import write_whole
from kerasfix.rules import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kerasfix.batch import FileResult
    from kerasfix.config import Settings
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.source.document import Document

Entry: TypeAlias = tuple[str, str, str]
"""Path, code and fingerprint."""

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings; paths are relative to the directory `root`."""

    root: Path
    counts: Mapping[Entry, int]

    def split(
        self, document: Document, diagnostics: Iterable[Diagnostic]
    ) -> tuple[list[Diagnostic], tuple[Entry, ...]]:
        """The findings of a document that are new, and the entries of the others. Of several that look the same, the
        first ones are those that are known."""
        new: list[Diagnostic] = []
        known: Counter[Entry] = Counter()
        for diagnostic, entry in _entries(self.root, document, diagnostics):
            if known[entry] < self.counts.get(entry, 0) and diagnostic.code not in registry.FAILURES:
                known[entry] += 1
            else:
                new.append(diagnostic)
        return new, tuple(known.elements())

    def outdated(self, results: Sequence[FileResult]) -> Iterator[str]:
        """What of it these results no longer bear out, a line each."""
        found = Counter(entry for result in results for entry in result.known)
        checked = {relative_path(result.path, self.root) for result in results if not (result.error or result.skipped)}
        for entry, count in sorted(self.counts.items()):
            path, code, _ = entry
            gone = count - found[entry]
            if gone and (path in checked or not (self.root / path).exists()):
                yield f"{path}: {code}{f' ({gone} times)' if gone > 1 else ''}"


def with_known(settings: Settings) -> Settings:
    """The settings with the findings of the baseline that they name.

    Raises:
        ConfigError: it cannot be read, or is none.
    """
    return settings if settings.baseline is None else replace(settings, known=read(settings.root / settings.baseline))


def read(path: Path) -> Baseline:
    """The baseline in a file.

    Raises:
        ConfigError: it cannot be read, or is none.
    """
    shown = os.path.relpath(path)
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{shown}: {(error.strerror or str(error)).lower()}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{shown}: not a baseline: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("findings"), list):
        raise ConfigError(f"{shown}: not a baseline: there is no list of findings in it")
    if content.get("version") != _VERSION:
        raise ConfigError(f"{shown}: a baseline of another version; write it anew with --write-baseline")
    counts: Counter[Entry] = Counter()
    for number, record in enumerate(content["findings"], start=1):
        counts.update(_counted(record, f"{shown}: not a baseline: finding {number}"))
    return Baseline(_directory(path), dict(counts))


def _record(entry: Entry, count: int) -> dict[str, Any]:
    path, code, found = entry
    return {"path": path, "code": code, "fingerprint": found, "count": count}


def _counted(record: Any, what: str) -> dict[Entry, int]:
    match record:
        case {"path": str(path), "code": str(code), "fingerprint": str(found), "count": int(count), **rest} if (
            not rest and count > 0 and not isinstance(count, bool)
        ):
            return {(path, code, found): count}
    raise ConfigError(f"{what} is not made of a path, a code, a fingerprint and a count")


def write(path: Path, results: Sequence[FileResult]) -> tuple[list[FileResult], int]:
    """Write a baseline of all findings but failures; the results without what is in it, and how many findings that is.

    Raises:
        ConfigError: it cannot be written.
    """
    root = _directory(path)
    counts: Counter[Entry] = Counter()
    left = []
    for result in results:
        failures = tuple(found for found in result.diagnostics if found.code in registry.FAILURES)
        left.append(replace(result, diagnostics=failures))
        if result.document is not None:
            known = (found for found in result.diagnostics if found.code not in registry.FAILURES)
            counts.update(entry for _, entry in _entries(root, result.document, known))
    lines = ",\n".join(f"    {json.dumps(_record(entry, counts[entry]))}" for entry in sorted(counts))
    text = f'{{\n  "version": {_VERSION},\n  "findings": [\n{lines}\n  ]\n}}\n'
    try:
        write_whole(path, text.encode("ascii"))
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return left, counts.total()


def _entries(root: Path, document: Document, diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, Entry]]:
    """Each finding with the entry that would stand for it."""
    path = relative_path(document.path, root)
    for diagnostic in diagnostics:
        yield diagnostic, (path, diagnostic.code, fingerprint(document, diagnostic))


def _directory(path: Path) -> Path:
    return Path(os.path.abspath(path)).parent  # noqa: PTH100 - the name, not the link's target
