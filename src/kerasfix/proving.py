"""What building models in real Keras adds to a run: only the fixes that it bears out are made, and models that it
refuses as they are written are reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfix import batch
from kerasfix.diagnostics import allowed
from kerasfix.engine import check_document, describe
from kerasfix.rules import registry
from kerasfix.source import gate, suppressions
from kerasfix.source.document import OtherLanguageError, SourceError, read_bytes
from kerasfix.source.reading import document_of
from kerasfix.verify.refusals import refused_models
from kerasfix.verify.session import WorkerError
from kerasfix.verify.verifier import Verdict, verify_documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.batch import FileResult, Watch
    from kerasfix.config import Settings
    from kerasfix.verify.session import Session


def prove(
    results: Sequence[FileResult],
    settings: Settings,
    session: Session,
    *,
    fix: bool,
    write: bool = False,
    watch: Watch | None = None,
) -> list[FileResult]:
    """The results after real Keras has built the models; with `fix` they are those of a preview, each with its verdicts
    then, and with `write` the fixes that hold are written.

    Raises:
        WorkerError: real Keras cannot be started.
    """
    with_models = [result for result in results if _has_models(result, settings)]

    def proven() -> Iterator[FileResult]:
        for result in with_models:
            held = _proven(result, settings, session, write=write) if fix else result
            yield held if held.error else _with_refusals(held, settings, session)

    done = list(watch(proven(), len(with_models)) if watch else proven())
    by_path = {result.path: result for result in done}
    return [by_path.get(result.path, result) for result in results]


def _has_models(result: FileResult, settings: Settings) -> bool:
    """Whether there may be something to build: a fix, or a model that Keras may refuse."""
    if result.error or result.skipped:
        return False
    rule = registry.MODEL_DOES_NOT_BUILD
    if result.before is not None or rule.code not in settings.codes_for(result.path):
        return result.before is not None
    try:
        raw = result.document.raw if result.document is not None else read_bytes(Path(result.path))
    except SourceError:
        return False
    return raw is not None and gate.passes_words(raw, rule.names)


def _proven(result: FileResult, settings: Settings, session: Session, *, write: bool) -> FileResult:
    before, after = result.before, result.document
    if before is None or after is None:
        return result
    try:
        found = tuple(verify_documents(before, after, session, settings.rule_target))
        if any(one.verdict is Verdict.DIFFERENT for one in found):
            return _withdrawn(replace(result, verification=found), settings)
        if write:
            batch.write_fixed(Path(result.path), before, after)
    except WorkerError:
        raise
    except SourceError as error:
        return replace(result, error=str(error))
    except Exception as error:
        return replace(result, error=f"its fixes could not be verified, and are not made: {describe(error)}")
    return replace(result, verification=found)


def _with_refusals(result: FileResult, settings: Settings, session: Session) -> FileResult:
    """The result with a finding for each model that Keras refuses."""
    rule = registry.MODEL_DOES_NOT_BUILD
    if rule.code not in settings.codes_for(result.path):
        return result
    try:
        document = result.document or document_of(read_bytes(Path(result.path)), result.path)
        refused = refused_models(document, result.diagnostics, settings.rule_target, session)
        kept = suppressions.filter_diagnostics(document, refused, frozenset({rule.code}))
        if settings.known is not None:
            kept, known = settings.known.split(document, kept)
            result = replace(result, known=(*result.known, *known))
    except WorkerError:
        raise
    except OtherLanguageError as error:
        return replace(result, skipped=str(error))
    except Exception as error:
        return replace(result, error=f"its models could not be built: {describe(error)}")
    found = sorted((*result.diagnostics, *kept), key=lambda one: (one.start, one.code, one.end))
    return replace(result, document=document, diagnostics=tuple(found)) if kept else result


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
