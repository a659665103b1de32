"""Keeps only the fixes that real Keras bears out: models are built before and after, and a file whose models would
become others stays as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfix import batch
from kerasfix.engine import check_document, describe
from kerasfix.repair import allowed
from kerasfix.source.document import SourceError
from kerasfix.verify.session import WorkerError
from kerasfix.verify.verifier import Verdict, verify_documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.batch import FileResult, Watch
    from kerasfix.config import Settings
    from kerasfix.verify.session import Session


def prove(
    results: Sequence[FileResult], settings: Settings, session: Session, *, write: bool, watch: Watch | None = None
) -> list[FileResult]:
    """The results of a preview, each with its verdicts; with `write`, the fixes that hold are written.

    Raises:
        WorkerError: real Keras cannot be started.
    """
    fixed = [result for result in results if result.before is not None]

    def proven() -> Iterator[FileResult]:
        return (_proven(result, settings, session, write=write) for result in fixed)

    done = list(watch(proven(), len(fixed)) if watch else proven())
    by_path = {result.path: result for result in done}
    return [by_path.get(result.path, result) for result in results]


def _proven(result: FileResult, settings: Settings, session: Session, *, write: bool) -> FileResult:
    before, after = result.before, result.document
    assert before is not None and after is not None, "it was fixed"
    try:
        found = tuple(verify_documents(before, after, session))
        if any(one.verdict is Verdict.DIFFERENT for one in found):
            return _withdrawn(replace(result, verification=found), settings)
        if write:
            batch.write_fixed(Path(result.path), before, after.text)
    except WorkerError:
        raise
    except SourceError as error:
        return replace(result, error=str(error))
    except Exception as error:
        return replace(result, error=f"its fixes could not be verified, and are not made: {describe(error)}")
    return replace(result, verification=found)


def _withdrawn(result: FileResult, settings: Settings) -> FileResult:
    """The file as it was, none of its fixes offered."""
    assert result.before is not None
    diagnostics = tuple(
        replace(
            diagnostic,
            message=f"{diagnostic.message}; its fix was withdrawn, real Keras builds another model with it",
            fix=None,
        )
        if allowed(diagnostic.fix, settings.unsafe_fixes)
        else diagnostic
        for diagnostic in check_document(result.before, settings)
    )
    return replace(result, document=result.before, before=None, applied=(), diagnostics=diagnostics)
