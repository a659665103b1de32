"""Many files: gate 1 here, the rest in worker processes when there is much of it; always in the order given.

What goes wrong with one file stays with that file, even when it takes its worker process down.
"""

from __future__ import annotations

import enum
import functools
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from kerasfix import engine
from kerasfix.engine import Reached
from kerasfix.findings_cache import Findings
from kerasfix.fixes.writing import FileChangedError, write_atomically
from kerasfix.source import gate
from kerasfix.source.document import OtherLanguageError, SourceError, read_bytes
from kerasfix.source.reading import document_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from kerasfix.baseline import Entry
    from kerasfix.config import Settings
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.source.document import Document
    from kerasfix.verify.verifier import Verification

HANDFUL = 4
"""So few files are not worth a second process, whatever `-j` says."""
MANY = 50
"""More files than this use every processor, unless `-j` says otherwise."""
_CHUNK = 8
NOTHING_KEPT = Findings()
"""The findings of a run that neither reads nor writes a cache."""


class Mode(enum.Enum):
    """What is done with findings and fixes: they are shown, fixes made in memory or written to the files, or comments
    written that suppress the findings."""

    CHECK = "check"
    PREVIEW = "preview"
    WRITE = "write"
    NOQA = "noqa"


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of one file. `diagnostics` are places in `document`, which is the text after the fixes."""

    path: str
    reached: Reached = Reached.READ
    document: Document | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    before: Document | None = None
    """The document before the fixes, where they changed it."""
    applied: tuple[tuple[str, int], ...] = ()
    error: str | None = None
    """Why the file could not be checked, or its fixes not be written."""
    skipped: str = ""
    """Why the file is none of kerasfix's business."""
    verification: tuple[Verification, ...] = ()
    """What building the models before and after the fixes said."""
    known: tuple[Entry, ...] = ()
    """The entries of the baseline that findings were left out for."""
    noqa: int = 0
    """On how many lines a comment was written that suppresses their findings."""
    impossible: tuple[str, ...] = ()
    """Places, as the file was read, of findings that no comment can suppress, each with the reason."""


Check: TypeAlias = "Callable[[Path], FileResult]"
"""Checks one file; it goes to other processes, and so can be pickled."""
Watch: TypeAlias = "Callable[[Iterable[FileResult], int], Iterable[FileResult]]"
"""Hands results on as they come, and may show how many of so many there are."""


def run(
    paths: Sequence[Path],
    settings: Settings,
    mode: Mode,
    jobs: int | None = None,
    watch: Watch | None = None,
    findings: Findings = NOTHING_KEPT,
) -> list[FileResult]:
    """The results of these files, in their order; `watch` sees those that take time."""
    results = {path: _glance(path, settings, mode, findings) for path in paths}
    left = [path for path, result in results.items() if result is None]
    workers = worker_count(len(left), jobs)
    check = functools.partial(check_file, settings=settings, mode=mode, findings=findings)
    done = _in_processes(left, check, workers) if workers > 1 else map(check, left)
    results |= dict(zip(left, watch(done, len(left)) if watch else done, strict=True))
    return [result for result in results.values() if result is not None]


def worker_count(files: int, jobs: int | None) -> int:
    """How many processes so many files get; `jobs` is what the user asked for."""
    if files <= HANDFUL:
        return 1
    if jobs is None:
        jobs = (os.cpu_count() or 1) if files > MANY else 1
    return min(jobs, files)


def check_file(path: Path, settings: Settings, mode: Mode, findings: Findings = NOTHING_KEPT) -> FileResult:
    """Check one file and do with its fixes what `mode` says."""
    try:
        raw = read_bytes(path)
    except SourceError as error:
        return FileResult(str(path), error=str(error))
    return check_content(raw, str(path), settings, mode, path, findings)


def check_content(
    raw: bytes,
    name: str,
    settings: Settings,
    mode: Mode,
    path: Path | None = None,
    findings: Findings = NOTHING_KEPT,
) -> FileResult:
    """The same for what a file of that name holds; fixes are written if it has a `path` to write to."""
    try:
        document = document_of(raw, name)
    except SourceError as error:
        return FileResult(name, error=str(error))
    except OtherLanguageError as error:
        return FileResult(name, skipped=str(error))
    return check_text(document, settings, mode, path, findings)


def check_text(
    document: Document, settings: Settings, mode: Mode, path: Path | None = None, findings: Findings = NOTHING_KEPT
) -> FileResult:
    """The same for a document that is at hand."""
    try:
        whole = engine.inspect_whole(document, settings)
        if document.raw is not None:
            findings.put(document.path, document.raw, settings, whole)
        seen = engine.without_known(document, whole, settings)
        result = FileResult(document.path, seen.reached, document, seen.diagnostics, known=seen.known)
        if mode is Mode.NOQA:
            return _with_comments(result, document, settings, path) if seen.diagnostics else result
        if mode is Mode.CHECK or not any(diagnostic.fix for diagnostic in seen.diagnostics):
            return result
        return _repaired(result, document, settings, path if mode is Mode.WRITE else None)
    except Exception as error:
        return FileResult(document.path, error=f"kerasfix failed on this file: {engine.describe(error)}")


def _repaired(result: FileResult, document: Document, settings: Settings, target: Path | None) -> FileResult:
    from kerasfix.repair import fix_document

    fixed = fix_document(document, settings, result.diagnostics)
    if fixed.document.text == document.text:
        return replace(result, diagnostics=fixed.remaining)
    try:
        if target is not None:
            write_fixed(target, document, fixed.document)
    except SourceError as error:
        return replace(result, error=str(error))
    return replace(result, document=fixed.document, diagnostics=fixed.remaining, before=document, applied=fixed.applied)


def _with_comments(result: FileResult, document: Document, settings: Settings, target: Path | None) -> FileResult:
    """The file with comments that suppress its findings; what is left is what no comment can suppress."""
    from kerasfix.source.noqa import comments_for

    comments = comments_for(document, result.diagnostics)
    if not comments.edits:
        return replace(result, impossible=comments.impossible)
    commented = document.edited(comments.edits)
    try:
        if target is not None:
            write_fixed(target, document, commented)
    except SourceError as error:
        return replace(result, error=str(error))
    return replace(
        result,
        document=commented,
        diagnostics=engine.inspect_document(commented, settings).diagnostics,
        noqa=len(comments.edits),
        impossible=comments.impossible,
    )


def write_fixed(target: Path, document: Document, fixed: Document) -> None:
    """Write what the fixes leave to the file that `document` was read from.

    Raises:
        SourceError: it cannot be done without loss.
    """
    if document.raw is None or document.to_bytes() != document.raw:
        raise SourceError(f"not all of its bytes come back from {document.encoding}; it is not fixed")
    try:
        write_atomically(target, fixed.to_bytes(), document.raw)
    except FileChangedError as error:
        raise SourceError("it changed while it was checked; it is not fixed") from error
    except OSError as error:
        raise SourceError(f"cannot be written: {(error.strerror or str(error)).lower()}; it is not fixed") from error


def _glance(path: Path, settings: Settings, mode: Mode, findings: Findings) -> FileResult | None:
    """The result of a file that gate 1 stops, that cannot be read, or that is known and not to be changed; None for the
    others."""
    name = str(path)
    try:
        raw = read_bytes(path)
        if not (gate.is_of_interest(raw) and engine.plan(settings.codes_for(name)).may_concern(raw)):
            return FileResult(name)
        seen = findings.get(name, raw, settings)
        if seen is None or (seen.diagnostics and mode is not Mode.CHECK):
            return None
        document = document_of(raw, name)
    except SourceError as error:
        return FileResult(name, error=str(error))
    except OtherLanguageError as error:
        return FileResult(name, skipped=str(error))
    seen = engine.without_known(document, seen, settings)
    return FileResult(name, seen.reached, document, seen.diagnostics, known=seen.known)


def _check_files(paths: Sequence[Path], check: Check) -> list[FileResult]:
    return [check(path) for path in paths]


def _in_processes(paths: Sequence[Path], check: Check, workers: int) -> Iterator[FileResult]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    size = max(1, min(_CHUNK, len(paths) // workers))
    chunks = [paths[start : start + size] for start in range(0, len(paths), size)]
    with ProcessPoolExecutor(workers) as pool:
        futures = [pool.submit(_check_files, chunk, check) for chunk in chunks]
        for chunk, future in zip(chunks, futures, strict=True):
            try:
                yield from future.result()
            except BrokenProcessPool:
                yield from (_alone(path, check) for path in chunk)


def _alone(path: Path, check: Check) -> FileResult:
    """A file in a process of its own: one of its chunk, or of another that ran beside it, killed the last
    one."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    with ProcessPoolExecutor(1) as pool:
        try:
            return pool.submit(check, path).result()
        except BrokenProcessPool:
            return FileResult(str(path), error="the process that checked this file died")
